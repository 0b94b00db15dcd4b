//! The page: shows the CA, and how to get it, check it and connect with it. Its template escapes
//! all values; it loads nothing from other servers, and works without its script.

use http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use minijinja::{Environment, Value, context};
use serde::Serialize;
use uuid::Uuid;

use super::bundle_entry::BundleEntry;
use super::datastores::DatastoreNode;
use super::resource::{Caching, Resource};
use super::rotation_notice::RotationNotice;
use crate::driver::catalogue;
use crate::engine::Engine;
use crate::error::{Code, Error, Result};
use crate::pki::finding::{Finding, Level};
use crate::pki::{TRUST_STORE_PASSWORD, validity};
use crate::snippet::client::{ClientMode, snippet};
use crate::snippet::template::TemplateValues;

/// The media type of a page.
pub(super) const HTML: &str = "text/html; charset=utf-8";
/// The content security policy: allows only the server's own files, and only the kinds in use.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/// The number of days before expiry from which the page warns.
const SOON: i64 = 30;
/// The placeholder for the server in snippets.
const HOST: &str = "HOST";

/// The files that pages load.
pub(super) fn assets() -> [(&'static str, Resource); 2] {
    let asset = |kind, text: &'static str| Resource::new(kind, text, Caching::Minute);
    [
        ("/style.css", asset("text/css; charset=utf-8", include_str!("assets/style.css"))),
        ("/script.js", asset("text/javascript; charset=utf-8", include_str!("assets/script.js"))),
    ]
}

/// Adds the headers that make browsers restrict a page.
pub(super) fn with_security_headers(page: Resource) -> Resource {
    page.header(CONTENT_SECURITY_POLICY, POLICY).header(REFERRER_POLICY, "no-referrer")
}

/// The error of a broken template, which is a fault of this program.
pub(super) fn failed(source: impl Into<anyhow::Error>) -> Error {
    Error::failed(Code::Template, "a template of the page is broken")
        .because(source)
        .hint("this is a fault in ccx-sec; please report it")
}

/// The pages of a CA.
pub(super) struct Pages<'a> {
    environment: Environment<'static>,
    ca: &'a str,
    findings: &'a [Finding],
    members: &'a [BundleEntry],
    rotation: Option<&'a RotationNotice>,
}

/// A rotation with the names of its two certificates.
#[derive(Serialize)]
struct PageRotation<'a> {
    #[serde(flatten)]
    notice: &'a RotationNotice,
    /// The subject of the certificate that signed before; its fingerprint once it is removed.
    old: String,
    /// The subject of the certificate that signs at the end.
    new: String,
}

/// A certificate with the values that only the page shows.
#[derive(Serialize)]
struct PageCertificate<'a> {
    #[serde(flatten)]
    member: &'a BundleEntry,
    /// The fingerprint as openssl prints it.
    fingerprint: String,
    whole_days: i64,
}

/// A client of an engine with its modes, the strongest first.
#[derive(Serialize)]
struct PageClient {
    name: &'static str,
    title: &'static str,
    modes: Vec<PageMode>,
}

#[derive(Serialize)]
struct PageMode {
    name: &'static str,
    does: String,
    text: String,
}

impl<'a> Pages<'a> {
    /// Prepares the pages of these certificates.
    ///
    /// # Errors
    /// Exit 3 when the template is broken.
    pub(super) fn new(
        ca: &'a str,
        findings: &'a [Finding],
        members: &'a [BundleEntry],
        rotation: Option<&'a RotationNotice>,
    ) -> Result<Self> {
        let mut environment = Environment::new();
        environment.add_template("page.html", include_str!("assets/page.html")).map_err(failed)?;
        Ok(Pages { environment, ca, findings, members, rotation })
    }

    /// The page and one for each engine, each with its path.
    ///
    /// # Errors
    /// As [`Pages::new`].
    pub(super) fn all(&self) -> Result<Vec<(String, Resource)>> {
        let mut pages = vec![("/".to_owned(), self.page(None, None, &[])?)];
        for engine in Engine::ALL {
            let address = format!("/?engine={engine}");
            pages.push((address, self.page(Some(engine), None, &[])?));
        }
        let public = |(address, html)| {
            (address, with_security_headers(Resource::new(HTML, html, Caching::Minute)))
        };
        Ok(pages.into_iter().map(public).collect())
    }

