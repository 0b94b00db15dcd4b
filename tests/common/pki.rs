//! Certificates for real servers and clients, good and each bad in one way, valid at this
//! moment unless that is what is bad about them.

use std::process::Command;

use ccx_sec::pki::pem;
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair};
use time::{Duration, OffsetDateTime};

use super::chains::{Ca, leaf_params, named, sans};

/// What a server presents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// For localhost and 127.0.0.1.
    Good,
    /// The same, signed by another CA.
    OtherCa,
    Expired,
    Future,
    /// For db.example.com.
    WrongHost,
    /// For localhost, and no address.
    DnsOnly,
    /// Common name localhost, no alternative name.
    CnOnly,
    /// Common name localhost, alternative name db.example.com.
    CnSan,
    /// Alternative name 127.0.0.1, as a DNS name.
    IpAsDns,
    /// Below an intermediate that is not sent.
    Leaf,
    /// Below an intermediate that is sent.
    Chain,
    /// Signed by itself.
    SelfSigned,
    /// For clients alone.
    ClientUsage,
    /// No extension at all, as MySQL makes its own.
    NoExtensions,
    /// X.509 version 1.
    Version1,
}

impl Kind {
    pub const ALL: [Kind; 15] = [
        Kind::Good,
        Kind::OtherCa,
        Kind::Expired,
        Kind::Future,
        Kind::WrongHost,
        Kind::DnsOnly,
        Kind::CnOnly,
        Kind::CnSan,
        Kind::IpAsDns,
        Kind::Leaf,
        Kind::Chain,
        Kind::SelfSigned,
        Kind::ClientUsage,
        Kind::NoExtensions,
        Kind::Version1,
    ];
}

/// What a client presents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Client {
    Good,
    OtherCa,
    Expired,
    /// For servers alone.
    ServerUsage,
}

impl Client {
    pub const ALL: [Client; 4] =
        [Client::Good, Client::OtherCa, Client::Expired, Client::ServerUsage];
}

/// A certificate, with what is sent along, and its key; both PEM.
#[derive(Debug, Clone)]
pub struct Identity {
    pub certificate: String,
    pub key: String,
}

/// Two CAs, and an intermediate below the first.
pub struct Pki {
    pub ca: Ca,
    pub other: Ca,
    pub intermediate: Ca,
}

impl Pki {
    pub fn new() -> Self {
        let ca = Ca::root("a root", |_| {});
        let intermediate = ca.sub("an intermediate", |_| {});
        Pki { ca, other: Ca::root("another CA", |_| {}), intermediate }
    }

    /// The CA's certificate, PEM.
    pub fn ca_pem(&self) -> String {
        pem::certificates(std::slice::from_ref(&self.ca.certificate))
    }

    pub fn other_pem(&self) -> String {
        pem::certificates(std::slice::from_ref(&self.other.certificate))
    }

    pub fn intermediate_pem(&self) -> String {
        pem::certificates(std::slice::from_ref(&self.intermediate.certificate))
    }

