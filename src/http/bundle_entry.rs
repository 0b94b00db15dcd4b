//! A certificate of the bundle in the documents of the API and on the page.

use serde::Serialize;

use crate::pki::certificate::Description;

/// A certificate of the bundle with its role, as in documents.
#[derive(Debug, Clone, Serialize)]
pub(super) struct BundleEntry {
    pub(super) role: &'static str,
    /// The number of its key among the keys of this CA.
    pub(super) generation: u32,
    #[serde(flatten)]
    pub(super) certificate: Description,
}
