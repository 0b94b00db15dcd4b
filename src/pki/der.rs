//! Reads and writes the framing of DER (X.690): enough to report at which byte an encoding is
//! wrong, and to assemble a certificate. Parsers interpret the content.

use serde::Serialize;

/// A fault in an encoding, and its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DerError {
    /// The offset of the byte at which the faulty element begins.
    pub offset: usize,
    /// The fault in words, without a full stop.
    pub what: String,
}

/// One DER element: tag, length, content.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) offset: usize,
    /// The bytes of tag, length and content.
    pub(crate) whole: &'a [u8],
    pub(crate) content: &'a [u8],
    /// Whether the length is encoded in the shortest form, the only one that DER allows.
    is_short: bool,
}

impl<'a> Element<'a> {
    fn inside(&self) -> Elements<'a> {
        let header = self.whole.len() - self.content.len();
        Elements { rest: self.content, offset: self.offset + header }
    }

    /// The elements inside a constructed element; empty for a primitive one.
    pub(crate) fn children(&self) -> Elements<'a> {
        let is_constructed = self.tag & 0x20 != 0;
        Elements { rest: if is_constructed { self.content } else { &[] }, ..self.inside() }
    }
}

/// Iterates over consecutive elements; ends after the first that cannot be read.
#[derive(Debug, Clone)]
pub(crate) struct Elements<'a> {
    pub(crate) rest: &'a [u8],
    pub(crate) offset: usize,
}

impl<'a> Elements<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Elements { rest: bytes, offset: 0 }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Result<Element<'a>, DerError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let read = element(self.rest, self.offset);
        let length = read.as_ref().map_or(self.rest.len(), |element| element.whole.len());
        self.rest = self.rest.get(length..).unwrap_or_default();
        self.offset += length;
        Some(read)
    }
}

fn element(bytes: &[u8], offset: usize) -> Result<Element<'_>, DerError> {
    let (header, length, is_short) = header(bytes, offset)?;
    let whole = header.checked_add(length).and_then(|end| bytes.get(..end)).ok_or_else(|| {
        let there = bytes.len().saturating_sub(header);
        DerError {
            offset,
            what: format!("an element of {length} bytes, of which only {there} are present"),
        }
    })?;
    Ok(Element { tag: bytes[0], offset, whole, content: &whole[header..], is_short })
}

/// The first element; if bytes are missing at the end, the part that is there.
pub(crate) fn clamped<'a>(elements: &Elements<'a>) -> Option<Element<'a>> {
    let (bytes, offset) = (elements.rest, elements.offset);
    let (header, length, is_short) = header(bytes, offset).ok()?;
    let whole = header.checked_add(length).and_then(|end| bytes.get(..end)).unwrap_or(bytes);
    Some(Element { tag: bytes[0], offset, whole, content: &whole[header..], is_short })
}

/// Reads a header: its own length, the length of the content, and whether DER would write it so.
fn header(bytes: &[u8], offset: usize) -> Result<(usize, usize, bool), DerError> {
    let fault = |what: &str| Err(DerError { offset, what: what.into() });
    let [tag, first, ..] = bytes else {
        return fault("it ends within a tag or a length");
    };
    if tag & 0x1f == 0x1f {
        return fault("a tag of several octets, which X.509 does not use");
    }
    match first {
        ..0x80 => Ok((2, usize::from(*first), true)),
        0x80 => fault("an indefinite length (BER), which DER does not allow"),
        _ => {
            let count = usize::from(first & 0x7f);
            match bytes.get(2..2 + count).filter(|_| count <= 4) {
                None => fault("a length that is cut short or absurd"),
                Some(octets) => {
                    let add = |length: usize, octet: &u8| length << 8 | usize::from(*octet);
                    let length = octets.iter().fold(0, add);
                    Ok((2 + count, length, length >= 0x80 && octets.first() != Some(&0)))
                }
            }
        }
    }
}

/// Encodes an element with this tag and the concatenation of `parts` as content.
pub(crate) fn wrap(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let octets = length.to_be_bytes();
    let octets = &octets[octets.iter().position(|octet| *octet != 0).unwrap_or(octets.len() - 1)..];
    let mut element = Vec::with_capacity(length + 2 + octets.len());
    element.push(tag);
    if length >= 0x80 {
        element.push(0x80 | octets.len() as u8);
    }
    element.extend(octets);
    parts.iter().for_each(|part| element.extend(*part));
    element
}

/// Finds where the encoding of a certificate departs from DER, in the order of its bytes; at most
/// five faults. Also checks the content of each extension.
#[must_use]
pub fn faults(certificate: &[u8]) -> Vec<DerError> {
    let mut found = Vec::new();
    walk(Elements::new(certificate), &mut Vec::new(), &mut found);
    found.truncate(5);
    found
}

/// The path of tags from the certificate down to an extension's value.
const EXTENSION_VALUE: [u8; 6] = [0x30, 0x30, 0xa3, 0x30, 0x30, 0x04];
const MAX_DEPTH: usize = 32;

