//! Whose credentials it is about, and where they belong.

use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::node::directory::{self, CredentialKind};
use crate::node::{Node, NodeId};
use crate::pki::certificate::Certificate;
use crate::pki::issue::LeafRequest;
use crate::pki::key::KeyType;
use crate::pki::san::DnsName;
use crate::pki::subject::Subject;
use crate::store::nodes::SecretTarget;

/// What a certificate shall say and the kind of its key; where it is not known, what the
/// certificate that is there says.
pub type DesiredCertificate = Option<(LeafRequest, KeyType)>;

/// One that has credentials, or shall have some.
#[derive(Debug)]
pub struct CredentialTarget {
    /// What to call it in errors.
    pub name: String,
    /// What its certificate shall say.
    pub wanted: DesiredCertificate,
    /// The directory they belong in, if they do.
    pub directory: Option<(PathBuf, CredentialKind)>,
    /// The Secret they belong in, if they do.
    pub secret: Option<SecretTarget>,
    /// Whose certificate alone the directory may hold before; anyone's where not said.
    pub holder: Option<ExpectedSubject>,
}

/// Whose a certificate is.
#[derive(Debug)]
pub enum ExpectedSubject {
    /// That of the node of this name.
    Host(DnsName),
    /// That of the client with this subject.
    Client(Subject),
}

impl ExpectedSubject {
    pub(super) fn has(&self, certificate: &Certificate) -> bool {
        match self {
            ExpectedSubject::Host(host) => certificate.has_dns_name(host.as_str()),
            ExpectedSubject::Client(subject) => LeafRequest::from_certificate(certificate)
                .is_ok_and(|(request, _)| request.subject == *subject),
        }
    }
}

impl CredentialTarget {
    /// A node, below the directory `out` of its fleet, in the store, or both.
    ///
    /// # Errors
    /// None that [`Node::new`] lets through.
    pub fn node(node: &Node, out: Option<&Path>, in_store: bool) -> Result<Self> {
        Ok(CredentialTarget {
            name: format!("the node {}", node.id()),
            wanted: Some((node.request()?, node.key_type())),
            directory: out.map(|out| (directory::below(out, node.id()), CredentialKind::Server)),
            secret: in_store.then(|| SecretTarget::node(node)),
            holder: None, // the path says whose it is
        })
    }

    /// The credentials that `directory` holds, of which no more is known: their certificate says
    /// the rest.
    #[must_use]
    pub fn in_directory(directory: &Path, kind: CredentialKind) -> Self {
        CredentialTarget {
            name: directory.display().to_string(),
            wanted: None,
            directory: Some((directory.to_owned(), kind)),
            secret: None,
            holder: None,
        }
    }

    /// A node of which no more is known than who it is: its certificate says the rest.
    #[must_use]
    pub fn existing(id: &NodeId, out: Option<&Path>, in_store: bool) -> Self {
        CredentialTarget {
            name: format!("the node {id}"),
            wanted: None,
            directory: out.map(|out| (directory::below(out, id), CredentialKind::Server)),
            secret: in_store.then(|| SecretTarget::existing(id)),
            holder: None,
        }
    }
}
