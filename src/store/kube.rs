//! The store in Kubernetes. Only this module and its submodules use `kube`, and only here is an
//! async runtime. The runtime has no thread of its own: the thread that waits for an answer drives
//! it, and of several waiting threads one drives it for all. Nearly all the time passes in the API
//! server, so that more threads would not be faster.
//!
//! Every call has a time limit over all attempts ([`StoreOptions::timeout`]). Answers that ask for
//! a retry (429) and transient failures (5xx, a lost connection) are retried with growing pauses;
//! every other error is reported at once.

mod access;
mod config;
mod errors;
mod login;
pub mod names;
mod proxy;
mod request;
mod review;
mod session;
mod watch;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{Namespace, Secret as KubeSecret};
use kube::api::{
    Api, DeleteParams, ListParams, ObjectList, ObjectMeta, PartialObjectMeta, Patch, PatchParams,
    PostParams, Preconditions,
};
use kube::{Client, Error as KubeError};
use tokio::runtime::Runtime;
use zeroize::Zeroizing;

use crate::error::{Code, Error, Result};
use crate::store::location::Cluster;
use crate::store::secret::Secret;
use crate::store::{Backend, Labels, StoreAddress, StoreOptions, TokenAccess};
pub use access::Access;
pub use errors::issuer_account;
use errors::{Operation, RequestFailure, has_reason};
use session::ClusterSession;

/// The maximum number of Secrets in one page of a list.
const PAGE: u32 = 500;
/// The field manager of our writes, as recorded in an object's managed fields.
const FIELD_MANAGER: &str = "ccx-sec";

/// The Secrets of one namespace of a cluster.
pub struct KubeStore {
    runtime: Runtime,
    session: ClusterSession,
    namespace: String,
    server: String,
    /// The proxy, without its credentials.
    proxy: Option<String>,
    is_waiting_reported: AtomicBool,
    options: StoreOptions,
}

