//! The client with its credentials. They change while a process runs: the kubelet replaces the
//! token in a file, and credentials of a login helper expire.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use kube::{Client, Config};
use secrecy::{ExposeSecret, SecretString};
use tokio::runtime::Runtime;

use super::config::{ClusterConfig, CredentialSource, unusable};
use super::errors::no_credentials;
use super::login::Credential;
use crate::error::{Code, Error, Result};
use crate::files;

/// The time for which a token from a file is used before the file is read again.
const REREAD_INTERVAL: Duration = Duration::from_secs(60);
/// A credential is renewed this long before it expires.
const LEEWAY: SignedDuration = SignedDuration::from_secs(10);
/// The size limit of a token file, in bytes.
const MAX_BYTES: usize = 1024 * 1024;

/// The connection to a cluster, whose credentials are renewed as needed.
pub(super) struct ClusterSession {
    target: ClusterConfig,
    /// The time limit of a login helper.
    timeout: Duration,
    current: Mutex<Option<CurrentClient>>,
}

/// The client in use.
struct CurrentClient {
    client: Client,
    /// The client's token, if it came from a file.
    token: Option<SecretString>,
    since: Instant,
    expires: Option<Timestamp>,
}

impl ClusterSession {
    pub(super) fn new(target: ClusterConfig, timeout: Duration) -> Self {
        ClusterSession { target, timeout, current: Mutex::default() }
    }

    /// The client, with credentials that have not expired.
    ///
    /// # Errors
    /// Exit 3 when there are no credentials, or they cannot be used.
    pub(super) fn client(&self, runtime: &Runtime) -> Result<Client> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(current) = current.as_ref().filter(|current| self.is_fresh(current)) {
            return Ok(current.client.clone());
        }
        let renewed = self.renew(runtime, current.take())?;
        Ok(current.insert(renewed).client.clone())
    }

    /// Drops credentials that the API server rejected, if a login helper can supply others.
    pub(super) fn reject(&self) {
        if matches!(self.target.login, CredentialSource::Helper(_)) {
            *self.current.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }

    fn is_fresh(&self, current: &CurrentClient) -> bool {
        match &self.target.login {
            CredentialSource::Fixed => true,
            CredentialSource::File(..) => current.since.elapsed() < REREAD_INTERVAL,
            CredentialSource::Helper(_) => {
                current.expires.is_none_or(|expires| Timestamp::now() + LEEWAY < expires)
            }
        }
    }

    fn renew(&self, runtime: &Runtime, old: Option<CurrentClient>) -> Result<CurrentClient> {
        let server = &self.target.server;
        let mut config = self.target.config.clone();
        let (mut file_token, mut expires) = (None, None);
        match &self.target.login {
            CredentialSource::Fixed => {}
            CredentialSource::File(path, spare) => {
                let read = files::read(path, MAX_BYTES).and_then(|bytes| {
                    let text = String::from_utf8_lossy(&bytes);
                    let token = text.trim();
                    let is_empty = || no_credentials(server, "the token file is empty");
                    if token.is_empty() { Err(is_empty()) } else { Ok(SecretString::from(token)) }
                });
                let old_token = old.as_ref().and_then(|old| old.token.clone());
                // Some systems delete the file after its first use.
                let token = match (read, old_token.or_else(|| spare.clone())) {
                    (Ok(token), _) | (Err(_), Some(token)) => token,
                    (Err(error), None) => return Err(error),
                };
                if let Some(old) = old
                    && old
                        .token
                        .as_ref()
                        .is_some_and(|t| t.expose_secret() == token.expose_secret())
                {
                    return Ok(CurrentClient { since: Instant::now(), ..old });
                }
                file_token = Some(token.clone());
                config.auth_info.token = Some(token);
            }
            CredentialSource::Helper(helper) => {
                let credential = runtime.block_on(helper.run(server, self.timeout))?;
                expires = credential.expires;
                set_credential(&mut config, credential);
            }
        }
        check(&config)?;
        let client = {
            let _inside = runtime.enter();
            Client::try_from(config).map_err(|error| unusable(server, error))?
        };
        Ok(CurrentClient { client, token: file_token, since: Instant::now(), expires })
    }
}

fn set_credential(config: &mut Config, credential: Credential) {
    config.auth_info.token = credential.token;
    if let Some((certificate, key)) = credential.identity {
        config.auth_info.client_certificate_data = Some(STANDARD.encode(certificate));
        let key = STANDARD.encode(key.expose_secret());
        config.auth_info.client_key_data = Some(SecretString::from(key));
    }
}

/// Refuses a token with control characters: kube panics if a token does not fit into an HTTP
/// header.
fn check(config: &Config) -> Result<()> {
    let token = config.auth_info.token.as_ref().map(|token| token.expose_secret());
    if token.is_some_and(|token| token.bytes().any(|b| (b < b' ' && b != b'\t') || b == 0x7f)) {
        return Err(Error::failed(Code::Kubeconfig, "the token in the kubeconfig is not valid")
            .hint("it contains a line end or another control character; remove it"));
    }
    Ok(())
}
