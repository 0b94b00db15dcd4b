//! The CAs that certificates of nodes and clients are judged by, and how far those certificates
//! follow a rotation of the CA.
//!
//! After the switch of a rotation, the new CA signs, and the bundle still holds the old one. The
//! certificates of the old CA are then replaced one after the other: each has a turn, which its
//! names determine, and the share of turns that have come grows with time. Of the nodes of a
//! datastore, only that of the present round has a turn at all ([`FollowOrder`]). A fleet can so be
//! moved, and stopped, by a few fields of the bundle that every node reads.

use aws_lc_rs::digest::{SHA256, digest};
use jiff::{SignedDuration, Timestamp};

use crate::node::order::FollowOrder;
use crate::pki::certificate::Certificate;

/// The number of turns in a rotation. Turns count from 0.
pub const TURNS: u16 = 1000;

/// Returns the turn of a certificate in every rotation: less than [`TURNS`], and determined by its
/// names ([`Certificate::names_der`]), so that it is the same for its successor.
#[must_use]
pub fn turn(names_der: &[u8]) -> u16 {
    let hash = digest(&SHA256, names_der);
    // Other bytes than those that the time of renewal is computed from.
    let number = hash.as_ref()[4..8].iter().fold(0, |n: u32, byte| n << 8 | u32::from(*byte));
    u16::try_from(number % u32::from(TURNS)).unwrap_or_default()
}

/// Returns the share of canaries, in thousandths, that makes at least one of the `turns` a canary:
/// `permille`, or as much more as the first turn needs. In a small fleet, a small share is nobody.
#[must_use]
pub fn canary_permille(turns: impl IntoIterator<Item = u16>, permille: u16) -> u16 {
    let first = turns.into_iter().min().map_or(0, |first| first.saturating_add(1));
    permille.max(first).min(TURNS)
}

/// The rise of the share of turns that have come, from that of the canaries to all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShareRise {
    /// The share at the beginning, in thousandths.
    pub first: u16,
    /// The beginning.
    pub from: Timestamp,
    /// The time until all turns have come, in seconds.
    pub seconds: u64,
}

impl ShareRise {
    /// The share at `now`, in thousandths.
    #[must_use]
    pub fn permille(self, now: Timestamp) -> u16 {
        let Ok(passed) = u64::try_from(now.duration_since(self.from).as_secs()) else {
            return self.first;
        };
        if passed >= self.seconds {
            return TURNS;
        }
        let rest = u128::from(TURNS.saturating_sub(self.first));
        let more = rest * u128::from(passed) / u128::from(self.seconds);
        self.first + u16::try_from(more).unwrap_or(TURNS)
    }

    /// The first moment, in whole seconds, at which `turn` has come.
    #[must_use]
    pub fn time_of(self, turn: u16) -> Timestamp {
        let share = u128::from(turn.saturating_add(1).min(TURNS).saturating_sub(self.first));
        let rest = u128::from(TURNS.saturating_sub(self.first)).max(1);
        let seconds = (share * u128::from(self.seconds)).div_ceil(rest);
        let seconds = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
        self.from.checked_add(seconds).unwrap_or(Timestamp::MAX)
    }
}

/// The order of the nodes of a datastore, and the round whose turns come now. All earlier rounds
/// have followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentRound {
    /// The order.
    pub order: FollowOrder,
    /// The present round, counted from 0.
    pub round: u16,
}

/// The pace at which certificates of the old CA are replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotationPace {
    /// The share of turns that have come, in thousandths: turns below it.
    pub permille: u16,
    /// Whether an operator has paused the rotation.
    pub is_paused: bool,
    /// The rise of the share; `None` where it does not rise, as before the canaries are proved.
    pub rise: Option<ShareRise>,
    /// The present round; `None` where the nodes of a datastore have no order.
    pub present: Option<PresentRound>,
}

/// The reason why the turn of a certificate has not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnDelay {
    /// An operator has paused the rotation.
    Paused,
    /// Other nodes go first, and are not proved yet.
    Canaries,
    /// Another node of the datastore goes first, and is not proved yet.
    Round,
    /// It comes then.
    Until(Timestamp),
    /// No node follows in this phase.
    Phase,
}

impl RotationPace {
    /// The pace at which every certificate follows.
    #[must_use]
    pub fn unlimited() -> Self {
        RotationPace { permille: TURNS, is_paused: false, rise: None, present: None }
    }

    /// Why the turn of `certificate` has not come; `None` if it has.
    fn delay(&self, certificate: &Certificate) -> Option<TurnDelay> {
        let present = self.present.as_ref();
        let round = present.and_then(|present| present.order.round_of_certificate(certificate));
        self.delay_of(round, turn(&certificate.names_der()))
    }

    /// Why a certificate of this `round`, if it is that of a node, and with this `turn` has to wait;
    /// `None` if it has not.
    pub(crate) fn delay_of(&self, round: Option<u16>, turn: u16) -> Option<TurnDelay> {
        if self.is_paused && self.permille == 0 {
            return Some(TurnDelay::Paused);
        }
        match (round, self.present.as_ref().map(|present| present.round)) {
            (Some(round), Some(present)) if round > present => return Some(TurnDelay::Round),
            (Some(round), Some(present)) if round < present => return None,
            // The certificate of a client.
            (None, Some(1..)) => return None,
            _ => {}
        }
        let delay = match self.rise {
            Some(rise) => TurnDelay::Until(rise.time_of(turn)),
            None if self.permille == 0 => TurnDelay::Phase,
            None => TurnDelay::Canaries,
        };
        (turn >= self.permille).then_some(delay)
    }
}

