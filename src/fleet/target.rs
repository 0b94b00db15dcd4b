//! Whose credentials it is about, and where they belong.

use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::node::Node;
use crate::node::directory::{self, Kind};
use crate::pki::issue::Request;
use crate::pki::key::KeyType;
use crate::store::nodes::SecretTarget;

/// What a certificate shall say and the kind of its key; where it is not known, what the
/// certificate that is there says.
pub type Wanted = Option<(Request, KeyType)>;

/// One that has credentials, or shall have some.
#[derive(Debug)]
pub struct Target {
    /// What to call it in errors.
    pub name: String,
    /// What its certificate shall say.
    pub wanted: Wanted,
    /// The directory they belong in, if they do.
    pub directory: Option<(PathBuf, Kind)>,
    /// The Secret they belong in, if they do.
    pub secret: Option<SecretTarget>,
}

impl Target {
    /// A node, below the directory `out` of its fleet, in the store, or both.
    ///
    /// # Errors
    /// None that [`Node::new`] lets through.
    pub fn node(node: &Node, out: Option<&Path>, in_store: bool) -> Result<Self> {
        Ok(Target {
            name: format!("the node {}", node.id()),
            wanted: Some((node.request()?, node.key_type())),
            directory: out.map(|out| (directory::below(out, node.id()), Kind::Server)),
            secret: in_store.then(|| SecretTarget::node(node)),
        })
    }
}
