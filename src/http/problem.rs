//! What is said where the answer is no: problem documents (RFC 9457).

use http::header::{ALLOW, CONNECTION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderName, StatusCode};
use serde::Serialize;

use super::resource::{Caching, HttpResponse, Resource, json};
use crate::error::{Code, Error, Exit};
use crate::pki::finding::Finding;

/// The type of such a document.
pub(crate) const PROBLEM: &str = "application/problem+json";

/// A problem.
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
    /// One with this status, a stable code, and what it is about.
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

    /// Its status.
    #[cfg(test)]
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// Adds what can be done about it.
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
            .hint("what there is: /api/docs, or /api/openapi.json")
    }

    /// The CA cannot be relied on, and so is not handed out.
    pub(crate) fn ca_unavailable(findings: &[Finding]) -> Self {
        let detail = "there is no CA that could be relied on, so none is handed out";
        let mut problem =
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, Code::CaUnavailable, detail)
                .header(RETRY_AFTER, "5");
        problem.findings = findings.to_vec();
        problem
    }

    /// Nothing but GET and HEAD is understood.
    pub(crate) fn method() -> Self {
        Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            Code::Method,
            "only GET and HEAD are understood",
        )
        .header(ALLOW, "GET, HEAD")
    }

    /// Nobody here reads the body of a request.
    pub(crate) fn body() -> Self {
        let detail = "a request has no body here";
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, Code::Body, detail).header(CONNECTION, "close")
    }

    /// Who asks is not known.
    pub(crate) fn unauthorized(detail: &str, is_wrong: bool) -> Self {
        let error = if is_wrong { ", error=\"invalid_token\"" } else { "" };
        Problem::new(StatusCode::UNAUTHORIZED, Code::Unauthorized, detail)
            .header(WWW_AUTHENTICATE, format!("Bearer realm=\"ccx-sec\"{error}"))
            .hint("send the header Authorization: Bearer TOKEN")
    }

    /// The same for a browser, which asks for a name and a password where `Basic` is offered; the
    /// password is the token.
    pub(crate) fn for_browser(self) -> Self {
        if self.status != StatusCode::UNAUTHORIZED {
            return self;
        }
        let realm = "ccx-sec: any user name, and a token as the password";
        self.header(WWW_AUTHENTICATE, format!("Basic realm=\"{realm}\", charset=\"UTF-8\""))
            .hint("in a browser: any user name, and the token as the password")
    }

    /// Who asks could not be found out.
    pub(crate) fn auth_unavailable() -> Self {
        let detail = "the cluster could not be asked whose token this is";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, Code::AuthUnavailable, detail)
            .header(RETRY_AFTER, "5")
    }

    /// Who asks has tried too often.
    pub(crate) fn too_many(seconds: u64) -> Self {
        let detail = "too many wrong tokens came from this address, and this one is not known";
        Problem::new(StatusCode::TOO_MANY_REQUESTS, Code::TooManyFailures, detail)
            .header(RETRY_AFTER, seconds.to_string())
    }

    /// What is wrong with the parameters of a request.
    pub(crate) fn query(error: &serde_urlencoded::de::Error) -> Self {
        let detail = format!("the query cannot be understood: {error}");
        Problem::new(StatusCode::BAD_REQUEST, Code::Query, detail).hint("see /api/docs")
    }

    /// The answer that tells it.
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

/// An error of what a request asks for.
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
