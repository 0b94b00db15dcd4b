//! Chains held against `pki::chain`, and against OpenSSL with `-x509_strict`: where the two
//! differ, the table says why.

use std::net::IpAddr;
use std::process::Command;

use ccx_sec::pki::authority::{Authority, Request as CaRequest};
use ccx_sec::pki::certificate::Certificate;
use ccx_sec::pki::chain::{self, Fault, Purpose, Request, Verified};
use ccx_sec::pki::constraints::NameConstraints;
use ccx_sec::pki::key::{KeyType, PrivateKey};
use ccx_sec::pki::pem;
use ccx_sec::pki::subject::Subject;
use ccx_sec::pki::validity::{self, Validity};
use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose as Eku,
    IsCa, Issuer, KeyPair, KeyUsagePurpose as Ku, SanType,
};

const NOW: &str = "2026-06-01T00:00:00Z";
const HOST: &str = "db-1.ds.example.com";

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn rcgen_time(text: &str) -> time::OffsetDateTime {
    time::OffsetDateTime::from_unix_timestamp(time(text).as_second()).unwrap()
}

/// A CA, ours or one of rcgen's, that can sign.
struct Ca {
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Ca {
    fn of(certificate: Certificate, key: &[u8]) -> Self {
        let key = KeyPair::try_from(key).unwrap();
        let issuer = Issuer::from_ca_cert_der(&certificate.der().to_vec().into(), key).unwrap();
        Ca { certificate, issuer }
    }

    /// A CA of our own making.
    fn ours(key_type: KeyType, constraints: NameConstraints) -> Self {
        let request = CaRequest {
            subject: Subject::new("test CA", Some("Acme")).unwrap(),
            validity: Validity::starting(time("2026-01-01T00:00:00Z"), &validity::ca_default())
                .unwrap(),
            constraints,
        };
        let key = PrivateKey::generate(key_type).unwrap();
        let pkcs8 = key.pkcs8().to_vec();
        let authority = Authority::create(&request, key).unwrap();
        Ca::of(authority.certificate().clone(), &pkcs8)
    }

    fn plain() -> Self {
        Ca::ours(KeyType::EcdsaP256, NameConstraints::default())
    }

    /// A self-signed CA with what `change` makes of it.
    fn root(name: &str, change: impl Fn(&mut CertificateParams)) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = ca_params(name);
        change(&mut params);
        let der = params.self_signed(&key).unwrap().der().to_vec();
        Ca::of(Certificate::from_der(der).unwrap(), key.serialized_der())
    }

    /// A CA below this one.
    fn sub(&self, name: &str, change: impl Fn(&mut CertificateParams)) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = self.sub_with(name, &key, change);
        Ca::of(certificate, key.serialized_der())
    }

    fn sub_with(
        &self,
        name: &str,
        key: &KeyPair,
        change: impl Fn(&mut CertificateParams),
    ) -> Certificate {
        let mut params = ca_params(name);
        change(&mut params);
        let der = params.signed_by(key, &self.issuer).unwrap().der().to_vec();
        Certificate::from_der(der).unwrap()
    }

    fn leaf(&self, change: impl Fn(&mut CertificateParams)) -> Certificate {
        let key = KeyPair::generate().unwrap();
        let mut params = leaf_params();
        change(&mut params);
        let der = params.signed_by(&key, &self.issuer).unwrap().der().to_vec();
        Certificate::from_der(der).unwrap()
    }
}

fn named(name: &str) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    subject
}

fn ca_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![Ku::KeyCertSign, Ku::CrlSign];
    params.use_authority_key_identifier_extension = true;
    (params.not_before, params.not_after) =
        (rcgen_time("2026-01-01T00:00:00Z"), rcgen_time("2035-01-01T00:00:00Z"));
    params
}

