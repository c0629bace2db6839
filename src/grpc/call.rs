//! What every call but Echo's goes through: who calls, when, and under which policy (`Caller`); then its handler; then
//! the handler's reply, or its error as a status. Handlers parse the message, call the use case and make the reply.
//! They never touch metadata, spans or statuses.

use std::{net::SocketAddr, pin::Pin, sync::Arc};

use futures_util::{Stream, StreamExt as _, stream};
use prost::Message;
use tonic::{Request, Response, Status, Streaming, metadata::MetadataValue};
use tracing::{Instrument as _, Span};

use super::{
    Handlers, KeptAnswers, convert,
    http::{Counts, Room},
    methods::{Method, Needed},
    status::{self, CallError},
};
use crate::{
    domain::{Timestamp, Violation},
    proto,
    service::{
        Caller, Large, Rapport, Receipt, error::Error, principal::Principal, profile::ChangeRequest, tokens,
        writes::Writes,
    },
};

/// Requests up to here are not counted while they are worked on: nearly all are shorter.
const FREE_BYTES: usize = 4 << 10;
/// Items of a stream taken together, and how many such batches are under way: 4 × 64 = the 256 of the contract.
const BATCH_ITEMS: usize = 64;
const BATCHES: usize = 4;

/// A call under way.
pub struct Call {
    pub rapport: Arc<Rapport>,
    pub answers: Arc<KeptAnswers>,
    pub caller: Caller,
}

/// What a handler answers with.
pub type Answer<T> = Result<Reply<T>, CallError>;

/// A message, and whether it was given before.
pub struct Reply<T> {
    message: T,
    replayed: bool,
}

impl<T> From<T> for Reply<T> {
    fn from(message: T) -> Self {
        Self { message, replayed: false }
    }
}

impl<T> Reply<T> {
    /// A message, and whether it was given before.
    pub fn again(message: T, replayed: bool) -> Self {
        Self { message, replayed }
    }
}

impl Call {
    /// The use cases that change something.
    pub fn writes(&self) -> &Writes {
        self.rapport.writes()
    }

    /// The first receipt of a change that does not pass now, if it was carried out before: a time in it may have passed since, or
    /// the policy may have changed. Else what is wrong with it.
    pub async fn receipt_or(&self, change: &ChangeRequest, refused: Violation) -> Result<Receipt, CallError> {
        Ok(self.rapport.readers().first_receipt(&self.caller, change).await?.ok_or(refused)?)
    }

    /// An answer with the receipt of a change.
    pub fn receipt<T>(&self, receipt: Receipt, of: impl FnOnce(Option<proto::Receipt>) -> T) -> Reply<T> {
        let replayed = receipt.replayed;
        Reply::again(of(Some(convert::receipt_out(&self.caller, receipt))), replayed)
    }
}

/// Where a call comes from, as the layers before the services found it.
struct Origin {
    method: &'static Method,
    principal: Principal,
    /// `None`: this process.
    peer: Option<SocketAddr>,
}

impl Origin {
    fn of<T>(request: &mut Request<T>) -> Result<Self, Status> {
        let peer = request.remote_addr();
        let method = request.extensions().get::<&'static Method>().copied();
        let principal = request.extensions_mut().remove::<Principal>();
        match (method, principal) {
            (Some(method), Some(principal)) => Ok(Self { method, principal, peer }),
            // Only if this server was put together without `http::FrontLayer`.
            (method, _) => Err(status::refuse(method, Error::Internal)),
        }
    }

    /// Under the default filter it costs nothing.
    fn span(&self) -> Span {
        let Principal { tenant, device, .. } = &self.principal;
        tracing::debug_span!("call", rpc.method = self.method.path, tenant = tenant.as_str(), device)
    }
}

/// The stream of a method that answers item by item.
pub type Answers<A> = Pin<Box<dyn Stream<Item = Result<A, Status>> + Send + 'static>>;

