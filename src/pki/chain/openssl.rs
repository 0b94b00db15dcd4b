//! Refusals of OpenSSL 3 beyond RFC 5280, for rarely used extensions: `check_purpose_ssl_server`
//! of its `v3_purp.c`, `check_extensions` of its `x509_vfy.c`, and the resources of RFC 3779. Java
//! checks the Netscape certificate type as well.

use super::Purpose;
use super::fault::ChainReason;
use super::link::PathCertificate;
use super::refusal::Refusal;

/// nsCertType: a bit string of uses.
const NETSCAPE_TYPE: &str = "2.16.840.1.113730.1.1";
/// proxyCertInfo (RFC 3820).
const PROXY: &str = "1.3.6.1.5.5.7.1.14";
/// sbgp-ipAddrBlock and sbgp-autonomousSysNum (RFC 3779).
const RESOURCES: [&str; 2] = ["1.3.6.1.5.5.7.1.7", "1.3.6.1.5.5.7.1.8"];

/// The first refusal of a path, beginning at the leaf.
pub(super) fn refuses(path: &[PathCertificate<'_>], purpose: Purpose) -> Option<Refusal> {
    path.iter().find_map(|link| {
        let refusal = |reason, what, rule| Some(Refusal::new(link, reason, what, rule));
        if link.extension(PROXY).is_some() {
            let what = "is a proxy certificate, which OpenSSL does not take";
            return refusal(ChainReason::Unsupported, what, "RFC 3820 section 3.8");
        }
        if RESOURCES.iter().any(|oid| link.extension(oid).is_some()) {
            let what = "holds addresses or numbers of networks as resources, which are not \
                        checked here: OpenSSL refuses those that not every CA above holds, too";
            return refusal(ChainReason::Unsupported, what, "RFC 3779 section 2.3");
        }
        netscape_type(link, purpose)
    })
}

/// Refuses a leaf whose Netscape certificate type does not allow `purpose`. OpenSSL ignores the
/// type of a CA that has basicConstraints, but refuses the CA if the type cannot be read.
pub(super) fn netscape_type(link: &PathCertificate<'_>, purpose: Purpose) -> Option<Refusal> {
    const RULE: &str = "Netscape Certificate Extensions, netscape-cert-type";
    let (bit, what) = match purpose {
        Purpose::Client => (0x80, "is not for a client: its Netscape certificate type lacks it"),
        Purpose::Server => (0x40, "is not for a server: its Netscape certificate type lacks it"),
    };
    let uses = match link.extension(NETSCAPE_TYPE)?.value {
        // Tag, length, count of unused bits, bits.
        [3, 1, 0] => 0,
        [3, length, 0..8, uses, ..] if *length > 1 => *uses,
        _ => {
            let what = "holds a Netscape certificate type that cannot be read";
            return Some(Refusal::new(link, ChainReason::Damaged, what, RULE));
        }
    };
    (link.is_leaf() && uses & bit == 0)
        .then(|| Refusal::new(link, ChainReason::WrongPurpose, what, RULE))
}
