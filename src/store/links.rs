//! The links of a rotation in the bundle's Secret: certificates by which one CA of the bundle
//! announces another ([`crate::pki::link`]). They are in a value of their own, never among the CA
//! certificates that clients trust.

use crate::error::{Code, Error, Result};
use crate::pki::certificate::Certificate;
use crate::pki::pem;
use crate::store::secret::Secret;

/// The value of the bundle's Secret that holds them, as PEM.
pub const LINKS: &str = "links.pem";

/// The value that keeps them while a rotation replaces a stolen key: nobody follows them then, and
/// they come back if that rotation is given up before it switched.
const SUSPENDED: &str = "links-suspended.pem";

/// Takes the links out of use, and keeps them.
#[must_use]
pub fn suspend_links(secret: Secret) -> Secret {
    let Some(links) = secret.data.get(LINKS).map(|links| links.to_vec()) else { return secret };
    secret.without(LINKS).with(SUSPENDED, links)
}

/// Puts suspended links back into use.
#[must_use]
pub fn resume_links(secret: Secret) -> Secret {
    let Some(links) = secret.data.get(SUSPENDED).map(|links| links.to_vec()) else { return secret };
    secret.without(SUSPENDED).with(LINKS, links)
}

/// Drops suspended links: the CA that they lead to is given up.
#[must_use]
pub fn drop_suspended_links(secret: Secret) -> Secret {
    match secret.data.contains_key(SUSPENDED) {
        true => secret.without(SUSPENDED),
        false => secret,
    }
}

/// Reads the links of the bundle's Secret; none where it has no such value.
///
/// # Errors
/// Exit 3 when the value is damaged.
pub fn read_links(secret: &Secret) -> Result<Vec<Certificate>> {
    let Some(text) = secret.data.get(LINKS) else { return Ok(Vec::new()) };
    Certificate::from_pem(LINKS, text).map_err(|error| {
        let message = format!("the Secret {} is damaged: {error}", secret.name);
        Error::failed(Code::BundleDamaged, message).hint("restore it from a backup")
    })
}

/// Puts these links into the bundle's Secret, in place of those that it has. Without links, the
/// value is removed.
#[must_use]
pub fn with_links(secret: Secret, links: &[Certificate]) -> Secret {
    match links {
        [] => secret.without(LINKS),
        _ => secret.with(LINKS, pem::certificates(links)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_kept_replaced_and_removed() {
        let fixture = include_bytes!("../../fixtures/good.pem");
        let links = Certificate::from_pem("good.pem", fixture).expect("a certificate");
        let empty = Secret::new("ccx-ca-bundle", "Opaque");
        assert_eq!(read_links(&empty).expect("none"), []);
        let filled = with_links(empty.clone(), &links);
        assert_eq!(read_links(&filled).expect("links"), links);
        let removed = with_links(filled, &[]);
        assert!(removed.data.is_empty() && removed.removed.contains(LINKS));
        let damaged = empty.with(LINKS, "x");
        assert_eq!(read_links(&damaged).map_err(|e| e.code().name()), Err("bundle-damaged"));
    }
}
