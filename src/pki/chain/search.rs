//! The search for a path from the leaf to a trusted CA.
//!
//! Depth first, from the leaf upwards, trusted CAs before intermediates. A path is checked against
//! every rule as soon as it is complete; if it breaks one, the search goes on with the next path:
//! of cross-signed CAs, the good one is found. A [`Budget`] bounds the work.

use x509_parser::asn1_rs::{Oid, oid};
use x509_parser::x509::X509Name;

use crate::pki::chain::budget::{Budget, BudgetExhaustion};
use crate::pki::chain::link::{PathCertificate, SignatureError};
use crate::pki::chain::{
    ChainFault, ChainReason, ChainRequest, Position, VerifiedChain, names, revoked, rules,
    rustls_webpki, strict,
};
use crate::pki::subject;

/// The same limit as in rustls-webpki.
pub(super) const MAX_INTERMEDIATES: usize = 6;

/// The reason why a search stops before all paths are tried.
enum SearchEnd {
    Found(VerifiedChain),
    Exhausted,
}

impl From<BudgetExhaustion> for SearchEnd {
    fn from(_: BudgetExhaustion) -> Self {
        SearchEnd::Exhausted
    }
}

pub(super) struct Search<'a> {
    request: &'a ChainRequest<'a>,
    anchors: Vec<PathCertificate<'a>>,
    intermediates: Vec<PathCertificate<'a>>,
    budget: Budget,
    /// The most informative fault so far, with its rank.
    worst: Option<(Rank, ChainFault)>,
}

/// The progress of a path, which ranks its fault: the fault of a path that reaches a trusted CA is
/// the most informative.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    NoIssuer(usize),
    NotSigned(usize),
    Complete,
}

impl<'a> Search<'a> {
    pub(super) fn new(request: &'a ChainRequest<'a>) -> Self {
        let link = |certificate, position| PathCertificate::new(certificate, position);
        Search {
            request,
            anchors: request.anchors.iter().map(|one| link(one, Position::Ca)).collect(),
            intermediates: request
                .intermediates
                .iter()
                .filter(|one| !request.anchors.contains(one))
                .map(|one| link(one, Position::Intermediate(0)))
                .collect(),
            budget: Budget::new(),
            worst: None,
        }
    }

    pub(super) fn run(mut self) -> Result<VerifiedChain, ChainFault> {
        let leaf = PathCertificate::new(self.request.leaf, Position::Leaf);
        let mut path = vec![leaf.clone()];
        let end = if self.request.anchors.contains(self.request.leaf) {
            self.complete(&path).and_then(|()| self.extend(&mut path))
        } else {
            self.extend(&mut path)
        };
        match (end, self.worst) {
            (Err(SearchEnd::Found(verified)), _) => Ok(verified),
            (_, Some((Rank::Complete, fault))) => Err(fault),
            (Err(SearchEnd::Exhausted), _) => Err(too_complex(&leaf)),
            (Ok(()), Some((_, fault))) => Err(fault),
            (Ok(()), None) => Err(unknown_issuer(&leaf, &self.anchors)),
        }
    }

    /// Tries every issuer of the last certificate of `path`. Returns `Ok` if no good path was
    /// found.
    fn extend(&mut self, path: &mut Vec<PathCertificate<'a>>) -> Result<(), SearchEnd> {
        let Some(head) = path.last().cloned() else { return Ok(()) };
        let mut issuers = 0;
        for at in 0..self.anchors.len() {
            let anchor = self.anchors[at].clone();
            if !self.is_issuer(&head, &anchor)? || anchor.certificate == head.certificate {
                continue;
            }
            issuers += 1;
            if self.signed(&head, &anchor, path.len())? {
                path.push(anchor);
                self.complete(path)?;
                path.pop();
            }
        }
        for at in 0..self.intermediates.len() {
            let issuer = self.intermediates[at].at(Position::Intermediate(path.len()));
            if !self.is_issuer(&head, &issuer)? || is_in(path, &issuer) {
                continue;
            }
            issuers += 1;
            if self.too_long(path, &issuer) {
                let most = self.request.max_intermediates;
                let what = format!("makes the chain longer than {most} intermediate certificates");
                self.note(Rank::NotSigned(path.len()), || {
                    ChainFault::new(ChainReason::PathLength, &issuer, what)
                });
            } else if self.signed(&head, &issuer, path.len())? {
                path.push(issuer);
                self.extend(path)?;
                path.pop();
            }
        }
        if issuers == 0 {
            let fault = unknown_issuer(&head, &self.anchors);
            self.note(Rank::NoIssuer(path.len()), || fault);
        }
        Ok(())
    }

