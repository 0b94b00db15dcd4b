//! The demand on the clients: nobody who is known has a bundle without the new CA.

use super::gap::{Gap, GapCode};
use crate::rotation::bundle_holders::HolderEvidence;

/// The most clients that a gate names; `ca rotate status --holders` has all.
const NAMED: usize = 20;

/// The demands that are not met. No records demand nothing, if the rotation knew of none: then only
/// the time speaks for the clients. `accepted` passes over as many clients, and over records that
/// begin too late.
pub(super) fn gaps(evidence: &HolderEvidence, accepted: Option<u64>) -> Vec<Gap> {
    let recorded = match evidence {
        HolderEvidence::None => return Vec::new(),
        HolderEvidence::Unreadable { why } => {
            let message = format!("the records of clients cannot be read: {why}");
            return vec![Gap::unknown(GapCode::HoldersUnknown, message)];
        }
        HolderEvidence::Lost { missing } => {
            return match accepted {
                Some(accepted) if *missing <= accepted => Vec::new(),
                _ => vec![of_missing(*missing).hint(remedy(*missing))],
            };
        }
        HolderEvidence::Read(recorded) => recorded,
    };
    let count = recorded.lacking_count();
    let is_late = recorded.later_than.is_some();
    if count <= accepted.unwrap_or(0) && (accepted.is_some() || !is_late) {
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
    if recorded.missing > 0 {
        gaps.push(of_missing(recorded.missing));
    }
    if let (Some(staged), Some(since)) = (recorded.later_than, recorded.since) {
        let message = format!(
            "the records of some clients begin only at {since:.0}, after the start of the \
             rotation, {staged:.0}"
        );
        gaps.push(Gap::unknown(GapCode::HoldersUnknown, message));
    }
    if let Some(last) = gaps.pop() {
        gaps.push(last.hint(remedy(count)));
    }
    gaps
}

/// The gap of clients that the rotation knew before.
fn of_missing(missing: u64) -> Gap {
    let message = format!(
        "{missing} clients were recorded at the start of the rotation or at the last gate, and are \
         not recorded now"
    );
    Gap::unknown(GapCode::HoldersUnknown, message)
}

fn remedy(count: u64) -> String {
    format!(
        "have the clients take the bundle again; or, if those without it may fail: \
         --accept-holders {count}"
    )
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
            later_than: None,
            count: 100,
            forgotten,
            missing: 0,
            known: None,
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
        // Lost records are unknown, and are accepted by the number of clients that were known.
        let lost = HolderEvidence::Lost { missing: 3 };
        for (accepted, expected) in [(None, 1), (Some(2), 1), (Some(3), 0)] {
            let gaps = gaps(&lost, accepted);
            assert_eq!(gaps.len(), expected, "{accepted:?}");
            assert!(gaps.iter().all(|gap| gap.answer == Answer::Unknown));
        }
        // Records that begin too late are accepted with any number that covers the others.
        let HolderEvidence::Read(mut late) = recorded(1, 0) else { panic!("records") };
        let staged = Timestamp::UNIX_EPOCH;
        (late.since, late.later_than, late.missing) = (Some(staged), Some(staged), 2);
        let late = HolderEvidence::Read(late);
        for (accepted, expected) in [(None, 3), (Some(2), 3), (Some(3), 0)] {
            assert_eq!(gaps(&late, accepted).len(), expected, "{accepted:?}");
        }
        let HolderEvidence::Read(mut late) = recorded(0, 0) else { panic!("records") };
        (late.since, late.later_than) = (Some(staged), Some(staged));
        let late = HolderEvidence::Read(late);
        assert_eq!(gaps(&late, None)[0].answer, Answer::Unknown);
        assert_eq!(gaps(&late, Some(0)), []);
        // What cannot be read cannot be accepted by its number.
        let unreadable = HolderEvidence::Unreadable { why: "no answer".to_owned() };
        let gaps = gaps(&unreadable, Some(1000));
        assert_eq!((gaps.len(), gaps[0].answer), (1, Answer::Unknown));
    }
}
