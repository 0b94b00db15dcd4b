//! A Kubernetes Secret as data.

use std::collections::{BTreeMap, BTreeSet};

use zeroize::Zeroizing;

use crate::error::{Code, Error, Result};
use crate::text::clip;

/// The label on every object that ccx-sec creates, and its value.
pub const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "ccx-sec");

/// The maximum total size of a Secret's values in bytes (Kubernetes' `MaxSecretSize`).
pub const MAX_SIZE: usize = 1024 * 1024;

/// A Secret. Its values are wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// `metadata.name`.
    pub name: String,
    /// `type`, such as `kubernetes.io/tls`.
    pub kind: String,
    /// `metadata.labels`.
    pub labels: BTreeMap<String, String>,
    /// `metadata.annotations`.
    pub annotations: BTreeMap<String, String>,
    /// `data`, decoded.
    pub data: BTreeMap<String, Zeroizing<Vec<u8>>>,
    /// Keys that the next write removes.
    pub removed: BTreeSet<String>,
    /// `immutable`: Kubernetes refuses changes of the values.
    pub immutable: bool,
    /// The version that was read: `resourceVersion`, or the hash of the file. `None` for a Secret
    /// that is not in a store.
    pub version: Option<String>,
}

impl Secret {
    /// Creates a Secret with the label [`MANAGED_BY`].
    #[must_use]
    pub fn new(name: &str, kind: &str) -> Self {
        Secret {
            name: name.to_owned(),
            kind: kind.to_owned(),
            labels: BTreeMap::from([(MANAGED_BY.0.to_owned(), MANAGED_BY.1.to_owned())]),
            annotations: BTreeMap::new(),
            data: BTreeMap::new(),
            removed: BTreeSet::new(),
            immutable: false,
            version: None,
        }
    }

    /// Removes a value, also from the store at the next write.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        if self.data.remove(key).is_some() {
            self.removed.insert(key.to_owned());
        }
        self
    }

    /// Adds or replaces a value.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Vec<u8>>) -> Self {
        self.removed.remove(key);
        self.data.insert(key.to_owned(), Zeroizing::new(value.into()));
        self
    }

    /// Sets a label.
    #[must_use]
    pub fn label(mut self, name: &str, value: &str) -> Self {
        self.labels.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Whether ccx-sec made the Secret, by the label [`MANAGED_BY`].
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.labels.get(MANAGED_BY.0).is_some_and(|value| value == MANAGED_BY.1)
    }

    /// The value of a key.
    ///
    /// # Errors
    /// Exit 3 when the Secret has no such key.
    pub fn value(&self, key: &str) -> Result<&[u8]> {
        self.data.get(key).map(|value| value.as_slice()).ok_or_else(|| {
            Error::failed(
                Code::SecretKeyMissing,
                format!("the Secret {} has no key {key}", self.name),
            )
            .hint(match self.is_ours() {
                true => "restore it from a backup",
                false => {
                    "ccx-sec did not make it, and the key is not in it: name another Secret, \
                     or import its certificate and key under another name: ca import, cert issue"
                }
            })
        })
    }

    /// Refuses a Secret that is too large for the API server, before any write.
    ///
    /// # Errors
    /// Exit 4 when the values exceed [`MAX_SIZE`] in total.
    pub fn check_size(&self) -> Result<()> {
        let size: usize = self.data.values().map(|value| value.len()).sum();
        if size > MAX_SIZE {
            return Err(Error::refused(
                Code::SecretTooLarge,
                format!(
                    "the Secret {} would hold {size} bytes; Kubernetes allows {MAX_SIZE}",
                    self.name
                ),
            )
            .hint("nothing was written; reduce its content"));
        }
        Ok(())
    }

    /// Refuses a name that Kubernetes does not accept: it must be a DNS subdomain (RFC 1123) of at
    /// most 253 characters, in lower case.
    ///
    /// # Errors
    /// Exit 2 for such a name.
    pub fn check_name(name: &str) -> Result<()> {
        let label = |label: &str| {
            let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            !label.is_empty()
                && label.bytes().all(inner)
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if name.len() > 253 || !name.split('.').all(label) {
            let shown = clip(name, 64);
            return Err(Error::usage(
                Code::SecretName,
                format!("{shown:?} is not a name for a Secret"),
            )
            .hint("use lower-case letters, digits, '-' and '.', at most 253, such as ccx-ca"));
        }
        Ok(())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secret({}, keys {:?}, redacted)", self.name, self.data.keys())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_keys_and_no_values() {
        let secret = Secret::new("x", "Opaque").with("k", *b"hunter2");
        assert_eq!(format!("{secret:?}"), r#"Secret(x, keys ["k"], redacted)"#);
    }

    #[test]
    fn one_byte_over_the_limit_is_refused() {
        let secret = Secret::new("x", "Opaque").with("a", vec![0; MAX_SIZE - 1]).with("b", [0]);
        assert!(secret.check_size().is_ok());
        let error = secret.with("c", [0]).check_size().expect_err("too large");
        assert_eq!((error.code().name(), error.exit().code()), ("secret-too-large", 4));
    }

    #[test]
    fn names() {
        for good in ["ccx-ca", "a", "a.b-c.d0", &"a".repeat(253)] {
            assert!(Secret::check_name(good).is_ok(), "{good}");
        }
        for bad in ["", "A", "a_b", "-a", "a-", "a..b", ".", "../x", "a/b", "a\0", &"a".repeat(254)]
        {
            assert!(Secret::check_name(bad).is_err(), "{bad}");
        }
    }
}
