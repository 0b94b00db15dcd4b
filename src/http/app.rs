//! What is answered to a request. An answer waits for nothing: what is served was made before,
//! by [`super::watch`].

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use arc_swap::ArcSwap;
use http::header::{ACCEPT, CONTENT_LENGTH, STRICT_TRANSPORT_SECURITY, TRANSFER_ENCODING};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use serde::Deserialize;

use super::accept::best;
use super::auth::{Auth, DatastoreAccess};
use super::datastores::Datastores;
use super::log::Log;
use super::metrics::{self, Metrics};
use super::page::{self, Pages};
use super::problem::Problem;
use super::resource::{Caching, HttpResponse, JSON, Resource};
use super::route::Route;
use super::snapshot::{DATASTORE_PEM, DER, JKS, P12, PEM, Snapshot};
use super::{ListenAddress, ServeOptions, docs, snippets};
use crate::error::{Code, Result};
use crate::output::Output;
use crate::store::Backend;

/// The representations of the CA: their types, the first of which is that sent, and where they
/// are in a snapshot.
const FORMS: &[(&[&str], (&str, &str))] = &[
    (&[JSON], ("json", "/api/v1/ca")),
    (&[PEM, "application/x-pem-file", "text/plain"], ("pem", "/api/v1/ca pem")),
    (&[DER, "application/x-x509-ca-cert"], ("der", "/api/v1/ca der")),
    (&[P12], ("p12", "/api/v1/ca p12")),
    (&[JKS], ("jks", "/api/v1/ca jks")),
];

/// For a year, browsers do not come without TLS (RFC 6797).
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// What is known, and what is counted.
pub(super) struct App {
    /// The name of the CA.
    pub(super) ca: String,
    store: Arc<dyn Backend>,
    /// What is served of the CA.
    pub(super) snapshot: ArcSwap<Snapshot>,
    /// The datastores.
    pub(super) datastores: ArcSwap<Datastores>,
    /// Who may see those; everybody where there is none.
    pub(super) auth: Option<Auth>,
    /// What is counted.
    pub(super) metrics: Metrics,
    log: Log,
    /// Whether clients come by TLS, and are told to come no other way.
    is_tls: bool,
    /// Whether others than this machine get here.
    pub(super) is_open: bool,
    /// How often the files were to be read again (SIGHUP).
    pub(super) reloads: AtomicU64,
    fixed: HashMap<&'static str, (Route, Resource)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoQuery {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleQuery {
    role: Option<String>,
}

type ResponseResult = std::result::Result<HttpResponse, Problem>;

impl App {
    /// Ready to answer.
    ///
    /// # Errors
    /// Exit 3 when something of ours cannot be encoded.
    pub(super) fn new(
        options: &ServeOptions,
        store: Arc<dyn Backend>,
        snapshot: Snapshot,
        auth: Option<Auth>,
        output: Output,
    ) -> Result<Arc<Self>> {
        let (metrics, mut fixed) = (Metrics::new()?, HashMap::new());
        let log = Log::start(options.log, output, metrics.log_lost.clone());
        for (address, resource) in docs::all()? {
            fixed.insert(address, (Route::Docs, resource));
        }
        for (address, resource) in page::assets() {
            fixed.insert(address, (Route::Asset, resource));
        }
        metrics.store_up.set(1);
        let app = App {
            ca: options.ca.clone(),
            store,
            snapshot: ArcSwap::from_pointee(snapshot),
            datastores: ArcSwap::default(),
            auth,
            metrics,
            log,
            is_tls: options.tls.is_some(),
            is_open: !options.listen.iter().all(ListenAddress::is_local),
            reloads: AtomicU64::new(0),
            fixed,
        };
        app.count();
        Ok(Arc::new(app))
    }

    /// Takes over what is to be served from now on.
    pub(super) fn take(&self, snapshot: Snapshot) {
        self.snapshot.store(Arc::new(snapshot));
        self.count();
    }

    fn count(&self) {
        let snapshot = self.snapshot.load();
        self.metrics.open.set(snapshot.is_open().into());
        self.metrics.certificates(&snapshot.members);
    }

    /// What the store has to be asked before a request is answered: of datastores, whose token it
    /// is, and whether that one may see them. Of all else nothing waits for the store.
    pub(super) fn to_review(&self, head: &Parts, peer: Option<IpAddr>) -> Option<[String; 2]> {
        self.auth.as_ref()?.pending_token_review(head, peer)
    }

    /// Asks the store that.
    pub(super) fn review(&self, [token, object]: &[String; 2]) {
        let reviewed = self.auth.as_ref().map(|auth| auth.review(&*self.store, token, object));
        if let Some(Err(error)) = reviewed {
            self.metrics.store_errors.inc();
            self.log.failed(&error); // the answer is that nobody knows
        }
    }

