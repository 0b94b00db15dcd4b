//! The configuration of the Kubernetes client: kubeconfig files, or a pod's service account.
//! Accepts and refuses the same files as kubectl.

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use kube::Config;
use kube::config::KubeconfigError;
use kube::config::{AuthInfo, Cluster as ClusterEntry, Context, ExecAuthCluster, Kubeconfig};
use secrecy::{ExposeSecret, SecretString};

use super::login::Helper;
use super::proxy::{self, ProxyVariables};
use crate::error::{Code, Error, Result};
use crate::files;
use crate::pki::pem::check_markers;
use crate::shell::CommandLine;
use crate::store::location::{Cluster, ClusterCredentials};
use crate::text::clip;

/// The size limit of a kubeconfig, in bytes; far above real ones.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// The configuration of a cluster and of its credentials.
pub(super) struct ClusterConfig {
    /// The client's configuration, with the credentials that do not change.
    pub(super) config: Config,
    /// The source of credentials that change.
    pub(super) login: CredentialSource,
    /// The API server's address, for people.
    pub(super) server: String,
}

/// A source of credentials.
pub(super) enum CredentialSource {
    /// The configuration holds all credentials, or there are none.
    Fixed,
    /// A file with a token, which is read again while the process runs; and a token to use if the
    /// file cannot be read.
    File(PathBuf, Option<SecretString>),
    /// A login helper: a program that prints credentials.
    Helper(Box<Helper>),
}

/// Reads the configuration for a cluster. `timeout` bounds connecting.
///
/// # Errors
/// Exit 2 when the requested context does not exist or the namespace is not a valid name; exit 3
/// when the configuration is invalid or cannot be read.
pub(super) fn load(cluster: &Cluster, timeout: Duration) -> Result<ClusterConfig> {
    let mut target = match &cluster.credentials {
        ClusterCredentials::InCluster => in_cluster()?,
        ClusterCredentials::Kubeconfig(paths) => {
            let merged = read(paths)?;
            let context = context(&merged, cluster.context.as_deref())?;
            target(&merged, &context)
                .map_err(|what| unusable_file().because(anyhow::anyhow!(what)))?
        }
    };
    let config = &mut target.config;
    if let Some(namespace) = &cluster.namespace {
        config.default_namespace.clone_from(namespace);
    }
    let namespace = &config.default_namespace;
    let label = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if namespace.is_empty() || namespace.len() > 63 || !namespace.bytes().all(label) {
        let shown = clip(namespace, 64);
        return Err(Error::usage(Code::NamespaceName, format!("{shown:?} is not a namespace"))
            .hint("a namespace has 1 to 63 lower-case letters, digits and '-'"));
    }
    let proxy_url = config.proxy_url.take().map(|uri| uri.to_string());
    config.proxy_url =
        proxy::choose(proxy_url.as_deref(), &ProxyVariables::read(), &config.cluster_url)?;
    config.connect_timeout = Some(timeout);
    config.read_timeout = Some(timeout);
    config.write_timeout = Some(timeout);
    // The idle time of a connection does not count as waiting for an answer.
    config.reset_reader_on_write = true;
    config.default_retry = false; // our own retries report each wait to the user
    Ok(target)
}

fn in_cluster() -> Result<ClusterConfig> {
    let mut config = Config::incluster().map_err(|source| {
        Error::failed(Code::KubeInCluster, "the service account of this pod cannot be used")
            .because(source)
            .hint("is automountServiceAccountToken off? outside a pod, give --kubeconfig")
    })?;
    config.default_namespace = config.default_namespace.trim().to_owned(); // a line's end
    let token = config.auth_info.token_file.take();
    let server = config.cluster_url.to_string().trim_end_matches('/').to_owned();
    Ok(ClusterConfig {
        config,
        login: token.map_or(CredentialSource::Fixed, |t| CredentialSource::File(t.into(), None)),
        server,
    })
}

/// Reads and merges files as kubectl does: the first file that defines a name wins, and missing
/// files of a list are ignored.
pub(super) fn read(paths: &[PathBuf]) -> Result<Kubeconfig> {
    let mut merged: Option<Kubeconfig> = None;
    for path in paths.iter().filter(|path| paths.len() == 1 || files::exists(path)) {
        let name = path.display().to_string();
        let wrong = |source: anyhow::Error| {
            Error::failed(Code::Kubeconfig, format!("the kubeconfig {name} cannot be used"))
                .because(source)
                .hint((
                    "check whether kubectl accepts it",
                    CommandLine::kubectl("version").option("--kubeconfig", path),
                ))
        };
        files::check_size(path, MAX_BYTES)?;
        let mut next = Kubeconfig::read_from(path).map_err(|e| wrong(cause(e)))?;
        next.current_context = filled(next.current_context);
        merged = Some(match merged {
            None => next,
            Some(first) => first.merge(next).map_err(|e| wrong(e.into()))?,
        });
    }
    merged.ok_or_else(|| {
        Error::failed(Code::Kubeconfig, "none of the files in KUBECONFIG exists")
            .hint("check the list: echo $KUBECONFIG")
    })
}

