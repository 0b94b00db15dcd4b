//! A certificate for the server itself, signed by the CA that it serves, if the process may read
//! that CA. It is valid for a day; its key is never written to disk, and the CA's key is held only
//! while it signs.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rustls::sign::CertifiedKey;
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};

use super::app::App;
use super::clock;
use super::rotation_notice::RotationNotice;
use super::tls::{ReloadableCertificate, SelfIssuedName, certified};
use crate::error::{Code, Error, Result};
use crate::output::Output;
use crate::pki::issue::{Issuer, LeafRequest, Usage};
use crate::pki::key::KeyType;
use crate::pki::leaf_key::LeafKey;
use crate::pki::san::San;
use crate::pki::subject::Subject;
use crate::pki::validity::Length;
use crate::store::Backend;
use crate::store::ca;
use crate::store::rotation::RotationKind;

/// The lifetime of such a certificate; it is replaced after half of it.
const VALID: SignedDuration = SignedDuration::from_hours(24);
/// The interval between checks whether a new certificate is due.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);
const RETRY_INTERVAL: Duration = Duration::from_secs(30);

/// A certificate with its key, and the time at which the next one is due.
pub(super) struct SelfIssuedCertificate {
    pub(super) certified: CertifiedKey,
    pub(super) due: Timestamp,
}

/// Issues a certificate for the server.
///
/// # Errors
/// As [`ca::signing`], and exit 4 when the CA may not sign for these names or is not valid.
pub(super) fn issue(
    store: &dyn Backend,
    ca: &str,
    names: &[SelfIssuedName],
) -> Result<SelfIssuedCertificate> {
    let now = clock::now();
    let (authority, _) = ca::signing(store, ca)?;
    let dns = names.iter().filter_map(|name| match name {
        SelfIssuedName::Dns(name) => Some(name.clone()),
        SelfIssuedName::Ip(_) => None,
    });
    let ip = names.iter().filter_map(|name| match name {
        SelfIssuedName::Ip(address) => Some(*address),
        SelfIssuedName::Dns(_) => None,
    });
    let request = LeafRequest {
        subject: Subject::new("ccx-sec serve", None)?,
        san: San::new(dns, ip),
        usage: Usage::Server,
        validity: Length::from(VALID),
    };
    let key = LeafKey::generate(KeyType::EcdsaP256)?;
    let certificate = Issuer::new(&authority, now)?.issue(&request, key.public(), now)?;
    let chain = vec![CertificateDer::from(certificate.der().to_vec())];
    let key = PrivatePkcs8KeyDer::from(key.pkcs8().to_vec());
    let certified = certified(chain, key.into()).map_err(|source| {
        Error::failed(Code::Tls, "the certificate for the server cannot be used").because(source)
    })?;
    let left = certificate.not_after().duration_since(now);
    Ok(SelfIssuedCertificate { certified, due: now + left / 2 })
}

/// Replaces the certificate when it is due, or clients no longer trust the CA that signed it, until
/// the process ends.
///
/// After the switch of a planned rotation, the certificate of the old CA stays until it is due, at
/// most half a day: clients that do not have the new CA yet come here for it.
pub(super) fn renew(
    store: Arc<dyn Backend>,
    app: Arc<App>,
    server_certificate: Arc<ReloadableCertificate>,
    names: Vec<SelfIssuedName>,
    mut due: Timestamp,
    output: Output,
) {
    thread::spawn(move || {
        let mut signed_under = active(&app);
        loop {
            thread::sleep(CHECK_INTERVAL);
            let now_active = active(&app);
            let is_trusted = now_active == signed_under
                || signed_under.as_deref().is_some_and(|signer| is_still_trusted(&app, signer));
            // Without an active CA, nothing can be signed.
            if now_active.is_none() || (is_trusted && clock::now() < due) {
                continue;
            }
            match issue(&*store, &app.ca, &names) {
                Ok(issued) => {
                    (due, signed_under) = (issued.due, now_active);
                    server_certificate.replace(issued.certified);
                }
                Err(error) => {
                    app.metrics.file_errors.inc();
                    output.warning(&format!("no new certificate for this server: {error}"));
                    thread::sleep(RETRY_INTERVAL);
                }
            }
        }
    });
}

/// The fingerprint of the active CA certificate.
fn active(app: &App) -> Option<String> {
    let snapshot = app.snapshot.load();
    let active = snapshot.members.iter().find(|member| member.role == "active");
    active.map(|member| member.certificate.sha256.clone())
}

/// Whether the CA with this fingerprint signed before a planned rotation, and is in the bundle.
fn is_still_trusted(app: &App, sha256: &str) -> bool {
    let snapshot = app.snapshot.load();
    let is_planned = |notice: &RotationNotice| notice.kind == RotationKind::Planned.name();
    snapshot.rotation.as_ref().is_some_and(is_planned)
        && snapshot.members.iter().any(|member| member.certificate.sha256 == sha256)
}
