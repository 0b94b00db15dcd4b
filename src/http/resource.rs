//! Resources: bytes and headers that were prepared before the request came.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_LOCATION, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use http_body_util::Full;
use serde::Serialize;

use crate::pki::sha256_hex;

/// An HTTP answer.
pub(crate) type HttpResponse = Response<Full<Bytes>>;

/// The caching of a resource by clients and proxies.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Caching {
    /// Public, for a minute; then revalidated, which an ETag makes cheap.
    Minute,
    /// Public, forever: the content at this address never changes.
    Forever,
    /// Only by the client itself, and revalidated each time.
    Private,
    /// Not cached.
    Never,
}

impl Caching {
    fn value(self) -> &'static str {
        match self {
            Caching::Minute => "public, max-age=60",
            Caching::Forever => "public, max-age=31536000, immutable",
            Caching::Private => "private, no-cache",
            Caching::Never => "no-store",
        }
    }
}

/// The media type of JSON documents.
pub(super) const JSON: &str = "application/json";

/// Encodes a document as JSON, indented for people with curl.
pub(crate) fn json(document: &impl Serialize) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(document).unwrap_or_default();
    text.push(b'\n');
    text
}

/// A representation with its headers.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    status: StatusCode,
    body: Bytes,
    headers: HeaderMap,
    /// The headers of a 304 answer.
    unchanged: HeaderMap,
    /// The format and the digest of the bundle, if it is one.
    bundle: Option<(&'static str, Arc<ServedBundle>)>,
}

/// A bundle that is served, by its digests.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ServedBundle {
    /// SHA-256 of the PEM of the bundle.
    pub(super) sha256: String,
    /// SHA-256 of each certificate in it.
    pub(super) certificates: Vec<String>,
}

/// An extension of an answer that gave a client the bundle, or found that it has it.
#[derive(Debug, Clone)]
pub(super) struct BundleAnswer {
    /// The format of the file.
    pub(super) format: &'static str,
    /// The bundle.
    pub(super) bundle: Arc<ServedBundle>,
    /// Whether the client has it already.
    pub(super) is_unchanged: bool,
}

impl Resource {
    /// Creates a resource with this media type and body.
    pub(crate) fn new(kind: &'static str, body: impl Into<Bytes>, caching: Caching) -> Self {
        let body = body.into();
        let etag = format!("\"{}\"", &sha256_hex(&body)[..32]);
        let mut resource = Resource {
            status: StatusCode::OK,
            body,
            headers: HeaderMap::new(),
            unchanged: HeaderMap::new(),
            bundle: None,
        };
        resource.headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        resource.headers.insert(CONTENT_LENGTH, resource.body.len().into());
        resource.headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let resource = resource.both(CACHE_CONTROL, caching.value());
        match caching {
            Caching::Never => resource,
            _ => resource.both(ETAG, &etag),
        }
    }

    /// Sets the status.
    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Adds a Content-Disposition, so that browsers save it under `name`.
    pub(crate) fn attachment(self, name: &str) -> Self {
        let value = format!("attachment; filename=\"{name}\"");
        self.header(CONTENT_DISPOSITION, &value)
    }

    /// Marks it as one of several representations of an address, and names its own address.
    pub(crate) fn negotiated(self, location: &str) -> Self {
        self.both(VARY, "accept").both(CONTENT_LOCATION, location)
    }

    /// Derives a weak ETag from `contents`, for a body whose bytes differ although its contents are
    /// equal.
    pub(crate) fn same_as(self, contents: &str) -> Self {
        let etag = format!("W/\"{}\"", &sha256_hex(contents.as_bytes())[..32]);
        self.both(ETAG, &etag)
    }

    /// Sets a header.
    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// Marks it as this bundle, in this format: its answers carry a
    /// [`BundleAnswer`].
    pub(super) fn of_bundle(mut self, format: &'static str, bundle: &Arc<ServedBundle>) -> Self {
        self.bundle = Some((format, bundle.clone()));
        self
    }

    /// Sets a header, also of 304 answers.
    pub(super) fn both(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.unchanged.insert(name.clone(), value.clone());
            self.headers.insert(name, value);
        }
        self
    }

    /// The answer to a request for this resource.
    pub(crate) fn answer(&self, head: &Parts) -> HttpResponse {
        let mut answer = Response::new(Full::default());
        if self.status == StatusCode::OK && self.is_known(head) {
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
            *answer.headers_mut() = self.unchanged.clone();
            // With "*" the client says that it has any file, not that it has this one.
            let mut tags = head.headers.get_all(IF_NONE_MATCH).iter();
            if tags.all(|tags| !tags.as_bytes().contains(&b'*')) {
                self.mark(&mut answer, true);
            }
            return answer;
        }
        *answer.status_mut() = self.status;
        *answer.headers_mut() = self.headers.clone();
        if head.method != Method::HEAD {
            *answer.body_mut() = Full::new(self.body.clone());
            self.mark(&mut answer, false);
        }
        answer
    }

    fn mark(&self, answer: &mut HttpResponse, is_unchanged: bool) {
        if let (Some((format, bundle)), StatusCode::OK) = (&self.bundle, self.status) {
            let bundle = bundle.clone();
            answer.extensions_mut().insert(BundleAnswer { format, bundle, is_unchanged });
        }
    }

    /// Whether the client has it already: `If-None-Match`, compared weakly (RFC 9110, section
    /// 13.1.2).
    fn is_known(&self, head: &Parts) -> bool {
        let Some(own) = self.headers.get(ETAG).and_then(|etag| etag.to_str().ok()) else {
            return false;
        };
        let own = own.trim_start_matches("W/");
        let given = head.headers.get_all(IF_NONE_MATCH).iter();
        let tags = given.filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(','));
        tags.map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(resource: &Resource, method: Method, tags: &[&str]) -> u16 {
        let mut request = http::Request::builder().method(method);
        for tag in tags {
            request = request.header(IF_NONE_MATCH, *tag);
        }
        let (head, ()) = request.body(()).expect("a request").into_parts();
        resource.answer(&head).status().as_u16()
    }

    #[test]
    fn who_has_it_is_told_so() {
        let resource = Resource::new("text/plain", "x", Caching::Minute);
        let etag = resource.headers[ETAG].to_str().expect("ASCII").to_owned();
        for (tags, expected) in [
            (&[][..], 200),
            (&["\"other\""], 200),
            (&[&etag[1..etag.len() - 1]], 200), // no quotes
            (&[&*etag], 304),
            (&[&*format!("W/{etag}")], 304),
            (&[&*format!("\"a\" , {etag}")], 304),
            (&["\"a\"", &*etag], 304),
            (&["*"], 304),
        ] {
            assert_eq!(status(&resource, Method::GET, tags), expected, "{tags:?}");
            assert_eq!(status(&resource, Method::HEAD, tags), expected, "{tags:?}");
        }
        let weak = resource.same_as("y");
        let etag = weak.headers[ETAG].to_str().expect("ASCII");
        assert!(etag.starts_with("W/\""), "{etag}");
        assert_eq!(status(&weak, Method::GET, &[etag]), 304);
        assert_eq!(status(&weak, Method::GET, &[&etag[2..]]), 304);
    }
}
