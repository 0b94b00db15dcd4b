//! Scripts that make single accounts demand TLS, or a client certificate too.

use super::server::check_version;
use super::{SnippetFile, comment};
use crate::engine::accounts::{Account, AccountDemand};
use crate::engine::settings::ServerMode;
use crate::engine::{Engine, Version};
use crate::error::{Code, Error, Result};
use crate::shell::{CommandLine, Placeholder};

/// Accounts, and the demand that a script sets for each.
#[derive(Debug, Clone)]
pub struct UsersRequest<'a> {
    /// The engine.
    pub engine: Engine,
    /// Its version.
    pub version: Version,
    /// The demand: TLS, or a certificate of the CA too.
    pub mode: ServerMode,
    /// The subject that the certificate must have, as MySQL and MariaDB compare it.
    pub subject: Option<&'a str>,
    /// The accounts.
    pub accounts: &'a [Account],
    /// The command line, for a comment in the file.
    pub command: &'a str,
}

/// Returns the script with its statements, lines or commands.
///
/// # Errors
/// Exit 2 when the engine cannot demand TLS by account, or cannot express a name.
pub fn file(request: &UsersRequest<'_>) -> Result<SnippetFile> {
    let UsersRequest { engine, version, mode, subject, accounts, .. } = *request;
    let rules = engine.facts().accounts;
    check_version(engine, version)?;
    if accounts.is_empty() {
        return Err(Error::usage(Code::AccountsMissing, "no account was given")
            .hint("give --account, or --accounts with a file of them, one a line"));
    }
    if subject.is_some() && (!rules.compares_subjects() || mode != ServerMode::VerifyCa) {
        return Err(Error::usage(
            Code::SubjectUnsupported,
            "a subject is demanded by MySQL and MariaDB alone, and of client certificates",
        )
        .hint("leave --subject out, or give --mode VERIFY_CA with mysql or mariadb"));
    }
    let demand = AccountDemand { version, mode, subject, accounts };
    let Some(script) = rules.demand(&demand)? else {
        return Err(Error::usage(
            Code::AccountsUnsupported,
            format!("{engine} {version} does not demand TLS account by account"),
        )
        .hint((
            "it demands it of all together: see what to set",
            CommandLine::ccx_sec("snippet server")
                .option("--engine", engine.to_string())
                .option("--engine-version", version.to_string())
                .option("--dir", Placeholder("DIR")),
        )));
    };
    let mut text = String::new();
    if let Some(sign) = script.comment {
        text += &head(sign, request, script.place);
        text += "\n";
        text.extend(script.comments.iter().map(|line| comment(sign, line)));
    }
    text += &script.statements;
    Ok(SnippetFile {
        name: script.name.to_owned(),
        place: script.place.to_owned(),
        text,
        claims: script.claims,
    })
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
