//! The renewal of the stored CA certificate.
//!
//! There are two writes. The first makes the renewed certificate the active one of the bundle; the
//! second puts it into the Secret of the CA. Between the two, the old certificate signs, and the
//! certificates that it signs verify with both.

use jiff::Timestamp;

use crate::error::{Code, Error, Result};
use crate::pki::authority::{self, Authority};
use crate::pki::certificate::Certificate;
use crate::pki::finding::Finding;
use crate::pki::validity::Validity;
use crate::pki::{pem, renewal};
use crate::shell::{CommandLine, Placeholder};
use crate::store::Backend;
use crate::store::bundle::Bundle;
use crate::store::ca::{self, StoredCa};
use crate::store::secret::Secret;

/// The source of the renewed certificate.
pub enum RenewalSource {
    /// The CA signs it with its key, for these dates.
    Sign(Validity),
    /// Another program made the certificate, such as the one that made the CA.
    Given(Certificate),
}

/// A renewal that has passed every check and is not written yet.
pub struct CaRenewal {
    /// The renewed certificate.
    pub certificate: Certificate,
    /// The certificate that the renewed one replaces.
    pub replaced: Certificate,
    /// The bundle with the renewed certificate.
    pub bundle: Bundle,
    /// Warnings about the renewed certificate.
    pub findings: Vec<Finding>,
    /// Whether this finishes an interrupted renewal, with the certificate that it made.
    pub resumes: bool,
    ca_secret: Secret,
    bundle_secret: Secret,
}

impl CaRenewal {
    /// Reads the CA `name` and makes the renewed certificate. Writes nothing.
    ///
    /// # Errors
    /// Exit 1 when there is no CA; exit 3 when it is damaged, or cannot be signed again; exit 4
    /// when a Secret was not made by ccx-sec, the CA is not the active one of its bundle, a
    /// rotation is under way, or the given certificate does not renew the CA.
    pub fn prepare(
        store: &dyn Backend,
        name: &str,
        source: RenewalSource,
        now: Timestamp,
    ) -> Result<Self> {
        let stored = StoredCa::read(store, name)?;
        ca::refuse_foreign(store, &stored, None)?;
        let (authority, mut bundle) = stored.signing(store)?;
        let ca_secret = stored.ca_secret(store)?.clone();
        let bundle_secret = stored.bundle_secret(store)?.clone();
        for secret in [&ca_secret, &bundle_secret] {
            ca::refuse_immutable(store, secret)?;
        }
        if let Some(rotation) = &bundle.rotation {
            let message = format!("a rotation of the CA {name} is {}", rotation.phase.name());
            return Err(Error::refused(Code::RotationUnderWay, message)
                .hint("finish or roll back the rotation before the CA is renewed"));
        }
        let old = authority.certificate().clone();
        let active = bundle.actives().first().copied().cloned();
        if let Some(active) = active.filter(|active| *active != old) {
            // The bundle was written, and the Secret of the CA was not.
            check_unfinished(&active, &old, &source)?;
            return Ok(CaRenewal {
                certificate: active,
                replaced: old,
                bundle,
                findings: Vec::new(),
                resumes: true,
                ca_secret,
                bundle_secret,
            });
        }
        let (renewed, longer) = match source {
            RenewalSource::Sign(validity) => {
                let renewed = renewal::renew(&authority, validity)?;
                (renewed, "give a longer life: --validity TIME, such as 20y")
            }
            RenewalSource::Given(certificate) => {
                check_given(&authority, &certificate)?;
                (certificate, "have it made with a longer life")
            }
        };
        let findings = authority::check_foreign(&renewed, now)?;
        if renewed.not_after() <= old.not_after() {
            let message = format!(
                "the renewed CA certificate would end at {}, and the present one ends at {}",
                renewed.not_after(),
                old.not_after()
            );
            return Err(Error::refused(Code::EndsTooSoon, message).hint(longer));
        }
        add(&mut bundle, &renewed, now);
        Ok(CaRenewal {
            certificate: renewed,
            replaced: old,
            bundle,
            findings,
            resumes: false,
            ca_secret,
            bundle_secret,
        })
    }

