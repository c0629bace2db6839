//! What callers read when something is refused: what is wrong, and what to do about it. By the reasons of [`super::status`].

pub const REQUEST_ID_REUSED: &str = "this request_id was used for another request: use a new one";
pub const INTERACTION_DIFFERS: &str = "this source and external_id were recorded with other content: if that was wrong, void it and record this one anew under \
     another external_id; a key that was voided is not free again";
pub const CUSTOMER_NOT_FOUND: &str =
    "there is no customer with this id: look for one with LookupCustomer, or create one";
pub const ITEM_NOT_FOUND: &str =
    "the venue has no such item, or had none at that time: ListItems lists what it has, PutItems adds one";
pub const POLICY_DAMAGED: &str =
    "the policy in force does not open, and nothing is served without it: the operator sets it again with SetPolicy";
pub const POLICY_LOST: &str =
    "the policy that was set is gone, and nothing is served without it: the operator sets it again with SetPolicy";
pub const POLICY_NOT_FOUND: &str = "there is no such version of the policy: set one with SetPolicy";
pub const IDENTITY_UNKNOWN: &str = "nobody is known by this identity: create the customer first, or name a customer_id";
pub const IDENTITY_AMBIGUOUS: &str =
    "several customers share this identity: find out which one it is, and name the customer_id";
pub const CUSTOMER_EXISTS: &str = "this request created a customer before: read that one, or use a new request_id";
pub const CUSTOMER_ERASED: &str =
    "the customer that this request once created was erased and does not come back: use a new request_id";
pub const ERASURE_UNFINISHED: &str = "the customer's key is destroyed, and nobody can read the customer any more; what it had encrypted is not removed yet: the \
     server does that by itself as soon as the store takes it; to be told when it is done, repeat the call";
pub const ETAG_MISMATCH: &str = "it was changed meanwhile: read it again, decide again, and send the new etag";
pub const CONTENDED: &str = "too many writers change this at once: try again";
pub const SECOND_PERSON_NEEDED: &str =
    "this takes a second person, named to the server as another member of staff: ask a colleague";
pub const CUSTOMER_DECEASED: &str =
    "the customer is marked as deceased: nothing is promised to them; MarkCustomer undoes a mark that is wrong";
pub const CUSTOMER_BARRED: &str =
    "the customer is barred: nothing is promised to them; a role with sees_bars may lift the bar with MarkCustomer";
pub const STAFF_NOT_NAMED: &str =
    "this takes two people, and the first is named too: name the member of staff in the metadata rapport-staff";
pub const BAR_OF_OTHERS: &str =
    "your role may make a bar longer, and not end or shorten it: leave that to a role with sees_bars in the policy";
pub const NOT_RESOLVED: &str = "the issue is open: only a resolved one can be opened again";
pub const UPGRADE_NEEDED: &str = "the store is still written in the format of the release before, which does not have this; nothing was changed: its \
     operator runs `rapport upgrade` once all replicas are of this release";
pub const GESTURE_VETOED: &str =
    "something speaks against this gesture: SuggestGestures says what, and what else would do";
pub const WORDS_VETOED: &str = "names what the customer must not have: give the gesture with other words, or with none";
pub const OVER_AUTHORITY: &str =
    "this is over your authority: propose it to one of approving_role_ids; when there is none, nobody may give it";
pub const BUDGET_SPENT: &str =
    "not enough is left of this month's budget of the venue: give something that costs less, or nothing";
pub const PURPOSE_NOT_ALLOWED: &str =
    "this is never read for the declared purpose: leave it to those who serve (PURPOSE_SERVICE)";
pub const CONSENT_MISSING: &str =
    "the customer has not agreed to the declared purpose: do not read it; RecordConsent notes it when they agree";
pub const ROLE_NOT_ALLOWED: &str =
    "your role may not see this: leave it to a role with sees_value in the policy; SetPolicy gives it to one";
pub const STORE_UNREACHABLE: &str = "this cannot be read while the store is away: try again";
pub const REVISION_NOT_REACHED: &str =
    "the revision of the token is not visible here: try again, or read without the token";
pub const INTERNAL: &str = "a part of the server failed: try again, and tell its operator";
pub const STORE_MISCONFIGURED: &str =
    "the store refuses this server, and nothing was changed: tell its operator; the log says what to set right";
pub const STORE_UNFIT: &str =
    "the store must not be trusted with customers: tell its operator; the log says what to mend";
pub const TIMEOUT_MALFORMED: &str =
    "grpc-timeout must be 1 to 8 digits and a unit (H, M, S, m, u, n): 500m, for example";
pub const DEADLINE_PASSED: &str = "the time for this call was up; a write that had begun is finished all the same: repeat the call as it was, with the same request_id or receipt";
pub const TOO_MANY_CALLS: &str = "this device, or this address, calls this method too often: wait, and repeat it after the RetryInfo; the operator sets calls-per-second-max";
pub const TOO_MANY_UNKNOWN: &str = "this device, or this address, asked for too many identities that nobody has: wait, and repeat it after the RetryInfo; at the till: \
     UNKNOWN, ASK; the operator sets unknown-identities-per-minute-max";
pub const MESSAGE_TOO_LARGE: &str = "the message is larger than this method takes (256 KiB; the methods for many at once as the server's message-bytes-max says), or its lists have too many entries: send less at once";
pub const TOO_MUCH_IN_FLIGHT: &str =
    "too many bytes of requests are being sent at once, by you or by all: send fewer at once, or later";
pub const ANSWERS_NOT_TAKEN: &str =
    "too many large answers wait to be taken here: read those that came, and send this again";
pub const ANSWER_FULL: &str = "the answer has no room for more: ask for this one in another call, with fewer at once";
pub const NOT_OFFERED: &str =
    "this server has no such method, or not this compression: see its reflection, and use gzip or none";
pub const MESSAGE_MALFORMED: &str =
    "the message cannot be read as the contract says: it is cut off, damaged, or one of several where one is taken";
