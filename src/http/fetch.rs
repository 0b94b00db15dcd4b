//! The client of `ca fetch`: gets the bundle from such a server, for a user who knows its
//! fingerprint.
//!
//! The server's own certificate is not verified. It is often signed by the very CA that is being
//! fetched, and only the fingerprint makes the answer trustworthy.

use std::time::Duration;

use anyhow::anyhow;
use http::header::{ACCEPT, CONNECTION, HOST, LOCATION, USER_AGENT};
use http::{HeaderValue, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use serde::Deserialize;

use super::problem::PROBLEM;
use super::resource::JSON;
use super::snapshot::{LINKS, PEM};
use crate::connection::failure::{Failure, FailureKind, one_line};
use crate::connection::target::server_name;
use crate::connection::tls::{self, HandshakeOptions, SAFE_VERSIONS};
use crate::connection::wire::Stream;
use crate::connection::{dial, runtime};
use crate::error::{Code, Error, Result};
use crate::store::bundle::Role;
use crate::store::rotation::{RotationKind, RotationPhase};
use crate::text::clip;

/// The size limit of an answer, in bytes.
const MAX_BYTES: usize = 1024 * 1024;

/// The address of a bundle.
#[derive(Debug, Clone)]
pub struct BundleSource {
    uri: Uri,
    host: String,
    port: u16,
    is_tls: bool,
}

impl std::str::FromStr for BundleSource {
    type Err = Error;

    /// Parses a URL; without a path, that of the server's own bundle is meant.
    fn from_str(text: &str) -> Result<Self> {
        let wrong = |why: &str| {
            let shown = clip(text, 100);
            Error::usage(Code::FetchUrl, format!("{shown:?} is not the address of a CA: {why}"))
                .hint("give https://HOST:PORT, or the whole address of a PEM file")
        };
        let uri: Uri = text.parse().map_err(|_| wrong("it is not a URL"))?;
        let (is_tls, usual) = match uri.scheme_str() {
            Some("https") => (true, 443),
            Some("http") => (false, 80),
            _ => return Err(wrong("it begins with neither https:// nor http://")),
        };
        let authority = uri.authority().ok_or_else(|| wrong("it names no host"))?;
        if authority.as_str().contains('@') {
            return Err(wrong("it must not have a user name"));
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        server_name(&host)?;
        let port = authority.port_u16().unwrap_or(usual);
        let path = match uri.path_and_query().map(|path| path.as_str()) {
            None | Some("" | "/") => "/api/v1/ca.pem".to_owned(),
            Some(path) => path.to_owned(),
        };
        let builder = Uri::builder().scheme(if is_tls { "https" } else { "http" });
        let uri = builder.authority(authority.clone()).path_and_query(path).build();
        Ok(BundleSource { uri: uri.map_err(|_| wrong("it is not a URL"))?, host, port, is_tls })
    }
}

impl std::fmt::Display for BundleSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.uri.fmt(f)
    }
}

impl BundleSource {
    /// The address of another document of the same server. A server behind a proxy keeps the part
    /// of its path before `/api`.
    fn sibling(&self, path: &str) -> Result<Self> {
        let before = self.uri.path().strip_suffix("/api/v1/ca.pem").unwrap_or_default();
        let mut parts = self.uri.clone().into_parts();
        let failed = || Error::failed(Code::Fetch, "the request cannot be made");
        let path = format!("{before}{path}").try_into();
        parts.path_and_query = Some(path.map_err(|error| failed().because(anyhow!("{error}")))?);
        let uri = Uri::from_parts(parts).map_err(|error| failed().because(error))?;
        Ok(BundleSource { uri, ..self.clone() })
    }
}

/// The roles of the certificates and the rotation, as a server describes them. Nothing proves that it
/// is right.
#[derive(Debug, Deserialize)]
pub struct BundleDescription {
    /// The certificates.
    pub certificates: Vec<DescribedCertificate>,
    /// The rotation that is under way.
    #[serde(default)]
    pub rotation: Option<DescribedRotation>,
}

