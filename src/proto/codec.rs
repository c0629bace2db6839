//! How messages are read and written: as prost does, but a call that takes one message takes one, lists have a bound, and
//! what is bytes already is sent as it is.

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

/// What the build says of each request and response, from the contract.
pub trait Streamed {
    /// Whether a message is one of a stream.
    const STREAMED: bool;
    /// The lists of a request. Answers come from a server that is trusted, and may be long.
    const LISTS: Option<&'static Lists>;
}

/// Prost's codec, which refuses a second message where the contract has one, and lists that take too much memory.
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

/// The transport would drop a second message without a word.
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
            // The whole message lies in one piece.
            lists.check(bytes.chunk()).map_err(refused)?;
        }
        self.messages.decode(bytes)
    }

    fn buffer_settings(&self) -> BufferSettings {
        self.messages.buffer_settings()
    }
}

/// The front gives these their details.
fn refused(why: Refused) -> Status {
    match why {
        Refused::TooMuch => Status::resource_exhausted("the lists of this message have too many entries"),
        Refused::TooDeep => Status::internal("messages are nested too deeply"),
        Refused::Malformed(error) => Status::internal(error.to_string()),
    }
}
