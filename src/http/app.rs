//! Answers requests. No answer waits for the store, except for token reviews: [`super::watch`]
//! prepares everything that is served.

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
use super::clock;
use super::datastores::Datastores;
use super::holders::Holders;
use super::log::Log;
use super::metrics::{self, Metrics};
use super::page::{self, Pages};
use super::problem::Problem;
use super::resource::{BundleAnswer, Caching, HttpResponse, JSON, Resource, json};
use super::route::Route;
use super::snapshot::{DATASTORE_PEM, DER, JKS, LINKS, P12, PEM, Snapshot};
use super::{ListenAddress, ServeOptions, docs, snippets};
use crate::error::{Code, Result};
use crate::output::Output;
use crate::store::Backend;
use crate::store::holders::Holder;
use crate::text::clip;

/// The representations of the CA: media types (the first is sent), format, and key in the snapshot.
const FORMS: &[(&[&str], (&str, &str))] = &[
    (&[JSON], ("json", "/api/v1/ca")),
    (&[PEM, "application/x-pem-file", "text/plain"], ("pem", "/api/v1/ca pem")),
    (&[DER, "application/x-x509-ca-cert"], ("der", "/api/v1/ca der")),
    (&[P12], ("p12", "/api/v1/ca p12")),
    (&[JKS], ("jks", "/api/v1/ca jks")),
];

/// Tells browsers to use only TLS for a year (RFC 6797).
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// The state of the server: what it serves, its access control, and its counters.
pub(super) struct App {
    /// The name of the CA.
    pub(super) ca: String,
    store: Arc<dyn Backend>,
    /// The current CA with everything that is served of it.
    pub(super) snapshot: ArcSwap<Snapshot>,
    /// The datastores of the store.
    pub(super) datastores: ArcSwap<Datastores>,
    /// Access control for the datastores; `None` lets everybody see them.
    pub(super) auth: Option<Auth>,
    /// The bundle that each known client has.
    pub(super) holders: Holders,
    /// The counters.
    pub(super) metrics: Metrics,
    log: Log,
    /// Whether the server uses TLS; then answers carry [`HSTS`].
    is_tls: bool,
    /// Whether other machines can connect.
    pub(super) is_open: bool,
    /// The number of requests (SIGHUP) to read the files again.
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
    /// Creates the server's state.
    ///
    /// # Errors
    /// Exit 3 when a built-in document or template is broken.
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
            holders: Holders::new(clock::now(), options.record_holders.is_some()),
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

    /// Replaces the snapshot that is served.
    pub(super) fn replace_snapshot(&self, snapshot: Snapshot) {
        let previous = self.snapshot.swap(Arc::new(snapshot));
        if previous.bundle != self.snapshot.load().bundle {
            self.metrics.bundle_changed();
        }
        self.count();
    }

    fn count(&self) {
        let snapshot = self.snapshot.load();
        self.metrics.open.set(snapshot.is_open().into());
        self.metrics.certificates(&snapshot.members);
        self.metrics.rotation(snapshot.rotation.as_ref());
    }

    /// Counts the known clients by their bundles.
    fn count_holders(&self) {
        let snapshot = self.snapshot.load();
        let target = snapshot.rotation.as_ref().map(|rotation| rotation.target.as_str());
        self.metrics.holders(self.holders.counts(&snapshot.bundle.sha256, target, clock::now()));
    }

    /// The token review that the store must answer before the request is: a token, and the
    /// datastores that it asks for. Other requests do not wait for the store.
    pub(super) fn pending_token_review(
        &self,
        head: &Parts,
        peer: Option<IpAddr>,
    ) -> Option<[String; 2]> {
        self.auth.as_ref()?.pending_token_review(head, peer)
    }

    /// Asks the store for a token review.
    pub(super) fn review(&self, [token, object]: &[String; 2]) {
        let reviewed = self.auth.as_ref().map(|auth| auth.review(&*self.store, token, object));
        if let Some(Err(error)) = reviewed {
            self.metrics.store_errors.inc();
            self.log.failed(&error); // the request is then answered with auth-unavailable
        }
    }

