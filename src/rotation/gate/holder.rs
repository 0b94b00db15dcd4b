//! The demand on the clients: nobody who is known has a bundle without the new CA.

use super::gap::{Gap, GapCode};
use crate::rotation::bundle_holders::HolderEvidence;

/// The most clients that a gate names; `ca rotate status --holders` has all.
const NAMED: usize = 20;

/// The demands that are not met. Records that nobody ever wrote demand nothing: then only the time
/// speaks for the clients.
pub(super) fn gaps(evidence: &HolderEvidence, accepted: Option<u64>) -> Vec<Gap> {
    let recorded = match evidence {
        HolderEvidence::None => return Vec::new(),
        HolderEvidence::Unreadable { why } => {
            let message = format!("the records of clients cannot be read: {why}");
            return vec![Gap::unknown(GapCode::HoldersUnknown, message)];
        }
        HolderEvidence::Read(recorded) => recorded,
    };
    let count = recorded.lacking_count();
    if count <= accepted.unwrap_or(0) {
        return Vec::new();
    }
    let gap = |message: String| Gap::fail(GapCode::HolderLacksCa, message);
    let named = recorded.lacking.iter().take(NAMED).map(|lacking| {
        gap(format!("{} has a bundle without the new CA, of {:.0}", lacking.holder, lacking.at))
    });
    let mut gaps: Vec<Gap> = named.collect();
    let more = recorded.lacking.len().saturating_sub(NAMED);
    if more > 0 {
        gaps.push(gap(format!("{more} more clients have a bundle without the new CA")));
    }
    if recorded.forgotten > 0 {
        let forgotten = recorded.forgotten;
        gaps.push(gap(format!("{forgotten} clients were forgotten for lack of room")));
    }
    if let Some(last) = gaps.pop() {
        gaps.push(last.hint(format!(
            "have them take the bundle again; or, if they may fail: --accept-holders {count}"
        )));
    }
    gaps
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::probe::mode::Answer;
    use crate::rotation::bundle_holders::{LackingHolder, RecordedHolders};
    use crate::store::holders::Holder;

    fn recorded(lacking: usize, forgotten: u64) -> HolderEvidence {
        let lacks = |number: usize| LackingHolder {
            holder: Holder::token(&format!("shop-{number}")),
            bundle: "b".repeat(64),
            at: Timestamp::UNIX_EPOCH,
        };
        HolderEvidence::Read(RecordedHolders {
            since: None,
            count: 100,
            forgotten,
            lacking: (0..lacking).map(lacks).collect(),
        })
    }

    #[test]
    fn clients_without_the_new_ca_fail_unless_as_many_are_accepted() {
        for (lacking, forgotten, accepted, expected) in [
            (0, 0, None, 0),
            (1, 0, None, 1),
            (1, 0, Some(0), 1),
            (1, 0, Some(1), 0),
            (2, 3, Some(4), 3),
            (2, 3, Some(5), 0),
            (20, 0, None, 20),
            (50, 0, None, 21),
        ] {
            let gaps = gaps(&recorded(lacking, forgotten), accepted);
            assert_eq!(gaps.len(), expected, "{lacking} {forgotten} {accepted:?}");
            assert!(gaps.iter().all(|gap| gap.answer == Answer::Fail));
            assert_eq!(gaps.iter().map(|gap| gap.hints.len()).sum::<usize>(), expected.min(1));
        }
        assert_eq!(gaps(&HolderEvidence::None, None), []);
        // What cannot be read cannot be accepted by its number.
        let unreadable = HolderEvidence::Unreadable { why: "no answer".to_owned() };
        let gaps = gaps(&unreadable, Some(1000));
        assert_eq!((gaps.len(), gaps[0].answer), (1, Answer::Unknown));
    }
}