impl KubeStore {
    /// Reads the configuration and creates the client. Opens no connection yet.
    ///
    /// # Errors
    /// Exit 2 or 3 when the configuration is invalid or cannot be read.
    pub fn open(cluster: &Cluster, options: StoreOptions) -> Result<Self> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| {
                Error::failed(Code::Runtime, "cannot start the network runtime").because(e)
            })?;
        let target = config::load(cluster, options.timeout)?;
        let namespace = target.config.default_namespace.clone();
        let server = target.server.clone();
        let proxy = target.config.proxy_url.as_ref().map(|proxy| {
            let authority = proxy.authority().map(|a| a.as_str()).unwrap_or_default();
            let host = authority.rsplit('@').next().unwrap_or_default();
            format!("{}://{host}", proxy.scheme_str().unwrap_or("http"))
        });
        if target.config.accept_invalid_certs && server.starts_with("https:") {
            (options.notice)(&format!(
                "anybody on the network can impersonate {server} and read every Secret: the \
                 kubeconfig has insecure-skip-tls-verify"
            ));
        }
        let session = ClusterSession::new(target, options.timeout);
        session.client(&runtime)?;
        let is_waiting_reported = AtomicBool::new(false);
        Ok(KubeStore { runtime, session, namespace, server, proxy, is_waiting_reported, options })
    }

    /// The namespace that is used.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    fn client(&self) -> Result<Client> {
        self.session.client(&self.runtime)
    }

    fn secrets(&self) -> Result<Api<KubeSecret>> {
        Ok(Api::namespaced(self.client()?, &self.namespace))
    }

    /// Lists page by page, and passes each object to `visit`.
    fn pages<T: Clone>(
        &self,
        parameters: ListParams,
        list: impl AsyncFn(ListParams) -> std::result::Result<ObjectList<T>, KubeError>,
        visit: &mut dyn FnMut(T) -> Result<()>,
    ) -> Result<()> {
        let operation = Operation::new("list", "secrets", "");
        let mut parameters = parameters.limit(PAGE);
        loop {
            let token = match self.call(&operation, || list(parameters.clone())) {
                Ok(page) => {
                    page.items.into_iter().try_for_each(&mut *visit)?;
                    page.metadata.continue_.filter(|token| !token.is_empty())
                }
                Err(failure) => match failure.continue_token() {
                    None => return Err(self.explain(&operation, failure)),
                    token => token,
                },
            };
            match token {
                Some(token) => parameters = parameters.continue_token(&token),
                None => return Ok(()),
            }
        }
    }

    fn explain(&self, operation: &Operation, failure: RequestFailure) -> Error {
        let is_unanswered = match &failure {
            RequestFailure::TimedOut => true,
            RequestFailure::Kube(error) => !matches!(error, KubeError::Api(_)),
        };
        let (server, namespace) = (&self.server, &self.namespace);
        let error = errors::explain(failure, operation, server, namespace, self.options.timeout);
        match &self.proxy {
            Some(proxy) if is_unanswered => error.hint(format!(
                "the connection uses the proxy {proxy}: proxy-url in the kubeconfig, or \
                 HTTPS_PROXY; NO_PROXY names the servers that are reached without it"
            )),
            _ => error,
        }
    }

    /// Whether a refused write had succeeded in an earlier attempt whose answer was lost: then the
    /// stored data equal the data to write. This is certain only for a Secret with a private key,
    /// which no other process can have written with the same value.
    fn is_already_written(&self, secret: &Secret, attempts: usize) -> Result<bool> {
        let is_private = ["tls.key", "key"].iter().any(|key| secret.data.contains_key(*key));
        if attempts < 2 || !is_private {
            return Ok(false);
        }
        Ok(self.get(&secret.name)?.is_some_and(|there| there.data == secret.data))
    }

    /// Reports a missing namespace: for a Secret, the API server answers 404 in both cases. An
    /// account that may not read namespaces learns nothing more.
    fn check_namespace(&self) -> Result<()> {
        let namespaces: Api<Namespace> = Api::all(self.client()?);
        let operation = Operation::new("get", "namespaces", &self.namespace);
        match self.call(&operation, || namespaces.get(&self.namespace)) {
            Err(RequestFailure::Kube(error)) if has_reason(&error, 404, "NotFound") => {
                Err(errors::namespace_missing(&self.namespace, &self.server))
            }
            _ => Ok(()),
        }
    }

    /// Changes a Secret that is as it was read; with `dry_run`, only the API server's checks run.
    fn patch(&self, secret: &Secret, dry_run: bool) -> Result<bool> {
        secret.check_size()?;
        let secrets = self.secrets()?;
        let operation = Operation::new("patch", "secrets", &secret.name);
        // A merge patch leaves metadata of others alone; with a resourceVersion in it, the API
        // server refuses it if the object has changed since.
        let mut object = to_kube(secret);
        object.metadata.resource_version = secret.version.clone();
        let parameters = PatchParams {
            dry_run,
            field_manager: Some(FIELD_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        let patch = Patch::Merge(merge(&object, secret)?);
        let attempts = Cell::new(0);
        let replace = || {
            attempts.set(attempts.get() + 1);
            secrets.patch(&secret.name, &parameters, &patch)
        };
        match self.call(&operation, replace) {
            Ok(_) => Ok(true),
            Err(RequestFailure::Kube(error)) if has_reason(&error, 409, "Conflict") => {
                Ok(!dry_run && self.is_already_written(secret, attempts.get())?)
            }
            Err(RequestFailure::Kube(error)) if has_reason(&error, 404, "NotFound") => Ok(false),
            Err(failure) => Err(self.explain(&operation, failure)),
        }
    }
}

impl Backend for KubeStore {
    fn get(&self, name: &str) -> Result<Option<Secret>> {
        Secret::check_name(name)?;
        let secrets = self.secrets()?;
        let operation = Operation::new("get", "secrets", name);
        match self.call(&operation, || secrets.get(name)) {
            Ok(found) => Ok(Some(from_kube(name, found))),
            Err(RequestFailure::Kube(error)) if has_reason(&error, 404, "NotFound") => {
                self.check_namespace()?;
                Ok(None)
            }
            Err(failure) => Err(self.explain(&operation, failure)),
        }
    }

    fn create(&self, secret: &Secret, dry_run: bool) -> Result<bool> {
        secret.check_size()?;
        let secrets = self.secrets()?;
        let operation = Operation::new("create", "secrets", &secret.name);
        let object = to_kube(secret);
        let parameters = PostParams { dry_run, field_manager: Some(FIELD_MANAGER.to_owned()) };
        let attempts = Cell::new(0);
        let create = || {
            attempts.set(attempts.get() + 1);
            secrets.create(&parameters, &object)
        };
        match self.call(&operation, create) {
            Ok(_) => Ok(true),
            Err(RequestFailure::Kube(error)) if has_reason(&error, 409, "AlreadyExists") => {
                Ok(!dry_run && self.is_already_written(secret, attempts.get())?)
            }
            Err(failure) => Err(self.explain(&operation, failure)),
        }
    }

    fn replace(&self, secret: &Secret) -> Result<bool> {
        self.patch(secret, false)
    }

    fn check_replace(&self, secret: &Secret) -> Result<bool> {
        self.patch(secret, true)
    }

    fn delete(&self, secret: &Secret) -> Result<bool> {
        let secrets = self.secrets()?;
        let operation = Operation::new("delete", "secrets", &secret.name);
        let preconditions =
            Preconditions { resource_version: secret.version.clone(), ..Preconditions::default() };
        let parameters =
            DeleteParams { preconditions: Some(preconditions), ..DeleteParams::default() };
        let attempts = Cell::new(0);
        let delete = || {
            attempts.set(attempts.get() + 1);
            secrets.delete(&secret.name, &parameters)
        };
        match self.call(&operation, delete) {
            Ok(_) => Ok(true),
            Err(RequestFailure::Kube(error)) if has_reason(&error, 409, "Conflict") => Ok(false),
            // An earlier attempt, whose answer was lost, may have deleted it.
            Err(RequestFailure::Kube(error)) if has_reason(&error, 404, "NotFound") => {
                Ok(attempts.get() > 1)
            }
            Err(failure) => Err(self.explain(&operation, failure)),
        }
    }

    fn list(
        &self,
        labels: &[(&str, &str)],
        visit: &mut dyn FnMut(Secret) -> Result<()>,
    ) -> Result<()> {
        let selector = labels.iter().map(|(name, value)| format!("{name}={value}"));
        let selector = selector.collect::<Vec<_>>().join(",");
        let (secrets, parameters) = (self.secrets()?, ListParams::default().labels(&selector));
        let list = async |page| secrets.list(&page).await;
        self.pages(parameters, list, &mut |found: KubeSecret| {
            let name = found.metadata.name.clone().unwrap_or_default();
            visit(from_kube(&name, found))
        })
    }

    fn names(&self) -> Result<HashSet<String>> {
        let (secrets, mut names) = (self.secrets()?, HashSet::new());
        let list = async |page| secrets.list_metadata(&page).await;
        self.pages(ListParams::default(), list, &mut |found: PartialObjectMeta<KubeSecret>| {
            names.extend(found.metadata.name);
            Ok(())
        })?;
        Ok(names)
    }

    fn labels(&self, label: &str, visit: &mut dyn FnMut(&str, Labels)) -> Result<()> {
        let secrets = self.secrets()?;
        let list = async |page| secrets.list_metadata(&page).await;
        let parameters = ListParams::default().labels(label);
        self.pages(parameters, list, &mut |found: PartialObjectMeta<KubeSecret>| {
            let name = found.metadata.name.unwrap_or_default();
            visit(&name, found.metadata.labels.unwrap_or_default());
            Ok(())
        })
    }

    fn await_change(&self, name: &str, known: Option<&str>, patience: Duration) -> Result<()> {
        watch::await_change(self, name, known, patience)
    }

    fn review(&self, token: &str, path: &str) -> Result<TokenAccess> {
        review::review(self, token, path)
    }

    fn address(&self) -> StoreAddress {
        StoreAddress::K8s { server: self.server.clone(), namespace: self.namespace.clone() }
    }
}

/// Encodes a write as a merge patch (RFC 7396), in which `null` removes a key.
fn merge(object: &KubeSecret, secret: &Secret) -> Result<serde_json::Value> {
    let mut patch = serde_json::to_value(object).map_err(|source| {
        let message = format!("cannot encode the Secret {}", secret.name);
        Error::failed(Code::SecretEncoding, message).because(source)
    })?;
    for key in &secret.removed {
        patch["data"][key] = serde_json::Value::Null;
    }
    Ok(patch)
}

fn to_kube(secret: &Secret) -> KubeSecret {
    let data = secret.data.iter().map(|(key, value)| (key.clone(), ByteString(value.to_vec())));
    let some = |map: &BTreeMap<String, String>| (!map.is_empty()).then(|| map.clone());
    KubeSecret {
        metadata: ObjectMeta {
            name: Some(secret.name.clone()),
            labels: some(&secret.labels),
            annotations: some(&secret.annotations),
            ..ObjectMeta::default()
        },
        type_: Some(secret.kind.clone()),
        immutable: secret.immutable.then_some(true),
        data: Some(data.collect()),
        ..KubeSecret::default()
    }
}

fn from_kube(name: &str, found: KubeSecret) -> Secret {
    let data = found.data.unwrap_or_default();
    Secret {
        name: name.to_owned(),
        kind: found.type_.unwrap_or_default(),
        labels: found.metadata.labels.unwrap_or_default(),
        annotations: found.metadata.annotations.unwrap_or_default(),
        data: data.into_iter().map(|(key, value)| (key, Zeroizing::new(value.0))).collect(),
        removed: BTreeSet::new(),
        immutable: found.immutable.unwrap_or(false),
        version: found.metadata.resource_version,
    }
}