    /// Answers a request.
    pub(super) fn answer(&self, head: &Parts, peer: Option<IpAddr>) -> HttpResponse {
        let begun = Instant::now();
        let (route, answered) = self.route(head, peer);
        let mut answer = answered.unwrap_or_else(|problem| problem.answer(head));
        if self.is_tls {
            answer.headers_mut().insert(STRICT_TRANSPORT_SECURITY, HSTS);
        }
        self.record(head, &answer);
        let (status, took) = (answer.status(), begun.elapsed());
        self.metrics.answered(route, status, took);
        // Health probes come every second or two; they are counted, but not logged.
        if route != Route::Health {
            self.log.answered(head, peer, status, took);
        }
        answer
    }

    /// Records an answer with the bundle: counts it, and notes that a known client has it.
    fn record(&self, head: &Parts, answer: &HttpResponse) {
        let Some(bundle) = answer.extensions().get::<BundleAnswer>() else { return };
        if !bundle.is_unchanged {
            let is_current = self.snapshot.load().bundle == bundle.bundle;
            self.metrics.bundle_downloaded(bundle.format, is_current);
        }
        let Some(auth) = &self.auth else { return };
        let of_datastore = || match head.uri.path().split('/').collect::<Vec<_>>().as_slice() {
            ["", "api", "v1", "datastores", datastore, _] => {
                crate::node::datastore(datastore).ok().map(Holder::Datastore)
            }
            _ => None,
        };
        if let Some(holder) = auth.name(head).map(|name| Holder::token(&name)).or_else(of_datastore)
        {
            self.holders.record(holder, bundle, clock::precise_now());
        }
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
            ["api", "v1", "ca", "links.pem"] => (Route::Links, self.links(head, query)),
            ["api", "v1", "holders"] => (Route::Holders, self.holders(head, peer, query)),
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
                if self.auth.is_some() {
                    self.count_holders();
                }
                let text = Resource::new(metrics::TEXT, self.metrics.render(), Caching::Never);
                (Route::Metrics, Ok(text.answer(head)))
            }
            _ => match self.fixed.get(path) {
                Some((route, resource)) => (*route, Ok(resource.answer(head))),
                None => {
                    let shown = clip(path, 100);
                    let what = format!("there is nothing at {shown}");
                    (Route::Unknown, Err(Problem::not_found(what)))
                }
            },
        }
    }

    /// The CA in the format that the client prefers.
    fn negotiated(&self, head: &Parts, query: &str) -> (Route, ResponseResult) {
        let Some((format, address)) = best(&head.headers, FORMS) else {
            let kinds: Vec<&str> = FORMS.iter().map(|(kinds, _)| kinds[0]).collect();
            return (Route::Ca("none"), Err(snippets::not_acceptable(&kinds.join(", "))));
        };
        let answered = no_query(query).and_then(|()| {
            let snapshot = self.served_snapshot()?;
            let resource = snapshot.resource(address);
            Ok(resource
                .ok_or_else(|| Problem::not_found("there is no such document"))?
                .answer(head))
        });
        (Route::Ca(format), answered)
    }

    /// The CA in one format; with `role`, only the certificates with this role.
    fn file(&self, head: &Parts, path: &str, query: &str) -> ResponseResult {
        let snapshot = self.served_snapshot()?;
        if query.is_empty() {
            let resource = snapshot.resource(path);
            return Ok(resource
                .ok_or_else(|| Problem::not_found("there is no such document"))?
                .answer(head));
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
                let detail = "unknown role";
                return Err(Problem::new(StatusCode::BAD_REQUEST, Code::Role, detail)
                    .hint("give active, next or retiring"));
            }
        };
        let resource = snapshot.resource(&address).ok_or_else(|| {
            Problem::not_found("no certificate of the bundle has that role")
                .hint("the roles in use: /api/v1/ca")
        })?;
        Ok(resource.answer(head))
    }

    /// A single certificate, by its fingerprint.
    fn member(&self, head: &Parts, path: &str, query: &str) -> ResponseResult {
        no_query(query)?;
        let snapshot = self.served_snapshot()?;
        let resource = snapshot.resource(path).ok_or_else(|| {
            Problem::not_found("no certificate of the bundle has that fingerprint")
                .hint("the fingerprints: /api/v1/ca")
        })?;
        Ok(resource.answer(head))
    }

    /// The links by which a CA of the bundle announces another.
    fn links(&self, head: &Parts, query: &str) -> ResponseResult {
        no_query(query)?;
        let snapshot = self.served_snapshot()?;
        let resource = snapshot.resource(LINKS).ok_or_else(|| {
            Problem::not_found("no certificate of the bundle announces another one")
                .hint("a person gets the fingerprint of another one by another way")
        })?;
        Ok(resource.answer(head))
    }

    /// The bundle that each known client has, for tokens for all datastores.
    fn holders(&self, head: &Parts, peer: Option<IpAddr>, query: &str) -> ResponseResult {
        let Some(auth) = &self.auth else {
            return Err(Problem::not_found(
                "clients are known by their tokens, and need none here",
            )
            .hint("start the server with --auth"));
        };
        if self.authorize(head, peer)? != DatastoreAccess::All {
            let detail = "this token is not for all datastores";
            return Err(Problem::new(StatusCode::FORBIDDEN, Code::Forbidden, detail));
        }
        no_query(query)?;
        let snapshot = self.served_snapshot()?;
        let document = self.holders.document(&snapshot.bundle.sha256, &auth.names());
        Ok(Resource::new(JSON, json(&document), Caching::Never).answer(head))
    }

    fn datastores(
        &self,
        head: &Parts,
        peer: Option<IpAddr>,
        rest: &[&str],
        query: &str,
    ) -> ResponseResult {
        let access = self.authorize(head, peer)?;
        no_query(query)?;
        let datastores = self.datastores.load();
        match rest {
            [] => Ok(datastores.all(&access)?.answer(head)),
            [datastore] => {
                let datastore = uuid(datastore)?;
                access.check(datastore)?;
                Ok(datastores.resource(datastore)?.answer(head))
            }
            [datastore, "ca.pem"] => {
                let datastore = uuid(datastore)?;
                access.check(datastore)?;
                datastores.nodes(datastore)?;
                let snapshot = self.served_snapshot()?;
                let resource = snapshot.resource(DATASTORE_PEM);
                let missing = || Problem::not_found("there is no such document");
                Ok(resource.ok_or_else(missing)?.answer(head))
            }
            _ => Err(Problem::not_found("there is nothing at this address")),
        }
    }

    /// The page, for all engines or for the one in the query.
    fn page(&self, head: &Parts, query: &str) -> ResponseResult {
        let snapshot = self.snapshot.load();
        let address = if query.is_empty() { "/".to_owned() } else { format!("/?{query}") };
        let page = snapshot.resource(&address).or_else(|| snapshot.resource("/"));
        Ok(page.ok_or_else(|| Problem::not_found("there is no such document"))?.answer(head))
    }

    /// The page for the settings of a datastore.
    fn settings(
        &self,
        head: &Parts,
        peer: Option<IpAddr>,
        datastore: &str,
        query: &str,
    ) -> ResponseResult {
        let access = self.authorize(head, peer)?;
        no_query(query)?;
        let datastore = uuid(datastore)?;
        access.check(datastore)?;
        let datastores = self.datastores.load();
        let nodes = datastores.nodes(datastore)?;
        let snapshot = self.snapshot.load();
        let rotation = snapshot.rotation.as_ref();
        let pages = Pages::new(&self.ca, &snapshot.findings, &snapshot.members, rotation)?;
        let page = pages.settings(datastore, nodes)?;
        let is_unavailable = !snapshot.is_open();
        let page = if is_unavailable { page.status(StatusCode::SERVICE_UNAVAILABLE) } else { page };
        Ok(page.answer(head))
    }

    fn ready(&self, head: &Parts) -> ResponseResult {
        let snapshot = self.served_snapshot()?;
        let text = if snapshot.findings.is_empty() { "ok\n" } else { "ok, with warnings\n" };
        Ok(plain(text).answer(head))
    }

    /// The current snapshot, if its CA passes the checks.
    fn served_snapshot(&self) -> std::result::Result<arc_swap::Guard<Arc<Snapshot>>, Problem> {
        let snapshot = self.snapshot.load();
        if snapshot.is_open() {
            Ok(snapshot)
        } else {
            Err(Problem::ca_unavailable(&snapshot.findings))
        }
    }

    fn authorize(
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

/// Refuses methods other than GET and HEAD, and requests with a body.
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
        let detail = "the name of a datastore is a UUID";
        Problem::new(StatusCode::NOT_FOUND, Code::DatastoreUnknown, detail)
    })
}

fn plain(text: &'static str) -> Resource {
    Resource::new("text/plain; charset=utf-8", text, Caching::Never)
}