    /// The page for the settings of a datastore.
    ///
    /// # Errors
    /// As [`Pages::new`].
    pub(super) fn settings(&self, datastore: Uuid, nodes: &[DatastoreNode]) -> Result<Resource> {
        let engine =
            nodes.iter().find_map(DatastoreNode::engine).and_then(|name| name.parse().ok());
        let html = self.page(engine, Some(datastore), nodes)?;
        Ok(with_security_headers(Resource::new(HTML, html, Caching::Private)))
    }

    fn page(
        &self,
        engine: Option<Engine>,
        datastore: Option<Uuid>,
        nodes: &[DatastoreNode],
    ) -> Result<String> {
        let certificates: Vec<PageCertificate<'_>> =
            self.members.iter().map(page_certificate).collect();
        let clients = engine.map(|engine| connections(engine, self.ca)).transpose()?;
        let is_soon = |member: &&BundleEntry| member.certificate.days_left < SOON;
        let active = self.members.iter().find(|member| member.role == "active");
        let soon = active.filter(is_soon);
        // A renewal has the name and the key of the certificate that it replaces.
        let is_renewed = |member: &&BundleEntry| {
            active.is_some_and(|active| {
                let (old, new) = (&member.certificate, &active.certificate);
                member.role == "retiring" && old.subject == new.subject && old.ski == new.ski
            })
        };
        let renewed = self.members.iter().filter(is_renewed);
        let others = self.members.len() - renewed.clone().count();
        let context = context! {
            ca => self.ca,
            findings => self.findings,
            is_unavailable => self.findings.iter().any(|finding| finding.level == Level::Error),
            certificates,
            replacing => others > 1,
            rotation => self.rotation.map(|notice| page_rotation(notice, self.members)),
            renewed_end => renewed.map(|member| member.certificate.not_after).max().map(|end| end.to_string()),
            days_left => soon.map(|member| member.certificate.days_left),
            soon => SOON,
            password => TRUST_STORE_PASSWORD,
            engines => Engine::ALL.map(|engine| engine.facts().name),
            engine => engine.map(|engine| engine.facts().name),
            clients,
            host => HOST,
            datastore => datastore.map(|datastore| datastore.to_string()),
            nodes => Value::from_serialize(nodes),
        };
        let template = self.environment.get_template("page.html").map_err(failed)?;
        template.render(context).map_err(failed)
    }
}

fn page_rotation<'a>(notice: &'a RotationNotice, members: &[BundleEntry]) -> PageRotation<'a> {
    let name = |sha256: &str| {
        let member = members.iter().find(|member| member.certificate.sha256 == sha256);
        let fingerprint = || format!("the certificate with the SHA-256 fingerprint {sha256}");
        member.map_or_else(fingerprint, |member| member.certificate.subject.clone())
    };
    PageRotation { notice, old: name(&notice.from), new: name(&notice.target) }
}

fn page_certificate(member: &BundleEntry) -> PageCertificate<'_> {
    let pairs = member.certificate.sha256.as_bytes().chunks(2);
    let pairs: Vec<String> =
        pairs.map(|pair| String::from_utf8_lossy(pair).to_uppercase()).collect();
    let (from, to) = (member.certificate.not_before, member.certificate.not_after);
    PageCertificate {
        member,
        fingerprint: pairs.join(":"),
        whole_days: validity::days_left(to, from).max(1),
    }
}