/// The bundle that goes with every certificate, and the CA that signs.
#[derive(Debug, Clone)]
pub struct FleetTrust {
    bundle: String,
    signer: Certificate,
    /// The members of the bundle with another key than the signer.
    others: Vec<Certificate>,
    pace: Option<RotationPace>,
}

/// The relation of a certificate to the CA that signs now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssuerStanding {
    /// The CA itself signed it, with this or a renewed CA certificate.
    Signer,
    /// Another CA of the bundle signed it, and its turn in the rotation has not come.
    Waits,
    /// Another CA of the bundle signed it, and its turn in the rotation has come.
    Rotates,
    /// Another CA signed it, and no rotation explains that.
    Foreign,
}

impl FleetTrust {
    /// Combines the CA that signs with the `members` of its bundle; `pace` is that of the rotation
    /// that is under way, if there is one.
    #[must_use]
    pub fn new<'a>(
        signer: &Certificate,
        members: impl IntoIterator<Item = &'a Certificate>,
        bundle_pem: String,
        pace: Option<RotationPace>,
    ) -> Self {
        let others = members.into_iter().filter(|member| !member.is_renewal_of(signer)).cloned();
        FleetTrust { bundle: bundle_pem, signer: signer.clone(), others: others.collect(), pace }
    }

    /// The bundle as PEM.
    #[must_use]
    pub fn bundle_pem(&self) -> &str {
        &self.bundle
    }

    /// The CA certificate that signs now.
    #[must_use]
    pub fn signer(&self) -> &Certificate {
        &self.signer
    }

    /// Whether an operator has paused the rotation that is under way.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.pace.as_ref().is_some_and(|pace| pace.is_paused)
    }

    /// Why the turn of a certificate of the old CA has not come; `None` if it has, or if no rotation
    /// is under way.
    #[must_use]
    pub fn delay(&self, certificate: &Certificate) -> Option<TurnDelay> {
        self.pace.as_ref().and_then(|pace| pace.delay(certificate))
    }

    /// Whether a rotation is under way in which some certificates of the old CA have to wait.
    #[must_use]
    pub fn holds_back(&self) -> bool {
        self.pace.as_ref().is_some_and(|pace| {
            let is_last = |present: &PresentRound| present.round >= present.order.rounds();
            pace.permille < TURNS || !pace.present.as_ref().is_none_or(is_last)
        })
    }

    /// Compares the CA that signed `certificate` with the one that signs now.
    #[must_use]
    pub fn standing(&self, certificate: &Certificate) -> IssuerStanding {
        if certificate.is_signed_by(&self.signer) {
            return IssuerStanding::Signer;
        }
        match &self.pace {
            Some(pace) if self.others.iter().any(|other| certificate.is_signed_by(other)) => {
                match pace.delay(certificate) {
                    None => IssuerStanding::Rotates,
                    Some(_) => IssuerStanding::Waits,
                }
            }
            _ => IssuerStanding::Foreign,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(count: u32) -> Vec<u16> {
        (0..count).map(|n| turn(format!("db-{n}.a").as_bytes())).collect()
    }

    #[test]
    fn turns_spread_evenly_and_stay() {
        let all = turns(10_000);
        assert_eq!(turns(3), all[..3], "a turn depends on the names only");
        for permille in [10, 100, 250, 500, 900, 1000] {
            let come = all.iter().filter(|turn| **turn < permille).count();
            let expected = usize::from(permille) * 10;
            assert!(come.abs_diff(expected) <= 150, "{permille}: {come} of 10,000");
        }
        assert!(all.iter().all(|turn| *turn < TURNS));
    }

    #[test]
    fn turns_come_when_the_share_has_risen_to_them_and_not_a_second_earlier() {
        let from = "2030-01-01T00:00:00Z".parse().expect("a time");
        for (first, seconds) in [(10, 86_400), (0, 7), (999, 3600), (0, 0), (1000, 5)] {
            let rise = ShareRise { first, from, seconds };
            for turn in (first..TURNS).step_by(7) {
                let comes = rise.time_of(turn);
                assert!(rise.permille(comes) > turn, "{rise:?} {turn}");
                let before = comes - SignedDuration::from_secs(1);
                assert!(before < from || rise.permille(before) <= turn, "{rise:?} {turn}");
            }
            assert!(rise.time_of(TURNS - 1) <= from + SignedDuration::from_secs(86_400));
        }
    }

    #[test]
    fn canaries_of_a_small_fleet_are_at_least_one_node() {
        let few = turns(5);
        let share = canary_permille(few.iter().copied(), 10);
        assert_eq!(few.iter().filter(|turn| **turn < share).count(), 1);
        assert_eq!(canary_permille(turns(10_000), 10), 10);
        assert_eq!(canary_permille([], 10), 10);
        assert_eq!(canary_permille([TURNS - 1], 10), TURNS);
    }
}
