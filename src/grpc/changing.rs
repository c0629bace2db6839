//! What handlers of changes share: which customer, by which request, on what condition; and the receipt.

use tonic::{Response, Status, metadata::MetadataValue};

use super::{
    Gate,
    convert::{self, Parsed},
    status::status,
};
use crate::{
    domain::{Change, Violation},
    proto,
    service::{Caller, Receipt, profile::Edit, tokens},
};

pub fn missing(field: &str) -> Violation {
    Violation::new(field, "must be given")
}

/// What every change of a customer names.
pub fn edit<M: prost::Message>(
    method: &'static str,
    customer_id: &str,
    request_id: &str,
    etag: &str,
    message: &M,
) -> Parsed<Edit> {
    Ok(Edit {
        customer: convert::customer_id(customer_id)?,
        request: convert::request(method, request_id, message)?,
        etag: tokens::parse_etag(etag),
    })
}

/// A response with its receipt; metadata tells one that was given before.
pub fn answer<T>(caller: &Caller, receipt: Receipt, of: impl FnOnce(Option<proto::Receipt>) -> T) -> Response<T> {
    let replayed = receipt.replayed;
    let mut response = Response::new(of(Some(convert::receipt_out(caller, receipt))));
    if replayed {
        response.metadata_mut().insert(convert::REPLAYED, MetadataValue::from_static("true"));
    }
    response
}

impl Gate {
    pub(super) async fn change(&self, caller: &Caller, edit: Edit, changes: Vec<Change>) -> Result<Receipt, Status> {
        self.rapport.writes().change(caller, edit, changes).await.map_err(status)
    }
}

/// A handler of a change: parses into an edit and its changes, applies them, answers with the receipt.
macro_rules! change {
    ($self:ident, $request:ident, $message:ident { $($field:ident),* $(,)? }, $answer:ident,
     |$caller:ident| $changes:expr) => {{
        let $caller = $self.enter($request.metadata()).await?;
        let message = $request.into_inner();
        let parsed = (|| -> $crate::grpc::convert::Parsed<($crate::service::profile::Edit, Vec<$crate::domain::Change>)> {
            let edit = $crate::grpc::changing::edit(stringify!($message), &message.customer_id, &message.request_id, &message.etag, &message)?;
            let $message { customer_id: _, request_id: _, etag: _, $($field),* } = message;
            Ok((edit, $changes))
        })();
        let (edit, changes) = parsed.map_err($crate::grpc::status::status)?;
        let receipt = $self.change(&$caller, edit, changes).await?;
        Ok($crate::grpc::changing::answer(&$caller, receipt, |receipt| $answer { receipt }))
    }};
}
pub(crate) use change;