fn leaf_params() -> CertificateParams {
    let mut params = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
    params.distinguished_name = named("db-1");
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![Ku::DigitalSignature];
    params.extended_key_usages = vec![Eku::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    (params.not_before, params.not_after) =
        (rcgen_time("2026-05-01T00:00:00Z"), rcgen_time("2026-08-01T00:00:00Z"));
    params
}

fn sans(names: &[&str]) -> Vec<SanType> {
    let san = |name: &&str| match name.parse::<IpAddr>() {
        Ok(ip) => SanType::IpAddress(ip),
        Err(_) => SanType::DnsName((*name).try_into().unwrap()),
    };
    names.iter().map(san).collect()
}

/// One question, and how to put it to OpenSSL.
struct Question {
    leaf: Certificate,
    intermediates: Vec<Certificate>,
    anchors: Vec<Certificate>,
    host: Option<&'static str>,
    at: &'static str,
    purpose: Purpose,
}

impl Question {
    fn new(leaf: Certificate, intermediates: &[&Ca], anchors: &[&Ca]) -> Self {
        let all = |cas: &[&Ca]| cas.iter().map(|ca| ca.certificate.clone()).collect();
        Question {
            leaf,
            intermediates: all(intermediates),
            anchors: all(anchors),
            host: Some(HOST),
            at: NOW,
            purpose: Purpose::Server,
        }
    }

    fn host(self, host: &'static str) -> Self {
        Question { host: Some(host), ..self }
    }

    fn verify(&self, strict: bool) -> Result<Verified, Fault> {
        let identity = self.host.map(|host| chain::identity(host).unwrap());
        let plain = Request::new(
            &self.leaf,
            &self.intermediates,
            &self.anchors,
            time(self.at),
            self.purpose,
        );
        chain::verify(&Request { identity: identity.as_ref(), strict, ..plain })
    }

    /// The reason, or `ok`, by peers' rules.
    fn verdict(&self) -> &'static str {
        self.verify(false).map_or_else(|fault| fault.reason.name(), |_| "ok")
    }

    /// What `openssl verify -x509_strict` says: `ok`, or its error.
    fn openssl(&self) -> String {
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str, certificates: &[Certificate]| {
            let path = directory.path().join(name);
            std::fs::write(&path, pem::certificates(certificates)).unwrap();
            path
        };
        let mut command = Command::new("openssl");
        command.args(["verify", "-x509_strict", "-no-CApath", "-no-CAstore"]);
        command.arg("-CAfile").arg(file("ca.pem", &self.anchors));
        if !self.intermediates.is_empty() {
            command.arg("-untrusted").arg(file("chain.pem", &self.intermediates));
        }
        command.args(["-attime", &time(self.at).as_second().to_string()]);
        let purpose = match self.purpose {
            Purpose::Server => "sslserver",
            Purpose::Client => "sslclient",
        };
        command.args(["-purpose", purpose]);
        if let Some(host) = self.host {
            let option = if host.parse::<IpAddr>().is_ok() { "ip" } else { "hostname" };
            command.args([&format!("-verify_{option}"), host]);
        }
        let output =
            command.arg(file("leaf.pem", std::slice::from_ref(&self.leaf))).output().unwrap();
        if output.status.success() {
            return "ok".to_owned();
        }
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let error = text.lines().find_map(|line| line.split_once("lookup: ").map(|(_, e)| e));
        error.unwrap_or_else(|| panic!("no verdict of openssl: {text}")).to_owned()
    }
}

/// A case: what we say, what OpenSSL says, and where the verdicts differ, why.
struct Row {
    name: &'static str,
    question: Question,
    ours: &'static str,
    openssl: &'static str,
    why: Option<&'static str>,
}

#[test]
fn verdicts_beside_openssl() {
    let mut differences = 0;
    for row in rows() {
        let (ours, theirs) = (row.question.verdict(), row.question.openssl());
        assert_eq!(ours, row.ours, "{}: {:?}", row.name, row.question.verify(false));
        assert_eq!(theirs, row.openssl, "{}", row.name);
        let differ = (ours == "ok") != (theirs == "ok");
        assert_eq!(differ, row.why.is_some(), "{}: ours {ours}, openssl {theirs}", row.name);
        differences += usize::from(differ);
    }
    assert_eq!(differences, 3, "the differences are those that the table explains");
}

