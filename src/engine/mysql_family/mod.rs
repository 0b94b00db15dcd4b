//! Code that MySQL and MariaDB share.

mod accounts;

use super::protocol::{
    AdmissionRule, FurtherPorts, LoginProtocol, PassRule, PlaintextRefusal, ProtocolFacts,
    WireProtocol,
};
use super::quote;
use super::remedy::{on_the_server, openssl, statement};
use super::settings::ServerMode;
use crate::error::Result;
use crate::hint::Hint;
use crate::shell::CommandLine;

pub(super) use accounts::MysqlAccounts;

/// A comment of every script that sets REQUIRE.
pub(crate) const SOCKET: &str = "REQUIRE holds on the Unix socket too, where clients use no TLS \
                                 unless told to (mysql --ssl-mode=REQUIRED): think of your own \
                                 root@localhost";

/// The setting that names the server's certificate.
pub(super) const CERTIFICATE_SETTING: &str = "ssl_cert";

/// Formats a line of an option file. Quotes values that are not plain words.
pub(super) fn option_line(name: &str, value: &str) -> Result<String> {
    Ok(match super::settings::is_word(value) {
        true => format!("{name} = {value}"),
        false => format!("{name} = {}", quote::mysql_option(value)),
    })
}

/// The condition for rows of mysql.user whose account demands less than `mode`.
pub(crate) fn demands_less(mode: ServerMode) -> &'static str {
    match mode {
        ServerMode::Required => "ssl_type = ''",
        ServerMode::VerifyCa => "ssl_type IN ('', 'ANY')",
    }
}

/// Shows which file of certificates the server reads.
pub(super) fn show_certificate_setting() -> String {
    format!("SHOW GLOBAL VARIABLES LIKE '{CERTIFICATE_SETTING}';")
}

/// Makes an account demand a client certificate.
pub(super) fn require_client_certificate() -> Hint {
    on_the_server("ALTER USER 'NAME'@'HOST' REQUIRE X509;")
}

/// Shows whether the server demands TLS of clients or, with `is_mutual`, a certificate.
pub(super) fn show_demands(is_mutual: bool) -> Hint {
    statement(
        "or ask the server",
        match is_mutual {
            true => "SELECT user, host, ssl_type FROM mysql.user;",
            false => "SHOW GLOBAL VARIABLES LIKE 'require_secure_transport';",
        },
    )
}

/// A TLS handshake by OpenSSL's client.
pub(super) fn handshake(place: &str) -> CommandLine {
    openssl(Some("mysql"), place)
}

/// The protocol facts of MySQL or MariaDB; `ports` names the further ports.
pub(super) const fn protocol(
    ports: &'static str,
    plaintext_condition: &'static str,
    proves_password: bool,
) -> ProtocolFacts {
    ProtocolFacts {
        wire: WireProtocol::Mysql,
        login: Some(LoginProtocol::Mysql),
        socket_name: None,
        starts_with_tls: false,
        plaintext_port_ignores_tls: false,
        direct_alpn: None,
        admission: AdmissionRule::Account,
        refusal: PlaintextRefusal::Error,
        counts_connect_errors: true,
        plaintext_condition: Some(plaintext_condition),
        proves_password,
        further_ports: FurtherPorts::Variables { ports },
        pass_rules: PASS_RULES,
    }
}

const PASS_RULES: &[PassRule] = &[PassRule {
    engines: "MySQL, MariaDB",
    refused_by: "error 3159 (also of RDS Proxy), or the words of MaxScale, Vitess, Azure; with \
                     `--user`, also that an account gets in over TLS alone",
    control: "refused twice (`--attempts`); before and after, a client with TLS is accepted",
    holds_for: "everybody at the servers met at this address and port; with `--user`, those \
                    accounts, where the server says nothing before a login",
}];
