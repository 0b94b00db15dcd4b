//! The client certificates of the probe: the user's, and one that no server may accept.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::connection::tls::{ClientIdentity, client_identity};
use crate::error::{Code, Error, Result};
use crate::files;
use crate::pki::authority::{self, Authority};
use crate::pki::certificate::Certificate;
use crate::pki::constraints::NameConstraints;
use crate::pki::issue::{Issuer, LeafRequest, Usage};
use crate::pki::key::{KeyType, PrivateKey};
use crate::pki::leaf_key::LeafKey;
use crate::pki::pem;
use crate::pki::san::San;
use crate::pki::subject::Subject;
use crate::pki::validity::{Length, Validity};

use crate::pki::pem::MAX_PEM_FILE;

/// Reads the client's certificate, chain and key from these files.
pub(super) fn identity(certificate: &Path, key: &Path) -> Result<ClientIdentity> {
    let name = certificate.display().to_string();
    let chain = Certificate::from_pem(&name, &files::read(certificate, MAX_PEM_FILE)?)?;
    let chain = chain.iter().map(|one| CertificateDer::from(one.der().to_vec())).collect();
    let name = key.display().to_string();
    let items = pem::read(&name, &files::read(key, MAX_PEM_FILE)?)?;
    let key = items.into_iter().find_map(|item| match item {
        pem::PemItem::Key(key) => Some(key),
        _ => None,
    });
    let key = key.ok_or_else(|| {
        Error::usage(Code::KeyMissing, format!("{name} holds no private key without a passphrase"))
            .hint("decrypt it into a file with mode 0600")
    })?;
    usable(chain, key)
}

fn usable(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ClientIdentity> {
    client_identity(chain, key).map_err(|source| {
        Error::usage(Code::ClientCertificate, "the client certificate and its key cannot be used")
            .because(source)
            .hint("does the key belong to the first certificate of the file?")
    })
}

/// Creates a client certificate of a new CA, which exists only in this process.
pub(super) fn stranger(now: Timestamp) -> Result<ClientIdentity> {
    let length = Length::from(SignedDuration::from_hours(24));
    let request = authority::CaRequest {
        subject: Subject::new("ccx-sec verify: a CA that nobody trusts", None)?,
        validity: Validity::starting(now, &length)?,
        constraints: NameConstraints::default(),
    };
    let authority = Authority::create(&request, PrivateKey::generate(KeyType::EcdsaP256)?)?;
    let request = LeafRequest {
        subject: Subject::new("ccx-sec verify: a stranger", None)?,
        san: San::new([], []),
        usage: Usage::Client,
        validity: length,
    };
    let key = LeafKey::generate(KeyType::EcdsaP256)?;
    let certificate = Issuer::new(&authority, now)?.issue(&request, key.public(), now)?;
    let chain = vec![CertificateDer::from(certificate.der().to_vec())];
    let key = PrivatePkcs8KeyDer::from(key.pkcs8().to_vec());
    usable(chain, key.into())
}
