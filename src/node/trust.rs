//! The CAs that certificates of nodes and clients are judged by, and how far those certificates
//! follow a rotation of the CA.
//!
//! After the switch of a rotation, the new CA signs, and the bundle still holds the old one. The
//! certificates of the old CA are then replaced one after the other: each has a turn, which its
//! names determine, and the share of turns that have come grows with time. A fleet can so be moved,
//! and stopped, by one field of the bundle that every node reads.

use aws_lc_rs::digest::{SHA256, digest};

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

/// The pace at which certificates of the old CA are replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RotationPace {
    /// The share of turns that have come, in thousandths: turns below it.
    pub permille: u16,
    /// Whether an operator has paused the rotation.
    pub is_paused: bool,
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
        self.pace.is_some_and(|pace| pace.is_paused)
    }

    /// Whether a rotation is under way in which some certificates of the old CA have to wait.
    #[must_use]
    pub fn holds_back(&self) -> bool {
        self.pace.is_some_and(|pace| pace.permille < TURNS)
    }

    /// Compares the CA that signed `certificate` with the one that signs now.
    #[must_use]
    pub fn standing(&self, certificate: &Certificate) -> IssuerStanding {
        if certificate.is_signed_by(&self.signer) {
            return IssuerStanding::Signer;
        }
        match self.pace {
            Some(pace) if self.others.iter().any(|other| certificate.is_signed_by(other)) => {
                match turn(&certificate.names_der()) < pace.permille {
                    true => IssuerStanding::Rotates,
                    false => IssuerStanding::Waits,
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
    fn canaries_of_a_small_fleet_are_at_least_one_node() {
        let few = turns(5);
        let share = canary_permille(few.iter().copied(), 10);
        assert_eq!(few.iter().filter(|turn| **turn < share).count(), 1);
        assert_eq!(canary_permille(turns(10_000), 10), 10);
        assert_eq!(canary_permille([], 10), 10);
        assert_eq!(canary_permille([TURNS - 1], 10), TURNS);
    }
}
