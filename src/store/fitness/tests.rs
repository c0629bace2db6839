use super::*;

fn mark(id: u8, epoch: u64) -> Option<Mark> {
    Some(Mark { store_id: [id; 16], epoch, lost: String::new() })
}

fn all(mark: Option<&Mark>) -> Vec<Option<Mark>> {
    vec![mark.cloned(); 256]
}

#[test]
fn stores_are_whole_only_if_all_their_marks_are_one() {
    let (ours, theirs, later) = (mark(1, 1), mark(2, 1), mark(1, 2));
    let known = ours.as_ref();
    assert_eq!(whole(None, &all(ours.as_ref()), &all(ours.as_ref())).ok(), ours);
    assert_eq!(whole(known, &all(ours.as_ref()), &all(ours.as_ref())).ok(), ours);
    assert_eq!(whole(known, &all(later.as_ref()), &all(later.as_ref())).ok(), later, "adopted by an operator");

    let mut holed = all(ours.as_ref());
    holed[200] = None;
    let mut mixed = all(later.as_ref());
    mixed[3] = ours.clone();
    let lost = Some(Mark { lost: "records were evicted".to_owned(), ..ours.clone().unwrap() });
    for (expected, data, keys, cause) in [
        (None, all(None), all(None), "neither store has its marks"),
        (known, all(None), all(None), "the data store was emptied, or is another: 256 of 256"),
        (None, all(None), all(ours.as_ref()), "the data store was emptied, or is another"),
        (known, all(ours.as_ref()), all(None), "the key store was emptied, or is another"),
        (known, holed.clone(), all(ours.as_ref()), "the data store has lost a part of what it had: 1 of 256"),
        (None, all(ours.as_ref()), holed, "the key store has lost a part of what it had"),
        (
            None,
            all(ours.as_ref()),
            all(theirs.as_ref()),
            "the key store is not the one that belongs to the other store",
        ),
        (known, all(theirs.as_ref()), all(theirs.as_ref()), "the data store is not the one"),
        (None, mixed, all(later.as_ref()), "the data store is in part of an earlier time"),
        (None, all(ours.as_ref()), all(later.as_ref()), "the data store is an older copy of itself, of before"),
        (None, all(later.as_ref()), all(ours.as_ref()), "the key store is an older copy of itself, of before"),
        (known, all(ours.as_ref()), all(later.as_ref()), "its epoch is 1, and that of the key store 2"),
        (mark(1, 2).as_ref(), all(ours.as_ref()), all(ours.as_ref()), "the data store is in part of an earlier time"),
        (None, all(lost.as_ref()), all(ours.as_ref()), "records were evicted"),
    ] {
        let told = whole(expected, &data, &keys).unwrap_err();
        assert!(told.contains(cause), "{told} should say: {cause}");
        assert!(told.contains("rapport store adopt"), "{told} should say what to do");
    }
}
