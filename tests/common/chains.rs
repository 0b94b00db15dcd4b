//! Chains of certificates: our CAs, those of others, leaves good and bad; and what OpenSSL
//! says of them.

use std::net::IpAddr;
use std::process::Command;

use ccx_sec::pki::authority::{Authority, CaRequest};
use ccx_sec::pki::certificate::Certificate;
use ccx_sec::pki::chain::{self, ChainFault, ChainRequest, Purpose, VerifiedChain};
use ccx_sec::pki::constraints::NameConstraints;
use ccx_sec::pki::key::{KeyType, PrivateKey};
use ccx_sec::pki::pem;
use ccx_sec::pki::subject::Subject;
use ccx_sec::pki::validity::{self, Validity};
use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SanType,
};

/// When all is well with every certificate here, unless it is made otherwise.
pub const NOW: &str = "2026-06-01T00:00:00Z";
/// The name of every leaf, unless it is made otherwise.
pub const HOST: &str = "db-1.ds.example.com";

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn date(text: &str) -> time::OffsetDateTime {
    time::OffsetDateTime::from_unix_timestamp(at(text).as_second()).unwrap()
}

/// A CA that can sign.
pub struct Ca {
    pub certificate: Certificate,
    pub issuer: Issuer<'static, KeyPair>,
    /// PKCS#8.
    pub key: Vec<u8>,
}

impl Ca {
    fn of(certificate: Certificate, key: &[u8]) -> Self {
        let pair = KeyPair::try_from(key).unwrap();
        let issuer = Issuer::from_ca_cert_der(&certificate.der().to_vec().into(), pair).unwrap();
        Ca { certificate, issuer, key: key.to_vec() }
    }

    /// A CA as `ca init` makes it.
    pub fn ours(key_type: KeyType, constraints: NameConstraints) -> Self {
        let made = at("2026-01-01T00:00:00Z");
        let request = CaRequest {
            subject: Subject::new("test CA", Some("Acme")).unwrap(),
            validity: Validity::starting(made, &validity::ca_default()).unwrap(),
            constraints,
        };
        let key = PrivateKey::generate(key_type).unwrap();
        let pkcs8 = key.pkcs8().to_vec();
        let authority = Authority::create(&request, key).unwrap();
        Ca::of(authority.certificate().clone(), &pkcs8)
    }

    pub fn plain() -> Self {
        Ca::ours(KeyType::EcdsaP256, NameConstraints::default())
    }

    /// A self-signed CA with what `change` makes of it.
    pub fn root(name: &str, change: impl Fn(&mut CertificateParams)) -> Self {
        Ca::root_of(name, KeyPair::generate().unwrap().serialized_der(), change)
    }

    /// The same, with this key (PKCS#8).
    pub fn root_of(name: &str, key: &[u8], change: impl Fn(&mut CertificateParams)) -> Self {
        let pair = KeyPair::try_from(key).unwrap();
        let mut params = ca_params(name);
        change(&mut params);
        let der = params.self_signed(&pair).unwrap().der().to_vec();
        Ca::of(Certificate::from_der(der).unwrap(), key)
    }

    /// A CA below this one.
    pub fn sub(&self, name: &str, change: impl Fn(&mut CertificateParams)) -> Self {
        self.signs(name, KeyPair::generate().unwrap().serialized_der(), change)
    }

    /// As [`Ca::sub`], where what is made may be no certificate.
    pub fn try_sub(&self, name: &str, change: impl Fn(&mut CertificateParams)) -> Option<Self> {
        let mut params = ca_params(name);
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let der = params.signed_by(&key, &self.issuer).unwrap().der().to_vec();
        let certificate = Certificate::from_der(der).ok()?;
        // Signing needs the name and the key alone.
        let issuer = Issuer::new(ca_params(name), KeyPair::try_from(key.serialized_der()).unwrap());
        Some(Ca { certificate, issuer, key: key.serialized_der().to_vec() })
    }

    /// The authority `other`, certified by this one as well.
    pub fn cross_signs(&self, other: &Ca, name: &str) -> Self {
        self.signs(name, &other.key, |_| {})
    }