/// The role of a certificate, as a server describes it.
#[derive(Debug, Deserialize)]
pub struct DescribedCertificate {
    /// The role.
    pub role: Role,
    /// SHA-256 of the certificate.
    pub sha256: String,
}

/// A rotation, as a server describes it.
#[derive(Debug, Deserialize)]
pub struct DescribedRotation {
    /// The phase.
    pub phase: RotationPhase,
    /// The cause.
    pub kind: RotationKind,
    /// The first moment at which the next CA may sign.
    pub earliest_switch: Timestamp,
}

/// Fetches the bundle. The sender is not authenticated: the caller must check the content.
///
/// # Errors
/// Exit 3 when it cannot be fetched. `limit` applies to each step, and to the answer.
pub fn fetch(source: &BundleSource, limit: Duration) -> Result<Vec<u8>> {
    let answer = runtime::block_on(get(source, PEM, limit))??;
    answer.body(source)
}

/// Fetches the links by which a CA of the bundle announces another, PEM; `None` if the server has
/// none. The sender is not authenticated.
///
/// # Errors
/// As [`fetch`].
pub fn fetch_links(source: &BundleSource, limit: Duration) -> Result<Option<Vec<u8>>> {
    let source = source.sibling(LINKS)?;
    let answer = runtime::block_on(get(&source, PEM, limit))??;
    match answer.status.is_client_error() {
        true => Ok(None), // some servers of plain files answer 403 where there is no file
        false => answer.body(&source).map(Some),
    }
}

/// Fetches the roles of the certificates and the rotation; `None` if the server does not say. The
/// sender is not authenticated.
#[must_use]
pub fn fetch_description(source: &BundleSource, limit: Duration) -> Option<BundleDescription> {
    let source = source.sibling("/api/v1/ca").ok()?;
    let answer = runtime::block_on(get(&source, JSON, limit)).ok()?.ok()?;
    serde_json::from_slice(&answer.body(&source).ok()?).ok()
}

/// The answer of a server.
struct FetchAnswer {
    status: StatusCode,
    headers: http::HeaderMap,
    body: Vec<u8>,
}

impl FetchAnswer {
    /// The body of a successful answer.
    fn body(self, source: &BundleSource) -> Result<Vec<u8>> {
        match self.status {
            StatusCode::OK => Ok(self.body),
            status => Err(refused(source, status, &self.headers, &self.body)),
        }
    }
}

async fn get(source: &BundleSource, kind: &'static str, limit: Duration) -> Result<FetchAnswer> {
    let failed = |failure: Failure| unreachable(source, &failure);
    let addresses = dial::addresses(&source.host, source.port, limit).await.map_err(failed)?;
    let (_, stream) = dial::connect_any(&addresses, limit).await.map_err(failed)?;
    if !source.is_tls {
        return request_within(source, stream, kind, limit).await;
    }
    let name = server_name(&source.host)?;
    let options = HandshakeOptions { name, alpn: None, offered: SAFE_VERSIONS, identity: None };
    let (_, secured) = tls::connect(stream, &options, limit).await;
    request_within(source, secured.map_err(failed)?, kind, limit).await
}

async fn request_within<S>(
    source: &BundleSource,
    stream: S,
    kind: &'static str,
    limit: Duration,
) -> Result<FetchAnswer>
where
    S: Stream + Send + 'static,
{
    let answer = tokio::time::timeout(limit, exchange(source, stream, kind)).await;
    answer.unwrap_or_else(|_| {
        let failure = Failure::new(FailureKind::Timeout, format!("no answer within {limit:?}"));
        Err(unreachable(source, &failure))
    })
}

