//! Remedies of an administrator of a SQL Server.

use std::path::Path;

use crate::engine::remedy::{STRONG_SUITES, ServerRemedies, append_certificate, let_it_read};
use crate::hint::Hint;
use crate::shell::{CommandLine, Placeholder, Word};

const RESTART: &str = "systemctl restart mssql-server";
const CERTIFICATE_SETTING: &str = "network.tlscert";

/// `mssql-conf set NAME VALUE`.
fn set(setting: &'static str, value: impl Into<Word>) -> Hint {
    let set = CommandLine::other("mssql-conf", "set").argument(setting).argument(value);
    Hint::from(("on the server", set))
}

#[derive(Debug)]
pub(super) struct MssqlRemedies;

impl ServerRemedies for MssqlRemedies {
    fn show_certificate_setting(&self) -> String {
        "mssql-conf get network tlscert".to_owned()
    }

    fn reload(&self) -> &'static str {
        RESTART
    }

    fn reload_files(&self, _certificate: &Path, _key: &Path) -> String {
        RESTART.to_owned()
    }

    fn send_intermediate(&self) -> Hint {
        append_certificate(CERTIFICATE_SETTING, "CERT_FILE").then(let_it_read(RESTART))
    }

    fn enable_tls(&self) -> Hint {
        set(CERTIFICATE_SETTING, Placeholder("CERT_FILE"))
            .then(set("network.tlskey", Placeholder("KEY_FILE")))
            .then(let_it_read(RESTART))
    }

    fn require_tls(&self) -> Hint {
        set("network.forceencryption", "1").then(let_it_read(RESTART))
    }

    fn admit_over_tls(&self) -> Option<Hint> {
        None
    }

    fn require_client_certificate(&self) -> Hint {
        Hint::from("SQL Server has no mutual TLS: put a proxy in front")
    }

    fn limit_suites(&self) -> Hint {
        set("network.tlsciphers", STRONG_SUITES).then(let_it_read(RESTART))
    }

    fn limit_versions(&self, least: &str) -> Hint {
        let versions = if least == "TLSv1.3" { "1.3" } else { "1.2,1.3" };
        set("network.tlsprotocols", versions).then(let_it_read(RESTART))
    }

    fn unblock_hosts(&self) -> Option<Hint> {
        None
    }

    fn show_demands(&self, _is_mutual: bool) -> Hint {
        let get = CommandLine::other("mssql-conf", "get network forceencryption");
        Hint::from(("or ask the server", get))
    }

    /// Returns `None`: OpenSSL's client does not speak SQL Server's protocol before TLS.
    fn handshake(&self, _place: &str) -> Option<CommandLine> {
        None
    }
}
