//! A snapshot of a CA: everything that is served of it, prepared when its bundle changes or a day
//! passes, so that a request only has to look it up.

use std::collections::HashMap;
use std::sync::Arc;

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::bundle_entry::BundleEntry;
use super::page::Pages;
use super::resource::{Caching, JSON, Resource, ServedBundle, json};
use super::rotation_notice::{ROTATION_HEADER, RotationNotice};
use crate::error::{Code, Result};
use crate::pki::certificate::Certificate;
use crate::pki::finding::{Finding, Level};
use crate::pki::{TRUST_STORE_PASSWORD, jks, pem, pkcs12, sha256_hex};
use crate::store::bundle::{Bundle, Role};
use crate::store::rotation::RotationKind;
use crate::store::secret::Secret;
use crate::store::{health, links};

/// The media types of the representations.
pub(super) const PEM: &str = "application/pem-certificate-chain";
pub(super) const DER: &str = "application/pkix-cert";
pub(super) const P12: &str = "application/x-pkcs12";
pub(super) const JKS: &str = "application/x-java-keystore";

/// The address of the links by which one CA announces another.
pub(super) const LINKS: &str = "/api/v1/ca/links.pem";
/// The key of the bundle for clients that may see a datastore.
pub(super) const DATASTORE_PEM: &str = "datastore/ca.pem";

/// Everything that is served of a CA at a time.
#[derive(Debug)]
pub(super) struct Snapshot {
    /// The findings of `ca check`.
    pub(super) findings: Vec<Finding>,
    /// The certificates.
    pub(super) members: Vec<BundleEntry>,
    /// The rotation that is under way.
    pub(super) rotation: Option<RotationNotice>,
    /// The digests of the bundle.
    pub(super) bundle: Arc<ServedBundle>,
    /// The Secret of the bundle from which the snapshot was made.
    secret: Option<Secret>,
    /// The time at which the snapshot is out of date.
    pub(super) until: Option<Timestamp>,
    resources: HashMap<String, Resource>,
    trust_stores: Option<(String, TrustStores)>,
}

/// Trust stores. Their bytes differ with each encoding, so they are kept while the bundle is the
/// same.
#[derive(Debug, Clone)]
struct TrustStores {
    p12: Vec<u8>,
    jks: Vec<u8>,
}

impl Snapshot {
    /// Prepares everything that is served of a bundle (`None`: of a missing one) at the time `now`.
    ///
    /// # Errors
    /// Exit 3 when a document cannot be encoded.
    pub(super) fn new(
        ca: &str,
        secret: Option<&Secret>,
        now: Timestamp,
        previous: Option<&Snapshot>,
    ) -> Result<Self> {
        let findings = health::check_public(secret, now, None);
        let bundle = secret.and_then(|secret| Bundle::from_secret(secret).ok());
        let bundle = bundle.unwrap_or(Bundle::empty());
        let members = bundle.members.iter().map(|member| BundleEntry {
            role: member.role.name(),
            generation: member.generation,
            certificate: member.certificate.describe(now),
        });
        let mut snapshot = Snapshot {
            members: members.collect(),
            rotation: RotationNotice::of(&bundle),
            bundle: served_file(bundle.members.iter().map(|member| &member.certificate)),
            secret: secret.cloned(),
            until: bundle.members.iter().map(|member| until(&member.certificate, now)).min(),
            resources: HashMap::new(),
            trust_stores: None,
            findings,
        };
        if snapshot.is_open() {
            snapshot.add_certificates(ca, &bundle, previous)?;
            snapshot.add_links(&bundle);
        }
        let status =
            if snapshot.is_open() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        let rotation = snapshot.rotation.as_ref();
        let pages = Pages::new(ca, &snapshot.findings, &snapshot.members, rotation)?.all()?;
        for (address, page) in pages {
            snapshot.resources.insert(address, page.status(status));
        }
        Ok(snapshot)
    }

    /// A snapshot of the same bundle at another time.
    ///
    /// # Errors
    /// As [`Snapshot::new`].
    pub(super) fn at(&self, ca: &str, now: Timestamp) -> Result<Self> {
        Snapshot::new(ca, self.secret.as_ref(), now, Some(self))
    }

    /// The version of the bundle's Secret.
    pub(super) fn version(&self) -> Option<&str> {
        self.secret.as_ref().and_then(|secret| secret.version.as_deref())
    }

    /// Whether it was made from this Secret.
    pub(super) fn is_of(&self, secret: Option<&Secret>) -> bool {
        self.secret.as_ref() == secret
    }

