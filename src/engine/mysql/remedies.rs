//! Remedies of an administrator of a MySQL server.

use std::path::Path;

use crate::engine::mysql_family;
use crate::engine::remedy::{
    STRONG_SUITES, ServerRemedies, append_certificate, let_it_read, on_the_server, statement,
    versions_from,
};
use crate::hint::Hint;
use crate::shell::CommandLine;

const RELOAD: &str = "ALTER INSTANCE RELOAD TLS;";

#[derive(Debug)]
pub(super) struct MysqlRemedies;

impl ServerRemedies for MysqlRemedies {
    fn show_certificate_setting(&self) -> String {
        mysql_family::show_certificate_setting()
    }

    fn reload(&self) -> &'static str {
        RELOAD
    }

    fn reload_files(&self, _certificate: &Path, _key: &Path) -> String {
        RELOAD.to_owned()
    }

    /// MySQL refuses to reload a chain whose intermediate CA is not in ssl_ca.
    fn send_intermediate(&self) -> Hint {
        append_certificate(mysql_family::CERTIFICATE_SETTING, "CERT_FILE")
            .then(append_certificate("ssl_ca", "CA_FILE"))
            .then(let_it_read(RELOAD))
    }

    fn enable_tls(&self) -> Hint {
        statement(
            "or by hand",
            "SET PERSIST ssl_ca = 'CA_FILE', PERSIST ssl_cert = 'CERT_FILE', \
             PERSIST ssl_key = 'KEY_FILE', PERSIST tls_version = 'TLSv1.2,TLSv1.3';",
        )
        .then(let_it_read(RELOAD))
    }

    fn require_tls(&self) -> Hint {
        on_the_server("SET PERSIST require_secure_transport = ON;")
    }

    fn admit_over_tls(&self) -> Option<Hint> {
        None
    }

    fn require_client_certificate(&self) -> Hint {
        mysql_family::require_client_certificate()
    }

    fn limit_suites(&self) -> Hint {
        on_the_server(&format!("SET PERSIST ssl_cipher = '{STRONG_SUITES}';"))
            .then(let_it_read(RELOAD))
    }

    fn limit_versions(&self, least: &str) -> Hint {
        on_the_server(&format!("SET PERSIST tls_version = '{}';", versions_from(least)))
            .then(let_it_read(RELOAD))
    }

    fn unblock_hosts(&self) -> Option<Hint> {
        Some(on_the_server("TRUNCATE TABLE performance_schema.host_cache;"))
    }

    fn show_demands(&self, is_mutual: bool) -> Hint {
        mysql_family::show_demands(is_mutual)
    }

    fn handshake(&self, place: &str) -> Option<CommandLine> {
        Some(mysql_family::handshake(place))
    }
}
