//! The demands of every peer on a complete path, leaf first (RFC 5280, section 6.1).

use x509_parser::extensions::{ExtendedKeyUsage, GeneralName};
use x509_parser::x509::X509Version;

use crate::pki::certificate::{self, key_type};
use crate::pki::chain::link::PathCertificate;
use crate::pki::chain::oid::{
    AKI, ALTERNATIVE_NAMES, BASIC_CONSTRAINTS, CRL_POINTS, NAME_CONSTRAINTS, SKI,
};
use crate::pki::chain::{
    ChainFault, ChainReason, ChainRequest, Position, Purpose, readable, rustls_webpki,
};

/// Checks encodings, keys, signature algorithms and dates, and that the issuers are CAs which
/// may have such a chain below them. Returns the first fault.
pub(super) fn check(
    path: &[PathCertificate<'_>],
    request: &ChainRequest<'_>,
) -> Option<ChainFault> {
    let each = |rule: fn(&PathCertificate<'_>) -> Option<ChainFault>| path.iter().find_map(rule);
    let issuers = path.get(1..).unwrap_or_default();
    each(damaged)
        .or_else(|| each(unsupported))
        .or_else(|| each(weak_key))
        .or_else(|| issued(path).find_map(weak_signature))
        .or_else(|| {
            let mut dated = path.iter().filter(|link| request.verifier.checks_dates(link.position));
            dated.find_map(|link| dates(link, request.at.as_second()))
        })
        .or_else(|| issuers.iter().find_map(not_a_ca))
        .or_else(|| (1..path.len()).find_map(|at| path_length(path, at)))
}

/// Checks that the chain allows this use, and that the leaf is valid for the requested name.
/// Returns the first fault.
pub(super) fn check_use(
    path: &[PathCertificate<'_>],
    request: &ChainRequest<'_>,
) -> Option<ChainFault> {
    let leaf = path.first()?;
    path.iter()
        .filter(|link| request.verifier.checks_purpose(link.position))
        .find_map(|link| ext_key_usage(link, request))
        .or_else(|| request.handshake.then(|| key_usage(leaf, request.purpose)).flatten())
        .or_else(|| request.identity.and_then(|name| rustls_webpki::check_name(leaf, name).err()))
}

/// The certificates whose signature matters: all except the trusted CA.
fn issued<'p, 'a>(
    path: &'p [PathCertificate<'a>],
) -> impl Iterator<Item = &'p PathCertificate<'a>> {
    path.iter().take(path.len() - 1)
}

pub(super) fn damaged(link: &PathCertificate<'_>) -> Option<ChainFault> {
    let bad = |what: &str, rule| Some(ChainFault::new(ChainReason::Damaged, link, what).rule(rule));
    let x509 = &link.x509;
    if x509.signature_algorithm != x509.tbs_certificate.signature {
        return bad("names two different signature algorithms", "RFC 5280 section 4.1.1.2");
    }
    if x509.validity.not_before.timestamp() > x509.validity.not_after.timestamp() {
        return bad("is never valid: notBefore lies after notAfter", "RFC 5280 section 4.1.2.5");
    }
    if x509.extensions_map().is_err() {
        return bad("holds the same extension twice", "RFC 5280 section 4.2");
    }
    let broken = x509.extensions().iter().find(|one| {
        let ours = UNDERSTOOD.iter().chain(&KEY_IDS).any(|oid| one.oid.to_id_string() == *oid);
        ours && (one.parsed_extension().error().is_some() || !readable::is_readable(one))
    });
    if let Some(one) = broken {
        let what = format!("holds an extension that cannot be read ({})", one.oid);
        return bad(&what, "RFC 5280 section 4.2.1");
    }
    let broken = |name: &GeneralName<'_>| match name {
        GeneralName::Invalid(..) => true,
        GeneralName::IPAddress(bytes) => bytes.len() != 4 && bytes.len() != 16,
        _ => false,
    };
    if link.alternative_names().iter().any(broken) {
        return bad("holds an invalid subject alternative name", "RFC 5280 section 4.2.1.6");
    }
    None
}

/// Extensions that this program and rustls-webpki understand when they are critical: keyUsage,
/// subjectAltName, basicConstraints, nameConstraints, cRLDistributionPoints, extKeyUsage.
const UNDERSTOOD: [&str; 6] =
    ["2.5.29.15", ALTERNATIVE_NAMES, BASIC_CONSTRAINTS, NAME_CONSTRAINTS, CRL_POINTS, "2.5.29.37"];
/// Extensions that must not be critical (RFC 5280, sections 4.2.1.1 and 4.2.1.2).
const KEY_IDS: [&str; 2] = [SKI, AKI];
fn unsupported(link: &PathCertificate<'_>) -> Option<ChainFault> {
    let unknown = link
        .x509
        .extensions()
        .iter()
        .find(|one| one.critical && !UNDERSTOOD.contains(&one.oid.to_id_string().as_str()))?;
    let what = format!("holds the critical extension {}, which is not understood", unknown.oid);
    Some(
        ChainFault::new(ChainReason::Unsupported, link, what)
            .rule("RFC 5280 section 4.2")
            .hint("issue the certificate again without it, or with it not critical"),
    )
}

/// Refuses RSA keys below 2048 bits, and kinds of keys that are not supported.
pub(super) fn weak_key(link: &PathCertificate<'_>) -> Option<ChainFault> {
    let kind = key_type(link.x509.public_key());
    (!certificate::is_verified_kind(&kind)).then(|| {
        ChainFault::new(
            ChainReason::WeakKey,
            link,
            format!("has a weak or unknown kind of key: {kind}"),
        )
        .hint("use RSA of 2048 to 8192 bits, ECDSA on P-256 or P-384, or Ed25519")
    })
}

/// Refuses signatures with MD2, MD5 or SHA-1.
pub(super) fn weak_signature(link: &PathCertificate<'_>) -> Option<ChainFault> {
    let oid = link.x509.signature_algorithm.algorithm.to_id_string();
    let weak = ["1.2.840.113549.1.1.2", "1.2.840.113549.1.1.4", "1.2.840.113549.1.1.5"];
    (weak.contains(&oid.as_str()) || oid == "1.2.840.10045.4.1").then(|| {
        let name = certificate::signature_algorithm(&oid);
        ChainFault::new(
            ChainReason::WeakSignature,
            link,
            format!("is signed with {name}, which is broken"),
        )
        .hint("issue it again with SHA-256 or better")
    })
}

fn dates(link: &PathCertificate<'_>, at: i64) -> Option<ChainFault> {
    const RULE: &str = "RFC 5280 section 4.1.2.5";
    let time = |seconds: i64| {
        jiff::Timestamp::from_second(seconds).map(|time| time.to_string()).unwrap_or_default()
    };
    let validity = &link.x509.validity;
    let (first, last) = (validity.not_before.timestamp(), validity.not_after.timestamp());
    if at > last {
        let what = format!("expired at {}; checked at {}", time(last), time(at));
        let hint = if link.is_leaf() { "renew it" } else { "renew it, and what it signed" };
        return Some(ChainFault::new(ChainReason::Expired, link, what).rule(RULE).hint(hint));
    }
    (at < first).then(|| {
        let what = format!("is valid from {}; checked at {}", time(first), time(at));
        ChainFault::new(ChainReason::NotYetValid, link, what)
            .rule(RULE)
            .hint("check this machine's clock, and that of the machine that issued it")
    })
}

/// Refuses an issuer that is not a CA. A trusted certificate older than X.509 version 3 cannot say
/// that it is a CA, and counts as one because it is trusted.
fn not_a_ca(link: &PathCertificate<'_>) -> Option<ChainFault> {
    let bad = |what: &str, rule| {
        let hint = "only a CA can issue: issue the certificates below it from a real one";
        Some(ChainFault::new(ChainReason::NotACa, link, what).rule(rule).hint(hint))
    };
    let old = link.x509.version() != X509Version::V3 && link.position == Position::Ca;
    if !link.is_ca() && !old {
        return bad(
            "is not a CA, but issued a certificate of the chain",
            "RFC 5280 section 6.1.4 (k)",
        );
    }
    match link.key_usage() {
        Some(usage) if !usage.key_cert_sign() => bad(
            "may not sign certificates: its keyUsage lacks keyCertSign",
            "RFC 5280 section 6.1.4 (n)",
        ),
        _ => None,
    }
}

/// Checks the pathLenConstraint. Self-issued certificates do not count.
fn path_length(path: &[PathCertificate<'_>], at: usize) -> Option<ChainFault> {
    let link = path.get(at)?;
    let (_, Some(limit)) = link.basic_constraints()? else { return None };
    let below = path.get(1..at)?.iter().filter(|one| !one.is_self_issued()).count();
    (below > limit as usize).then(|| {
        let what = format!("allows {limit} CA certificates below it, and the chain has {below}");
        ChainFault::new(ChainReason::PathLength, link, what)
            .rule("RFC 5280 section 4.2.1.9")
            .hint("issue from it directly, or from a CA with a larger pathLenConstraint")
    })
}

fn ext_key_usage(link: &PathCertificate<'_>, request: &ChainRequest<'_>) -> Option<ChainFault> {
    let (_, usage) = link.ext_key_usage()?;
    if usage.any && request.verifier.takes_any_use(link.position) {
        return None;
    }
    let wanted = |usage: &ExtendedKeyUsage<'_>| match request.purpose {
        Purpose::Server => (usage.server_auth, "serverAuth", "a server"),
        Purpose::Client => (usage.client_auth, "clientAuth", "a client"),
    };
    let (has, name, whom) = wanted(usage);
    (!has).then(|| {
        let holds = match certificate::extended_key_usages(usage).join(", ") {
            none if none.is_empty() => "empty".to_owned(),
            some => some,
        };
        let is = if link.is_leaf() { "is not" } else { "may not issue" };
        let what = format!("{is} for {whom}: its extended key usage is {holds}, without {name}");
        ChainFault::new(ChainReason::WrongPurpose, link, what)
            .rule("RFC 5280 section 4.2.1.12")
            .hint(format!("issue it again with {name}"))
    })
}

/// Checks the leaf's keyUsage. With RSA key exchange a server only decrypts; a client always signs.
fn key_usage(leaf: &PathCertificate<'_>, purpose: Purpose) -> Option<ChainFault> {
    let usage = leaf.key_usage()?;
    let decrypts = usage.key_encipherment() && purpose == Purpose::Server;
    (!usage.digital_signature() && !decrypts && !usage.key_agreement()).then(|| {
        ChainFault::new(
            ChainReason::WrongPurpose,
            leaf,
            "may not be used for TLS: keyUsage lacks digitalSignature",
        )
        .rule("RFC 8446 section 4.4.2.2")
        .hint("issue it again with keyUsage digitalSignature")
    })
}
