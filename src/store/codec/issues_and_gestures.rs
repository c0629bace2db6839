//! Issues, follow-ups, gestures and their ledger as stored messages, and back.

use super::mirror::{EmptyIfNone, mirror, numbers};
use crate::domain::{
    advocacy::Advocacy,
    follow_up::{Completion, FollowUp, FollowUpDraft, FollowUpKind},
    gesture::{DrawnOn, ExpectationLevel, Gesture, GestureDraft, GestureOutcome, GestureState, LedgerEntry},
    issue::{Issue, IssueDraft, IssueSeverity},
    money::Money,
};

numbers!(IssueSeverity { Minor = 1, Major = 2, Critical = 3 });
numbers!(FollowUpKind { AfterIssue = 1, Promise = 2, Delivery = 3 });
numbers!(ExpectationLevel { Generic = 1, Expected = 2, Augmented = 3, Potential = 4 });
numbers!(GestureOutcome { Delighted = 1, Neutral = 2, Declined = 3 });
numbers!(GestureState { Proposed = 1, Given = 2, Delivered = 3, Cancelled = 4 });

mirror!(IssueDraft = stored::IssueDraft { severity, cause, venue, item, text, owner });

mirror!(Issue = stored::Issue { id, reported, opened_by, open_time, resolve_time, resolution, reopen_count });

// Parts are numbered from 1: 0 is none.
mirror!(
    FollowUpDraft =
        stored::FollowUpDraft { kind, text, owner, due_time, venue, place, issue: EmptyIfNone, gesture: EmptyIfNone }
);

mirror!(FollowUp = stored::FollowUp { id, promised, promised_by, promise_time, completion });

mirror!(Completion = stored::Completion { by, time, kept, rating });

mirror!(DrawnOn = stored::DrawnOn { month, business_date });

mirror!(GestureDraft = stored::GestureDraft {
    gesture_type,
    venue,
    cost => Money { currency = currency, minor_units = cost_minor_units },
    note,
    place,
    deliver_time,
    deliver_owner,
    issue: EmptyIfNone,
    expectation,
    role,
    proposed,
    drawn_on,
});

mirror!(Gesture = stored::Gesture { id, given, state, given_by, give_time, approved_by, outcome: EmptyIfNone });

mirror!(LedgerEntry = stored::LedgerEntry { gesture_type, given, delighted, declined, times });

mirror!(Advocacy = stored::Advocacy { feedback, score_sum, referrals });
