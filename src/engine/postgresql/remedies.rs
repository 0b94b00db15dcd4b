//! Remedies of an administrator of a PostgreSQL server.

use std::path::Path;

use crate::engine::remedy::{
    STRONG_SUITES, ServerRemedies, append_certificate, let_it_read, on_the_server, openssl,
    statement,
};
use crate::hint::Hint;
use crate::shell::CommandLine;

const RELOAD: &str = "SELECT pg_reload_conf();";
const CERTIFICATE_SETTING: &str = "ssl_cert_file";

/// Adds a line above all others of pg_hba.conf: the first line that matches a client decides.
fn first_rule(line: &str) -> Hint {
    statement("at the top of pg_hba.conf", line).then(let_it_read(RELOAD))
}

#[derive(Debug)]
pub(super) struct PostgresqlRemedies;

impl ServerRemedies for PostgresqlRemedies {
    fn show_certificate_setting(&self) -> String {
        format!("SHOW {CERTIFICATE_SETTING};")
    }

    fn reload(&self) -> &'static str {
        RELOAD
    }

    fn reload_files(&self, _certificate: &Path, _key: &Path) -> String {
        RELOAD.to_owned()
    }

    fn send_intermediate(&self) -> Hint {
        append_certificate(CERTIFICATE_SETTING, "CERT_FILE").then(let_it_read(RELOAD))
    }

    fn enable_tls(&self) -> Hint {
        statement("or by hand", "ALTER SYSTEM SET ssl_ca_file = 'CA_FILE';")
            .then(on_the_server("ALTER SYSTEM SET ssl_cert_file = 'CERT_FILE';"))
            .then(on_the_server("ALTER SYSTEM SET ssl_key_file = 'KEY_FILE';"))
            .then(on_the_server("ALTER SYSTEM SET ssl = on;"))
            .then(let_it_read(RELOAD))
    }

    fn require_tls(&self) -> Hint {
        first_rule("hostnossl all,replication all all reject")
    }

    fn admit_over_tls(&self) -> Option<Hint> {
        Some(first_rule("hostssl DATABASE ROLE ADDRESS scram-sha-256"))
    }

    fn require_client_certificate(&self) -> Hint {
        on_the_server("ALTER SYSTEM SET ssl_ca_file = 'CA_FILE';")
            .then(first_rule("hostssl all all all scram-sha-256 clientcert=verify-ca"))
    }

    fn limit_suites(&self) -> Hint {
        on_the_server(&format!("ALTER SYSTEM SET ssl_ciphers = '{STRONG_SUITES}';"))
            .then(let_it_read(RELOAD))
    }

    fn limit_versions(&self, least: &str) -> Hint {
        on_the_server(&format!("ALTER SYSTEM SET ssl_min_protocol_version = '{least}';"))
            .then(on_the_server("ALTER SYSTEM SET ssl_max_protocol_version = '';"))
            .then(let_it_read(RELOAD))
    }

    fn unblock_hosts(&self) -> Option<Hint> {
        None
    }

    fn show_demands(&self, _is_mutual: bool) -> Hint {
        statement("or ask the server", "SELECT * FROM pg_hba_file_rules;")
    }

    fn handshake(&self, place: &str) -> Option<CommandLine> {
        Some(openssl(Some("postgres"), place))
    }
}
