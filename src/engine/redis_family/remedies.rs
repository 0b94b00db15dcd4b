//! Remedies of an administrator of a Redis or Valkey server.

use std::path::Path;

use crate::engine::remedy::{
    STRONG_SUITES, ServerRemedies, append_certificate, let_it_read, on_the_server, openssl,
    statement, versions_from,
};
use crate::hint::Hint;
use crate::shell::{self, CommandLine};

const RELOAD: &str = "CONFIG SET tls-cert-file CERT_FILE tls-key-file KEY_FILE";
const CERTIFICATE_SETTING: &str = "tls-cert-file";

/// Adds the step that keeps a change by CONFIG SET over a restart.
fn keep(hint: Hint) -> Hint {
    hint.then(statement("keep it for the next start", "CONFIG REWRITE"))
}

#[derive(Debug)]
pub(in crate::engine) struct RedisRemedies;

impl ServerRemedies for RedisRemedies {
    fn show_certificate_setting(&self) -> String {
        format!("CONFIG GET {CERTIFICATE_SETTING}")
    }

    fn reload(&self) -> &'static str {
        RELOAD
    }

    fn reload_files(&self, certificate: &Path, key: &Path) -> String {
        let quoted = |path: &Path| shell::quote(&path.display().to_string());
        format!("CONFIG SET tls-cert-file {} tls-key-file {}", quoted(certificate), quoted(key))
    }

    fn send_intermediate(&self) -> Hint {
        append_certificate(CERTIFICATE_SETTING, "CERT_FILE").then(let_it_read(RELOAD))
    }

    fn enable_tls(&self) -> Hint {
        keep(statement(
            "or by hand",
            "CONFIG SET tls-ca-cert-file CA_FILE tls-cert-file CERT_FILE tls-key-file KEY_FILE \
             tls-port PORT",
        ))
    }

    fn require_tls(&self) -> Hint {
        keep(statement(
            "when the clients use the port with TLS, on the server",
            "CONFIG SET port 0",
        ))
    }

    fn admit_over_tls(&self) -> Option<Hint> {
        None
    }

    fn require_client_certificate(&self) -> Hint {
        keep(on_the_server("CONFIG SET tls-auth-clients yes"))
    }

    fn limit_suites(&self) -> Hint {
        keep(on_the_server(&format!("CONFIG SET tls-ciphers {STRONG_SUITES}")))
    }

    fn limit_versions(&self, least: &str) -> Hint {
        let versions = versions_from(least).replace(',', " ");
        keep(on_the_server(&format!("CONFIG SET tls-protocols \"{versions}\"")))
    }

    fn unblock_hosts(&self) -> Option<Hint> {
        None
    }

    fn show_demands(&self, is_mutual: bool) -> Hint {
        let question = if is_mutual { "CONFIG GET tls-auth-clients" } else { "CONFIG GET port" };
        statement("or ask the server", question)
    }

    fn handshake(&self, place: &str) -> Option<CommandLine> {
        Some(openssl(None, place))
    }
}
