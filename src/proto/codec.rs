//! The codec of all calls: prost's, with three differences. It refuses a second message where the contract has one, it
//! bounds the memory of lists, and it sends answers that are encoded already.

use std::marker::PhantomData;

use bytes::Buf as _;
use prost::Message;
use tonic::{
    Status,
    codec::{BufferSettings, Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
};
use tonic_prost::ProstDecoder;

use super::{
    encoded::Sendable,
    lists::{Lists, Refused, SHORT_BYTES},
};

/// What build.rs writes down of each request and response, from the contract.
pub trait Streamed {
    /// Whether a message is one of a stream.
    const STREAMED: bool;
    /// The lists of a request. Answers are not bounded: clients trust their server, and answers may be long.
    const LISTS: Option<&'static Lists>;
}

/// See the module.
pub struct OneCodec<T, U>(PhantomData<fn() -> (T, U)>);

impl<T, U> Default for OneCodec<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> Codec for OneCodec<T, U>
where
    T: Sendable + Send + 'static,
    U: Message + Default + Streamed + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = OneEncoder<T>;
    type Decoder = OneDecoder<U>;

    fn encoder(&mut self) -> Self::Encoder {
        OneEncoder(PhantomData)
    }

    fn decoder(&mut self) -> Self::Decoder {
        OneDecoder { messages: ProstDecoder::default(), begun: false }
    }
}

/// Writes messages one by one.
pub struct OneEncoder<T>(PhantomData<fn() -> T>);

impl<T: Sendable> Encoder for OneEncoder<T> {
    type Item = T;
    type Error = Status;

    fn encode(&mut self, item: T, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        item.write(buffer);
        Ok(())
    }
}

/// Reads messages. Without it the transport would silently drop a second message.
pub struct OneDecoder<U> {
    messages: ProstDecoder<U>,
    begun: bool,
}

impl<U: Message + Default + Streamed> Decoder for OneDecoder<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, bytes: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        if !U::STREAMED && std::mem::replace(&mut self.begun, true) {
            return Err(Status::internal("this call takes one message, and got another"));
        }
        if let Some(lists) = U::LISTS
            && bytes.remaining() > SHORT_BYTES
        {
            // The buffer is contiguous: this is the whole message.
            lists.check(bytes.chunk()).map_err(refused)?;
        }
        self.messages.decode(bytes)
    }

    fn buffer_settings(&self) -> BufferSettings {
        self.messages.buffer_settings()
    }
}

/// `grpc::status` adds the details.
fn refused(why: Refused) -> Status {
    match why {
        Refused::TooMuch => Status::resource_exhausted("the lists of this message have too many entries"),
        Refused::TooDeep => Status::internal("messages are nested too deeply"),
        Refused::Malformed(error) => Status::internal(error.to_string()),
    }
}