fn walk(elements: Elements<'_>, path: &mut Vec<u8>, found: &mut Vec<DerError>) {
    for element in elements {
        let element = match element {
            Ok(element) => element,
            Err(fault) => return found.push(fault),
        };
        if found.len() > 4 {
            return;
        }
        let mut fault =
            |what: &str| found.push(DerError { offset: element.offset, what: what.into() });
        if !element.is_short {
            fault("a length in more octets than it takes");
        }
        if let Some(what) = primitive_fault(element.tag, element.content) {
            fault(what);
        }
        path.push(element.tag);
        if path.len() >= MAX_DEPTH {
            fault("elements nested deeper than in any real certificate");
        } else if *path == EXTENSION_VALUE {
            let mut inside = element.inside();
            walk(Elements { rest: element.content, ..inside.clone() }, &mut vec![0; 8], found);
            inside.next();
            if !inside.rest.is_empty() {
                let what = format!("{} bytes behind an extension's value", inside.rest.len());
                found.push(DerError { offset: inside.offset, what });
            }
        } else {
            walk(element.children(), path, found);
        }
        path.pop();
    }
}

fn primitive_fault(tag: u8, content: &[u8]) -> Option<&'static str> {
    let is_time = |digits: usize| {
        content.len() == digits + 1
            && content[..digits].iter().all(u8::is_ascii_digit)
            && content[digits] == b'Z'
    };
    match (tag, content) {
        (0x01, [0x00 | 0xff]) | (0x05, []) => None,
        (0x01, _) => Some("a BOOLEAN that is neither 00 nor FF"),
        (0x05, _) => Some("a NULL that is not empty"),
        (0x02, []) => Some("an INTEGER without content"),
        (0x02, [0x00, second, ..]) if second & 0x80 == 0 => Some("an INTEGER with needless zeros"),
        (0x02, [0xff, second, ..]) if second & 0x80 != 0 => Some("an INTEGER with needless ones"),
        (0x03, []) => Some("a BIT STRING without content"),
        (0x03, [unused, ..]) if *unused > 7 => Some("a BIT STRING with more than 7 unused bits"),
        (0x06, []) => Some("an OBJECT IDENTIFIER without content"),
        (0x17, _) if !is_time(12) => Some("a UTCTime that is not YYMMDDHHMMSSZ"),
        (0x18, _) if !is_time(14) => Some("a GeneralizedTime that is not YYYYMMDDHHMMSSZ"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(bytes: &[u8]) -> Option<(usize, String)> {
        faults(bytes).into_iter().next().map(|fault| (fault.offset, fault.what))
    }

    #[test]
    fn what_is_wrapped_comes_apart_again() {
        for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000] {
            let inside = vec![7; length];
            let der = wrap(0x04, &[&inside[..length / 2], &inside[length / 2..]]);
            let element = Elements::new(&der).next().expect("an element").expect("without a fault");
            assert_eq!((element.content, element.is_short), (inside.as_slice(), true), "{length}");
        }
    }

    #[test]
    fn each_fault_is_found_at_its_byte() {
        let cases: [(&[u8], usize, &str); 12] = [
            (&[0x30], 0, "within a tag"),
            (&[0x1f, 0], 0, "tag of several octets"),
            (&[0x30, 0x80, 0, 0], 0, "indefinite"),
            (&[0x30, 0x85, 0, 0, 0, 0, 1], 0, "absurd"),
            (&[0x30, 5, 2, 1, 1], 0, "of 5 bytes, of which only 3"),
            (&[0x30, 0x81, 3, 2, 1, 1], 0, "more octets than it takes"),
            (&[0x30, 6, 2, 1, 1, 1, 1, 7], 5, "BOOLEAN"),
            (&[0x30, 4, 2, 2, 0, 1], 2, "needless zeros"),
            (&[0x30, 4, 2, 2, 0xff, 0xff], 2, "needless ones"),
            (&[0x30, 2, 2, 0], 2, "without content"),
            (&[0x30, 3, 3, 1, 8], 2, "unused bits"),
            (&[0x30, 4, 0x17, 2, b'9', b'Z'], 2, "UTCTime"),
        ];
        for (bytes, offset, what) in cases {
            let (at, said) = first(bytes).unwrap_or_else(|| panic!("{bytes:x?}"));
            assert!(at == offset && said.contains(what), "{bytes:x?}: {at} {said}");
        }
        assert_eq!(first(&[0x30, 3, 2, 1, 1]), None);
        assert_eq!(first(b""), None);
    }

    #[test]
    fn extensions_are_looked_into_and_depth_is_bounded() {
        let wrap = |tag: u8, inner: &[u8]| [&[tag, inner.len() as u8], inner].concat();
        let value = wrap(4, &[2, 1, 1, 9, 9]);
        let bytes = wrap(0x30, &wrap(0x30, &wrap(0xa3, &wrap(0x30, &wrap(0x30, &value)))));
        let found = faults(&bytes);
        assert!(found.iter().any(|fault| fault.what == "2 bytes behind an extension's value"));
        let deep = (0..60).fold(Vec::new(), |inner, _| wrap(0x30, &inner));
        assert!(first(&deep).is_some_and(|(_, what)| what.contains("deeper")));
    }
}
