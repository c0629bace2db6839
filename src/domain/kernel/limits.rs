//! Every bound of a profile's lists, with its reason. A usual profile takes 1 to 2 KB; one with every list full and every
//! text of the longest takes some 200 KB in ASCII, and less than [`PROFILE_BYTES_MAX`] in any script.

/// A customer has a few cards, phones and mails; more is a system gone wrong.
pub const IDENTITIES_MAX: usize = 32;
/// Active precautions are never dropped, so they need room: the 14 EU allergens, diets, needs, topics, and their past.
pub const PRECAUTIONS_MAX: usize = 64;
/// Subjects a member of staff can make sense of; the weakest must be removed by a decision, not silently.
pub const PREFERENCES_MAX: usize = 200;
/// Characters of a free text: what fits one glance.
pub const TEXT_CHARS_MAX: usize = 280;
/// Own and close people's days.
pub const OCCASIONS_MAX: usize = 32;
/// Items counted by name. 76 of about 60 bytes, beside categories and the newest purchases, keep what interactions add up
/// to under 8 KB on a real grocer's year; 96 would anticipate a little better (see docs/anticipation.md).
pub const HABIT_ITEMS_MAX: usize = 76;
/// Categories counted by name.
pub const HABIT_CATEGORIES_MAX: usize = 32;
/// Purchases kept apart, so that what is bought now can be compared with each: as many as a mask has bits. On a real
/// grocer's year, with 43 purchases in the median and up to 780, remembering all of them anticipates no better.
pub const RECENT_MAX: usize = 64;
/// Venues of one business that a person goes to within a year or so. Of more venues the record keeps only when the latest visit to any of
/// them was.
pub const WHEREABOUTS_MAX: usize = 16;
/// Currencies one customer pays in.
pub const CURRENCIES_MAX: usize = 8;
/// Interactions kept and recognised. At least 1,024 always are; trimming in steps of 256 makes it rare.
pub const HISTORY_KEEP: usize = 1_024;
/// The history is trimmed to [`HISTORY_KEEP`] when it passes this.
pub const HISTORY_MAX: usize = HISTORY_KEEP + 256;
/// Interactions dropped in one commit, at the most: several times what a commit adds, so that trimming catches up with a burst.
pub const HISTORY_TRIM_MAX: usize = 512;
/// Other changes kept: who changed what. They are few in a customer's year.
pub const CHANGES_KEEP: usize = 256;
/// Customers that may share one identity (a family's phone, a table).
pub const SHARED_MAX: usize = 16;
/// People marked as deceased: a household is no larger.
pub const DECEASED_MAX: usize = 16;
/// Issues kept with the customer: open ones, and the latest that were resolved. More open ones are a case for a person.
pub const ISSUES_MAX: usize = 32;
/// Follow-ups kept with the customer: owed ones, and the latest that were completed.
pub const FOLLOW_UPS_MAX: usize = 32;
/// Gestures kept with the customer: two a day for the 30 days over which authority is summed.
pub const GESTURES_MAX: usize = 64;
/// Types of gestures that the ledger remembers: more than a customer of many years meets.
pub const LEDGER_MAX: usize = 64;
/// Times kept per type: as many as the policy may ask for until a gesture is GENERIC.
pub const GIVES_KEEP: usize = 12;
/// Roles of a policy.
pub const ROLES_MAX: usize = 50;
/// Types of gestures in a catalogue.
pub const CATALOGUE_MAX: usize = 200;
/// Budgets: every venue in each of four currencies.
pub const BUDGETS_MAX: usize = 4 * VENUES_MAX;
/// Legal ages: of every venue for four substances.
pub const LEGAL_AGES_MAX: usize = 4 * VENUES_MAX;
/// Requests remembered per customer, and for how long.
pub const REQUESTS_KEEP: usize = 64;
/// See [`REQUESTS_KEEP`]. 24 hours outlive any sensible retry.
pub const REQUESTS_KEEP_SECONDS: i64 = 24 * 3_600;
/// Lines of one purchase. The largest basket of a real grocer's year had 161.
pub const LINES_MAX: usize = 200;
/// Interactions in one request: some 300 KB of the largest.
pub const INTERACTIONS_PER_REQUEST_MAX: usize = 100;
/// Pieces of evidence in one request.
pub const EVIDENCE_PER_REQUEST_MAX: usize = 100;
/// Precautions in one request.
pub const PRECAUTIONS_PER_REQUEST_MAX: usize = 16;
/// Identities in one look-up: more would be a sweep.
pub const LOOKUP_IDENTITIES_MAX: usize = 8;
/// Subjects in one look-up of briefings: the arrivals of a busy hour.
pub const LOOKUP_SUBJECTS_MAX: usize = 100;
/// Venues of one tenant.
pub const VENUES_MAX: usize = 1_000;
/// Versions of the policy that stay readable.
pub const POLICY_VERSIONS_KEEP: i64 = 100;
/// Clocks of tills differ; a day ahead is still believed.
pub const FUTURE_SECONDS_MAX: i64 = 24 * 3_600;
/// What a profile can take at the very most, when stored: a number to survive, not to expect.
pub const PROFILE_BYTES_MAX: usize = 1 << 20;