    /// A CA below this one, with this key (PKCS#8).
    pub fn signs(&self, name: &str, key: &[u8], change: impl Fn(&mut CertificateParams)) -> Self {
        let mut params = ca_params(name);
        change(&mut params);
        let pair = KeyPair::try_from(key).unwrap();
        let der = params.signed_by(&pair, &self.issuer).unwrap().der().to_vec();
        Ca::of(Certificate::from_der(der).unwrap(), key)
    }

    /// A server's certificate with what `change` makes of it.
    pub fn leaf(&self, change: impl Fn(&mut CertificateParams)) -> Certificate {
        let mut params = leaf_params();
        change(&mut params);
        let signed = params.signed_by(&KeyPair::generate().unwrap(), &self.issuer).unwrap();
        Certificate::from_der(signed.der().to_vec()).unwrap()
    }
}

pub fn named(name: &str) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    subject
}

fn ca_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.use_authority_key_identifier_extension = true;
    params.not_before = date("2026-01-01T00:00:00Z");
    params.not_after = date("2035-01-01T00:00:00Z");
    params
}

pub fn leaf_params() -> CertificateParams {
    let mut params = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
    params.distinguished_name = named("db-1");
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    params.not_before = date("2026-05-01T00:00:00Z");
    params.not_after = date("2026-08-01T00:00:00Z");
    params
}

/// DNS names and addresses.
pub fn sans(names: &[&str]) -> Vec<SanType> {
    let san = |name: &&str| match name.parse::<IpAddr>() {
        Ok(ip) => SanType::IpAddress(ip),
        Err(_) => dns(name),
    };
    names.iter().map(san).collect()
}

pub fn dns(name: &str) -> SanType {
    SanType::DnsName(name.try_into().unwrap())
}

/// One question, which OpenSSL can be asked as well.
pub struct Question {
    pub leaf: Certificate,
    pub intermediates: Vec<Certificate>,
    pub anchors: Vec<Certificate>,
    pub host: Option<&'static str>,
    pub at: &'static str,
    pub purpose: Purpose,
}

impl Question {
    pub fn new(leaf: Certificate, intermediates: &[&Ca], anchors: &[&Ca]) -> Self {
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

    pub fn host(self, host: &'static str) -> Self {
        Question { host: Some(host), ..self }
    }

    pub fn any_host(self) -> Self {
        Question { host: None, ..self }
    }

    pub fn at(self, at: &'static str) -> Self {
        Question { at, ..self }
    }

    pub fn client(self) -> Self {
        Question { purpose: Purpose::Client, ..self }
    }

    /// Asks, with what `change` makes of the request.
    pub fn ask(&self, change: impl Fn(&mut ChainRequest<'_>)) -> Result<VerifiedChain, ChainFault> {
        let identity = self.host.map(|host| chain::identity(host).unwrap());
        let (leaf, now) = (&self.leaf, at(self.at));
        let mut request =
            ChainRequest::new(leaf, &self.intermediates, &self.anchors, now, self.purpose);
        request.identity = identity.as_ref();
        change(&mut request);
        chain::verify(&request)
    }

    pub fn verify(&self) -> Result<VerifiedChain, ChainFault> {
        self.ask(|_| {})
    }

    /// The reason, or `ok`, by the rules of peers.
    pub fn verdict(&self) -> &'static str {
        self.verify().map_or_else(|fault| fault.reason.name(), |_| "ok")
    }

    /// The fault that there must be.
    pub fn fault(&self) -> ChainFault {
        self.verify().expect_err("a fault")
    }

    /// What `openssl verify -x509_strict` says: `ok`, or its error.
    pub fn openssl(&self) -> String {
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
        command.args(["-attime", &at(self.at).as_second().to_string()]);
        let purpose = match self.purpose {
            Purpose::Server => "sslserver",
            Purpose::Client => "sslclient",
        };
        command.args(["-purpose", purpose]);
        if let Some(host) = self.host {
            let option = if host.parse::<IpAddr>().is_ok() { "ip" } else { "hostname" };
            command.args([&format!("-verify_{option}"), host]);
        }
        let leaf = file("leaf.pem", std::slice::from_ref(&self.leaf));
        let output = command.arg(leaf).output().expect("openssl runs");
        if output.status.success() {
            return "ok".to_owned();
        }
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let error = text.lines().find_map(|line| line.split_once("lookup: ").map(|(_, e)| e));
        error.unwrap_or_else(|| panic!("no verdict of openssl: {text}")).to_owned()
    }
}
