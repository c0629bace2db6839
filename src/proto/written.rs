//! GetBriefing's answer, which a server may hold as bytes already.
//!
//! On the wire it is the message of the contract, field for field. A briefing that was written before is sent as it
//! was, with the moment it is about behind it: of a field that comes twice, the last one counts.

use bytes::{Buf, BufMut, Bytes};
use prost::{
    DecodeError, Message,
    encoding::{DecodeContext, WireType, encode_key, encode_varint, encoded_len_varint, message, skip_field},
};

use super::Briefing;

/// The field of the answer that holds the briefing.
const BRIEFING: u32 = 1;

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

impl Written {
    fn length(&self) -> usize {
        self.briefing.len() + self.as_of.encoded_len()
    }
}

impl Message for GetBriefingResponse {
    fn encode_raw(&self, buffer: &mut impl BufMut) {
        match (&self.written, &self.briefing) {
            (Some(written), _) => {
                encode_key(BRIEFING, WireType::LengthDelimited, buffer);
                encode_varint(written.length() as u64, buffer);
                buffer.put_slice(&written.briefing);
                written.as_of.encode_raw(buffer);
            }
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
            (Some(written), _) => {
                let length = written.length();
                // The key of field 1 is one byte.
                1 + encoded_len_varint(length as u64) + length
            }
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
    }
}
