//! Checks any certificate, whoever made it: `cert inspect --lint`.

use jiff::Timestamp;

use super::issuer::signed_with;
use super::{IssuerRules, ca, check_dates, check_signature, leaf};
use crate::error::Code;
use crate::pki::certificate::Certificate;
use crate::pki::der;
use crate::pki::finding::Finding;

const DAY: i64 = 24 * 60 * 60;

/// Checks a certificate against the profile of a CA or a leaf, whichever it is, against its
/// presumed `issuer`, and against the clock. `serves` means that a
/// server presents the certificate as its own, so that it must be a leaf.
#[must_use]
pub fn lint(
    certificate: &Certificate,
    issuer: Option<&Certificate>,
    serves: bool,
    now: Timestamp,
) -> Vec<Finding> {
    let x509 = certificate.parsed();
    let is_ca = x509.is_ca() && !serves;
    let mut found = Vec::new();
    if is_ca {
        ca::check_authority(&x509, &mut found);
    } else {
        leaf::check_parsed(&x509, &[], &mut found);
    }
    if let Some(issuer) = issuer {
        IssuerRules::new(issuer).check_parsed(&x509, &mut found);
        found.extend(check_signature(certificate, issuer));
    } else if x509.subject().as_raw() == x509.issuer().as_raw()
        && found.iter().all(|finding| finding.code != Code::WeakSignature)
    {
        found.extend(signed_with(&x509, x509.public_key(), "its self-signature does not verify"));
    }
    found.extend(der::faults(certificate.der()).into_iter().map(|fault| {
        let message = format!("it is not in DER: {}, at byte {}", fault.what, fault.offset);
        Finding::warning(Code::Encoding, message).rule("RFC 5280 section 4.1")
    }));
    found.extend(check_times(certificate, is_ca, now));
    found.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    found
}

fn check_times(certificate: &Certificate, is_ca: bool, now: Timestamp) -> Vec<Finding> {
    let mut found = check_dates(certificate, now, None);
    let (start, end) = (certificate.not_before(), certificate.not_after());
    let (life, left) = (start.duration_until(end), now.duration_until(end));
    // A leaf is renewed when a third of its lifetime is left. A CA must be replaced while its
    // successor still has time to reach every client: a tenth of its lifetime.
    let share = if is_ca { 10 } else { 3 };
    if found.is_empty() && left < life / share {
        let days = left.as_secs() / DAY;
        found.push(
            Finding::warning(Code::Expiring, format!("it expires at {end}, in {days} days"))
                .hint("renew it: most of its life is over"),
        );
    }
    // Public CAs are held to far less (398 days and falling). Inside a service, ten years are too
    // long for a leaf's key by any measure, and so are fifty for a CA's.
    let longest = if is_ca { 50 } else { 10 };
    if life.as_secs() > (longest * 366) * DAY {
        let years = life.as_secs() / (365 * DAY);
        let message = format!("it is valid for {years} years: a lost key stays good as long");
        found.push(
            Finding::warning(Code::ValidityLong, message)
                .hint("issue shorter ones, and renew them"),
        );
    }
    found
}
