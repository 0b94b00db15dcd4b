//! Checks that extensions which refer to other certificates can be read to the end: x509-parser
//! skips unknown parts of them, while OpenSSL refuses the whole certificate, whether the extension
//! is critical or not.

use x509_parser::asn1_rs::FromDer;
use x509_parser::extensions::{GeneralName, X509Extension};

use super::oid::{AKI, CRL_POINTS, NAME_CONSTRAINTS};
use crate::pki::der::{Element, Elements};

/// Whether OpenSSL can read this extension, where x509-parser is more lenient.
pub(super) fn is_readable(extension: &X509Extension<'_>) -> bool {
    match extension.oid.to_id_string().as_str() {
        AKI => sequence(extension.value, &[0x80, 0xa1, 0x82]).is_some_and(|parts| {
            parts.iter().all(|part| part.tag != 0xa1 || are_names(part.content))
        }),
        NAME_CONSTRAINTS => sequence(extension.value, &[0xa0, 0xa1])
            .is_some_and(|lists| lists.iter().all(|list| all(list.content, is_subtree))),
        CRL_POINTS => only(extension.value, 0x30).is_some_and(|list| all(list.content, is_point)),
        _ => true,
    }
}

/// GeneralSubtree: a name, a minimum, a maximum.
fn is_subtree(element: &Element<'_>) -> bool {
    let parts: Option<Vec<_>> = children(element);
    match parts.as_deref() {
        Some([name, bounds @ ..]) if element.tag == 0x30 => {
            is_name(name) && in_order(bounds, &[0x80, 0x81])
        }
        _ => false,
    }
}

/// DistributionPoint: place, reasons, CRL issuer.
fn is_point(element: &Element<'_>) -> bool {
    let Some(parts) = sequence(element.whole, &[0xa0, 0x81, 0xa2]) else { return false };
    parts.iter().all(|part| match part.tag {
        0xa0 => match children(part).as_deref() {
            Some([place]) => match place.tag {
                0xa0 => are_names(place.content),
                tag => tag == 0xa1,
            },
            _ => false,
        },
        0xa2 => are_names(part.content),
        _ => true,
    })
}

fn are_names(bytes: &[u8]) -> bool {
    all(bytes, is_name)
}

fn is_name(element: &Element<'_>) -> bool {
    match GeneralName::from_der(element.whole) {
        Ok((rest, name)) => rest.is_empty() && !matches!(name, GeneralName::Invalid(..)),
        Err(_) => false,
    }
}

/// The elements of a SEQUENCE whose optional elements have these tags, each once and in this order.
fn sequence<'a>(bytes: &'a [u8], tags: &[u8]) -> Option<Vec<Element<'a>>> {
    let parts = children(&only(bytes, 0x30)?)?;
    in_order(&parts, tags).then_some(parts)
}

fn in_order(parts: &[Element<'_>], tags: &[u8]) -> bool {
    let mut left = tags.iter();
    parts.iter().all(|part| left.any(|tag| *tag == part.tag))
}

/// The first element, if it has this tag. OpenSSL ignores bytes behind it.
fn only(bytes: &[u8], tag: u8) -> Option<Element<'_>> {
    Elements::new(bytes).next()?.ok().filter(|element| element.tag == tag)
}

fn children<'a>(element: &Element<'a>) -> Option<Vec<Element<'a>>> {
    element.children().collect::<Result<_, _>>().ok()
}

fn all(bytes: &[u8], is: impl Fn(&Element<'_>) -> bool) -> bool {
    Elements::new(bytes).all(|element| element.is_ok_and(|element| is(&element)))
}
