//! Remedies of an administrator of a MariaDB server.

use std::path::Path;

use crate::engine::mysql_family;
use crate::engine::remedy::{
    RESTART, STRONG_SUITES, ServerRemedies, append_certificate, let_it_read, on_the_server,
    statement, versions_from,
};
use crate::hint::Hint;
use crate::shell::CommandLine;

const RELOAD: &str = "FLUSH SSL;";

/// A step that adds a line to MariaDB's option file.
fn option_file(line: &str) -> Hint {
    statement("in its option file, under [mariadbd]", line)
}

#[derive(Debug)]
pub(super) struct MariadbRemedies;

impl ServerRemedies for MariadbRemedies {
    fn show_certificate_setting(&self) -> String {
        mysql_family::show_certificate_setting()
    }

    fn reload(&self) -> &'static str {
        RELOAD
    }

    fn reload_files(&self, _certificate: &Path, _key: &Path) -> String {
        RELOAD.to_owned()
    }

    fn send_intermediate(&self) -> Hint {
        append_certificate(mysql_family::CERTIFICATE_SETTING, "CERT_FILE").then(let_it_read(RELOAD))
    }

    fn enable_tls(&self) -> Hint {
        statement("or by hand, in its option file, under [mariadbd]", "ssl_ca = CA_FILE")
            .then(option_file("ssl_cert = CERT_FILE"))
            .then(option_file("ssl_key = KEY_FILE"))
            .then(RESTART)
    }

    fn require_tls(&self) -> Hint {
        on_the_server("SET GLOBAL require_secure_transport = ON;").then(statement(
            "and for the next start, in its option file, under [mariadbd]",
            "require_secure_transport = ON",
        ))
    }

    fn admit_over_tls(&self) -> Option<Hint> {
        None
    }

    fn require_client_certificate(&self) -> Hint {
        mysql_family::require_client_certificate()
    }

    fn limit_suites(&self) -> Hint {
        option_file(&format!("ssl_cipher = {STRONG_SUITES}")).then(RESTART)
    }

    fn limit_versions(&self, least: &str) -> Hint {
        option_file(&format!("tls_version = {}", versions_from(least))).then(RESTART)
    }

    fn unblock_hosts(&self) -> Option<Hint> {
        Some(on_the_server("FLUSH HOSTS;"))
    }

    fn show_demands(&self, is_mutual: bool) -> Hint {
        mysql_family::show_demands(is_mutual)
    }

    fn handshake(&self, place: &str) -> Option<CommandLine> {
        Some(mysql_family::handshake(place))
    }
}
