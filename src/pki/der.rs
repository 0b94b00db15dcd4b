//! The little DER (X.690) that is needed to put a certificate together: elements taken apart
//! and wrapped again. For reading what others made there is x509-parser.

/// One element off the front: tag, length and contents in one piece, and what follows it.
/// `None` where there is no whole element of a definite length.
pub(crate) fn split(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (header, length) = header(der)?;
    let end = header.checked_add(length)?;
    (end <= der.len()).then(|| der.split_at(end))
}

/// What is inside an element that stands alone.
pub(crate) fn contents(element: &[u8]) -> Option<&[u8]> {
    let (header, length) = header(element)?;
    (element.len() == header.checked_add(length)?).then(|| &element[header..])
}

/// How long the header is, and the contents behind it.
fn header(der: &[u8]) -> Option<(usize, usize)> {
    let first = usize::from(*der.get(1)?);
    if first < 0x80 {
        return Some((2, first));
    }
    let octets = der.get(2..2 + (first & 0x7f)).filter(|octets| (1..=4).contains(&octets.len()))?;
    let length = octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet));
    Some((2 + octets.len(), length))
}

/// An element with this tag around `parts`.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrapped_comes_apart_again() {
        for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000] {
            let inside = vec![7; length];
            let mut der = wrap(0x30, &[&inside[..length / 2], &inside[length / 2..]]);
            assert_eq!(contents(&der), Some(inside.as_slice()), "{length}");
            der.extend([5, 0]);
            let (element, rest) = split(&der).expect("an element");
            assert_eq!((contents(element), rest), (Some(inside.as_slice()), &[5, 0][..]));
            assert_eq!(contents(&der), None);
        }
    }

    #[test]
    fn what_is_cut_short_or_indefinite_is_nothing() {
        for der in [
            &[][..],
            &[0x30],
            &[0x30, 1],
            &[0x30, 0x80],
            &[0x30, 0x82, 1],
            &[0x30, 0x85, 0, 0, 0, 0, 0],
        ] {
            assert_eq!(split(der), None, "{der:?}");
        }
    }
}
