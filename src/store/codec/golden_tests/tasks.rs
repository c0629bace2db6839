//! Tasks of the index worker, as the log holds them.

use super::{super::entries, golden, released, tenant};
use crate::{
    domain::{CustomerId, TouchedParts, id::HoldToken},
    store::{BudgetKey, CustomerKey, Hint, HintIndex, IdentityKey, IndexOp, LogEntry, Revision},
};

/// One task for the index worker of every kind, with the number of its file.
fn tasks() -> Vec<(usize, IndexOp)> {
    let identity = || IdentityKey { tenant: tenant(), version: 1, digest: [3; 16] };
    let key = || BudgetKey { tenant: tenant(), name: "venue:zrh-lakeside:2027-01:CHF".to_owned() };
    let hint = |index| Hint { index, partition: 0xa7, member: vec![1, 2, 3] };
    let token = HoldToken([7; 16]);
    let of_before = vec![
        IndexOp::Confirm { identity: identity(), token },
        IndexOp::Release { identity: identity(), token },
        IndexOp::List,
        IndexOp::Unlist,
        IndexOp::ConfirmBudget { key: key(), token },
    ];
    // The file between them holds a task that is no longer made.
    let since = vec![
        IndexOp::PutHint(hint(HintIndex::Listing)),
        IndexOp::DropHint(hint(HintIndex::FollowUps)),
        IndexOp::PutHint(hint(HintIndex::Occasions)),
        IndexOp::PutHint(hint(HintIndex::Absences)),
        IndexOp::PutHint(hint(HintIndex::Visits)),
        IndexOp::Count { name: "2026-11".to_owned(), key: "zrh-lakeside:gesture".to_owned(), n: -3 },
    ];
    let since = since.into_iter().enumerate().map(|(place, task)| (RELEASE_BUDGET + 1 + place, task));
    of_before.into_iter().enumerate().chain(since).collect()
}

/// The number of the file with the task that gave a budget's hold back.
const RELEASE_BUDGET: usize = 5;

fn log_entry(index: Vec<IndexOp>) -> LogEntry {
    LogEntry {
        key: CustomerKey { tenant: tenant(), customer: CustomerId::from_bytes([5; 16]) },
        revision: Revision { counter: 4, write_id: u64::MAX },
        touched: TouchedParts::DETAILS,
        index,
    }
}

#[test]
fn tasks_of_format_1_are_written_and_read_as_released() {
    for (number, task) in tasks() {
        let entry = log_entry(vec![task]);
        let kept = golden(&format!("task-{number:02}.1"), &entries::encode_log(&entry));
        assert_eq!(entries::decode_log(&kept).expect("readable"), entry);
    }
}

#[test]
fn sealed_tasks_of_format_2_are_written_and_read_as_released() {
    let of_one = log_entry(tasks().into_iter().map(|(_, task)| task).collect());
    let plain = golden("tasks-plain.2", &entries::encode_tasks(&of_one));
    let bare = LogEntry { touched: TouchedParts::NONE, ..log_entry(Vec::new()) };
    assert_eq!(entries::decode_tasks(&bare, &plain).expect("readable"), of_one);
    let sealed = LogEntry { index: vec![IndexOp::Sealed(vec![1, 2, 3].into())], ..bare };
    let kept = golden("task-sealed.2", &entries::encode_log(&sealed));
    assert_eq!(entries::decode_log(&kept).expect("readable"), sealed);
}

#[test]
fn a_task_that_is_no_longer_made_is_read_and_left_out() {
    let kept = released(&format!("task-{RELEASE_BUDGET:02}.1")).expect("a file");
    assert_eq!(entries::decode_log(&kept).expect("readable"), log_entry(Vec::new()));
}
