//! The time at which a certificate is due for renewal.

use aws_lc_rs::digest::{SHA256, digest};
use jiff::{SignedDuration, Timestamp};

use crate::error::Result;
use crate::pki::certificate::Certificate;
use crate::pki::validity::Length;

/// The share of its lifetime, in thousandths, that is left when a certificate is due.
const LEFT: i64 = 333;
/// The maximum additional share, which spreads certificates that were issued together.
const JITTER: i64 = 67;

/// The rule that decides when a certificate is due.
#[derive(Debug, Clone, Default)]
pub enum RenewalTime {
    /// When a third of its lifetime is left, or up to a fifteenth of it earlier: the certificate's
    /// names determine the exact time.
    #[default]
    ByLife,
    /// When less than this time is left.
    Before(Length),
}

impl RenewalTime {
    /// The time at which `certificate` becomes due.
    ///
    /// # Errors
    /// Exit 2 when the given length reaches beyond the calendar.
    pub fn from(&self, certificate: &Certificate, now: Timestamp) -> Result<Timestamp> {
        let not_after = certificate.not_after();
        let left = match self {
            RenewalTime::Before(length) => length.after(now)?.duration_since(now),
            RenewalTime::ByLife => {
                let life = not_after.duration_since(certificate.not_before()).as_secs();
                let thousandths = LEFT + jitter(&certificate.names_der());
                SignedDuration::from_secs(life * thousandths / 1000)
            }
        };
        Ok(not_after.checked_sub(left).unwrap_or(Timestamp::MIN))
    }
}

/// A number between 0 and [`JITTER`] that depends only on the names.
fn jitter(names: &[u8]) -> i64 {
    let hash = digest(&SHA256, names);
    let number = hash.as_ref().iter().take(4).fold(0, |n, byte| n << 8 | i64::from(*byte));
    number % (JITTER + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_spread_over_the_whole_of_the_jitter_and_stay_where_they_are() {
        let all: Vec<i64> = (0..1000).map(|n| jitter(format!("db-{n}.a").as_bytes())).collect();
        assert_eq!(all.iter().min(), Some(&0));
        assert_eq!(all.iter().max(), Some(&JITTER));
        assert_eq!(jitter(b"db-1.a"), jitter(b"db-1.a"));
    }
}
