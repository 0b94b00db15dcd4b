//! The certificates that are stored for servers: in their directories, and in Secrets.

use std::path::Path;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::node::NodeId;
use crate::node::credentials::{self, Credentials};
use crate::node::directory::{self, CredentialKind};
use crate::probe::loaded::{StoredCertificate, StoredIn, Unusable};
use crate::store::nodes;

/// Reads the certificate in a server's directory of credentials.
pub(super) fn in_directory(directory: &Path) -> StoredCertificate {
    let full = std::path::absolute(directory).unwrap_or_else(|_| directory.to_owned());
    stored(StoredIn::Directory(full), directory::read(directory, CredentialKind::Server))
}

/// Reads the certificate of each node in its Secret.
///
/// # Errors
/// Exit 3 when the store cannot be opened.
pub(super) fn in_secrets(context: &Context, ids: &[NodeId]) -> Result<Vec<StoredCertificate>> {
    let store = context.open_store()?;
    let _progress = context.output.progress("reading");
    let read = |id: &NodeId| {
        let name = nodes::secret_name(id);
        let read = nodes::load_credentials(store.as_ref(), &name);
        stored(StoredIn::Secret(name), read)
    };
    Ok(ids.iter().map(read).collect())
}

fn stored(place: StoredIn, read: Result<Option<Credentials>>) -> StoredCertificate {
    let certificate = match read {
        Ok(Some(credentials)) => Ok(credentials.certificate().clone()),
        Ok(None) => Err(Unusable::NotRead(format!("{place} holds no certificate of a server"))),
        Err(error) if credentials::is_damage(&error) => {
            Err(Unusable::Damaged(message_with_causes(&error)))
        }
        Err(error) => Err(Unusable::NotRead(message_with_causes(&error))),
    };
    StoredCertificate { place, certificate }
}

/// The message of an error, with its causes.
fn message_with_causes(error: &Error) -> String {
    let causes = error.causes().into_iter().map(|cause| format!(": {cause}"));
    format!("{error}{}", causes.collect::<String>())
}