async fn exchange<S>(source: &BundleSource, stream: S, kind: &'static str) -> Result<FetchAnswer>
where
    S: Stream + Send + 'static,
{
    let broken = |error: hyper::Error| {
        let what = format!("the server does not speak HTTP: {error}");
        unreachable(source, &Failure::new(FailureKind::NotThisProtocol, what))
    };
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    tokio::spawn(connection);
    let host = source.uri.authority().map_or("", |authority| authority.as_str());
    let request = Request::get(source.uri.path_and_query().map_or("/", |path| path.as_str()))
        .header(HOST, host)
        .header(USER_AGENT, concat!("ccx-sec/", env!("CARGO_PKG_VERSION")))
        .header(ACCEPT, HeaderValue::from_static(kind))
        .header(CONNECTION, "close")
        .body(Empty::<bytes::Bytes>::new());
    let request =
        request.map_err(|e| Error::failed(Code::Fetch, "the request cannot be made").because(e))?;
    let (head, body) = sender.send_request(request).await.map_err(broken)?.into_parts();
    let body = Limited::new(body, MAX_BYTES).collect().await.map_err(|source_error| {
        let message = format!("the answer of {source} is incomplete or too long");
        Error::failed(Code::FetchAnswer, message)
            .because(anyhow!(source_error.to_string()))
            .hint("is this the address of a CA?")
    })?;
    let body = body.to_bytes().to_vec();
    Ok(FetchAnswer { status: head.status, headers: head.headers, body })
}

/// The error for an answer with a status other than 200.
fn refused(
    source: &BundleSource,
    status: StatusCode,
    headers: &http::HeaderMap,
    body: &[u8],
) -> Error {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let message = format!("{source} answers {status}");
    if status.is_redirection() {
        let to = one_line(text(LOCATION).as_bytes());
        return Error::failed(Code::FetchMoved, message).hint(format!(
            "the server redirects to another address; if it is right, give it: {to}"
        ));
    }
    let problem: Option<serde_json::Value> = text(http::header::CONTENT_TYPE)
        .starts_with(PROBLEM)
        .then(|| serde_json::from_slice(body).ok())
        .flatten();
    let why = problem.as_ref().and_then(|problem| problem["detail"].as_str());
    match why {
        Some(why) => {
            Error::failed(Code::FetchRefused, format!("{message}: {}", one_line(why.as_bytes())))
                .hint("ask the operator of the server; without a valid CA it serves none")
        }
        None => Error::failed(Code::FetchRefused, message)
            .hint("is this the address of a CA? such an address ends in /api/v1/ca.pem"),
    }
}

fn unreachable(source: &BundleSource, failure: &Failure) -> Error {
    let error = Error::failed(Code::FetchUnreachable, format!("cannot get {source}: {failure}"));
    match failure.kind {
        FailureKind::NameUnknown => error.hint("check the name in the address"),
        FailureKind::TlsFailed => error.hint("does the server speak TLS? if not, use http://"),
        FailureKind::NotThisProtocol => {
            error.hint("does the server speak plain HTTP? if not, use https://")
        }
        _ => error.hint("is the server running? is a firewall in between?"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, expected, port) in [
            ("https://ca.example.com", "https://ca.example.com/api/v1/ca.pem", 443),
            ("https://ca.example.com:8443/", "https://ca.example.com:8443/api/v1/ca.pem", 8443),
            ("http://127.0.0.1:1/x.pem?y", "http://127.0.0.1:1/x.pem?y", 1),
            ("http://[::1]", "http://[::1]/api/v1/ca.pem", 80),
        ] {
            let source: BundleSource = text.parse().expect(text);
            assert_eq!((source.to_string().as_str(), source.port), (expected, port));
        }
        for (text, expected) in [
            ("https://ca.example.com", "https://ca.example.com/api/v1/ca/links.pem"),
            ("https://a/pki/api/v1/ca.pem", "https://a/pki/api/v1/ca/links.pem"),
            ("http://127.0.0.1:1/x.pem?y", "http://127.0.0.1:1/api/v1/ca/links.pem"),
        ] {
            let source: BundleSource = text.parse().expect(text);
            assert_eq!(source.sibling(LINKS).expect(text).to_string(), expected);
        }
        for text in ["", "ca.example.com", "ftp://a/b", "https://", "https://me@a/", "/ca.pem"] {
            let code =
                text.parse::<BundleSource>().map(|_| ()).map_err(|error| error.code().name());
            assert_eq!(code, Err("fetch-url"), "{text}");
        }
    }
}