/// All clients of an engine, each in all its modes.
fn connections(engine: Engine, ca: &str) -> Result<Vec<PageClient>> {
    let file = format!("{ca}.pem"); // the file name of the download
    let values = TemplateValues {
        host: HOST,
        port: engine.facts().port,
        user: engine.facts().client_user,
        database: "app",
        ca: Some(&file),
        identity: None,
    };
    let modes = [ClientMode::VerifyIdentity, ClientMode::VerifyCa, ClientMode::Required];
    catalogue::drivers_for(Some(engine))
        .map(|client| {
            let snippets = modes.iter().map(|mode| snippet(client, *mode, &values));
            let snippets = snippets.collect::<Result<Vec<_>>>()?;
            // A client that gets a stronger mode than asked for is not shown twice.
            let exact = snippets.into_iter().filter(|snippet| snippet.mode == Some(snippet.asked));
            let modes = exact.filter_map(|snippet| {
                Some(PageMode { name: snippet.asked, does: snippet.does, text: snippet.text? })
            });
            Ok(PageClient { name: client.name, title: client.title, modes: modes.collect() })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::certificate::{Description, Names};

    fn member(subject: &str, days_left: i64) -> BundleEntry {
        let at = jiff::Timestamp::UNIX_EPOCH;
        let certificate = Description {
            subject: subject.to_owned(),
            issuer: subject.to_owned(),
            serial: "0f".to_owned(),
            sha256: "ab".repeat(32),
            key_type: "ecdsa-p256".to_owned(),
            signature_algorithm: "ecdsa-with-SHA256".to_owned(),
            not_before: at,
            not_after: at,
            days_left,
            is_ca: true,
            san: Names::default(),
            key_usage: Vec::new(),
            ext_key_usage: Vec::new(),
            ski: None,
            aki: None,
            name_constraints: None,
        };
        BundleEntry { role: "active", generation: 1, certificate }
    }

    #[test]
    fn what_a_certificate_is_called_is_no_markup() {
        let members = [member("CN=<script>alert(1)</script>\"'&", 1000)];
        let pages = Pages::new("ccx-ca", &[], &members, None).expect("pages");
        let html = pages.page(None, None, &[]).expect("a page");
        assert!(!html.contains("<script>alert"), "{html}");
        assert!(html.contains("&lt;script&gt;alert(1)"), "{html}");
    }

    #[test]
    fn every_page_is_small_and_loads_nothing_from_elsewhere() {
        let members = [member("CN=X", 1000), member("CN=Y", 2000)];
        let pages = Pages::new("ccx-ca", &[], &members, None).expect("pages");
        let assets =
            include_str!("assets/style.css").len() + include_str!("assets/script.js").len();
        for engine in [None].into_iter().chain(Engine::ALL.map(Some)) {
            let html = pages.page(engine, None, &[]).expect("a page");
            let size = html.len() + assets;
            assert!(size < 50 * 1024, "{engine:?}: {size} bytes");
            for elsewhere in
                ["src=\"http", "href=\"http", "src=\"//", "href=\"//", "url(", "style="]
            {
                assert!(!html.contains(elsewhere), "{engine:?}: {elsewhere}");
            }
            assert!(html.contains("band\""), "two certificates are a rotation");
        }
    }

    #[test]
    fn bands_say_what_is_wrong() {
        let page = |findings: &[Finding], members: &[BundleEntry]| {
            let pages = Pages::new("ccx-ca", findings, members, None).expect("pages");
            pages.page(None, None, &[]).expect("a page")
        };
        assert!(!page(&[], &[member("CN=X", 30)]).contains("band"));
        assert!(page(&[], &[member("CN=X", 29)]).contains("29 days"));
        let mut old = member("CN=X", 100);
        old.role = "retiring";
        let html = page(&[], &[member("CN=X", 1000), old]);
        assert!(html.contains("was renewed") && !html.contains("being replaced"), "{html}");
        let shut = page(&[Finding::error(Code::BundleMissing, "it is gone")], &[]);
        assert!(shut.contains("it is gone") && !shut.contains("/api/v1/ca.pem"), "{shut}");
    }

    #[test]
    fn band_of_a_rotation_says_what_to_do_in_each_phase() {
        let mut members = [member("CN=Old", 1000), member("CN=New", 2000)];
        members[0].role = "retiring";
        members[1].certificate.sha256 = "cd".repeat(32);
        let notice = |phase, kind| RotationNotice {
            phase,
            kind,
            since: jiff::Timestamp::UNIX_EPOCH,
            earliest_switch: "2027-03-01T00:00:00Z".parse().expect("a time"),
            from: "ab".repeat(32),
            target: "cd".repeat(32),
            has_switched: phase != "staged",
        };
        let page = |phase, kind, members: &[BundleEntry]| {
            let notice = notice(phase, kind);
            let pages = Pages::new("ccx-ca", &[], members, Some(&notice)).expect("pages");
            pages.page(None, None, &[]).expect("a page")
        };
        for (phase, text) in [
            (
                "staged",
                "CN=New will sign the certificates of the servers, not before <time>2027-03-01T00:00:00Z",
            ),
            ("switching", "CN=New is taking over"),
            ("switched", "CN=New signs the certificates of the servers"),
            ("reissued", "No server uses CN=Old any more"),
        ] {
            let html = page(phase, "planned", &members);
            assert!(html.contains(text), "{phase}: {html}");
            assert!(html.contains("keytool -importcert"), "{phase}: {html}");
            assert!(!html.contains("being replaced"), "one band is enough: {html}");
            let stolen = page(phase, "compromised", &members);
            assert!(stolen.contains("The key of CN=Old was stolen"), "{phase}: {stolen}");
        }
        let removed = page("removed", "planned", &members[1..]);
        assert!(removed.contains(&format!("fingerprint {} any more", "ab".repeat(32))));
    }
}
