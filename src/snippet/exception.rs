//! The only exception from TLS: accounts with mysql_native_password may log in without it. The
//! server then refuses plaintext logins only for accounts with REQUIRE SSL. This script sets it on
//! all other accounts.

use super::request::{ServerRequest, stamp};
use super::{SnippetFile, comment};
use crate::engine::mysql_family::{SOCKET, demands_less};
use crate::engine::settings::{NativePassword, ServerMode, SourcedClaim};

const SOURCE: &str = "seen: MySQL 9.7, MariaDB 10.11, 11.8: with require_secure_transport=OFF an \
                      account without REQUIRE logs in by plain TCP";

/// The SQL list of the plugin's names: the oldest accounts of MariaDB use it with an empty name.
const NATIVE: &str = "'', 'mysql_native_password'";

/// Returns SQL that lists the accounts that may log in without TLS, and that makes all others
/// demand it.
pub(super) fn script(request: &ServerRequest<'_>, plugin: &NativePassword) -> SnippetFile {
    let accounts = plugin.people;
    let requires = match request.mode {
        ServerMode::Required => "SSL",
        ServerMode::VerifyCa => "X509",
    };
    let lacking = demands_less(request.mode);
    let says = "accounts with mysql_native_password may come WITHOUT TLS, so whoever listens \
                sees all that they read and write, and can guess their passwords at leisure; \
                every other account gets REQUIRE";
    let mut text = stamp("--", request);
    text += &comment("--", "THE EXCEPTION, AND WHAT IT COSTS:");
    text += &comment("--", says);
    text += "\n";
    text += &comment(
        "--",
        "1. Who gets in unencrypted? Everybody in this list; after step 2, accounts with \
         mysql_native_password alone.",
    );
    text += &format!(
        "SELECT User, Host, plugin FROM mysql.user\n  \
         WHERE ssl_type = '' AND {accounts}\n  \
         ORDER BY plugin IN ({NATIVE}), User, Host;\n\n"
    );
    text += &comment("--", "2. This prints the statements for all others. Run what it prints,");
    text += &comment("--", "and again whenever an account was made or has changed its plugin.");
    text += &comment("--", SOCKET);
    text += "SET SESSION sql_mode = '';\n";
    text += &format!(
        "SELECT CONCAT('ALTER USER ', QUOTE(User), '@', QUOTE(Host), ' REQUIRE {requires};')\n  \
         FROM mysql.user\n  \
         WHERE plugin NOT IN ({NATIVE}) AND {lacking} AND {accounts};\n"
    );
    let claim =
        SourcedClaim { what: "exception".to_owned(), says: says.to_owned(), source: SOURCE };
    SnippetFile {
        name: "exception-mysql_native_password.sql".to_owned(),
        place: "into a client of the server, as an administrator, before the configuration is put \
                in force"
            .to_owned(),
        text,
        claims: vec![claim],
    }
}
