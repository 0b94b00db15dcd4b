//! The certificates of a request, and the steps that the libraries share which build a single path.

use super::link::PathCertificate;
use super::{ChainFault, ChainReason, ChainRequest, Position, Verifier};
use crate::pki::subject;

/// OpenSSL's default limit on the certificates of a path.
pub(super) const DEEPEST: usize = 100;

/// Numbers the certificates by position; the last one is the trusted CA if `anchored`.
pub(super) fn placed<'a>(
    path: Vec<PathCertificate<'a>>,
    anchored: bool,
) -> Vec<PathCertificate<'a>> {
    let last = path.len() - 1;
    let place = |(at, link): (usize, PathCertificate<'a>)| match at {
        0 => link,
        at if at == last && anchored => PathCertificate { position: Position::Ca, ..link },
        at => PathCertificate { position: Position::Intermediate(at), ..link },
    };
    path.into_iter().enumerate().map(place).collect()
}

/// The certificates of a request, from which a path is built.
pub(super) struct Candidates<'a> {
    pub(super) leaf: PathCertificate<'a>,
    pub(super) sent: Vec<PathCertificate<'a>>,
    pub(super) anchors: Vec<PathCertificate<'a>>,
    pub(super) at: i64,
    verifier: Verifier,
}

impl<'a> Candidates<'a> {
    pub(super) fn new(request: &ChainRequest<'a>) -> Self {
        let link = |position| move |one: &'a _| PathCertificate::new(one, position);
        Candidates {
            leaf: PathCertificate::new(request.leaf, Position::Leaf),
            sent: request.intermediates.iter().map(link(Position::Intermediate(1))).collect(),
            anchors: request.anchors.iter().map(link(Position::Ca)).collect(),
            at: request.at.as_second(),
            verifier: request.verifier,
        }
    }

    /// The first certificate that looks like the issuer and is within its dates, or else the first
    /// that looks like the issuer. OpenSSL chooses the same way.
    pub(super) fn first_valid<'l>(
        &self,
        among: &'l [PathCertificate<'a>],
        head: &PathCertificate<'a>,
    ) -> Option<&'l PathCertificate<'a>> {
        let mut like = among.iter().filter(|one| looks_like_issuer(head, one)).peekable();
        let first = like.peek().copied();
        like.find(|one| is_in_time(one, self.at)).or(first)
    }

    /// Explains why this path ends before a trusted CA, although another path reaches one.
    pub(super) fn ends_nowhere(&self, path: &[PathCertificate<'a>], trusted: bool) -> ChainFault {
        let head = path.last().unwrap_or(&self.leaf);
        let who = self.verifier.name();
        let fault = |link: &PathCertificate<'_>, what: String| {
            ChainFault::new(ChainReason::Untrusted, link, what)
        };
        if trusted {
            let what = format!("is trusted but not self-signed: {who} needs a root");
            return fault(head, what)
                .rule("RFC 5280 section 6.1.1 (d)")
                .hint("add the root that issued it to the CA file");
        }
        if self.anchors.iter().any(|one| one.certificate == self.leaf.certificate) {
            let what = format!("is trusted itself but not self-signed: {who} needs a root");
            return fault(&self.leaf, what)
                .rule("RFC 5280 section 6.1.1 (d)")
                .hint("trust the CA that issued it instead");
        }
        let known = self.anchors.iter().chain(&self.sent);
        let signer = known.clone().find(|one| {
            one.x509.subject().as_raw() == head.x509.issuer().as_raw()
                && head.check_signature(one).is_ok()
        });
        match signer {
            Some(signer) => {
                let name = subject::rfc4514(signer.x509.subject());
                let what = format!(
                    "is signed by {name}, and its authority key identifier names another \
                     certificate: {who} does not take that for its issuer"
                );
                fault(head, what).rule("RFC 5280 section 4.2.1.1").hint(
                    "the CA's certificate was made anew with the same key: issue this one again \
                     from it, or trust the CA's certificate of before",
                )
            }
            None => {
                let what = format!(
                    "is issued by {}, which is no trusted CA; by another certificate that was \
                     sent there is a path to one, but {who} follows the first that fits",
                    subject::rfc4514(head.x509.issuer())
                );
                fault(head, what)
                    .rule("RFC 5280 section 6.1")
                    .hint("let the peer send only the certificates that lead to the trusted CA")
            }
        }
    }

    /// The fault of a path in which the key of `taken`, the issuer that the verifier chose, did not
    /// sign `head`.
    pub(super) fn another_of_that_name(
        &self,
        head: &PathCertificate<'a>,
        taken: &PathCertificate<'a>,
    ) -> ChainFault {
        let name = subject::rfc4514(taken.x509.subject());
        let (who, position) = (self.verifier.name(), taken.position);
        let what = format!(
            "was signed by one of several keys of the name {name}, without an authority key \
             identifier that says which: {who} takes the {position} of another key for its issuer"
        );
        ChainFault::new(ChainReason::BadSignature, head, what).rule("RFC 5280 section 4.2.1.1").hint(
            "issue it again with an authority key identifier; or leave only the CA that signed it",
        )
    }
}

pub(super) fn is_in_time(link: &PathCertificate<'_>, at: i64) -> bool {
    let validity = &link.x509.validity;
    (validity.not_before.timestamp()..=validity.not_after.timestamp()).contains(&at)
}

/// Follows OpenSSL's `X509_check_issued`, without its check of keyUsage.
pub(super) fn looks_like_issuer(head: &PathCertificate<'_>, issuer: &PathCertificate<'_>) -> bool {
    issuer.x509.subject().as_raw() == head.x509.issuer().as_raw()
        && fits_authority_key(head, issuer)
        && !head.is_signed_by_other_kind(issuer)
}

/// Whether every field of authorityKeyIdentifier that is present matches `issuer`.
pub(super) fn fits_authority_key(head: &PathCertificate<'_>, issuer: &PathCertificate<'_>) -> bool {
    let other_issuer =
        head.authority_issuer().is_some_and(|name| name != issuer.x509.issuer().as_raw());
    !head.names_another_key(issuer) && !head.names_another_serial(issuer) && !other_issuer
}

/// OpenSSL's notion of self-signed: subject and issuer are equal, and authorityKeyIdentifier, if
/// present, names the certificate itself.
pub(super) fn is_root(link: &PathCertificate<'_>) -> bool {
    link.is_self_issued() && fits_authority_key(link, link)
}
