//! A target: the owner of credentials, and the places where they are stored.

use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::error::Result;
use crate::node::directory::{self, CredentialKind};
use crate::node::{Node, NodeId};
use crate::pki::certificate::Certificate;
use crate::pki::issue::LeafRequest;
use crate::pki::key::KeyType;
use crate::pki::san::DnsName;
use crate::pki::subject::Subject;
use crate::store::nodes::SecretTarget;

/// The request for a certificate and the kind of its key; `None` if only the existing certificate
/// tells.
pub type DesiredCertificate = Option<(LeafRequest, KeyType)>;

/// A node or client with its credentials' places.
#[derive(Debug)]
pub struct CredentialTarget {
    /// The name in messages.
    pub name: String,
    /// The desired certificate.
    pub wanted: DesiredCertificate,
    /// The directory of the credentials, if they are stored as files.
    pub directory: Option<(PathBuf, CredentialKind)>,
    /// The Secret of the credentials, if they are kept in the store.
    pub secret: Option<SecretTarget>,
    /// The subject that an existing certificate in the directory must have; `None` allows any.
    pub holder: Option<ExpectedSubject>,
    /// The datastore of a node of a fleet: a run moves one node of each to another CA.
    pub datastore: Option<Uuid>,
}

/// The subject of a certificate.
#[derive(Debug)]
pub enum ExpectedSubject {
    /// The node of this name.
    Host(DnsName),
    /// The client with this subject.
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
    /// The target for a node: below the directory `out` of its fleet, in the store, or both.
    ///
    /// # Errors
    /// None for a node that [`Node::new`] accepted.
    pub fn node(node: &Node, out: Option<&Path>, in_store: bool) -> Result<Self> {
        Ok(CredentialTarget {
            name: format!("the node {}", node.id()),
            wanted: Some((node.request()?, node.key_type())),
            directory: out.map(|out| (directory::below(out, node.id()), CredentialKind::Server)),
            secret: in_store.then(|| SecretTarget::node(node)),
            holder: None, // the path names the node
            datastore: Some(node.id().datastore),
        })
    }

    /// The target for the credentials in a directory; their certificate is the only source of its
    /// contents.
    #[must_use]
    pub fn in_directory(directory: &Path, kind: CredentialKind) -> Self {
        CredentialTarget {
            name: directory.display().to_string(),
            wanted: None,
            directory: Some((directory.to_owned(), kind)),
            secret: None,
            holder: None,
            datastore: None,
        }
    }

    /// The target for a node of which only the id is known; its certificate is the only source of
    /// its contents.
    #[must_use]
    pub fn existing(id: &NodeId, out: Option<&Path>, in_store: bool) -> Self {
        CredentialTarget {
            name: format!("the node {id}"),
            wanted: None,
            directory: out.map(|out| (directory::below(out, id), CredentialKind::Server)),
            secret: in_store.then(|| SecretTarget::existing(id)),
            holder: None,
            datastore: Some(id.datastore),
        }
    }
}