    fn is_issuer(
        &mut self,
        head: &PathCertificate<'_>,
        issuer: &PathCertificate<'_>,
    ) -> Result<bool, BudgetExhaustion> {
        self.budget.pay_for_candidate()?;
        let named = issuer.x509.subject().as_raw() == head.x509.issuer().as_raw();
        Ok(named && self.request.verifier.takes_for_issuer(head, issuer))
    }

    fn signed(
        &mut self,
        head: &PathCertificate<'a>,
        issuer: &PathCertificate<'a>,
        depth: usize,
    ) -> Result<bool, SearchEnd> {
        self.budget.pay_for_signature()?;
        let Err(why) = head.check_signature(issuer) else { return Ok(true) };
        self.note(Rank::NotSigned(depth), || not_signed(head, issuer, &why));
        Ok(false)
    }

    /// Whether `next` makes the path too long. Self-issued intermediates do not count towards
    /// `max_intermediates`, but the total is limited to twice [`MAX_INTERMEDIATES`].
    fn too_long(&self, path: &[PathCertificate<'_>], next: &PathCertificate<'_>) -> bool {
        let between = path.iter().skip(1).chain([next]);
        let counted = between.clone().filter(|one| !one.is_self_issued()).count();
        counted > self.request.max_intermediates || between.count() > 2 * MAX_INTERMEDIATES
    }

    /// Checks a path that ends in a trusted CA against the rules. Returns the first fault.
    fn first_fault(
        &mut self,
        path: &[PathCertificate<'a>],
    ) -> Result<Option<ChainFault>, BudgetExhaustion> {
        let request = self.request;
        let faults = rules::check(path, request)
            .into_iter()
            .chain(names::check(path, &mut self.budget)?)
            .chain(rules::check_use(path, request))
            .chain(revoked::check(path, request.crls))
            .next();
        Ok(faults.or_else(|| rustls_webpki::check(path, request).err()))
    }

    /// Checks a path that was built outside this search against the same rules.
    pub(super) fn check_path(mut self, path: &[PathCertificate<'a>]) -> Result<(), ChainFault> {
        match (self.first_fault(path), path.first()) {
            (Ok(None), _) | (_, None) => Ok(()),
            (Ok(Some(fault)), _) => Err(fault),
            (Err(BudgetExhaustion), Some(leaf)) => Err(too_complex(leaf)),
        }
    }

    /// Checks a complete path, and ends the search if it is good.
    fn complete(&mut self, path: &[PathCertificate<'a>]) -> Result<(), SearchEnd> {
        let request = self.request;
        let faults = self.first_fault(path)?;
        let mut warnings = strict::check(path, request);
        let refused = warnings.iter().position(|(refuses, _)| *refuses && request.strict);
        let fault = faults.or_else(|| refused.map(|at| warnings.swap_remove(at).1));
        match fault {
            Some(fault) => {
                self.note(Rank::Complete, || fault);
                Ok(())
            }
            None => Err(SearchEnd::Found(VerifiedChain {
                path: path.iter().map(|link| link.certificate.clone()).collect(),
                warnings: warnings.into_iter().map(|(_, fault)| fault).collect(),
            })),
        }
    }

    fn note(&mut self, rank: Rank, fault: impl FnOnce() -> ChainFault) {
        if self.worst.as_ref().is_none_or(|(known, _)| *known < rank) {
            self.worst = Some((rank, fault()));
        }
    }
}

/// Whether a certificate of the same name and key is already in the path: a loop (RFC 4158, section
/// 5.2).
fn is_in(path: &[PathCertificate<'_>], next: &PathCertificate<'_>) -> bool {
    path.iter().any(|one| {
        one.x509.subject().as_raw() == next.x509.subject().as_raw()
            && one.x509.public_key().raw == next.x509.public_key().raw
    })
}

/// The fault of a path that ends at `link`: the issuer is neither trusted nor sent.
fn unknown_issuer(link: &PathCertificate<'_>, anchors: &[PathCertificate<'_>]) -> ChainFault {
    let issuer = subject::rfc4514(link.x509.issuer());
    let fault =
        |reason, what: String| ChainFault::new(reason, link, what).rule("RFC 5280 section 6.1");
    if anchors.is_empty() {
        fault(ChainReason::Untrusted, "cannot be trusted: no trusted CA is given".to_owned())
            .hint("give the bundle of the CA")
    } else if link.is_self_issued() {
        fault(ChainReason::Untrusted, "is self-signed, and not one of the trusted CAs".to_owned()).hint(
            "issue one from the CA; or put this one into the bundle, if it is to be trusted by itself",
        )
    } else if issuer.is_empty() {
        fault(ChainReason::Untrusted, "does not name its issuer".to_owned())
            .hint("issue it again, from a CA with a name")
    } else if anchors.iter().any(|anchor| is_rewritten(anchor, link)) {
        let what = format!(
            "is issued by {issuer}, whose name the trusted CA writes in another way: OpenSSL takes \
             the two for one name, and clients that compare bytes (Go, rustls) do not"
        );
        fault(ChainReason::Untrusted, what)
            .hint("issue it again, from the CA as its certificate is now")
    } else if is_below(link, anchors) {
        let what = format!(
            "is issued by {issuer}, apparently an intermediate CA, which the peer does not send"
        );
        fault(ChainReason::IntermediateMissing, what).rule("RFC 8446 section 4.4.2").hint(format!(
            "let the peer send the certificate of {issuer} behind its own, in the same file"
        ))
    } else {
        let what = format!("is issued by {issuer}, which is neither a trusted CA nor in the chain");
        fault(ChainReason::Untrusted, what)
            .hint("use the bundle of the CA that issued it; or let the peer send the intermediate")
    }
}

/// Whether the subject of `anchor` and the issuer of `link` differ in their bytes, but only in
/// case, blanks or string types, which name comparison ignores (RFC 5280, section 7.1).
fn is_rewritten(anchor: &PathCertificate<'_>, link: &PathCertificate<'_>) -> bool {
    let (subject, issuer) = (anchor.x509.subject(), link.x509.issuer());
    let folded = |name| {
        let name = subject::rfc4514(name).to_lowercase();
        name.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    subject.as_raw() != issuer.as_raw() && folded(subject) == folded(issuer)
}

/// Whether the issuer of `link` is probably an intermediate CA below a trusted CA. The evidence is
/// the issuer name in authorityKeyIdentifier (a root is issued by itself) or, without one, the
/// same organization in the names of the issuer and of a trusted CA that may have CAs below it.
fn is_below(link: &PathCertificate<'_>, anchors: &[PathCertificate<'_>]) -> bool {
    let may = |anchor: &&PathCertificate<'_>| {
        !matches!(anchor.basic_constraints(), Some((_, Some(0))))
            && anchor.x509.subject().as_raw() != link.x509.issuer().as_raw()
    };
    let mut anchors = anchors.iter().filter(may);
    match link.authority_issuer() {
        Some(above) => anchors.any(|anchor| anchor.x509.subject().as_raw() == above),
        None => anchors.any(|anchor| belong_together(link.x509.issuer(), anchor.x509.subject())),
    }
}

/// Whether both names have the same organization and domain components, ignoring case.
fn belong_together(one: &X509Name<'_>, other: &X509Name<'_>) -> bool {
    const DOMAIN_COMPONENT: Oid<'_> = oid!(0.9.2342.19200300.100.1.25);
    let parts = |name: &X509Name<'_>| -> Vec<String> {
        let organization = name.iter_organization().filter_map(|part| part.as_str().ok());
        let domain = name.iter_by_oid(&DOMAIN_COMPONENT).filter_map(|part| part.as_str().ok());
        organization.chain(domain).map(str::to_lowercase).collect()
    };
    let parts = (parts(one), parts(other));
    !parts.0.is_empty() && parts.0 == parts.1
}

fn not_signed(
    head: &PathCertificate<'_>,
    issuer: &PathCertificate<'_>,
    why: &SignatureError,
) -> ChainFault {
    let name = subject::rfc4514(issuer.x509.subject());
    let another_key = || {
        ChainFault::new(
            ChainReason::Untrusted,
            head,
            format!(
                "is issued by another key of the name {name} than that of the {}",
                issuer.position
            ),
        )
        .rule("RFC 5280 section 4.2.1.1")
        .hint("the CA was replaced: issue the certificate again, or add the old CA to the bundle")
    };
    // The key identifiers differ, or the certificate is a root, which no other key has signed.
    if head.names_another_key(issuer) || head.is_root() {
        return another_key();
    }
    if let Some(fault) = rules::damaged(head).or_else(|| rules::weak_key(issuer)) {
        return fault;
    }
    match why {
        SignatureError::Algorithm => {
            rules::weak_signature(head).or_else(|| rules::weak_key(issuer)).unwrap_or_else(|| {
                ChainFault::new(
                    ChainReason::WeakSignature,
                    head,
                    "is signed with an unknown algorithm",
                )
                .hint("use RSA of 2048 bits or more, ECDSA on P-256 or P-384, or Ed25519")
            })
        }
        SignatureError::OtherKind => another_key(),
        SignatureError::Wrong => ChainFault::new(
            ChainReason::BadSignature,
            head,
            format!("has a signature that the key of {name} did not make"),
        )
        .rule("RFC 5280 section 6.1.3 (a)(1)")
        .hint("it was altered, or another CA of the same name issued it: issue it again"),
    }
}

fn too_complex(leaf: &PathCertificate<'_>) -> ChainFault {
    ChainFault::new(ChainReason::TooComplex, leaf, "has a chain that costs too much to verify")
        .hint("the peer sends far more certificates, names or constraints than any real one")
}
