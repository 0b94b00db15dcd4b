//! Judges whether a server serves the certificate in its directory or Secret (mode `LOADED`). Pure.

use std::fmt;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::connection::target::DatabaseTarget;
use crate::engine::Engine;
use crate::error::Reason;
use crate::hint::{Hint, Verbatim};
use crate::node::directory::CredentialKind;
use crate::pki::certificate::Certificate;
use crate::probe::finding::ModeFinding;
use crate::probe::observation::Observation;
use crate::shell::CommandLine;

/// Where the certificate of a server is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredIn {
    /// A directory of credentials.
    Directory(PathBuf),
    /// A Secret, by its name in the store.
    Secret(String),
}

impl fmt::Display for StoredIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoredIn::Directory(path) => write!(f, "{}", path.display()),
            StoredIn::Secret(name) => write!(f, "the Secret {name}"),
        }
    }
}

/// The certificate that a server should serve.
#[derive(Debug, Clone)]
pub struct StoredCertificate {
    /// Where it is stored.
    pub place: StoredIn,
    /// The certificate, or the reason why a server could load none.
    pub certificate: Result<Certificate, Unusable>,
}

/// The reason why a place has no certificate that a server could load.
#[derive(Debug, Clone)]
pub enum Unusable {
    /// A server would refuse the files: they are damaged, or do not belong together.
    Damaged(String),
    /// The files are not there, or could not be read.
    NotRead(String),
}

/// Judges whether the server serves the stored certificate; `unseen` gives the finding if the
/// server presented no certificate.
pub(super) fn judge(
    seen: &Observation,
    stored: Option<&StoredCertificate>,
    at: Timestamp,
    unseen: impl FnOnce() -> Option<ModeFinding>,
) -> Option<ModeFinding> {
    let Some(StoredCertificate { place, certificate }) = stored else {
        return Some(ModeFinding::unknown(
            Reason::NotTried,
            "no stored certificate named".to_owned(),
        ));
    };
    let stored = match certificate {
        Ok(stored) => stored,
        Err(Unusable::Damaged(why)) => {
            return Some(ModeFinding::fail(Reason::FilesDamaged, why.clone()));
        }
        Err(Unusable::NotRead(why)) => {
            return Some(ModeFinding::unknown(Reason::FilesNotRead, why.clone()));
        }
    };
    if seen.secured.seen.chain.is_empty() {
        let nothing = || "the server presented no certificate".to_owned();
        return unseen().or_else(|| Some(ModeFinding::unknown(Reason::NotTried, nothing())));
    }
    let mut leaves = seen.over_tls().filter_map(|one| one.seen.chain.first());
    if let Some(other) = leaves.find(|leaf| leaf.as_ref() != stored.der()) {
        let served = match Certificate::from_der(other.to_vec()) {
            Ok(served) => described(&served, at),
            Err(_) => "a certificate that cannot be read".to_owned(),
        };
        let message = format!(
            "the server serves {served}; {place} holds {}: the server has not loaded it",
            described(stored, at)
        );
        return Some(ModeFinding::fail(Reason::NotLoaded, message));
    }
    if !seen.secured.seen.holds_key {
        let message = "the server did not prove that it holds the key of its certificate";
        return Some(ModeFinding::unknown(Reason::KeyNotProved, message.to_owned()));
    }
    None
}

/// Serial number and expiry of a certificate, for people to compare.
fn described(certificate: &Certificate, at: Timestamp) -> String {
    let (serial, not_after) = certificate.serial_and_not_after();
    let end = if not_after < at { "which ended on" } else { "valid until" };
    format!("serial {serial}, {end} {not_after}")
}

/// Returns the steps that make a server load the stored certificate, and the next steps if it still
/// does not.
pub(super) fn load(target: &DatabaseTarget, engine: Engine, place: Option<&StoredIn>) -> Hint {
    let statement = reload_from(engine, place);
    let again = CommandLine::ccx_sec("verify").option_if("--server-name", target.known_as.as_ref());
    let url = || target.to_string();
    let (hint, again) = match place {
        Some(StoredIn::Secret(_)) => (
            Hint::from(
                "wait until the kubelet has updated the mounted Secret (a minute or two; a subPath \
                 mount never is: restart the pod)",
            )
            .then(("then let the server read the files", Verbatim(statement))),
            again.flag("--from-secrets").flag("--expect-loaded"),
        ),
        Some(StoredIn::Directory(path)) => (
            Hint::from(("let the server read the files", Verbatim(statement))),
            again.option("--dir", path).argument(url()),
        ),
        None => (
            Hint::from(("let the server read the files", Verbatim(statement))),
            again.argument(url()),
        ),
    };
    hint.then(("then look again", again))
        .then((
            "if it still serves the other, see which files it reads",
            Verbatim(engine.facts().remedies.show_certificate_setting()),
        ))
        .then("and whether it may read the key: its log says why it refuses them")
}

/// The statement that makes a server reload its files, with their paths if they are known and the
/// statement needs them.
pub(super) fn reload_from(engine: Engine, place: Option<&StoredIn>) -> String {
    let remedies = engine.facts().remedies;
    match place {
        Some(StoredIn::Directory(path)) => remedies.reload_files(
            &path.join(CredentialKind::Server.certificate()),
            &path.join(CredentialKind::Server.key()),
        ),
        _ => remedies.reload().to_owned(),
    }
}
