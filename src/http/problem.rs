//! Error answers: problem documents (RFC 9457).

use http::header::{ALLOW, CONNECTION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderName, StatusCode};
use serde::Serialize;

use super::resource::{Caching, HttpResponse, Resource, json};
use crate::error::{Code, Error, Exit};
use crate::pki::finding::Finding;

/// The media type of a problem document.
pub(crate) const PROBLEM: &str = "application/problem+json";

/// An error answer.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: Code,
    detail: String,
    hints: Vec<String>,
    findings: Vec<Finding>,
    headers: Vec<(HeaderName, String)>,
}

#[derive(Serialize)]
struct ProblemDocument<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: Code,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    hints: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    findings: &'a [Finding],
}

impl Problem {
    /// A problem with this status, a stable code, and a text.
    pub(crate) fn new(status: StatusCode, code: Code, detail: impl Into<String>) -> Self {
        Problem {
            status,
            code,
            detail: detail.into(),
            hints: Vec::new(),
            findings: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// The status.
    #[cfg(test)]
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// Adds a next step.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// There is nothing at this address.
    pub(crate) fn not_found(what: impl Into<String>) -> Self {
        Problem::new(StatusCode::NOT_FOUND, Code::NotFound, what)
            .hint("all addresses: /api/docs, or /api/openapi.json")
    }

    /// The CA fails its checks, and is therefore not served.
    pub(crate) fn ca_unavailable(findings: &[Finding]) -> Self {
        let detail = "no CA is served, because none passes its checks";
        let mut problem =
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, Code::CaUnavailable, detail)
                .header(RETRY_AFTER, "5");
        problem.findings = findings.to_vec();
        problem
    }

    /// Methods other than GET and HEAD are refused.
    pub(crate) fn method() -> Self {
        Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            Code::Method,
            "only GET and HEAD are supported",
        )
        .header(ALLOW, "GET, HEAD")
    }

    /// Requests with a body are refused.
    pub(crate) fn body() -> Self {
        let detail = "requests must not have a body";
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, Code::Body, detail).header(CONNECTION, "close")
    }

    /// The request has no token, or with `is_wrong` an invalid one.
    pub(crate) fn unauthorized(detail: &str, is_wrong: bool) -> Self {
        let error = if is_wrong { ", error=\"invalid_token\"" } else { "" };
        Problem::new(StatusCode::UNAUTHORIZED, Code::Unauthorized, detail)
            .header(WWW_AUTHENTICATE, format!("Bearer realm=\"ccx-sec\"{error}"))
            .hint("send the header Authorization: Bearer TOKEN")
    }

    /// Adds a `Basic` challenge to a 401: a browser then asks for a name and a password, and sends
    /// the password as the token.
    pub(crate) fn for_browser(self) -> Self {
        if self.status != StatusCode::UNAUTHORIZED {
            return self;
        }
        let realm = "ccx-sec: any user name, and a token as the password";
        self.header(WWW_AUTHENTICATE, format!("Basic realm=\"{realm}\", charset=\"UTF-8\""))
            .hint("in a browser: any user name, and the token as the password")
    }

    /// The cluster could not review the token.
    pub(crate) fn auth_unavailable() -> Self {
        let detail = "the cluster could not check the token";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, Code::AuthUnavailable, detail)
            .header(RETRY_AFTER, "5")
    }

    /// The address has sent too many wrong tokens, and must wait `seconds`.
    pub(crate) fn too_many(seconds: u64) -> Self {
        let detail = "too many wrong tokens came from this address; wait before you send another";
        Problem::new(StatusCode::TOO_MANY_REQUESTS, Code::TooManyFailures, detail)
            .header(RETRY_AFTER, seconds.to_string())
    }

    /// The query of the request is invalid.
    pub(crate) fn query(error: &serde_urlencoded::de::Error) -> Self {
        let detail = format!("the query is not valid: {error}");
        Problem::new(StatusCode::BAD_REQUEST, Code::Query, detail).hint("see /api/docs")
    }

    /// The HTTP answer with the problem document.
    pub(crate) fn answer(&self, head: &Parts) -> HttpResponse {
        let document = ProblemDocument {
            kind: format!("/api/docs#problem-{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Problem"),
            status: self.status.as_u16(),
            detail: &self.detail,
            code: self.code,
            hints: &self.hints,
            findings: &self.findings,
        };
        let body = json(&document);
        let resource = Resource::new(PROBLEM, body, Caching::Never).status(self.status);
        let with = |resource: Resource, (name, value): &(HeaderName, String)| {
            resource.header(name.clone(), value)
        };
        self.headers.iter().fold(resource, with).answer(head)
    }
}

/// Maps an error to a problem: the exit status gives the HTTP status.
impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let status = match error.exit() {
            Exit::Usage => StatusCode::BAD_REQUEST,
            Exit::No => StatusCode::NOT_FOUND,
            Exit::Refused => StatusCode::UNPROCESSABLE_ENTITY,
            Exit::Interrupted => StatusCode::SERVICE_UNAVAILABLE,
            Exit::Done | Exit::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let problem = Problem::new(status, error.code(), error.to_string());
        error.hints().iter().fold(problem, |problem, hint| problem.hint(hint.to_string()))
    }
}
