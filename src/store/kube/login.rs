//! Runs a kubeconfig's login helper (`exec`): a program that prints a token or a client certificate
//! as an ExecCredential, in version v1 or v1beta1 of `client.authentication.k8s.io`. It runs as
//! under kubectl, and is stopped when it exceeds the time limit.

use std::io::{self, IsTerminal};
use std::process::Stdio;
use std::time::Duration;

use jiff::Timestamp;
use kube::config::{ExecAuthCluster, ExecConfig, ExecInteractiveMode};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tokio::process::Command;
use zeroize::Zeroizing;

use super::errors::{no_credentials, one_line};
use crate::error::Result;

const V1: &str = "client.authentication.k8s.io/v1";
const V1BETA1: &str = "client.authentication.k8s.io/v1beta1";
const KIND: &str = "ExecCredential";

/// A login helper from a kubeconfig, checked and ready to run.
#[derive(Debug, Clone)]
pub(super) struct Helper {
    exec: ExecConfig,
    api_version: String,
    command: String,
    cluster: Option<ExecAuthCluster>,
}

/// The credentials that a helper printed.
pub(super) struct Credential {
    /// A bearer token.
    pub(super) token: Option<SecretString>,
    /// A client certificate and its key, both PEM.
    pub(super) identity: Option<(String, SecretString)>,
    /// The expiry time, if the helper gives one.
    pub(super) expires: Option<Timestamp>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExecCredentialRequest<'a> {
    kind: &'static str,
    api_version: &'a str,
    spec: ExecCredentialSpec<'a>,
}

#[derive(Serialize)]
struct ExecCredentialSpec<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<&'a ExecAuthCluster>,
    interactive: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExecCredential {
    kind: String,
    api_version: String,
    status: Option<ExecCredentialStatus>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExecCredentialStatus {
    #[serde(default)]
    token: String,
    #[serde(default)]
    client_certificate_data: String,
    #[serde(default)]
    client_key_data: String,
    expiration_timestamp: Option<String>,
}

impl Helper {
    /// Checks the kubeconfig's entry of the helper; `cluster` is passed to the helper if the entry
    /// asks for it.
    ///
    /// # Errors
    /// The cause in words; the same entries are refused by kubectl.
    pub(super) fn new(
        exec: ExecConfig,
        cluster: Option<ExecAuthCluster>,
    ) -> std::result::Result<Self, String> {
        let command = exec.command.clone().filter(|command| !command.is_empty());
        let command = command.ok_or("its login helper (exec) names no command")?;
        let api_version = exec.api_version.clone().unwrap_or_default();
        match api_version.as_str() {
            V1 if exec.interactive_mode.is_none() => {
                return Err("its login helper (exec) names no interactiveMode".to_owned());
            }
            V1 | V1BETA1 => {}
            _ => {
                return Err(format!("the apiVersion of its login helper (exec) is not {V1}"));
            }
        }
        Ok(Helper { exec, api_version, command, cluster })
    }

    /// Runs the helper for at most `timeout`.
    ///
    /// # Errors
    /// Exit 3 when it cannot be started, fails, times out, or prints anything else than
    /// credentials.
    pub(super) async fn run(&self, server: &str, timeout: Duration) -> Result<Credential> {
        let failed = |how: String| no_credentials(server, &format!("the login helper {how}"));
        let has_terminal = io::stdin().is_terminal();
        let mode = self.exec.interactive_mode.as_ref();
        if mode == Some(&ExecInteractiveMode::Always) && !has_terminal {
            return Err(failed("needs a terminal, but there is none".to_owned()));
        }
        let interactive = has_terminal && mode != Some(&ExecInteractiveMode::Never);
        let spec = ExecCredentialSpec { cluster: self.cluster.as_ref(), interactive };
        let request = ExecCredentialRequest { kind: KIND, api_version: &self.api_version, spec };
        let request = serde_json::to_string(&request)
            .map_err(|error| failed("cannot be given the cluster's data".into()).because(error))?;
        let mut command = Command::new(&self.command);
        command
            .args(self.exec.args.iter().flatten())
            .envs(
                self.exec
                    .env
                    .iter()
                    .flatten()
                    .filter_map(|variable| Some((variable.get("name")?, variable.get("value")?))),
            )
            .env("KUBERNETES_EXEC_INFO", request)
            .stdout(Stdio::piped())
            // A person must see the helper's prompts while it waits for input.
            .stdin(if interactive { Stdio::inherit() } else { Stdio::null() })
            .stderr(if interactive { Stdio::inherit() } else { Stdio::piped() })
            .kill_on_drop(true);
        let child = command.spawn().map_err(|error| {
            let hint = self.exec.install_hint.as_deref().filter(|hint| !hint.trim().is_empty());
            let error = failed(format!("{:?} cannot be started: {error}", self.command));
            hint.into_iter().fold(error, |error, hint| {
                error.hint(format!("the kubeconfig has a hint for it: {}", one_line(hint.trim())))
            })
        })?;
        let ended = tokio::time::timeout(timeout, child.wait_with_output()).await;
        let output = ended
            .map_err(|_| {
                let seconds = timeout.as_secs_f32();
                failed(format!("timed out after {seconds} s")).hint("wait longer: --timeout 2m")
            })?
            .map_err(|error| failed(format!("cannot be waited for: {error}")))?;
        let stdout = Zeroizing::new(output.stdout);
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr);
            return Err(failed(format!(
                "ended with {}: {}",
                output.status,
                one_line(stderr.trim())
            )));
        }
        self.read(&stdout).map_err(|what| failed(format!("printed {what}")))
    }

    /// Parses the helper's output, JSON or YAML. No error quotes it: it may hold a token.
    fn read(&self, stdout: &[u8]) -> std::result::Result<Credential, String> {
        let text = std::str::from_utf8(stdout).map_err(|_| format!("no {KIND}"))?;
        let answer: ExecCredential =
            serde_saphyr::from_str(text).map_err(|_| format!("no {KIND}"))?;
        if answer.kind != KIND || answer.api_version != self.api_version {
            return Err(format!("something other than an {KIND} of {}", self.api_version));
        }
        let status = answer.status.ok_or_else(|| format!("an {KIND} without a status"))?;
        let expires = status.expiration_timestamp.map(|text| text.parse::<Timestamp>());
        let expires =
            expires.transpose().map_err(|_| "an invalid expirationTimestamp".to_owned())?;
        let (certificate, key) = (status.client_certificate_data, status.client_key_data);
        let identity = match (certificate.is_empty(), key.is_empty()) {
            (true, true) => None,
            (false, false) => Some((certificate, SecretString::from(key))),
            _ => return Err("only one of client certificate and key".to_owned()),
        };
        let token = Some(status.token).filter(|token| !token.is_empty()).map(SecretString::from);
        if token.is_none() && identity.is_none() {
            return Err("neither a token nor a client certificate".to_owned());
        }
        Ok(Credential { token, identity, expires })
    }
}