impl Handlers {
    /// Answers a call by its handler. `unread`: the answer while the store is not fit to be read; `None`: the error.
    pub(super) async fn answer<Q, A, F>(
        &self,
        mut request: Request<Q>,
        handler: impl FnOnce(Call, Q) -> F + Send,
        unread: Option<fn(&Q, Timestamp) -> A>,
    ) -> Result<Response<A>, Status>
    where
        Q: Message,
        F: Future<Output = Answer<A>> + Send,
    {
        let origin = Origin::of(&mut request)?;
        let span = origin.span();
        let message = request.into_inner();
        let length = message.encoded_len();
        let room = if length > FREE_BYTES { self.room(self.counts(&origin), length) } else { Ok(None) };
        let Origin { method, principal, peer: _ } = origin;
        let answered = async {
            let held = room?;
            let entered = match method.policy {
                Needed::Yes => self.rapport.callers().enter(principal).await,
                Needed::No => self.rapport.callers().enter_to_mend(principal).await,
            };
            let caller = match (entered, unread) {
                (Err(error), Some(unread)) if error.is_unfit() => {
                    return Ok(unread(&message, self.rapport.callers().now()).into());
                }
                (entered, _) => entered?,
            };
            let caller = Caller { large: held.map(|room| self.large(room)), ..caller };
            let (rapport, answers) = (self.rapport.clone(), self.answers.clone());
            handler(Call { rapport, answers, caller }, message).await
        };
        let Reply { message, replayed } =
            answered.instrument(span).await.map_err(|error| status::refuse(Some(method), error))?;
        let mut response = Response::new(message);
        if replayed {
            response.metadata_mut().insert(convert::REPLAYED, MetadataValue::from_static("true"));
        }
        Ok(response)
    }

    /// Answers a stream by the handler of its batches. Each batch is a call of its own, with its own reading of the clock
    /// and of the policy.
    pub(super) async fn answer_batches<Q, A, F>(
        &self,
        mut request: Request<Streaming<Q>>,
        handler: impl Fn(Call, Vec<Q>) -> F + Copy + Send + 'static,
    ) -> Result<Response<Answers<A>>, Status>
    where
        Q: Message + 'static,
        A: Send + 'static,
        F: Future<Output = Result<Vec<A>, CallError>> + Send,
    {
        let origin = Origin::of(&mut request)?;
        let counts = self.counts(&origin);
        let Origin { method, principal, peer } = origin;
        let refuse = move |error: CallError| status::refuse(Some(method), error);
        // Fails before the first item if policy or index key cannot be read.
        self.rapport.callers().enter(principal.clone()).await.map_err(|error| refuse(error.into()))?;
        let handlers = self.clone();
        let counting = self.clone();
        let items = request.into_inner().map(move |item| {
            let item = item.map_err(|given| status::complete(Some(method), given))?;
            let room = counting.room(counts, item.encoded_len()).map_err(refuse)?;
            Ok((item, room))
        });
        let answers = items.ready_chunks(BATCH_ITEMS).map(move |batch: Vec<Result<(Q, Option<Room>), Status>>| {
            let (handlers, origin) = (handlers.clone(), Origin { method, principal: principal.clone(), peer });
            let span = origin.span();
            let answered = async move {
                let (items, rooms): (Vec<Q>, Vec<_>) =
                    batch.into_iter().collect::<Result<Vec<_>, Status>>()?.into_iter().unzip();
                let caller =
                    handlers.rapport.callers().enter(origin.principal).await.map_err(|error| refuse(error.into()))?;
                let is_large = rooms.iter().any(Option::is_some);
                let caller = Caller { large: is_large.then(|| handlers.large(rooms)), ..caller };
                let Self { rapport, answers, .. } = handlers;
                handler(Call { rapport, answers, caller }, items).await.map_err(refuse)
            };
            answered.instrument(span)
        });
        let answers = answers.buffer_unordered(BATCHES).flat_map(|batch| {
            stream::iter(match batch {
                Ok(answers) => answers.into_iter().map(Ok).collect(),
                Err(status) => vec![Err(status)],
            })
        });
        // The items are parsed in it, too.
        Ok(Response::new(Box::pin(self.turns.stream(answers, BATCHES * BATCH_ITEMS))))
    }

