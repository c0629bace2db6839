//! Answers that are encoded already: a briefing that was encoded for one answer is sent again in the next, followed by the
//! time that it is about.

use std::marker::PhantomData;

use bytes::{BufMut as _, Bytes, BytesMut};
use prost::{
    Message,
    encoding::{WireType, encode_key, encode_varint, encoded_len_varint, key_len, message},
};
use tonic::codec::EncodeBuf;

use super::{
    Briefing, BriefingResult, CheckItemsResponse, GetBriefingResponse, ItemError, LookupBriefingsResponse, Written,
    briefing_result,
};

/// The number of `briefing` in GetBriefingResponse and BriefingResult, and of `results` in LookupBriefingsResponse.
const FIRST: u32 = 1;

/// What can be sent: a message, or one that is encoded already.
pub trait Sendable {
    fn write(self, buffer: &mut EncodeBuf<'_>);
}

impl<M: Message> Sendable for M {
    fn write(self, buffer: &mut EncodeBuf<'_>) {
        buffer.reserve(self.encoded_len());
        self.encode_raw(buffer);
    }
}

/// An encoded message of type `M`.
pub struct Encoded<M>(Bytes, PhantomData<fn() -> M>);

impl<M> Sendable for Encoded<M> {
    fn write(self, buffer: &mut EncodeBuf<'_>) {
        buffer.put_slice(&self.0);
    }
}

impl From<Written> for Encoded<CheckItemsResponse> {
    fn from(written: Written) -> Self {
        Self(written.into_bytes(), PhantomData)
    }
}

/// An encoded briefing, in two parts.
pub struct EncodedBriefing {
    /// All of it but `as_of_time`.
    pub briefing: Bytes,
    /// `as_of_time` alone, as a message.
    pub as_of: Briefing,
}

impl EncodedBriefing {
    /// Bytes of the message.
    pub fn length(&self) -> usize {
        self.briefing.len() + self.as_of.encoded_len()
    }

    /// Writes it as the first field of a message.
    fn put(&self, out: &mut BytesMut) {
        open(self.length(), out);
        out.put_slice(&self.briefing);
        self.as_of.encode_raw(out);
    }
}

/// Writes the key and length of the first field of a message.
fn open(length: usize, out: &mut BytesMut) {
    encode_key(FIRST, WireType::LengthDelimited, out);
    encode_varint(length as u64, out);
}

/// The length of a first field with its key and length, for content of this length.
fn field_len(length: usize) -> usize {
    key_len(FIRST) + encoded_len_varint(length as u64) + length
}

impl From<EncodedBriefing> for Encoded<GetBriefingResponse> {
    fn from(briefing: EncodedBriefing) -> Self {
        let mut out = BytesMut::with_capacity(field_len(briefing.length()));
        briefing.put(&mut out);
        Self(out.freeze(), PhantomData)
    }
}

impl From<Vec<Result<EncodedBriefing, ItemError>>> for Encoded<LookupBriefingsResponse> {
    fn from(results: Vec<Result<EncodedBriefing, ItemError>>) -> Self {
        let length = |result: &Result<EncodedBriefing, ItemError>| match result {
            Ok(briefing) => field_len(field_len(briefing.length())),
            Err(error) => field_len(field_len(error.encoded_len())),
        };
        let mut out = BytesMut::with_capacity(results.iter().map(length).sum());
        for result in results {
            match result {
                Ok(briefing) => {
                    open(field_len(briefing.length()), &mut out);
                    briefing.put(&mut out);
                }
                Err(error) => {
                    let result = BriefingResult { result: Some(briefing_result::Result::Error(error)) };
                    message::encode(FIRST, &result, &mut out);
                }
            }
        }
        Self(out.freeze(), PhantomData)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::Statement;

    #[test]
    fn what_is_bytes_already_is_the_message_of_the_contract() {
        let at = Some(prost_types::Timestamp { seconds: 7, nanos: 5 });
        let statement = Statement { code: "NAME".to_owned(), text: "Ms Ferreira".to_owned(), ..Statement::default() };
        let briefing = Briefing { acknowledge: vec![statement], ..Briefing::default() };
        let whole = Briefing { as_of_time: at, ..briefing.clone() };
        let encoded = || EncodedBriefing {
            briefing: briefing.encode_to_vec().into(),
            as_of: Briefing { as_of_time: at, ..Briefing::default() },
        };
        let sent: Encoded<GetBriefingResponse> = encoded().into();
        let received = GetBriefingResponse::decode(sent.0).expect("a message");
        assert!(received == GetBriefingResponse { briefing: Some(whole.clone()) });

        let error = ItemError { code: 5, reason: "CUSTOMER_NOT_FOUND".to_owned(), ..ItemError::default() };
        let sent: Encoded<LookupBriefingsResponse> = vec![Ok(encoded()), Err(error.clone()), Ok(encoded())].into();
        let received = LookupBriefingsResponse::decode(sent.0).expect("a message");
        let of = |result| BriefingResult { result: Some(result) };
        let briefed = of(briefing_result::Result::Briefing(whole));
        let results = vec![briefed.clone(), of(briefing_result::Result::Error(error)), briefed];
        assert!(received == LookupBriefingsResponse { results });
    }
}
