//! Answers with briefings, which a server may hold as bytes already: GetBriefing's, and each result of LookupBriefings.
//!
//! On the wire it is the message of the contract, field for field. A briefing that was written before is sent as it
//! was, with the moment it is about behind it: of a field that comes twice, the last one counts.

use bytes::{Buf, BufMut, Bytes};
use prost::{
    DecodeError, Message,
    encoding::{DecodeContext, WireType, encode_key, encode_varint, encoded_len_varint, message, skip_field},
};

use super::{Briefing, ItemError};

/// The field of both answers that holds the briefing.
const BRIEFING: u32 = 1;
/// The field of a result that says why there is none.
const ERROR: u32 = 2;

/// The answer of GetBriefing.
#[derive(Clone, Default, PartialEq)]
pub struct GetBriefingResponse {
    /// The briefing.
    pub briefing: Option<Briefing>,
    /// The briefing as bytes, less the moment it is about; stands for `briefing` when it is sent.
    pub written: Option<Written>,
}

/// A briefing as bytes.
#[derive(Clone, PartialEq)]
pub struct Written {
    /// The message without `as_of_time`.
    pub briefing: Bytes,
    /// `as_of_time` alone, as a message.
    pub as_of: Briefing,
}

/// One result of LookupBriefings.
#[derive(Clone, Default, PartialEq)]
pub struct BriefingResult {
    /// A briefing, or why there is none.
    pub result: Option<briefing_result::Result>,
    /// The briefing as bytes, less the moment it is about; stands for `result` when it is sent.
    pub written: Option<Written>,
}

/// See [`BriefingResult`].
pub mod briefing_result {
    use super::{Briefing, ItemError};

    /// A briefing, or why there is none.
    #[derive(Clone, PartialEq)]
    pub enum Result {
        /// The briefing.
        Briefing(Briefing),
        /// Why there is none.
        Error(ItemError),
    }
}

impl Written {
    fn length(&self) -> usize {
        self.briefing.len() + self.as_of.encoded_len()
    }

    /// As the first field of a message.
    fn encode(&self, buffer: &mut impl BufMut) {
        encode_key(BRIEFING, WireType::LengthDelimited, buffer);
        encode_varint(self.length() as u64, buffer);
        buffer.put_slice(&self.briefing);
        self.as_of.encode_raw(buffer);
    }

    fn encoded_len(&self) -> usize {
        let length = self.length();
        // The key of field 1 is one byte.
        1 + encoded_len_varint(length as u64) + length
    }
}

impl Message for BriefingResult {
    fn encode_raw(&self, buffer: &mut impl BufMut) {
        match (&self.written, &self.result) {
            (Some(written), _) => written.encode(buffer),
            (None, Some(briefing_result::Result::Briefing(briefing))) => message::encode(BRIEFING, briefing, buffer),
            (None, Some(briefing_result::Result::Error(error))) => message::encode(ERROR, error, buffer),
            (None, None) => {}
        }
    }

    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        buffer: &mut impl Buf,
        context: DecodeContext,
    ) -> Result<(), DecodeError> {
        use briefing_result::Result::{Briefing as Told, Error as Refused};
        match tag {
            BRIEFING => {
                let mut briefing = match self.result.take() {
                    Some(Told(briefing)) => briefing,
                    Some(Refused(_)) | None => Briefing::default(),
                };
                message::merge(wire_type, &mut briefing, buffer, context)?;
                self.result = Some(Told(briefing));
                Ok(())
            }
            ERROR => {
                let mut error = match self.result.take() {
                    Some(Refused(error)) => error,
                    Some(Told(_)) | None => ItemError::default(),
                };
                message::merge(wire_type, &mut error, buffer, context)?;
                self.result = Some(Refused(error));
                Ok(())
            }
            _ => skip_field(wire_type, tag, buffer, context),
        }
    }

    fn encoded_len(&self) -> usize {
        match (&self.written, &self.result) {
            (Some(written), _) => written.encoded_len(),
            (None, Some(briefing_result::Result::Briefing(briefing))) => message::encoded_len(BRIEFING, briefing),
            (None, Some(briefing_result::Result::Error(error))) => message::encoded_len(ERROR, error),
            (None, None) => 0,
        }
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Message for GetBriefingResponse {
    fn encode_raw(&self, buffer: &mut impl BufMut) {
        match (&self.written, &self.briefing) {
            (Some(written), _) => written.encode(buffer),
            (None, Some(briefing)) => message::encode(BRIEFING, briefing, buffer),
            (None, None) => {}
        }
    }

    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        buffer: &mut impl Buf,
        context: DecodeContext,
    ) -> Result<(), DecodeError> {
        match tag {
            BRIEFING => message::merge(wire_type, self.briefing.get_or_insert_with(Briefing::default), buffer, context),
            _ => skip_field(wire_type, tag, buffer, context),
        }
    }

    fn encoded_len(&self) -> usize {
        match (&self.written, &self.briefing) {
            (Some(written), _) => written.encoded_len(),
            (None, Some(briefing)) => message::encoded_len(BRIEFING, briefing),
            (None, None) => 0,
        }
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::Statement;

    #[test]
    fn a_written_answer_is_the_message_of_the_contract() {
        let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 5 });
        let statement = Statement { code: "NAME".to_owned(), text: "Ms Ferreira".to_owned(), ..Statement::default() };
        let briefing = Briefing { acknowledge: vec![statement], ..Briefing::default() };
        let whole = Briefing { as_of_time: at(7), ..briefing.clone() };
        let as_of = Briefing { as_of_time: at(7), ..Briefing::default() };
        let written = Written { briefing: briefing.encode_to_vec().into(), as_of };
        let sent = GetBriefingResponse { briefing: None, written: Some(written) };
        let bytes = sent.encode_to_vec();
        assert_eq!(bytes.len(), sent.encoded_len());
        let plain = GetBriefingResponse { briefing: Some(whole), written: None };
        assert!(GetBriefingResponse::decode(bytes.as_slice()).expect("decodes") == plain);
        let again = GetBriefingResponse::decode(plain.encode_to_vec().as_slice()).expect("decodes");
        assert!(again == plain);
        let sent = BriefingResult { result: None, written: sent.written };
        let told = Some(briefing_result::Result::Briefing(plain.briefing.expect("a briefing")));
        let bytes = sent.encode_to_vec();
        assert_eq!(bytes.len(), sent.encoded_len());
        let plain = BriefingResult { result: told, written: None };
        assert!(BriefingResult::decode(bytes.as_slice()).expect("decodes") == plain);
        assert!(BriefingResult::decode(plain.encode_to_vec().as_slice()).expect("decodes") == plain);
        let error = ItemError { code: 5, reason: "CUSTOMER_NOT_FOUND".to_owned(), ..ItemError::default() };
        let refused = BriefingResult { result: Some(briefing_result::Result::Error(error)), written: None };
        assert_eq!(refused.encode_to_vec().len(), refused.encoded_len());
        assert!(BriefingResult::decode(refused.encode_to_vec().as_slice()).expect("decodes") == refused);
    }
}