    /// Writes the bundle, then the Secret of the CA; each only if it is unchanged since the read.
    ///
    /// # Errors
    /// Exit 4 when another process changed a Secret first; exit 3 when the store cannot be written.
    pub fn write(self, store: &dyn Backend) -> Result<Certificate> {
        let contended = |secret: &Secret| {
            let message = format!("{} was changed meanwhile", store.place(&secret.name));
            Error::refused(Code::RotationMoved, message)
                .hint(("see what the other process did", CommandLine::ccx_sec("ca show")))
        };
        if !self.resumes && !store.replace(&self.bundle.fill(self.bundle_secret.clone())?)? {
            return Err(contended(&self.bundle_secret));
        }
        let pem = pem::certificates([&self.certificate]);
        let ca = self.ca_secret.clone().with("tls.crt", pem.as_str()).with("ca.crt", pem.as_str());
        if !store.replace(&ca)? {
            // Another run may have finished this renewal.
            let present = store.get(&self.ca_secret.name)?;
            if present.is_none_or(|present| present.data != ca.data) {
                return Err(contended(&self.ca_secret));
            }
        }
        Ok(self.certificate)
    }
}

/// Checks that an interrupted renewal from `old` to `active` can be finished, and that `source` asks
/// for nothing else.
fn check_unfinished(active: &Certificate, old: &Certificate, source: &RenewalSource) -> Result<()> {
    renewal::check_unfinished(old, active).map_err(|difference| {
        let message = format!("the active certificate of the bundle {difference}");
        Error::refused(Code::BundleActive, message).hint((
            "somebody changed the bundle, or put it back from an old backup; compare it with",
            CommandLine::ccx_sec("ca show"),
        ))
    })?;
    match source {
        RenewalSource::Given(given) if given != active => {
            let message = "an earlier renewal, to another certificate, was interrupted";
            Err(Error::refused(Code::RenewalUnfinished, message)
                .hint(("finish it first", CommandLine::ccx_sec("ca renew"))))
        }
        RenewalSource::Given(_) | RenewalSource::Sign(_) => Ok(()),
    }
}

/// Refuses a certificate that others made and that does not renew this CA.
fn check_given(authority: &Authority, given: &Certificate) -> Result<()> {
    let ca = authority.certificate();
    renewal::check(ca, given).map_err(|difference| {
        let message =
            format!("the certificate {} does not renew the CA: it {difference}", given.subject());
        Error::refused(Code::NoRenewal, message)
            .hint((
                "see what a renewal must keep: subject, key and extensions",
                CommandLine::ccx_sec("ca show"),
            ))
            .hint((
                "and the given certificate",
                CommandLine::ccx_sec("cert inspect").argument(Placeholder("FILE")),
            ))
    })
}

/// Makes `renewed` the active certificate, and drops expired ones of the same key.
fn add(bundle: &mut Bundle, renewed: &Certificate, now: Timestamp) {
    bundle.activate(renewed.clone());
    bundle.members.retain(|member| {
        member.certificate.not_after() >= now || !member.certificate.is_renewal_of(renewed)
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::authority::CaRequest;
    use crate::pki::constraints::NameConstraints;
    use crate::pki::key::{KeyType, PrivateKey};
    use crate::pki::subject::Subject;
    use crate::store::bundle::Role;

    fn validity(from: &str, length: &str) -> Validity {
        let from = from.parse().expect("a timestamp");
        Validity::starting(from, &length.parse().expect("a length")).expect("in range")
    }

    #[test]
    fn add_keeps_the_old_certificate_until_it_has_expired() {
        let request = CaRequest {
            subject: Subject::new("test", None).expect("a subject"),
            validity: validity("2030-01-01T00:00:00Z", "1y"),
            constraints: NameConstraints::default(),
        };
        let key = PrivateKey::generate(KeyType::EcdsaP256).expect("a key");
        let authority = Authority::create(&request, key).expect("a CA");
        let mut bundle = Bundle::from_certificate(authority.certificate());
        let mut roles = |from: &str| {
            let renewed = renewal::renew(&authority, validity(from, "10y")).expect("a renewal");
            add(&mut bundle, &renewed, from.parse().expect("a timestamp"));
            assert_eq!(bundle.actives(), [&renewed]);
            bundle.members.iter().map(|member| member.role).collect::<Vec<_>>()
        };
        assert_eq!(roles("2030-06-01T00:00:00Z"), [Role::Active, Role::Retiring]);
        assert_eq!(
            roles("2031-01-01T00:00:00Z"),
            [Role::Active, Role::Retiring, Role::Retiring],
            "the last moment of a certificate belongs to its life"
        );
        assert_eq!(
            roles("2031-01-01T00:00:01Z"),
            [Role::Active; 1].into_iter().chain([Role::Retiring; 2]).collect::<Vec<_>>()
        );
    }
}
