//! The configuration of the Kubernetes client: kubeconfig files, or a pod's service account.

use std::time::Duration;

use kube::Config;
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};
use secrecy::ExposeSecret;

use super::errors::no_credentials;
use crate::error::{Error, Result};
use crate::files;
use crate::store::location::{Cluster, Credentials};

/// More than a kubeconfig needs.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// Reads the configuration for a cluster. `timeout` bounds connecting.
pub(super) async fn load(cluster: &Cluster, timeout: Duration) -> Result<Config> {
    let mut config = match &cluster.credentials {
        Credentials::InCluster => Config::incluster().map_err(|source| {
            Error::failed("kube-in-cluster", "the service account of this pod cannot be used")
                .because(source)
                .hint("is automountServiceAccountToken off? outside a pod, give --kubeconfig")
        })?,
        Credentials::Kubeconfig(paths) => {
            let options = KubeConfigOptions {
                context: cluster.context.clone(),
                ..KubeConfigOptions::default()
            };
            let merged = read(paths)?;
            let contexts: Vec<String> =
                merged.contexts.iter().map(|context| context.name.clone()).collect();
            Config::from_custom_kubeconfig(merged, &options)
                .await
                .map_err(|error| wrong_kubeconfig(error, &contexts))?
        }
    };
    if let Some(namespace) = &cluster.namespace {
        config.default_namespace.clone_from(namespace);
    } else if cluster.credentials == Credentials::InCluster {
        config.default_namespace = config.default_namespace.trim().to_owned(); // a line's end
    }
    // kube panics over a token that no HTTP header can hold.
    let token = config.auth_info.token.as_ref().map(|token| token.expose_secret());
    if token.is_some_and(|token| token.bytes().any(|b| (b < b' ' && b != b'\t') || b == 0x7f)) {
        return Err(Error::failed("kubeconfig", "the token in the kubeconfig cannot be one")
            .hint("it holds a line end or another control character; take that out"));
    }
    let namespace = &config.default_namespace;
    let label = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if namespace.is_empty() || namespace.len() > 63 || !namespace.bytes().all(label) {
        let shown: String = namespace.chars().take(64).collect();
        return Err(Error::usage("namespace-name", format!("{shown:?} is not a namespace"))
            .hint("a namespace has 1 to 63 lower-case letters, digits and '-'"));
    }
    config.connect_timeout = Some(timeout);
    config.read_timeout = Some(timeout);
    config.write_timeout = Some(timeout);
    config.default_retry = false; // ours tells the user what it waits for
    Ok(config)
}

/// Several files as kubectl merges them: the first to name a thing wins, and in a list
/// those that are missing are passed over.
fn read(paths: &[std::path::PathBuf]) -> Result<Kubeconfig> {
    let mut merged: Option<Kubeconfig> = None;
    for path in paths.iter().filter(|path| paths.len() == 1 || files::exists(path)) {
        let name = path.display().to_string();
        let wrong = |source: anyhow::Error| {
            Error::failed("kubeconfig", format!("the kubeconfig {name} cannot be used"))
                .because(source)
                .hint("does kubectl take it? kubectl --kubeconfig FILE version")
        };
        files::check_size(path, MAX_BYTES)?;
        let next = Kubeconfig::read_from(path).map_err(|e| wrong(cause(e)))?;
        merged = Some(match merged {
            None => next,
            Some(first) => first.merge(next).map_err(|e| wrong(e.into()))?,
        });
    }
    merged.ok_or_else(|| {
        Error::failed("kubeconfig", "none of the files in KUBECONFIG is there")
            .hint("check the list: echo $KUBECONFIG")
    })
}

/// Without what stands in the file: the parser quotes the lines around a fault, and those
/// hold tokens and keys.
fn cause(error: KubeconfigError) -> anyhow::Error {
    match error {
        KubeconfigError::Parse(error) => match error.location() {
            Some(at) => {
                anyhow::anyhow!("line {}, column {} cannot be read", at.line(), at.column())
            }
            None => anyhow::anyhow!("it is not YAML, or not all of it is there"),
        },
        other => other.into(),
    }
}

fn wrong_kubeconfig(error: KubeconfigError, contexts: &[String]) -> Error {
    let known = if contexts.is_empty() { "none".to_owned() } else { contexts.join(", ") };
    match error {
        KubeconfigError::LoadContext(name) => {
            Error::usage("kube-context", format!("the kubeconfig has no context {name:?}"))
                .hint(format!("its contexts are: {known}"))
        }
        KubeconfigError::CurrentContextNotSet => {
            Error::usage("kube-context", "the kubeconfig names no current context")
                .hint(format!("give --context; its contexts are: {known}"))
        }
        other => Error::failed("kubeconfig", "the kubeconfig cannot be used")
            .because(other)
            .hint("does kubectl take it? kubectl version"),
    }
}

/// A client cannot be made from the configuration of `server`.
pub(super) fn unusable(server: &str, source: kube::Error) -> Error {
    let source = match source {
        kube::Error::Auth(error) => return no_credentials(server, error),
        other => other,
    };
    Error::failed("kube-config", format!("the credentials for {server} cannot be used"))
        .because(source)
        .hint("does kubectl take them? kubectl version")
}