/// The cause without the file's content: the parser quotes the lines around a fault, and those
/// hold tokens and keys.
fn cause(error: KubeconfigError) -> anyhow::Error {
    match error {
        KubeconfigError::Parse(error) => match error.location() {
            Some(at) => {
                anyhow::anyhow!("line {}, column {} cannot be read", at.line(), at.column())
            }
            None => anyhow::anyhow!("it is not YAML, or it is incomplete"),
        },
        other => other.into(),
    }
}

fn unusable_file() -> Error {
    Error::failed(Code::Kubeconfig, "the kubeconfig cannot be used")
        .hint(("check whether kubectl accepts it", CommandLine::kubectl("version")))
}

/// The context called `named`, or else the current one.
fn context(merged: &Kubeconfig, named: Option<&str>) -> Result<Context> {
    let names: Vec<&str> = merged.contexts.iter().map(|context| context.name.as_str()).collect();
    let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let Some(name) = named.or(merged.current_context.as_deref()) else {
        return Err(Error::usage(Code::KubeContext, "the kubeconfig names no current context")
            .hint(format!("give --context; its contexts are: {known}")));
    };
    let found = merged.contexts.iter().find(|context| context.name == name);
    found.and_then(|found| found.context.clone()).ok_or_else(|| {
        Error::usage(Code::KubeContext, format!("the kubeconfig has no context {name:?}"))
            .hint(format!("its contexts are: {known}"))
    })
}

/// The cluster and the user of a context; the error is the cause in words.
fn target(merged: &Kubeconfig, context: &Context) -> std::result::Result<ClusterConfig, String> {
    let found = merged.clusters.iter().find(|cluster| cluster.name == context.cluster);
    let cluster = found.and_then(|found| found.cluster.clone());
    let cluster = cluster.ok_or_else(|| format!("it has no cluster {:?}", context.cluster))?;
    let url = address(cluster.server.as_deref().unwrap_or_default())?;
    let server = url.to_string().trim_end_matches('/').to_owned();
    let is_encrypted = url.scheme_str() == Some("https");

    let mut config = Config::new(url);
    config.default_namespace =
        filled(context.namespace.clone()).unwrap_or_else(|| "default".to_owned());
    config.root_cert = roots(&cluster)?;
    config.accept_invalid_certs = cluster.insecure_skip_tls_verify.unwrap_or(false);
    if config.accept_invalid_certs && config.root_cert.is_some() {
        return Err("it has both certificate-authority and insecure-skip-tls-verify".to_owned());
    }
    config.tls_server_name = filled(cluster.tls_server_name.clone());
    config.disable_compression = cluster.disable_compression.unwrap_or(false);
    config.proxy_url = match filled(cluster.proxy_url.clone()) {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| "its proxy-url is not an address".to_owned())?),
    };

    // Like kubectl, logs in without credentials if the user does not exist.
    let user = context.user.as_ref();
    let user = user.and_then(|user| merged.auth_infos.iter().find(|found| found.name == *user));
    let user = user.and_then(|found| found.auth_info.clone()).unwrap_or_default();
    let (auth_info, login) = credentials(user, &cluster)?;
    // Without TLS, anybody on the network could read the credentials: send none.
    let mut bare = AuthInfo::default();
    bare.impersonate.clone_from(&auth_info.impersonate);
    bare.impersonate_uid.clone_from(&auth_info.impersonate_uid);
    bare.impersonate_groups.clone_from(&auth_info.impersonate_groups);
    bare.impersonate_user_extra.clone_from(&auth_info.impersonate_user_extra);
    config.auth_info = if is_encrypted { auth_info } else { bare };
    let login = if is_encrypted { login } else { CredentialSource::Fixed };
    Ok(ClusterConfig { config, login, server })
}

/// Parses the API server's address. The scheme defaults to `http`, as in kubectl.
fn address(text: &str) -> std::result::Result<Uri, String> {
    if text.is_empty() {
        return Err("its cluster names no server".to_owned());
    }
    let whole = |text: &str| text.parse::<Uri>().ok().filter(|uri| uri.scheme().is_some());
    let url = whole(text).or_else(|| whole(&format!("http://{text}")));
    let url = url.ok_or("its server is not an address")?;
    let scheme = url.scheme_str().unwrap_or_default().to_owned();
    let authority = url.authority().map(|authority| authority.as_str()).unwrap_or_default();
    if !["http", "https"].contains(&scheme.as_str()) || authority.is_empty() {
        return Err("its server is not an address that begins with https://".to_owned());
    }
    if authority.contains('@') {
        return Err("its server contains a user name; put it into the users section".to_owned());
    }
    let path = url.path().trim_end_matches('/');
    format!("{scheme}://{authority}{path}")
        .parse()
        .map_err(|_| "its server is not an address".into())
}

