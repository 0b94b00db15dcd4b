//! What makes single accounts demand TLS, or a client certificate too.

use super::accounts::Account;
use super::server::check_version;
use super::{SnippetFile, SourcedClaim, comment, quote};
use crate::engine::settings::ServerMode;
use crate::engine::{Engine, Version};
use crate::error::{Code, Error, Result};
use crate::shell::{CommandLine, Placeholder};

/// Accounts, and what they shall demand.
#[derive(Debug, Clone)]
pub struct UsersRequest<'a> {
    /// The engine.
    pub engine: Engine,
    /// Its version.
    pub version: Version,
    /// TLS, or a certificate of the CA too.
    pub mode: ServerMode,
    /// The subject that the certificate must have, as MySQL and MariaDB compare it.
    pub subject: Option<&'a str>,
    /// The accounts.
    pub accounts: &'a [Account],
    /// The command that asks for this.
    pub command: &'a str,
}

/// The statements, lines or commands.
///
/// # Errors
/// Exit 2 when the engine cannot do that by account, or has no way to say a name.
pub fn file(request: &UsersRequest<'_>) -> Result<SnippetFile> {
    let UsersRequest { engine, version, mode, .. } = *request;
    check_version(engine, version)?;
    if request.accounts.is_empty() {
        return Err(Error::usage(Code::AccountsMissing, "no account was given")
            .hint("give --account, or --accounts with a file of them, one a line"));
    }
    if request.subject.is_some() && (!is_mysql(engine) || mode != ServerMode::VerifyCa) {
        return Err(Error::usage(
            Code::SubjectUnsupported,
            "a subject is demanded by MySQL and MariaDB alone, and of client certificates",
        )
        .hint("leave --subject out, or give --mode VERIFY_CA with mysql or mariadb"));
    }
    match engine {
        Engine::Mysql | Engine::Mariadb => Ok(sql(request)),
        Engine::Postgresql => hba(request),
        Engine::Valkey if version >= Version::new(9, 0) && mode == ServerMode::VerifyCa => {
            acl(request)
        }
        Engine::Valkey | Engine::Redis | Engine::Mssql => Err(Error::usage(
            Code::AccountsUnsupported,
            format!("{engine} {version} does not demand TLS account by account"),
        )
        .hint((
            "it demands it of all together: see what to set",
            CommandLine::ccx_sec("snippet server")
                .option("--engine", engine.to_string())
                .option("--engine-version", version.to_string())
                .option("--dir", Placeholder("DIR")),
        ))),
    }
}

fn is_mysql(engine: Engine) -> bool {
    matches!(engine, Engine::Mysql | Engine::Mariadb)
}

fn head(sign: &str, request: &UsersRequest<'_>, place: &str) -> String {
    let title = format!(
        "accounts of {} {} that demand {}",
        request.engine,
        request.version,
        match request.mode {
            ServerMode::Required => "TLS",
            ServerMode::VerifyCa => "TLS and a client certificate",
        }
    );
    comment(sign, &title)
        + &comment(
            sign,
            &format!("made by ccx-sec {}: {}", env!("CARGO_PKG_VERSION"), request.command),
        )
        + &comment(sign, &format!("it belongs {place}"))
}

fn claim(what: &str, says: &str, source: &'static str) -> SourcedClaim {
    SourcedClaim { what: what.to_owned(), says: says.to_owned(), source }
}

/// What REQUIRE means for those who come by the Unix socket.
pub(super) const SOCKET: &str = "REQUIRE holds on the Unix socket too, where clients use no TLS \
                                 unless told to (mysql --ssl-mode=REQUIRED): think of your own \
                                 root@localhost";

fn sql(request: &UsersRequest<'_>) -> SnippetFile {
    let place = "into a client of the server, as an administrator; connections that are open \
                 live on as they are";
    let requires = match (request.mode, request.subject) {
        (ServerMode::Required, _) => "SSL".to_owned(),
        (ServerMode::VerifyCa, None) => "X509".to_owned(),
        (ServerMode::VerifyCa, Some(subject)) => format!("SUBJECT {}", quote::sql(subject)),
    };
    let mut text = head("--", request, place);
    text += "\n";
    text += &comment("--", SOCKET);
    text += &comment("--", "the names below are quoted for this mode and this character set");
    text +=
        "SET @ccx_sec_sql_mode = @@SESSION.sql_mode, SESSION sql_mode = '';\nSET NAMES utf8mb4;\n";
    for Account { user, host } in request.accounts {
        let (user, host) = (quote::sql(user), quote::sql(host));
        text += &format!("ALTER USER {user}@{host} REQUIRE {requires};\n");
    }
    text += "SET SESSION sql_mode = @ccx_sec_sql_mode;\n";
    let mut claims = vec![match request.mode {
        ServerMode::Required => claim(
            "REQUIRE SSL",
            "the account is turned away without TLS, as after a wrong password (1045)",
            "seen: MySQL 9.7, MariaDB 10.11, 11.8",
        ),
        ServerMode::VerifyCa => claim(
            "REQUIRE X509",
            "the account is turned away without a certificate of the server's ssl_ca (1045)",
            "seen: MySQL 9.7, MariaDB 10.11, 11.8",
        ),
    }];
    claims.push(claim("REQUIRE", SOCKET, "seen: MySQL 9.7 answers 1045 by the socket without TLS"));
    if request.subject.is_some() {
        claims.push(claim(
            "REQUIRE SUBJECT",
            "the subject is compared as text, its parts in the order of the certificate",
            "seen: MySQL 9.7 answers 1045 to the same parts in another order",
        ));
    }
    SnippetFile { name: "accounts.sql".to_owned(), place: place.to_owned(), text, claims }
}

