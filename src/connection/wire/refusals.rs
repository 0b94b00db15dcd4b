//! The meanings of error messages by which servers, pools and proxies answer a client before its
//! login. One table for each protocol; an error that is in no table has no meaning here, nor has a
//! closed connection.

use crate::connection::failure::RefusalCause;

/// The meaning of an error during a login for the client's channel (TLS or plaintext).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorMeaning {
    /// The server refuses the client because it has no TLS.
    TlsRequired,
    /// No rule lets this user into this database over such a channel.
    NoRule,
    /// A rule demands a client certificate.
    CertificateRequired,
    /// The channel was accepted: the login that followed failed.
    LoginFailed,
    /// A pool does not know the user or the database, and has checked nothing else yet.
    UnknownName,
}

/// An error of PostgreSQL's protocol (PostgreSQL's manual, "Error and Notice Message Fields").
#[derive(Debug, Default)]
pub(crate) struct PostgresqlError<'a> {
    /// SQLSTATE.
    pub(crate) code: &'a str,
    /// The function in the server's source.
    pub(crate) routine: &'a str,
    /// The primary text.
    pub(crate) message: &'a str,
    /// The secondary text.
    pub(crate) detail: &'a str,
}

/// A row of the table. An error matches if it matches each field that is not empty.
struct RefusalPattern {
    code: &'static str,
    routine: &'static str,
    /// Part of the message, in lower case.
    message: &'static str,
    /// Part of the detail.
    detail: &'static str,
    meaning: ErrorMeaning,
}

const fn row(code: &'static str, message: &'static str, meaning: ErrorMeaning) -> RefusalPattern {
    RefusalPattern { code, routine: "", message, detail: "", meaning }
}

/// The errors of PostgreSQL's protocol; the first row that matches decides.
const POSTGRESQL: [RefusalPattern; 21] = [
    // pg_hba.conf comes before anything else (src/backend/libpq/auth.c, ClientAuthentication).
    RefusalPattern {
        routine: "ClientAuthentication",
        ..row("28000", "client certificate", ErrorMeaning::CertificateRequired)
    },
    RefusalPattern { routine: "ClientAuthentication", ..row("28000", "", ErrorMeaning::NoRule) },
    // PgBouncer 1.24, seen: client_tls_sslmode, then auth_hba_file, then the login.
    row("08P01", "ssl required", ErrorMeaning::TlsRequired),
    row("08P01", "no authentication method is found", ErrorMeaning::NoRule),
    row("08P01", "login rejected", ErrorMeaning::NoRule),
    row("08P01", "authentication failed", ErrorMeaning::LoginFailed),
    row("08P01", "login failed", ErrorMeaning::LoginFailed),
    // pgpool-II 4.6, seen.
    RefusalPattern { detail: "no pool_hba.conf entry", ..row("XX000", "", ErrorMeaning::NoRule) },
    RefusalPattern { detail: "pool_passwd file", ..row("XX000", "", ErrorMeaning::LoginFailed) },
    RefusalPattern {
        detail: "valid password not found",
        ..row("XX000", "", ErrorMeaning::LoginFailed)
    },
    // CockroachDB (pkg/sql/pgwire, ErrSSLRequired), Neon's proxy, Odyssey and SPQR, Amazon's
    // RDS Proxy, Azure: by their documentation and source.
    row("08P01", "node is running secure mode", ErrorMeaning::TlsRequired),
    row("", "connection is insecure (try using", ErrorMeaning::TlsRequired),
    row("", "ssl is required", ErrorMeaning::TlsRequired),
    row("", "this rds proxy requires tls connections", ErrorMeaning::TlsRequired),
    row("", "ssl connection is required", ErrorMeaning::TlsRequired),
    // Errors of PostgreSQL after pg_hba.conf: no such user, wrong password, no such database, no
    // privilege to connect.
    row("28000", "", ErrorMeaning::LoginFailed),
    row("28P01", "", ErrorMeaning::LoginFailed),
    row("3D000", "", ErrorMeaning::LoginFailed),
    row("42501", "", ErrorMeaning::LoginFailed),
    // PgBouncer before 1.21 or so, ahead of auth_hba_file.
    row("", "no such user", ErrorMeaning::UnknownName),
    row("", "no such database", ErrorMeaning::UnknownName),
];

impl PostgresqlError<'_> {
    /// The meaning, if the error is in the table.
    pub(crate) fn meaning(&self) -> Option<ErrorMeaning> {
        let message = self.message.to_ascii_lowercase();
        let fits = |row: &&RefusalPattern| {
            (row.code.is_empty() || row.code == self.code)
                && (row.routine.is_empty() || row.routine == self.routine)
                && message.contains(row.message)
                && self.detail.contains(row.detail)
        };
        POSTGRESQL.iter().find(fits).map(|row| row.meaning)
    }
}

