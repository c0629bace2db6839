//! How messages are read: as prost does, but a call that takes one message takes one.

use prost::Message;
use tonic::{
    Status,
    codec::{BufferSettings, Codec, DecodeBuf, Decoder},
};
use tonic_prost::{ProstCodec, ProstDecoder, ProstEncoder};

/// Whether a message is one of a stream. The build says so of each, from the contract.
pub trait Streamed {
    const STREAMED: bool;
}

/// Prost's codec, which refuses a second message where the contract has one.
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
        self.messages.decode(bytes)
    }

    fn buffer_settings(&self) -> BufferSettings {
        self.messages.buffer_settings()
    }
}