    pub fn server(&self, kind: Kind) -> Identity {
        let both = ["localhost", "127.0.0.1"];
        let key = KeyPair::generate().expect("a key");
        let signed = |ca: &Ca, change: &dyn Fn(&mut CertificateParams)| {
            let mut params = params();
            params.subject_alt_names = sans(&both);
            change(&mut params);
            params.signed_by(&key, &ca.issuer).expect("signed").pem()
        };
        let certificate = match kind {
            Kind::Good => signed(&self.ca, &|_| {}),
            Kind::OtherCa => signed(&self.other, &|_| {}),
            Kind::Expired => signed(&self.ca, &expired),
            Kind::Future => signed(&self.ca, &|params| {
                params.not_before = OffsetDateTime::now_utc() + Duration::days(10);
            }),
            Kind::WrongHost => signed(&self.ca, &|params| {
                params.subject_alt_names = sans(&["db.example.com"]);
            }),
            Kind::DnsOnly => {
                signed(&self.ca, &|params| params.subject_alt_names = sans(&["localhost"]))
            }
            Kind::CnOnly => signed(&self.ca, &|params| {
                params.distinguished_name = named("localhost");
                params.subject_alt_names.clear();
            }),
            Kind::CnSan => signed(&self.ca, &|params| {
                params.distinguished_name = named("localhost");
                params.subject_alt_names = sans(&["db.example.com"]);
            }),
            Kind::IpAsDns => signed(&self.ca, &|params| {
                params.subject_alt_names = vec![super::chains::dns("127.0.0.1")];
            }),
            Kind::Leaf => signed(&self.intermediate, &|_| {}),
            Kind::Chain => {
                let intermediate = std::slice::from_ref(&self.intermediate.certificate);
                signed(&self.intermediate, &|_| {}) + &pem::certificates(intermediate)
            }
            Kind::SelfSigned => {
                let mut params = params();
                params.subject_alt_names = sans(&both);
                params.use_authority_key_identifier_extension = false;
                params.self_signed(&key).expect("signed").pem()
            }
            Kind::ClientUsage => signed(&self.ca, &|params| {
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            }),
            Kind::NoExtensions => self.by_openssl(&key, "[none]\n"),
            Kind::Version1 => self.by_openssl(&key, ""),
        };
        Identity { certificate, key: key.serialize_pem() }
    }

    /// For those names and addresses.
    pub fn server_for(&self, names: &[&str]) -> Identity {
        let key = KeyPair::generate().expect("a key");
        let mut params = params();
        params.subject_alt_names = sans(names);
        let certificate = params.signed_by(&key, &self.ca.issuer).expect("signed").pem();
        Identity { certificate, key: key.serialize_pem() }
    }

    /// What our library does not make: with an empty section of extensions, one of version 3
    /// without any; with none, one of version 1.
    fn by_openssl(&self, key: &KeyPair, extensions: &str) -> String {
        let mut params = CertificateParams::default();
        params.distinguished_name = named("localhost");
        let request = params.serialize_request(key).expect("a request").pem().expect("PEM");
        let directory = tempfile::tempdir().expect("a directory");
        let file = |name: &str, text: &str| {
            let path = directory.path().join(name);
            std::fs::write(&path, text).expect("written");
            path
        };
        let ca_key = KeyPair::try_from(self.ca.key.as_slice()).expect("a key");
        let mut openssl = Command::new("openssl");
        openssl.args(["x509", "-req", "-days", "300", "-in"]).arg(file("request", &request));
        openssl.arg("-CA").arg(file("ca", &self.ca_pem()));
        openssl.arg("-CAkey").arg(file("key", &ca_key.serialize_pem()));
        if !extensions.is_empty() {
            openssl.args(["-extensions", "none", "-extfile"]).arg(file("extensions", extensions));
        }
        let output = openssl.output().expect("openssl runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("PEM")
    }

    pub fn client(&self, kind: Client) -> Identity {
        let key = KeyPair::generate().expect("a key");
        let mut params = params();
        params.distinguished_name = named("app");
        params.subject_alt_names.clear();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        match kind {
            Client::Good | Client::OtherCa => {}
            Client::Expired => expired(&mut params),
            Client::ServerUsage => {
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
            }
        }
        let ca = if kind == Client::OtherCa { &self.other } else { &self.ca };
        let certificate = params.signed_by(&key, &ca.issuer).expect("signed").pem();
        Identity { certificate, key: key.serialize_pem() }
    }
}

fn params() -> CertificateParams {
    let mut params = leaf_params();
    params.not_before = OffsetDateTime::now_utc() - Duration::days(30);
    params.not_after = OffsetDateTime::now_utc() + Duration::days(300);
    params
}

fn expired(params: &mut CertificateParams) {
    params.not_after = OffsetDateTime::now_utc() - Duration::days(1);
}