    /// Whether the CA passes its checks; otherwise nothing of it is served.
    pub(super) fn is_open(&self) -> bool {
        !self.findings.iter().any(|finding| finding.level == Level::Error)
    }

    /// The resource at an address.
    pub(super) fn resource(&self, address: &str) -> Option<&Resource> {
        self.resources.get(address)
    }

    fn add_certificates(
        &mut self,
        ca: &str,
        bundle: &Bundle,
        previous: Option<&Snapshot>,
    ) -> Result<()> {
        #[derive(Serialize)]
        struct CaDocument<'a> {
            generation: u32,
            certificates: &'a [BundleEntry],
            #[serde(skip_serializing_if = "Option::is_none")]
            rotation: Option<&'a RotationNotice>,
        }
        let active = self.members.iter().find(|member| member.role == Role::Active.name());
        let document = CaDocument {
            generation: active.map_or(0, |active| active.generation),
            certificates: &self.members,
            rotation: self.rotation.as_ref(),
        };
        let resource = self.with_notice(Resource::new(JSON, json(&document), Caching::Minute));
        self.resources.insert("/api/v1/ca".to_owned(), resource.negotiated("/api/v1/ca"));

        let all = bundle.pem();
        let digest = self.bundle.clone();
        let whole = Resource::new(PEM, all.clone(), Caching::Minute).of_bundle("pem", &digest);
        self.insert(ca, "pem", "", whole);
        let whole = Resource::new(PEM, all.clone(), Caching::Private).of_bundle("pem", &digest);
        let whole = self.with_notice(whole).attachment(&format!("{ca}.pem"));
        self.resources.insert(DATASTORE_PEM.to_owned(), whole);
        for role in [Role::Active, Role::Next, Role::Retiring] {
            let of_role = bundle.members.iter().filter(|member| member.role == role);
            let certificates: Vec<&Certificate> = of_role.map(|m| &m.certificate).collect();
            if let Some(first) = certificates.first() {
                let query = format!("?role={}", role.name());
                let text = pem::certificates(certificates.iter().copied());
                let part = served_file(certificates.iter().copied());
                let of_role = Resource::new(PEM, text, Caching::Minute).of_bundle("pem", &part);
                self.insert(ca, "pem", &query, of_role);
                let part = served_file([*first]);
                let der = Resource::new(DER, first.der().to_vec(), Caching::Minute);
                let der = der.of_bundle("der", &part);
                self.insert(ca, "der", &query, der.clone());
                if role == Role::Active {
                    self.insert(ca, "der", "", der);
                }
            }
        }
        for member in &bundle.members {
            let sha256 = member.certificate.sha256();
            let text = pem::certificates([&member.certificate]);
            let resource = Resource::new(PEM, text, Caching::Forever)
                .attachment(&format!("{ca}-{}.pem", &sha256[..8]));
            self.resources.insert(format!("/api/v1/ca/{sha256}.pem"), resource);
        }

        let stores = match previous.and_then(|previous| previous.trust_stores.as_ref()) {
            Some((of, stores)) if *of == all => stores.clone(),
            _ => TrustStores::new(ca, bundle)?,
        };
        let p12 = Resource::new(P12, stores.p12.clone(), Caching::Minute).same_as(&all);
        self.insert(ca, "p12", "", p12.of_bundle("p12", &digest));
        let jks = Resource::new(JKS, stores.jks.clone(), Caching::Minute);
        self.insert(ca, "jks", "", jks.of_bundle("jks", &digest));
        self.trust_stores = Some((all, stores));
        Ok(())
    }

    /// Adds the links by which a CA of the bundle announces another. In a rotation after a theft of
    /// the key there are none: the thief could make them.
    fn add_links(&mut self, bundle: &Bundle) {
        let is_stolen = |kind| kind == RotationKind::Compromised;
        let rotation = bundle.rotation.as_ref();
        if rotation.is_some_and(|rotation| is_stolen(rotation.kind)) {
            return;
        }
        match self.secret.as_ref().map(links::read_links) {
            Some(Ok(found)) if !found.is_empty() => {
                let text = pem::certificates(&found);
                let resource = self.with_notice(Resource::new(PEM, text, Caching::Minute));
                self.resources.insert(LINKS.to_owned(), resource);
            }
            Some(Err(error)) => {
                let message = format!("the links to the next CA are not served: {error}");
                self.findings.push(Finding::warning(Code::BundleDamaged, message));
            }
            Some(Ok(_)) | None => {}
        }
    }

    /// Adds the header that announces a rotation.
    fn with_notice(&self, resource: Resource) -> Resource {
        match &self.rotation {
            Some(rotation) => resource.both(ROTATION_HEADER, &rotation.header()),
            None => resource,
        }
    }

    /// Adds a representation under its own address, and as one of several under the address of the
    /// CA.
    fn insert(&mut self, ca: &str, extension: &str, query: &str, resource: Resource) {
        let address = format!("/api/v1/ca.{extension}{query}");
        let suffix = query.replace("?role=", "-");
        let resource = self.with_notice(resource);
        let resource = resource.attachment(&format!("{ca}{suffix}.{extension}"));
        if query.is_empty() {
            let one_of_several = resource.clone().negotiated(&address);
            self.resources.insert(format!("/api/v1/ca {extension}"), one_of_several);
        }
        self.resources.insert(address, resource);
    }
}

