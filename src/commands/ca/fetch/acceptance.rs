//! The decision which certificates of an answer are those of the CA that the user knows.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::pki::certificate::Certificate;
use crate::pki::link;

/// The most certificates and the most links of an answer that links are followed for.
const MAX_FOLLOWED: usize = 64;

/// The proof that a certificate is one of the CA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MemberProof {
    /// Its fingerprint was given.
    Fingerprint,
    /// It renews an accepted certificate, with the same name and key.
    Renewal,
    /// An accepted certificate announces it by a link.
    Link,
}

/// Finds the certificates of `bundle` that belong to the CA: those in `known`, renewals of an
/// accepted certificate, and CAs that an accepted certificate in date announces by one of `links`.
/// Certificates of `known` outside `bundle` sign links and renewals too, and are not returned.
///
/// Returns the acceptance for each fingerprint; a certificate that is not accepted is absent.
pub(super) fn accept(
    bundle: &[Certificate],
    known: &[Certificate],
    links: &[Certificate],
    now: Timestamp,
) -> BTreeMap<String, MemberProof> {
    let mut accepted = BTreeMap::new();
    let mut trusted: Vec<&Certificate> = known.iter().collect();
    let mut others = Vec::new();
    for certificate in bundle {
        match known.contains(certificate) {
            true => drop(accepted.insert(certificate.sha256(), MemberProof::Fingerprint)),
            false => others.push(certificate),
        }
    }
    let may_follow = others.len() <= MAX_FOLLOWED && links.len() <= MAX_FOLLOWED;
    loop {
        let proof = |certificate: &Certificate| {
            let renews = |one: &&Certificate| {
                certificate.is_renewal_of(one) && certificate.is_signed_by(one)
            };
            if trusted.iter().any(renews) {
                return Some(MemberProof::Renewal);
            }
            let is_announced = |signer: &&Certificate| {
                links.iter().any(|link| link::check(link, signer, certificate, now).is_ok())
            };
            (may_follow && trusted.iter().any(is_announced)).then_some(MemberProof::Link)
        };
        let found = others.iter().enumerate().find_map(|(at, one)| Some((at, proof(one)?)));
        let Some((at, proof)) = found else { return accepted };
        let certificate = others.swap_remove(at);
        accepted.insert(certificate.sha256(), proof);
        trusted.push(certificate);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::authority::{Authority, CaRequest};
    use crate::pki::constraints::NameConstraints;
    use crate::pki::key::{KeyType, PrivateKey};
    use crate::pki::renewal;
    use crate::pki::subject::Subject;
    use crate::pki::validity::Validity;

    const NOW: &str = "2030-01-01T00:00:00Z";

    fn now() -> Timestamp {
        NOW.parse().expect("a timestamp")
    }

    fn validity(length: &str) -> Validity {
        Validity::starting(now(), &length.parse().expect("a length")).expect("in range")
    }

    fn authority(name: &str) -> Authority {
        let request = CaRequest {
            subject: Subject::new(name, None).expect("a subject"),
            validity: validity("10y"),
            constraints: NameConstraints::default(),
        };
        let key = PrivateKey::generate(KeyType::EcdsaP256).expect("a key");
        Authority::create(&request, key).expect("a CA")
    }

    fn of(authority: &Authority) -> Certificate {
        authority.certificate().clone()
    }

    fn link(from: &Authority, to: &Authority) -> Certificate {
        link::make(from, to.certificate(), now()).expect("a link").expect("in date")
    }

    #[test]
    fn links_are_followed_from_one_ca_to_the_next_and_admit_only_members() {
        let [one, two, three] = ["CA", "CA G2", "CA G3"].map(authority);
        let links = [link(&two, &three), link(&one, &two)];
        let all = [of(&three), of(&two), of(&one)];
        let found = accept(&all, &[of(&one)], &links, now());
        assert_eq!(found.len(), 3);
        assert_eq!(found[&all[0].sha256()], MemberProof::Link);
        assert_eq!(found[&all[2].sha256()], MemberProof::Fingerprint);
        // What no link leads to is not accepted.
        assert_eq!(accept(&all, &[of(&one)], &links[1..], now()).len(), 2);
        assert_eq!(accept(&all, &[of(&one)], &[], now()).len(), 1);
        assert_eq!(accept(&all, &[], &links, now()).len(), 0);
        // The first CA has left the bundle, and is still known.
        let found = accept(&all[..2], &[of(&one)], &links, now());
        assert_eq!(found.into_values().collect::<Vec<_>>(), [MemberProof::Link; 2]);
        // A link names a CA that the bundle does not hold: nothing is added.
        assert_eq!(accept(&all[2..], &[of(&one)], &links, now()).len(), 1);
        let late = now() + jiff::SignedDuration::from_hours(24 * 3660);
        assert_eq!(accept(&all, &[of(&one)], &links, late).len(), 1, "all have expired");
    }

    #[test]
    fn renewals_of_an_announced_ca_are_accepted() {
        let [one, two] = ["CA", "CA G2"].map(authority);
        let renewed = renewal::renew(&two, validity("15y")).expect("a renewal");
        let bundle = [renewed, of(&two), of(&one)];
        assert_eq!(accept(&bundle, &[of(&one)], &[link(&one, &two)], now()).len(), 3);
        let stranger = [of(&one), of(&authority("CA G2"))];
        assert_eq!(accept(&stranger, &[of(&one)], &[link(&one, &two)], now()).len(), 1);
    }

    #[test]
    fn too_many_certificates_are_not_followed() {
        let [one, two] = ["CA", "CA G2"].map(authority);
        let mut bundle = vec![of(&one)];
        bundle.extend(vec![of(&two); MAX_FOLLOWED + 1]);
        assert_eq!(accept(&bundle, &[of(&one)], &[link(&one, &two)], now()).len(), 1);
    }
}
