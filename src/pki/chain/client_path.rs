//! The single path that a client's library builds, for libraries that do not search all paths.
//!
//! OpenSSL and GnuTLS go from the leaf upwards and take the first certificate that looks like the
//! issuer by name and key identifiers, before they check any signature. They never go back to try
//! another. So psql, mysql, mariadb and redis-cli can refuse a chain that is good by RFC 5280.
//! Sources: OpenSSL 3, `build_chain` and `X509_check_akid` (openssl-verification-options(1),
//! "Certification Path Building"); GnuTLS by measurement.

use super::candidates::{Candidates, DEEPEST, is_in_time, is_root, placed};
use super::link::PathCertificate;
use super::search::Search;
use super::{ChainFault, ChainRequest, Position, Verifier, openssl_1_0};
use crate::pki::certificate::Certificate;

/// Checks that the request's verifier accepts the path that it builds itself. `found` is a path
/// that is good by RFC 5280.
pub(super) fn check(request: &ChainRequest<'_>, found: &[Certificate]) -> Result<(), ChainFault> {
    let all = Candidates::new(request);
    let path = match request.verifier {
        Verifier::OpenSsl => all.by_openssl(false)?,
        Verifier::OpenSsl102 => openssl_1_0::build_path(&all)?,
        Verifier::PythonStrict => all.by_openssl(true)?,
        Verifier::GnuTls => all.by_gnutls()?,
        Verifier::Go | Verifier::Java => linked(found),
        Verifier::Rfc5280 | Verifier::Rustls => return Ok(()),
    };
    if !path.iter().map(|link| link.certificate).eq(found) {
        for (head, issuer) in path.iter().zip(path.iter().skip(1)) {
            if head.check_signature(issuer).is_err() {
                return Err(all.another_of_that_name(head, issuer));
            }
        }
        Search::new(request).check_path(&path)?;
    }
    let refusal = request.verifier.refuses(&path, request);
    refusal.and_then(|refusal| refusal.fault(&path)).map_or(Ok(()), Err)
}

/// The certificates of a path, each with its place.
fn linked(path: &[Certificate]) -> Vec<PathCertificate<'_>> {
    placed(
        path.iter().map(|one| PathCertificate::new(one, Position::Leaf)).collect(),
        path.len() > 1,
    )
}

impl<'a> Candidates<'a> {
    /// Builds the path as OpenSSL does: trusted CAs come first at each step. Only a self-signed CA
    /// ends the path, unless `partial` (`X509_V_FLAG_PARTIAL_CHAIN`) lets any trusted CA end it.
    fn by_openssl(&self, partial: bool) -> Result<Vec<PathCertificate<'a>>, ChainFault> {
        let (mut path, mut sent) = (vec![self.leaf.clone()], self.sent.clone());
        let mut trusted = false;
        while let Some(head) = path.last().cloned().filter(|_| path.len() <= DEEPEST) {
            let anchor = self.first_valid(&self.anchors, &head);
            if is_root(&head) {
                if trusted || anchor.is_some_and(|one| one.certificate == head.certificate) {
                    return Ok(placed(path, true));
                }
            } else if let Some(anchor) = anchor {
                path.push(anchor.clone());
                trusted = true;
                if partial {
                    return Ok(placed(path, true));
                }
                continue;
            } else if let Some(next) = self.first_valid(&sent, &head).filter(|_| !trusted) {
                let next = next.clone();
                sent.retain(|one| one.certificate != next.certificate);
                path.push(next);
                continue;
            }
            break;
        }
        if partial && self.anchors.iter().any(|one| one.certificate == self.leaf.certificate) {
            return Ok(vec![self.leaf.clone()]);
        }
        Err(self.ends_nowhere(&placed(path, trusted), trusted))
    }

    /// Builds the path as GnuTLS does: at each step, the last trusted CA that fits, or else the
    /// first fitting certificate that the peer sent.
    fn by_gnutls(&self) -> Result<Vec<PathCertificate<'a>>, ChainFault> {
        let (mut path, mut sent) = (vec![self.leaf.clone()], self.sent.clone());
        if self.anchors.iter().any(|one| one.certificate == self.leaf.certificate) {
            return Ok(path);
        }
        // By measurement, GnuTLS ignores the issuer and serial number in authorityKeyIdentifier.
        let fits = |head: &PathCertificate<'a>, one: &PathCertificate<'a>| {
            one.x509.subject().as_raw() == head.x509.issuer().as_raw()
                && !head.names_another_key(one)
        };
        while let Some(head) = path.last().cloned().filter(|_| path.len() <= DEEPEST) {
            let fitting = self.anchors.iter().filter(|one| fits(&head, one));
            let valid = fitting.clone().rfind(|one| is_in_time(one, self.at));
            if let Some(anchor) = valid.or_else(|| fitting.clone().next_back()) {
                path.push(anchor.clone());
                return Ok(placed(path, true));
            }
            let Some(at) = sent.iter().position(|one| fits(&head, one)) else { break };
            path.push(sent.remove(at));
        }
        Err(self.ends_nowhere(&placed(path, false), false))
    }
}
