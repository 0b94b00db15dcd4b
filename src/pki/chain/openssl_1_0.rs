//! OpenSSL 1.0.2: the path that it builds, and what it cannot read.
//!
//! It follows the certificates that the peer sent as far as they lead, and only then the trusted
//! CAs. Of several trusted CAs that look like the issuer it takes the first, valid or not. If that
//! path ends nowhere, it shortens the part that the peer sent, and tries the trusted CAs again.
//! Source: `X509_verify_cert` of its `x509_vfy.c`, and `X509_check_issued` of its `v3_purp.c`.
//! `tests/rotation/plan/truth.rs` compares it with Node 8.
//!
//! It does not look at the path length of a trusted CA. This model does, and so refuses more.

use x509_parser::extensions::GeneralName;

use super::candidates::{Candidates, DEEPEST, fits_authority_key, placed};
use super::fault::{ChainFault, ChainReason};
use super::link::PathCertificate;
use super::refusal::Refusal;
use crate::pki::certificate::key_type;

/// Builds the path.
pub(super) fn build_path<'a>(all: &Candidates<'a>) -> Result<Vec<PathCertificate<'a>>, ChainFault> {
    let mut path = vec![all.leaf.clone()];
    extend(&mut path, &mut all.sent.clone(), true);
    // The certificates at the beginning of the path that the peer sent.
    let mut sent = path.len();
    loop {
        match path.as_slice() {
            [only] if is_root(only) => {
                let trusted = first_issuer(&all.anchors, only).map(|at| &all.anchors[at]);
                return match trusted.filter(|one| one.certificate == only.certificate) {
                    Some(_) => Ok(path),
                    None => Err(all.ends_nowhere(&path, false)),
                };
            }
            [.., last] if is_root(last) => {
                path.pop();
                sent = sent.min(path.len());
            }
            _ => {}
        }
        extend(&mut path, &mut all.anchors.clone(), false);
        if path[sent..].iter().any(is_root) {
            return Ok(placed(path, true));
        }
        // The last sent certificate, but not the one just tried, whose issuer is trusted.
        let shorter = (1..sent).rev().find(|count| {
            path.get(count - 1).is_some_and(|head| first_issuer(&all.anchors, head).is_some())
        });
        let Some(count) = shorter else {
            let is_trusted = path.len() > sent;
            return Err(all.ends_nowhere(&placed(path, is_trusted), is_trusted));
        };
        path.truncate(count);
        sent = count;
    }
}

/// Appends issuers from `among` until a root, or until none fits. Each is used once if `once`.
fn extend<'a>(
    path: &mut Vec<PathCertificate<'a>>,
    among: &mut Vec<PathCertificate<'a>>,
    once: bool,
) {
    while let Some(head) = path.last().cloned().filter(|_| path.len() <= DEEPEST) {
        if is_root(&head) {
            return;
        }
        let Some(at) = first_issuer(among, &head) else { return };
        path.push(if once { among.remove(at) } else { among[at].clone() });
    }
}

/// The first certificate that looks like the issuer of `head`, whatever its dates.
fn first_issuer(among: &[PathCertificate<'_>], head: &PathCertificate<'_>) -> Option<usize> {
    among.iter().position(|one| {
        one.x509.subject().as_raw() == head.x509.issuer().as_raw()
            && fits_authority_key(head, one)
            && may_sign(one)
    })
}

fn may_sign(link: &PathCertificate<'_>) -> bool {
    link.key_usage().is_none_or(|usage| usage.key_cert_sign())
}

fn is_root(link: &PathCertificate<'_>) -> bool {
    link.is_self_issued() && fits_authority_key(link, link) && may_sign(link)
}

/// The first refusal of a path: it knows neither Ed25519 nor constraints on addresses.
pub(super) fn refuses(path: &[PathCertificate<'_>]) -> Option<Refusal> {
    let ed25519 = path.iter().find(|link| key_type(link.x509.public_key()) == "ed25519");
    if let Some(link) = ed25519 {
        let what = "has an Ed25519 key, which OpenSSL knows from version 1.1.1 on";
        return Some(Refusal::new(link, ChainReason::WeakKey, what, "RFC 8410"));
    }
    let leaf = path.first()?;
    let is_address = |name: &GeneralName<'_>| matches!(name, GeneralName::IPAddress(_));
    if !leaf.alternative_names().iter().any(is_address) {
        return None;
    }
    let constraining = path.iter().find(|link| {
        link.name_constraints().is_some_and(|(_, constraints)| {
            let both = [&constraints.permitted_subtrees, &constraints.excluded_subtrees];
            both.into_iter().flatten().flatten().any(|tree| is_address(&tree.base))
        })
    })?;
    let what = "constrains addresses, which OpenSSL can read from version 1.1.0 on";
    let rule = "RFC 5280 section 4.2.1.10";
    Some(Refusal::new(constraining, ChainReason::NameConstraint, what, rule))
}
