//! How messages are read: as prost does, but a call that takes one message takes one, and lists have a bound.

use bytes::Buf as _;
use prost::Message;
use tonic::{
    Status,
    codec::{BufferSettings, Codec, DecodeBuf, Decoder},
};
use tonic_prost::{ProstCodec, ProstDecoder, ProstEncoder};

use super::lists::{Lists, Refused, SHORT_BYTES};

/// What the build says of each request and response, from the contract.
pub trait Streamed {
    /// Whether a message is one of a stream.
    const STREAMED: bool;
    /// The lists of a request. Answers come from a server that is trusted, and may be long.
    const LISTS: Option<&'static Lists>;
}

/// Prost's codec, which refuses a second message where the contract has one, and lists that take too much memory.
pub struct OneCodec<T, U>(ProstCodec<T, U>);

impl<T, U> Default for OneCodec<T, U> {
    fn default() -> Self {
        Self(ProstCodec::default())
    }
}

impl<T, U> Codec for OneCodec<T, U>
where
    T: Message + Send + 'static,
    U: Message + Default + Streamed + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = OneDecoder<U>;

    fn encoder(&mut self) -> Self::Encoder {
        self.0.encoder()
    }

    fn decoder(&mut self) -> Self::Decoder {
        OneDecoder { messages: self.0.decoder(), begun: false }
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