impl TrustStores {
    fn new(ca: &str, bundle: &Bundle) -> Result<Self> {
        let entries = bundle.entries(ca);
        // A date from the bundle, so that equal bundles give equal stores.
        let dates = bundle.members.iter().map(|member| member.certificate.not_before());
        let date = dates.max().unwrap_or_default();
        Ok(TrustStores {
            p12: pkcs12::trust_store(&entries, TRUST_STORE_PASSWORD)?,
            jks: jks::trust_store(&entries, TRUST_STORE_PASSWORD, date)?,
        })
    }
}

/// A file with these certificates, whatever its format. A client that takes a part of the bundle has
/// this part alone.
fn served_file<'a>(certificates: impl IntoIterator<Item = &'a Certificate>) -> Arc<ServedBundle> {
    let certificates: Vec<&Certificate> = certificates.into_iter().collect();
    Arc::new(ServedBundle {
        sha256: sha256_hex(pem::certificates(certificates.iter().copied()).as_bytes()),
        certificates: certificates.iter().map(|certificate| certificate.sha256()).collect(),
    })
}

/// The time until which statements on a certificate stay true: its days left, and its validity.
fn until(certificate: &Certificate, now: Timestamp) -> Timestamp {
    let (from, to) = (certificate.not_before(), certificate.not_after());
    if now < from {
        return from;
    }
    let whole_days = to.duration_since(now).as_secs().div_euclid(24 * 60 * 60);
    let end = to.checked_sub(SignedDuration::from_hours(24 * whole_days)).unwrap_or(to);
    end.checked_add(SignedDuration::from_secs(1)).unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::authority::{Authority, CaRequest};
    use crate::pki::constraints::NameConstraints;
    use crate::pki::key::{KeyType, PrivateKey};
    use crate::pki::subject::Subject;
    use crate::pki::validity::{Validity, ca_default};

    #[test]
    fn what_is_said_of_a_certificate_is_made_anew_when_it_no_longer_holds() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().expect("a time");
        let request = CaRequest {
            subject: Subject::new("Test CA", None).expect("a subject"),
            validity: Validity::starting(now, &ca_default()).expect("in range"),
            constraints: NameConstraints::default(),
        };
        let key = PrivateKey::generate(KeyType::EcdsaP256).expect("a key");
        let authority = Authority::create(&request, key).expect("a CA");
        let certificate = authority.certificate();
        let secret =
            Bundle::from_certificate(certificate).to_secret("ccx-ca-bundle").expect("a Secret");
        let at = |now: Timestamp| Snapshot::new("ccx-ca", Some(&secret), now, None).expect("made");
        let days = |snapshot: &Snapshot| snapshot.members[0].certificate.days_left;
        let second = SignedDuration::from_secs(1);
        let moments = [now, certificate.not_after() - SignedDuration::from_hours(30)];
        for moment in moments {
            let snapshot = at(moment);
            let until = snapshot.until.expect("a time");
            assert!(snapshot.is_open() && until > moment);
            assert_eq!(days(&at(until - second)), days(&snapshot), "{moment}");
            assert_eq!(days(&at(until)), days(&snapshot) - 1, "{moment}");
        }
        let last = at(certificate.not_after());
        assert!(last.is_open());
        let until = last.until.expect("a time");
        assert_eq!(until, certificate.not_after() + second);
        assert!(!at(until).is_open(), "it expired");
        let early = at(certificate.not_before() - second);
        assert!(!early.is_open() && early.until == Some(certificate.not_before()));
    }
}
