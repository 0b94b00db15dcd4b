//! The one exception from TLS: accounts with mysql_native_password may come without. What
//! keeps all the others from it is REQUIRE SSL, account by account, which this file sets.

use super::server::{ServerRequest, stamp};
use super::{SnippetFile, SourcedClaim, comment};
use crate::engine::Engine;
use crate::engine::settings::ServerMode;

const SOURCE: &str = "seen: MySQL 9.7, MariaDB 10.11, 11.8: with require_secure_transport=OFF an \
                      account without REQUIRE logs in by plain TCP";

/// The plugin; the oldest accounts of MariaDB have none named, and mean it.
const NATIVE: &str = "'', 'mysql_native_password'";

/// Accounts of persons and programs: not the locked ones of MySQL itself, nor MariaDB's roles.
fn accounts_of(engine: Engine) -> &'static str {
    match engine {
        Engine::Mariadb => "is_role = 'N' AND User NOT IN ('mariadb.sys', 'PUBLIC')",
        _ => "User NOT IN ('mysql.sys', 'mysql.session', 'mysql.infoschema')",
    }
}

/// SQL that lists the accounts, user and host, that do not demand so much.
#[must_use]
pub fn lacking(engine: Engine, mode: ServerMode) -> String {
    format!(
        "SELECT User, Host FROM mysql.user WHERE {} AND {} ORDER BY 1, 2",
        lacks(mode),
        accounts_of(engine)
    )
}

fn lacks(mode: ServerMode) -> &'static str {
    match mode {
        ServerMode::Required => "ssl_type = ''",
        ServerMode::VerifyCa => "ssl_type IN ('', 'ANY')",
    }
}

/// SQL that lists who would come without TLS, and gives everybody else REQUIRE.
pub(super) fn accounts(request: &ServerRequest<'_>) -> SnippetFile {
    let accounts = accounts_of(request.engine);
    let requires = match request.mode {
        ServerMode::Required => "SSL",
        ServerMode::VerifyCa => "X509",
    };
    let lacking = lacks(request.mode);
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
    text += &comment("--", super::users::SOCKET);
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
