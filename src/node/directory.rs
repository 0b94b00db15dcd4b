//! Credentials in a directory: three files that are replaced together (see `files::Slot`), under the
//! names that MySQL finds by default.

use std::path::{Path, PathBuf};

use crate::error::{Code, Error, Result};
use crate::files::{self, Content, Durability, FileMode, Owner, Slot, StagedFiles};
use crate::node::NodeId;
use crate::node::credentials::Credentials;
use crate::pki::pem::MAX_PEM_FILE;

/// The file name of the bundle.
pub const BUNDLE: &str = "ca.pem";
/// The kind of credentials in a directory; it determines the file names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialKind {
    /// A server's: `server-cert.pem`, `server-key.pem`.
    Server,
    /// A client's: `client-cert.pem`, `client-key.pem`.
    Client,
}

impl CredentialKind {
    /// The file name of the certificate.
    #[must_use]
    pub fn certificate(self) -> &'static str {
        match self {
            CredentialKind::Server => "server-cert.pem",
            CredentialKind::Client => "client-cert.pem",
        }
    }

    /// The file name of the key.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            CredentialKind::Server => "server-key.pem",
            CredentialKind::Client => "client-key.pem",
        }
    }

    fn other(self) -> Self {
        match self {
            CredentialKind::Server => CredentialKind::Client,
            CredentialKind::Client => CredentialKind::Server,
        }
    }

    /// The kind of the credentials in `directory`; `None` if there are none.
    ///
    /// # Errors
    /// Exit 3 when the directory cannot be read.
    pub fn detect(directory: &Path) -> Result<Option<Self>> {
        for kind in [CredentialKind::Server, CredentialKind::Client] {
            if files::leads_somewhere(&directory.join(kind.certificate()))? {
                return Ok(Some(kind));
            }
        }
        Ok(None)
    }
}

/// Owner and modes of the files.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// The owner of the files; `None` for that of the existing key, or else the user of this
    /// process.
    pub owner: Option<Owner>,
    /// The mode of the key file; `None` for that of the existing key, or else 0600.
    pub key_mode: Option<FileMode>,
    /// Whether foreign files in their place are adopted.
    pub adopt: bool,
}

/// The directory of a node below that of its fleet.
#[must_use]
pub fn below(fleet: &Path, id: &NodeId) -> PathBuf {
    fleet.join(id.datastore.to_string()).join(id.name.as_str())
}

/// Reads the credentials in a directory; `None` if there is no certificate. A link that leads
/// nowhere, left by a first writer that was killed, does not count.
///
/// # Errors
/// Exit 3 when a file is missing or cannot be read; see also [`Credentials::read`].
pub fn read(directory: &Path, kind: CredentialKind) -> Result<Option<Credentials>> {
    let name = directory.display().to_string();
    let names = [BUNDLE, kind.certificate(), kind.key()];
    loop {
        let set = files::in_force(directory, &names)?;
        let read = read_set(&name, &set, kind);
        // If a writer removed the set meanwhile, it is no longer the current one: read again.
        if files::in_force(directory, &names)? == set {
            return read;
        }
    }
}

fn read_set(name: &str, set: &Path, kind: CredentialKind) -> Result<Option<Credentials>> {
    let path = |file: &str| set.join(file);
    if !files::leads_somewhere(&path(kind.certificate()))? {
        return Ok(None);
    }
    let file = |file: &str| files::read(&path(file), MAX_PEM_FILE);
    let (certificate, key) = (file(kind.certificate())?, file(kind.key())?);
    // A missing bundle counts as outdated: it is written again.
    let has_bundle = files::leads_somewhere(&path(BUNDLE))?;
    let bundle = if has_bundle { file(BUNDLE)? } else { Default::default() };
    Credentials::read(name, &certificate, &key, &bundle).map(Some)
}

/// Whether the key in a directory has the desired owner, and a mode that nobody else can read.
///
/// # Errors
/// Exit 3 when it cannot be checked.
pub fn has_style(directory: &Path, kind: CredentialKind, style: &Style) -> Result<bool> {
    let there = files::owner_and_mode(&directory.join(kind.key()))?;
    Ok(there.is_some_and(|(owner, mode)| {
        style.owner.is_none_or(|wanted| wanted == owner)
            && mode.is_some_and(|mode| style.key_mode.is_none_or(|wanted| wanted == mode))
    }))
}

/// Writes credentials into a directory; they become current when they are published.
///
/// # Errors
/// Exit 4 when the directory holds foreign files, or credentials of the other kind; exit 3 when
/// the disk or the permissions do not allow it, or another process has locked the directory.
pub fn stage(
    slot: Slot,
    kind: CredentialKind,
    credentials: &Credentials,
    style: &Style,
    durability: Durability,
) -> Result<StagedFiles> {
    let other = kind.other().certificate();
    if slot.holds(other)? {
        let message = format!("{} holds {other} already", slot.path().display());
        return Err(Error::refused(Code::DirectoryTaken, message)
            .hint("a server and a client need separate directories"));
    }
    let (certificate, key) = (credentials.certificate_pem(), credentials.key_pem());
    let there = files::owner_and_mode(&slot.path().join(kind.key()))?;
    let owner = style.owner.or(there.map(|(owner, _)| owner));
    let same = there.filter(|(there, _)| owner == Some(*there));
    let key_mode = style.key_mode.or(same.and_then(|(_, mode)| mode)).unwrap_or(FileMode::Private);
    let content = |name, bytes, mode| Content { name, bytes, mode };
    let files = [
        content(BUNDLE, credentials.bundle_pem().as_bytes(), FileMode::Public),
        content(kind.certificate(), certificate.as_bytes(), FileMode::Public),
        content(kind.key(), key.as_bytes(), key_mode),
    ];
    slot.stage(&files, owner, durability, style.adopt)
}