impl PostgresqlError<'_> {
    /// The cause, by the code. The errors about pg_hba.conf have no code of their own, and pools
    /// pass them on under another one: the server's text names the file.
    pub(crate) fn cause(&self) -> RefusalCause {
        match self.code {
            "28P01" => RefusalCause::Password,
            "3D000" => RefusalCause::DatabaseMissing,
            _ if [self.message, self.detail].iter().any(|text| text.contains("pg_hba.conf")) => {
                RefusalCause::HostRules
            }
            _ if self.meaning() == Some(ErrorMeaning::UnknownName) => RefusalCause::UnknownName,
            _ => RefusalCause::Other,
        }
    }
}

/// Errors of MySQL's protocol that refuse a client for want of TLS: number, and part of the text.
const MYSQL: [(u16, &str); 4] = [
    // MySQL, MariaDB from 11.8, TiDB, Amazon's RDS Proxy (ER_SECURE_TRANSPORT_REQUIRED).
    (3159, ""),
    // Azure.
    (9002, "SSL connection is required"),
    // Vitess and PlanetScale (go/mysql/server.go).
    (1105, "server does not allow insecure connections"),
    // MaxScale, on a listener with TLS.
    (1045, "Access without SSL denied"),
];

/// Whether an error of MySQL's protocol says that the client is refused for want of TLS.
pub(crate) fn mysql_requires_tls(code: u16, message: &str) -> bool {
    MYSQL.iter().any(|(number, text)| *number == code && message.contains(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(code: &str, routine: &str, message: &str, detail: &str) -> Option<ErrorMeaning> {
        PostgresqlError { code, routine, message, detail }.meaning()
    }

    #[test]
    fn words_of_servers_and_pools() {
        use ErrorMeaning::{CertificateRequired, LoginFailed, NoRule, TlsRequired, UnknownName};
        let hba = "ClientAuthentication";
        for (code, routine, message, detail, expected) in [
            (
                "28000",
                hba,
                "connection requires a valid client certificate",
                "",
                CertificateRequired,
            ),
            ("28000", hba, "no pg_hba.conf entry for host \"h\", no encryption", "", NoRule),
            ("28000", "InitializeSessionUserId", "role \"x\" does not exist", "", LoginFailed),
            (
                "42501",
                "InitPostgres",
                "must be replication role to start walsender",
                "",
                LoginFailed,
            ),
            ("08P01", "", "SSL required", "", TlsRequired),
            ("08P01", "", "no authentication method is found", "", NoRule),
            ("08P01", "", "\"trust\" authentication failed", "", LoginFailed),
            ("08P01", "", "no such user: nobody", "", UnknownName),
            ("08P01", "", "certificate authentication failed", "", LoginFailed),
            (
                "XX000",
                "",
                "client authentication failed",
                "no pool_hba.conf entry for host",
                NoRule,
            ),
            (
                "XX000",
                "",
                "SCRAM authentication failed",
                "pool_passwd file does not contain an entry for \"x\"",
                LoginFailed,
            ),
            ("08P01", "", "node is running secure mode, SSL connection required", "", TlsRequired),
            ("XX000", "", "connection is insecure (try using `sslmode=require`)", "", TlsRequired),
            (
                "28000",
                "",
                "SSL connection is required. Please specify SSL options",
                "",
                TlsRequired,
            ),
        ] {
            assert_eq!(meaning(code, routine, message, detail), Some(expected), "{message}");
        }
        for (code, message) in [
            ("53300", "sorry, too many clients already"),
            ("57P03", "the database system is starting up"),
            ("08P01", "server conn crashed?"),
            ("XX000", "client authentication failed"),
        ] {
            assert_eq!(meaning(code, "", message, ""), None, "{message}");
        }
    }

    #[test]
    fn the_cause_comes_from_the_code_or_from_the_words_of_the_server() {
        for (code, message, expected) in [
            ("28P01", "password authentication failed", RefusalCause::Password),
            ("3D000", "database \"x\" does not exist", RefusalCause::DatabaseMissing),
            ("28000", "no pg_hba.conf entry for host \"h\"", RefusalCause::HostRules),
            ("08P01", "login failed: FATAL no pg_hba.conf entry", RefusalCause::HostRules),
            ("08P01", "no such user: nobody", RefusalCause::UnknownName),
            ("28000", "role \"x\" does not exist", RefusalCause::Other),
            ("53300", "sorry, too many clients already", RefusalCause::Other),
        ] {
            let error = PostgresqlError { code, message, ..PostgresqlError::default() };
            assert_eq!(error.cause(), expected, "{message}");
        }
    }

    #[test]
    fn errors_of_mysql_that_are_no_refusals_of_plaintext() {
        assert!(mysql_requires_tls(3159, "This RDS Proxy requires TLS connections"));
        assert!(mysql_requires_tls(1045, "Access without SSL denied"));
        for (code, message) in [
            (1040, "Too many connections"),
            (1045, "Access denied for user 'x'@'h'"),
            (1105, "unknown error"),
            (1129, "Host 'h' is blocked because of many connection errors"),
            (1130, "Host 'h' is not allowed to connect"),
        ] {
            assert!(!mysql_requires_tls(code, message), "{message}");
        }
    }
}