    /// The answer to a request.
    pub(super) fn answer(&self, head: &Parts, peer: Option<IpAddr>) -> HttpResponse {
        let begun = Instant::now();
        let (route, answered) = self.route(head, peer);
        let mut answer = answered.unwrap_or_else(|problem| problem.answer(head));
        if self.is_tls {
            answer.headers_mut().insert(STRICT_TRANSPORT_SECURITY, HSTS);
        }
        let (status, took) = (answer.status(), begun.elapsed());
        self.metrics.answered(route, status, took);
        // Probes of health come every second or two, and are counted.
        if route != Route::Health {
            self.log.answered(head, peer, status, took);
        }
        answer
    }

    fn route(&self, head: &Parts, peer: Option<IpAddr>) -> (Route, ResponseResult) {
        if let Err(problem) = check(head) {
            return (Route::Unknown, Err(problem));
        }
        let (path, query) = (head.uri.path(), head.uri.query().unwrap_or_default());
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        match segments.as_slice() {
            ["api", "v1", "ca"] => self.negotiated(head, query),
            ["api", "v1", file @ ("ca.pem" | "ca.der" | "ca.p12" | "ca.jks")] => {
                let format = FORMS.iter().map(|(_, (format, _))| *format);
                let format = format.clone().find(|format| file.ends_with(format));
                let route = Route::Ca(format.unwrap_or("pem"));
                (route, self.file(head, path, query))
            }
            ["api", "v1", "ca", _] => (Route::Ca("pem"), self.member(head, path, query)),
            ["api", "v1", "datastores", rest @ ..] => {
                (Route::Datastores, self.datastores(head, peer, rest, query))
            }
            ["api", "v1", "snippets", engine, client] => {
                let snippet = snippets::answer(engine, client, query, &head.headers);
                (Route::Snippet, snippet.map(|resource| resource.answer(head)))
            }
            [""] => (Route::Page, self.page(head, query)),
            ["datastores", datastore, "settings"] => {
                (Route::Page, self.settings(head, peer, datastore, query))
            }
            ["healthz"] => (Route::Health, Ok(plain("ok\n").answer(head))),
            ["readyz"] => (Route::Health, self.ready(head)),
            ["metrics"] => {
                let text = Resource::new(metrics::TEXT, self.metrics.render(), Caching::Never);
                (Route::Metrics, Ok(text.answer(head)))
            }
            _ => match self.fixed.get(path) {
                Some((route, resource)) => (*route, Ok(resource.answer(head))),
                None => {
                    let shown: String = path.chars().take(100).collect();
                    let what = format!("there is nothing at {shown}");
                    (Route::Unknown, Err(Problem::not_found(what)))
                }
            },
        }
    }

    /// The CA, in the format that is wanted most.
    fn negotiated(&self, head: &Parts, query: &str) -> (Route, ResponseResult) {
        let Some((format, address)) = best(&head.headers, FORMS) else {
            let kinds: Vec<&str> = FORMS.iter().map(|(kinds, _)| kinds[0]).collect();
            return (Route::Ca("none"), Err(snippets::not_acceptable(&kinds.join(", "))));
        };
        let answered = no_query(query).and_then(|()| {
            let snapshot = self.open()?;
            let resource = snapshot.resource(address);
            Ok(resource.ok_or_else(|| Problem::not_found("it is not there"))?.answer(head))
        });
        (Route::Ca(format), answered)
    }

    /// The CA in one format, or those of its certificates that have a role.
    fn file(&self, head: &Parts, path: &str, query: &str) -> ResponseResult {
        let snapshot = self.open()?;
        if query.is_empty() {
            let resource = snapshot.resource(path);
            return Ok(resource.ok_or_else(|| Problem::not_found("it is not there"))?.answer(head));
        }
        if path.ends_with(".p12") || path.ends_with(".jks") {
            no_query(query)?;
        }
        let RoleQuery { role } =
            serde_urlencoded::from_str(query).map_err(|error| Problem::query(&error))?;
        let address = match role.as_deref() {
            None => path.to_owned(),
            Some(role @ ("active" | "next" | "retiring")) => format!("{path}?role={role}"),
            Some(_) => {
                let detail = "the role is none that a certificate has";
                return Err(Problem::new(StatusCode::BAD_REQUEST, Code::Role, detail)
                    .hint("give active, next or retiring"));
            }
        };
        let resource = snapshot.resource(&address).ok_or_else(|| {
            Problem::not_found("no certificate of the bundle has that role")
                .hint("their roles: /api/v1/ca")
        })?;
        Ok(resource.answer(head))
    }