/// The CA certificates for the API server; `None` for those of this machine.
fn roots(cluster: &ClusterEntry) -> std::result::Result<Option<Vec<Vec<u8>>>, String> {
    let (file, data) = (
        file(cluster.certificate_authority.clone()),
        filled(cluster.certificate_authority_data.clone()),
    );
    let text = match (file, data) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            return Err(
                "it has both certificate-authority and certificate-authority-data".to_owned()
            );
        }
        (Some(file), None) => files::read(&file, MAX_BYTES)
            .map_err(|e| format!("its certificate-authority: {e}"))?
            .to_vec(),
        (None, Some(data)) => STANDARD
            .decode(data.trim())
            .map_err(|_| "its certificate-authority-data is not base64".to_owned())?,
    };
    // The parser ignores a certificate whose marker is not alone on its line.
    check_markers("its certificate-authority", &text).map_err(|error| error.to_string())?;
    let blocks = pem::parse_many(&text).map_err(|_| "its certificate-authority is not PEM")?;
    let certificates = blocks.into_iter().filter(|block| block.tag() == "CERTIFICATE");
    let certificates: Vec<_> = certificates.map(pem::Pem::into_contents).collect();
    match certificates.is_empty() {
        true => Err("its certificate-authority holds no certificate".to_owned()),
        false => Ok(Some(certificates)),
    }
}

/// Splits a user into the credentials that do not change and the source of the others.
fn credentials(
    mut user: AuthInfo,
    cluster: &ClusterEntry,
) -> std::result::Result<(AuthInfo, CredentialSource), String> {
    let is_basic = user.username.is_some() || user.password.is_some();
    user.token = user.token.filter(|token| !token.expose_secret().is_empty());
    let token_file = file(user.token_file.take());
    if is_basic && (user.token.is_some() || token_file.is_some()) {
        return Err("its user has both a token and a user name or password".to_owned());
    }
    user.client_certificate = filled(user.client_certificate);
    user.client_certificate_data = filled(user.client_certificate_data);
    let has_key = file(user.client_key.clone()).is_some()
        || user.client_key_data.as_ref().is_some_and(|key| !key.expose_secret().is_empty());
    match user.client_certificate.is_some() || user.client_certificate_data.is_some() {
        true if !has_key => return Err("its user has a client certificate without a key".into()),
        true => {}
        // A key without a certificate is useless.
        false => (user.client_key, user.client_key_data) = (None, None),
    }
    let has_certificate =
        has_key && user.client_certificate_data.is_some() || user.client_certificate.is_some();
    user.impersonate = filled(user.impersonate);
    let of_others = [user.impersonate_uid.is_some(), user.impersonate_groups.is_some()];
    let of_others = of_others.contains(&true) || user.impersonate_user_extra.is_some();
    if of_others && user.impersonate.is_none() {
        return Err("its user has as-uid, as-groups or as-user-extra without as".to_owned());
    }
    let exec = user.exec.take();
    if let Some(provider) = &user.auth_provider {
        return match (exec, provider.name.as_str()) {
            (Some(_), _) => Err("its user has both auth-provider and exec".to_owned()),
            (None, "oidc") => Ok((user, CredentialSource::Fixed)),
            (None, name) => Err(format!(
                "its user has the auth-provider {name:?}, which kubectl no longer supports either; \
                 use a login helper (exec) instead"
            )),
        };
    }
    let login = match (token_file, exec) {
        (Some(path), _) => CredentialSource::File(path, user.token.take()),
        // Like kubectl, runs the helper only if the kubeconfig holds no other credentials.
        (None, Some(exec)) if user.token.is_none() && !is_basic && !has_certificate => {
            let cluster = match exec.provide_cluster_info {
                true => Some(ExecAuthCluster::try_from(cluster).map_err(|e| e.to_string())?),
                false => None,
            };
            CredentialSource::Helper(Box::new(Helper::new(exec, cluster)?))
        }
        (None, Some(exec)) => {
            Helper::new(exec, None)?;
            CredentialSource::Fixed
        }
        (None, None) => CredentialSource::Fixed,
    };
    Ok((user, login))
}

/// Maps an empty text to `None`.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// The path of a file. kube turns an empty path into the kubeconfig's directory, which is `None`.
fn file(path: Option<String>) -> Option<PathBuf> {
    filled(path).filter(|path| !path.ends_with('/')).map(PathBuf::from)
}

/// The error when no client can be created from the configuration of `server`.
pub(super) fn unusable(server: &str, source: kube::Error) -> Error {
    Error::failed(Code::KubeConfig, format!("the credentials for {server} cannot be used"))
        .because(source)
        .hint(("check whether kubectl accepts them", CommandLine::kubectl("version")))
}