    fn large(&self, room: impl Send + Sync + 'static) -> Large {
        Large { turns: self.turns.clone(), room: Arc::new(room) }
    }

    /// Where the requests of a caller are counted; `None`: nowhere, as they come from this process.
    fn counts(&self, origin: &Origin) -> Option<Counts> {
        origin.peer.map(|peer| self.worked_on.counts(peer, Some(&origin.principal)))
    }

    /// Room for a request of so many bytes until all its work is done: while the store is slow, requests wait, and would take the
    /// server's memory. As a message in memory it takes about four times what it takes in its encoding.
    fn room(&self, counts: Option<Counts>, bytes: usize) -> Result<Option<Room>, CallError> {
        let taken = counts.map(|counts| self.worked_on.room(counts, bytes).ok_or(CallError::TooMuchInFlight));
        taken.transpose()
    }
}

/// Serves a service of the contract: each method by the function of its name.
macro_rules! serve {
    (
        $service:ident {
            $($method:ident: $request:ident => $response:ty $(| $unread:path)?,)+
        }
        $(streams { $stream_method:ident: $item:ident => $answer:ident as $stream:ident })?
    ) => {
        #[tonic::async_trait]
        impl $service for $crate::grpc::Handlers {
            $(async fn $method(
                &self,
                request: tonic::Request<$request>,
            ) -> ::std::result::Result<tonic::Response<$response>, tonic::Status> {
                let unread = ::std::option::Option::None;
                $(let unread = unread.or(::std::option::Option::Some($unread as _));)?
                self.answer(request, $method, unread).await
            })+

            $(
                type $stream = $crate::grpc::call::Answers<$answer>;

                async fn $stream_method(
                    &self,
                    request: tonic::Request<tonic::Streaming<$item>>,
                ) -> ::std::result::Result<tonic::Response<Self::$stream>, tonic::Status> {
                    self.answer_batches(request, $stream_method).await
                }
            )?
        }
    };
}
pub(crate) use serve;

pub fn missing(field: &str) -> Violation {
    Violation::new(field, "must be given")
}

/// What every change of a customer names: which customer, by which request, on what condition.
pub fn change_request_of<M: prost::Message>(
    method: &'static str,
    customer_id: &str,
    request_id: &str,
    etag: &str,
    message: &M,
) -> convert::Parsed<ChangeRequest> {
    Ok(ChangeRequest {
        customer: convert::customer_id(customer_id)?,
        request: convert::request(method, request_id, message)?,
        etag: tokens::parse_etag(etag),
    })
}

/// The same, of a message with these fields. The message's name is the `method` under which its request id is
/// recognised: one id may be used with different messages.
macro_rules! change_request {
    ($name:ident, $message:expr) => {{
        let message = &$message;
        $crate::grpc::call::change_request_of(
            stringify!($name),
            &message.customer_id,
            &message.request_id,
            &message.etag,
            message,
        )
    }};
}
pub(crate) use change_request;

/// The handler of a plain change: it parses a message into changes of a customer, and answers with the receipt.
macro_rules! change {
    ($handler:ident($call:ident, $request:ident { $($field:ident),* $(,)? }) -> $response:ident $changes:block) => {
        async fn $handler(
            $call: $crate::grpc::call::Call,
            message: $request,
        ) -> $crate::grpc::call::Answer<$response> {
            let change = $crate::grpc::call::change_request!($request, message)?;
            let $request { customer_id: _, request_id: _, etag: _, $($field),* } = message;
            let changes = (|| -> $crate::grpc::convert::Parsed<Vec<$crate::domain::Change>> { Ok($changes) })();
            let receipt = match changes {
                Ok(changes) => $call.writes().change(&$call.caller, change, changes).await?,
                Err(refused) => $call.receipt_or(&change, refused).await?,
            };
            Ok($call.receipt(receipt, |receipt| $response { receipt }))
        }
    };
}
pub(crate) use change;
