//! Which stores they are, and whether copies of both are of the same: what backups ask.

use super::{Fitness, Mark, Result, SWAPPED, Side, told, whole};
use crate::store::{StoreError, keys};

impl Fitness {
    /// The id in the marks of both stores; `None`: they have no marks, or were not looked at.
    pub fn store_id(&self) -> Option<[u8; 16]> {
        self.expected.load().as_ref().map(|mark| mark.store_id)
    }

    /// Whether each store is of its own kind: where a mark of keys lies among data, or one of data among keys, something else was named. One
    /// round trip, however much is there.
    ///
    /// # Errors
    /// `Unfit`, with what is named wrongly.
    pub async fn not_mistaken(&self) -> Result<()> {
        let (key_mark, mark) = ([keys::key_mark(0)], [keys::mark(0)]);
        let (of_keys, of_data) = tokio::try_join!(self.data.values(&key_mark), self.keys.notes(&mark))?;
        let mistake = match (of_keys.iter().any(Option::is_some), of_data.iter().any(Option::is_some)) {
            (false, false) => return Ok(()),
            (true, true) => SWAPPED,
            (true, false) => "`--store` names a key store, and not one of data",
            (false, true) => "`--keys` names a data store, and not one of keys",
        };
        // What they hold is whole: there is nothing to give up.
        let fault = StoreError::Unfit(format!("{mistake}: correct them, and start again; nothing was written").into());
        self.remember(&fault);
        Err(fault)
    }
}

/// Whether data and keys with these marks, one for each bucket, are whole and of the same stores. Of stores without any mark nobody can tell.
///
/// # Errors
/// `Unfit`, with cause and cure.
pub fn belong_together(data: &[Option<Mark>], keys: &[Option<Mark>]) -> Result<()> {
    if data.iter().chain(keys).all(Option::is_none) {
        return Ok(());
    }
    told(whole(None, data, keys).err())
}

/// The bucket whose mark has this name, in the store of this side; `None`: it is the name of something else.
pub fn bucket_of_mark(side: Side, name: &[u8]) -> Option<u8> {
    let (begin, mark): (&str, fn(u8) -> String) = match side {
        Side::Data => (keys::MARK, keys::mark),
        Side::Keys => (keys::KEY_MARK, keys::key_mark),
    };
    // Asked of every name of a store: nearly all begin otherwise.
    if !name.starts_with(begin.as_bytes()) {
        return None;
    }
    let bucket = keys::bucket_of(std::str::from_utf8(name).ok()?)?;
    (mark(bucket).as_bytes() == name).then_some(bucket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ALL_BUCKETS;

    fn marks(store: u8, epoch: u64) -> Vec<Option<Mark>> {
        ALL_BUCKETS.map(|_| Some(Mark { store_id: [store; 16], epoch, lost: String::new() })).to_vec()
    }

    #[test]
    fn copies_of_whole_stores_belong_together() {
        assert!(belong_together(&marks(1, 2), &marks(1, 2)).is_ok());
        let unmarked = vec![None; ALL_BUCKETS.len()];
        assert!(belong_together(&unmarked, &unmarked).is_ok(), "of format 1");
        for (data, keys) in [
            (unmarked.clone(), marks(1, 1)),
            (marks(1, 1), unmarked),
            (marks(1, 1), marks(2, 1)),
            (marks(1, 1), marks(1, 2)),
        ] {
            assert!(belong_together(&data, &keys).is_err());
        }
        // In a single bucket, whichever.
        for bucket in [0, 7, 255] {
            for other in [None, marks(2, 1).remove(0), marks(1, 9).remove(0)] {
                let mut changed = marks(1, 1);
                changed[bucket] = other;
                assert!(belong_together(&changed, &marks(1, 1)).is_err(), "data {bucket}: {:?}", changed[bucket]);
                assert!(belong_together(&marks(1, 1), &changed).is_err(), "keys {bucket}: {:?}", changed[bucket]);
            }
        }
        let mut lost = marks(1, 1);
        lost[255] = Some(Mark { lost: "evicted".to_owned(), ..marks(1, 1).remove(0).expect("one") });
        assert!(belong_together(&lost, &marks(1, 1)).is_err(), "it is known to have lost something");
    }

    #[test]
    fn the_names_of_marks_tell_their_buckets() {
        for bucket in [0, 0xab, 255] {
            assert_eq!(bucket_of_mark(Side::Data, keys::mark(bucket).as_bytes()), Some(bucket));
            assert_eq!(bucket_of_mark(Side::Keys, keys::key_mark(bucket).as_bytes()), Some(bucket));
            assert_eq!(bucket_of_mark(Side::Keys, keys::mark(bucket).as_bytes()), None);
        }
        assert_eq!(bucket_of_mark(Side::Data, b"mark:{00}x"), None);
        assert_eq!(bucket_of_mark(Side::Data, b"record:{00}:t:x"), None);
    }
}