fn hba(request: &UsersRequest<'_>) -> Result<SnippetFile> {
    let place = "above all else in pg_hba.conf, of which the first line that fits decides; then \
                 SELECT pg_reload_conf()";
    let mut text = head("#", request, place) + "\n";
    for account in request.accounts {
        let role = quote::hba_role(&account.user, request.version)?;
        for database in ["all", "replication"] {
            text += &format!("hostnossl  {database:<11}  {role}  all  reject\n");
            if request.mode == ServerMode::VerifyCa {
                text += &format!(
                    "hostssl    {database:<11}  {role}  all  scram-sha-256  clientcert=verify-ca\n"
                );
            }
        }
    }
    let claims = vec![
        claim(
            "hostnossl",
            "the role is turned away without TLS (28000)",
            "seen: PostgreSQL 15, 17, 18",
        ),
        claim(
            "replication",
            "the word all does not stand for physical replication",
            "PostgreSQL Documentation, 21.1 The pg_hba.conf File",
        ),
    ];
    Ok(SnippetFile {
        name: "pg_hba.accounts.conf".to_owned(),
        place: place.to_owned(),
        text,
        claims,
    })
}

/// Valkey 9 logs a client in by the common name of its certificate. An account without any
/// password then has no other way in.
fn acl(request: &UsersRequest<'_>) -> Result<SnippetFile> {
    let place = "into valkey-cli, on its standard input; then CONFIG REWRITE and ACL SAVE";
    let mut text = "CONFIG SET tls-auth-clients-user CN\n".to_owned();
    for account in request.accounts {
        text += &format!("ACL SETUSER {} on resetpass\n", quote::redis_user(&account.user)?);
    }
    let claims = vec![
        claim(
            "tls-auth-clients-user",
            "who shows a certificate is the account of its common name, with no AUTH",
            "seen: Valkey 9.1",
        ),
        claim(
            "resetpass",
            "an account without passwords can log in by its certificate alone",
            "Valkey Documentation, ACL; seen: Valkey 9.1",
        ),
    ];
    Ok(SnippetFile { name: "accounts.valkey".to_owned(), place: place.to_owned(), text, claims })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render_statement(
        engine: Engine,
        version: Version,
        mode: ServerMode,
        user: &str,
    ) -> Result<String> {
        let accounts = [Account { user: user.to_owned(), host: "%".to_owned() }];
        let request = UsersRequest {
            engine,
            version,
            mode,
            subject: None,
            accounts: &accounts,
            command: "x",
        };
        let file = file(&request)?;
        assert!(!file.claims.is_empty());
        let kept =
            file.text.lines().filter(|line| !line.starts_with(['#', '-']) && !line.is_empty());
        Ok(kept.collect::<Vec<_>>().join("\n"))
    }

    #[test]
    fn every_name_stays_a_name() {
        let v = Version::new;
        let made = render_statement(Engine::Mysql, v(8, 4), ServerMode::Required, "a'; DROP--\\\n");
        assert!(
            made.expect("SQL").contains("\nALTER USER 'a''; DROP--\\\\\\n'@'%' REQUIRE SSL;\n")
        );
        let made = render_statement(Engine::Postgresql, v(17, 0), ServerMode::VerifyCa, "a\"b all");
        let made = made.expect("lines");
        assert!(made.starts_with("hostnossl  all          \"a\"\"b all\"  all  reject\nhostssl "));
        assert_eq!(made.lines().count(), 4, "{made}");
        let made = render_statement(Engine::Valkey, v(9, 1), ServerMode::VerifyCa, "a\"b")
            .expect("commands");
        assert!(made.ends_with("\nACL SETUSER \"a\\\"b\" on resetpass"), "{made}");
    }

    #[test]
    fn what_cannot_be_is_told() {
        let v = Version::new;
        let code = |engine, version, mode, user| {
            render_statement(engine, version, mode, user).map_err(|error| error.code().name())
        };
        let required = ServerMode::Required;
        for (engine, version) in
            [(Engine::Redis, v(7, 2)), (Engine::Valkey, v(9, 0)), (Engine::Mssql, v(2022, 0))]
        {
            assert_eq!(code(engine, version, required, "a"), Err("accounts-unsupported"));
        }
        assert_eq!(
            code(Engine::Valkey, v(8, 1), ServerMode::VerifyCa, "a"),
            Err("accounts-unsupported")
        );
        assert_eq!(code(Engine::Postgresql, v(17, 0), required, "a\nb"), Err("not-expressible"));
        assert_eq!(
            code(Engine::Valkey, v(9, 0), ServerMode::VerifyCa, "a b"),
            Err("not-expressible")
        );
    }
}