    /// One certificate, by its fingerprint.
    fn member(&self, head: &Parts, path: &str, query: &str) -> ResponseResult {
        no_query(query)?;
        let snapshot = self.open()?;
        let resource = snapshot.resource(path).ok_or_else(|| {
            Problem::not_found("no certificate of the bundle has that fingerprint")
                .hint("their fingerprints: /api/v1/ca")
        })?;
        Ok(resource.answer(head))
    }

    fn datastores(
        &self,
        head: &Parts,
        peer: Option<IpAddr>,
        rest: &[&str],
        query: &str,
    ) -> ResponseResult {
        let grant = self.grant(head, peer)?;
        no_query(query)?;
        let datastores = self.datastores.load();
        match rest {
            [] => Ok(datastores.all(&grant)?.answer(head)),
            [datastore] => {
                let datastore = uuid(datastore)?;
                grant.check(datastore)?;
                Ok(datastores.resource(datastore)?.answer(head))
            }
            [datastore, "ca.pem"] => {
                let datastore = uuid(datastore)?;
                grant.check(datastore)?;
                datastores.nodes(datastore)?;
                let snapshot = self.open()?;
                let resource = snapshot.resource(DATASTORE_PEM);
                let missing = || Problem::not_found("it is not there");
                Ok(resource.ok_or_else(missing)?.answer(head))
            }
            _ => Err(Problem::not_found("there is nothing at this address")),
        }
    }

    /// The page, of all engines or the one that is named.
    fn page(&self, head: &Parts, query: &str) -> ResponseResult {
        let snapshot = self.snapshot.load();
        let address = if query.is_empty() { "/".to_owned() } else { format!("/?{query}") };
        let page = snapshot.resource(&address).or_else(|| snapshot.resource("/"));
        Ok(page.ok_or_else(|| Problem::not_found("it is not there"))?.answer(head))
    }

    /// The page in the settings of a datastore.
    fn settings(
        &self,
        head: &Parts,
        peer: Option<IpAddr>,
        datastore: &str,
        query: &str,
    ) -> ResponseResult {
        let grant = self.grant(head, peer)?;
        no_query(query)?;
        let datastore = uuid(datastore)?;
        grant.check(datastore)?;
        let datastores = self.datastores.load();
        let nodes = datastores.nodes(datastore)?;
        let snapshot = self.snapshot.load();
        let pages = Pages::new(&self.ca, &snapshot.findings, &snapshot.members)?;
        let page = pages.settings(datastore, nodes)?;
        let shut = !snapshot.is_open();
        let page = if shut { page.status(StatusCode::SERVICE_UNAVAILABLE) } else { page };
        Ok(page.answer(head))
    }

    fn ready(&self, head: &Parts) -> ResponseResult {
        let snapshot = self.open()?;
        let text = if snapshot.findings.is_empty() { "ok\n" } else { "ok, with warnings\n" };
        Ok(plain(text).answer(head))
    }

    /// What there is of the CA, if that can be relied on.
    fn open(&self) -> std::result::Result<arc_swap::Guard<Arc<Snapshot>>, Problem> {
        let snapshot = self.snapshot.load();
        if snapshot.is_open() {
            Ok(snapshot)
        } else {
            Err(Problem::ca_unavailable(&snapshot.findings))
        }
    }

    fn grant(
        &self,
        head: &Parts,
        peer: Option<IpAddr>,
    ) -> std::result::Result<DatastoreAccess, Problem> {
        let Some(auth) = &self.auth else { return Ok(DatastoreAccess::All) };
        let accept = head.headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
        let is_browser = accept.is_some_and(|accept| accept.contains("text/html"));
        let checked = auth.check(head, peer);
        checked.map_err(|problem| if is_browser { problem.for_browser() } else { problem })
    }
}

/// A method that is understood, and no body.
fn check(head: &Parts) -> std::result::Result<(), Problem> {
    if head.method != Method::GET && head.method != Method::HEAD {
        return Err(Problem::method());
    }
    let length = head.headers.get(CONTENT_LENGTH);
    if head.headers.contains_key(TRANSFER_ENCODING) || length.is_some_and(|length| length != "0") {
        return Err(Problem::body());
    }
    Ok(())
}

fn no_query(query: &str) -> std::result::Result<(), Problem> {
    let NoQuery {} = serde_urlencoded::from_str(query).map_err(|error| Problem::query(&error))?;
    Ok(())
}

fn uuid(text: &str) -> std::result::Result<uuid::Uuid, Problem> {
    crate::node::datastore(text).map_err(|_| {
        let detail = "a datastore is named by a UUID";
        Problem::new(StatusCode::NOT_FOUND, Code::DatastoreUnknown, detail)
    })
}

fn plain(text: &'static str) -> Resource {
    Resource::new("text/plain; charset=utf-8", text, Caching::Never)
}
