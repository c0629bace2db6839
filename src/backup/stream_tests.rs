use super::*;

struct Pairs(Vec<Vec<Pair>>);

impl Snapshot for Pairs {
    fn next(&mut self, _bytes: usize) -> store::Result<Vec<Pair>> {
        Ok(if self.0.is_empty() { Vec::new() } else { self.0.remove(0) })
    }
}

fn pair(key: &str, value: &str) -> Pair {
    (key.into(), value.into())
}

fn blocks() -> Vec<Vec<Pair>> {
    vec![vec![pair("a", "1"), pair("record:{00}:t:x", "")], vec![pair("zz", "last")]]
}

fn written(blocks: Vec<Vec<Pair>>) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out, "here", (Side::Data, 7), &mut Pairs(blocks), &|| true).expect("is written");
    out
}

fn read(bytes: &[u8]) -> store::Result<(Vec<Pair>, Tally)> {
    let mut reader = Reader::begin(bytes, Side::Data)?;
    assert_eq!(reader.time_ms, 7);
    let mut all = Vec::new();
    loop {
        let pairs = reader.block()?;
        if pairs.is_empty() {
            return Ok((all, reader.tally));
        }
        all.extend(pairs);
    }
}

#[test]
fn what_was_written_reads_back() {
    let (pairs, tally) = read(&written(blocks())).expect("reads back");
    assert_eq!(pairs, blocks().concat());
    assert_eq!((tally.pairs, tally.customers), (3, 1));
}

#[test]
fn every_shorter_copy_is_cut_off() {
    let whole = written(blocks());
    for length in 0..whole.len() {
        assert!(matches!(read(&whole[..length]), Err(StoreError::Corrupt(_))), "{length} bytes");
    }
}

#[test]
fn keys_that_do_not_ascend_are_refused_when_written_and_when_read() {
    let twice = vec![vec![pair("a", "1")], vec![pair("a", "2")]];
    let mut out = Vec::new();
    let refused = write(&mut out, "here", (Side::Data, 7), &mut Pairs(twice), &|| true);
    assert!(matches!(refused, Err(BackupError::Store(StoreError::Corrupt(_)))));
    let mut swapped = written(vec![vec![pair("a", "1"), pair("b", "2")]]);
    let at = swapped.windows(2).position(|two| two == b"b2").expect("is there");
    swapped[at] = b'a';
    assert!(matches!(read(&swapped), Err(StoreError::Corrupt(_))));
}

#[test]
fn the_reason_of_who_writes_reaches_who_reads() {
    let mut out = written(blocks());
    out.truncate(out.len() - 9);
    write_fault(&mut out, "the store went away");
    let Err(StoreError::Unavailable(reason)) = read(&out) else { panic!("it has a reason") };
    assert_eq!(&*reason, "the store went away");
}

#[test]
fn a_copy_of_the_other_store_is_refused() {
    let bytes = written(blocks());
    assert!(matches!(Reader::begin(bytes.as_slice(), Side::Keys), Err(StoreError::Corrupt(_))));
}

#[test]
fn who_writes_can_be_stopped() {
    let stopped = write(&mut Vec::new(), "here", (Side::Data, 7), &mut Pairs(blocks()), &|| false);
    assert!(matches!(stopped, Err(BackupError::Stopped)));
}