fn rows() -> Vec<Row> {
    let same = |name, question, ours, openssl| Row { name, question, ours, openssl, why: None };
    let ca = Ca::plain();
    let other = Ca::plain();
    let stranger = Ca::root("another CA", |_| {});
    let root = Ca::root("root", |_| {});
    let sub = root.sub("sub", |_| {});
    let ask = |leaf| Question::new(leaf, &[], &[&ca]);
    let leaf = |change: fn(&mut CertificateParams)| ask(ca.leaf(change));
    let constrained = Ca::ours(
        KeyType::EcdsaP256,
        NameConstraints {
            dns: vec!["ds.example.com".parse().unwrap()],
            ip: vec!["10.0.0.0/8".parse().unwrap()],
        },
    );
    let bound = |names: &[&str]| {
        let names = sans(names);
        let leaf = constrained.leaf(|params| params.subject_alt_names = names.clone());
        Question::new(leaf, &[], &[&constrained])
    };
    let short = root.sub("short", |p| p.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)));
    let below = short.sub("below", |_| {});
    let no_sign = root.sub("no sign", |p| p.key_usages = vec![Ku::CrlSign]);
    let old = Ca::root("old", |p| {
        p.not_before = rcgen_time("2020-01-01T00:00:00Z");
        p.not_after = rcgen_time("2026-05-31T00:00:00Z");
    });
    let no_ca = Ca::root("no CA", |p| p.is_ca = IsCa::ExplicitNoCa);
    vec![
        same("good", leaf(|_| {}), "ok", "ok"),
        same("by an intermediate", Question::new(sub.leaf(|_| {}), &[&sub], &[&root]), "ok", "ok"),
        same(
            "expired",
            Question { at: "2026-08-01T00:00:01Z", ..leaf(|_| {}) },
            "expired",
            "certificate has expired",
        ),
        same(
            "too early",
            Question { at: "2026-04-30T23:59:59Z", ..leaf(|_| {}) },
            "not_yet_valid",
            "certificate is not yet valid",
        ),
        same(
            "expired CA",
            Question::new(old.leaf(|_| {}), &[], &[&old]),
            "expired",
            "certificate has expired",
        ),
        same(
            "other name",
            leaf(|_| {}).host("db-2.ds.example.com"),
            "name_mismatch",
            "hostname mismatch",
        ),
        same("wildcard", leaf(|p| p.subject_alt_names = sans(&["*.ds.example.com"])), "ok", "ok"),
        same(
            "wildcard over two labels",
            leaf(|p| p.subject_alt_names = sans(&["*.example.com"])),
            "name_mismatch",
            "hostname mismatch",
        ),
        same(
            "IPv4",
            leaf(|p| p.subject_alt_names = sans(&["10.1.2.3"])).host("10.1.2.3"),
            "ok",
            "ok",
        ),
        same(
            "IPv6",
            leaf(|p| p.subject_alt_names = sans(&["fd00::1"])).host("fd00::1"),
            "ok",
            "ok",
        ),
        same(
            "other address",
            leaf(|p| p.subject_alt_names = sans(&["10.1.2.4"])).host("10.1.2.3"),
            "name_mismatch",
            "IP address mismatch",
        ),
        same(
            "address as a DNS name",
            leaf(|p| p.subject_alt_names = vec![SanType::DnsName("10.1.2.3".try_into().unwrap())])
                .host("10.1.2.3"),
            "name_mismatch",
            "IP address mismatch",
        ),
        Row {
            why: Some(
                "RFC 9525 section 6.2: a common name is no identity; OpenSSL falls back to it",
            ),
            ..same(
                "common name only",
                leaf(|p| {
                    p.subject_alt_names = Vec::new();
                    p.distinguished_name = named(HOST);
                }),
                "name_mismatch",
                "ok",
            )
        },
        same("within the constraints", bound(&[HOST, "10.1.2.3"]), "ok", "ok"),
        same(
            "name outside the constraints",
            bound(&[HOST, "db.other.example.com"]),
            "name_constraint",
            "permitted subtree violation",
        ),
        same(
            "address outside the constraints",
            bound(&[HOST, "192.0.2.1"]),
            "name_constraint",
            "permitted subtree violation",
        ),
        same(
            "client's, as a server",
            leaf(|p| p.extended_key_usages = vec![Eku::ClientAuth]),
            "wrong_purpose",
            "unsuitable certificate purpose",
        ),
        same(
            "server's, as a client",
            Question { purpose: Purpose::Client, ..leaf(|_| {}) },
            "wrong_purpose",
            "unsuitable certificate purpose",
        ),
        same(
            "client's, as a client",
            Question {
                purpose: Purpose::Client,
                ..leaf(|p| p.extended_key_usages = vec![Eku::ClientAuth])
            },
            "ok",
            "ok",
        ),
        same(
            "rotated bundle, new first",
            Question::new(ca.leaf(|_| {}), &[], &[&other, &ca]),
            "ok",
            "ok",
        ),
        same(
            "another CA of the same name",
            Question::new(ca.leaf(|_| {}), &[], &[&other]),
            "untrusted",
            "unable to get local issuer certificate",
        ),
        same(
            "another CA",
            Question::new(ca.leaf(|_| {}), &[], &[&stranger]),
            "untrusted",
            "unable to get local issuer certificate",
        ),
        same(
            "intermediate not sent",
            Question::new(sub.leaf(|_| {}), &[], &[&root]),
            "untrusted",
            "unable to get local issuer certificate",
        ),
        Row {
            why: Some(
                "a CA in the bundle is trusted, whoever issued it; OpenSSL wants the root, unless told -partial_chain",
            ),
            ..same(
                "intermediate as the CA",
                Question::new(sub.leaf(|_| {}), &[], &[&sub]),
                "ok",
                "unable to get issuer certificate",
            )
        },
        same(
            "path too long",
            Question::new(below.leaf(|_| {}), &[&below, &short], &[&root]),
            "path_length",
            "path length constraint exceeded",
        ),
        same(
            "issuer may not sign",
            Question::new(no_sign.leaf(|_| {}), &[&no_sign], &[&root]),
            "not_a_ca",
            "invalid CA certificate",
        ),
        same(
            "CA that is none",
            Question::new(no_ca.leaf(|_| {}), &[], &[&no_ca]),
            "not_a_ca",
            "invalid CA certificate",
        ),
        Row {
            why: Some(
                "-x509_strict wants an authority key identifier; peers do without, so its lack is a warning, and only strict verification refuses it",
            ),
            ..same(
                "no key identifiers",
                Question::new(
                    ca.leaf(|p| p.use_authority_key_identifier_extension = false),
                    &[],
                    &[&ca],
                ),
                "ok",
                "Missing Authority Key Identifier",
            )
        },
    ]
}
