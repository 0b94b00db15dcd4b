//! Content negotiation by the header `Accept` (RFC 9110, section 12.5.1).

use http::HeaderMap;
use http::header::ACCEPT;

/// The offer that the client prefers, the first of several equal ones; `None` if it accepts none.
/// An offer has one or more media types.
pub(super) fn best<T: Copy>(headers: &HeaderMap, offers: &[(&[&str], T)]) -> Option<T> {
    let given = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges: Vec<Range<'_>> = given.flat_map(|value| value.split(',')).map(range).collect();
    if ranges.is_empty() {
        return offers.first().map(|(_, offer)| *offer);
    }
    let mut best: Option<(u16, T)> = None;
    for (kinds, offer) in offers {
        let quality = kinds.iter().map(|kind| quality(&ranges, kind)).max().unwrap_or(0);
        if quality > best.map_or(0, |(quality, _)| quality) {
            best = Some((quality, *offer));
        }
    }
    best.map(|(_, offer)| offer)
}

/// A media range with its weight in thousandths.
struct Range<'a> {
    kind: &'a str,
    quality: u16,
}

fn range(text: &str) -> Range<'_> {
    let mut parts = text.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default();
    let weight = parts.filter_map(|part| part.split_once('=')).find_map(|(name, value)| {
        name.eq_ignore_ascii_case("q").then(|| value.parse::<f32>().unwrap_or(0.0))
    });
    let quality = (weight.unwrap_or(1.0).clamp(0.0, 1.0) * 1000.0) as u16;
    Range { kind, quality }
}

/// The weight of a media type: that of the most specific range that matches it.
fn quality(ranges: &[Range<'_>], kind: &str) -> u16 {
    let family = kind.split('/').next().unwrap_or_default();
    let fits = |range: &&Range<'_>| {
        if range.kind.eq_ignore_ascii_case(kind) {
            return Some(3);
        }
        match range.kind.split_once('/') {
            Some(("*", "*")) => Some(1),
            Some((wanted, "*")) if wanted.eq_ignore_ascii_case(family) => Some(2),
            _ => None,
        }
    };
    let fitting = ranges.iter().filter_map(|range| Some((fits(&range)?, range.quality)));
    fitting.max().map_or(0, |(_, quality)| quality)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn the_most_wanted_is_taken() {
        const OFFERS: &[(&[&str], char)] =
            &[(&["application/json"], 'j'), (&["application/x-pem-file", "text/plain"], 'p')];
        for (accept, expected) in [
            ("*/*", Some('j')),
            ("application/json", Some('j')),
            ("APPLICATION/JSON", Some('j')),
            ("text/plain", Some('p')),
            ("text/*", Some('p')),
            ("application/x-pem-file, application/json;q=0.9", Some('p')),
            ("application/json;q=0.1, */*;q=0.5", Some('p')),
            ("application/*;q=0.5, application/json;q=0", Some('p')),
            ("application/json;q=0", None),
            ("text/html", None),
            ("text/html, */*;q=0.01", Some('j')),
            ("nonsense", None),
            ("*/*;q=nonsense", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(best(&headers, OFFERS), expected, "{accept}");
        }
        assert_eq!(best(&HeaderMap::new(), OFFERS), Some('j'));
    }
}
