//! Third-party clients of MySQL and MariaDB in compiled languages.

use super::Driver;
use super::behavior::{ClientTrust, Rejection, TlsPolicy, VersionBehavior};
use super::rules::{
    DOTNET, GO, GO_TEXTS, MYSQL_OR_MARIADB, NOTHING, PUBLIC_CAS, RFC_9525, RUSTLS, UNKNOWN_NAMES,
    way,
};
use super::template::{Evidence, Language, ModeSupport, SnippetTemplate};

/// The clients, in the order of every list.
pub(super) const DRIVERS: &[Driver] = &[
    Driver {
        name: "go-sql-driver",
        title: "go-sql-driver/mysql (Go)",
        engines: MYSQL_OR_MARIADB,
        snippet: SnippetTemplate {
            language: Language::Go,
            template: "config := mysql.NewConfig()\n\
                   config.Net, config.Addr = \"tcp\", net.JoinHostPort(%{host|literal}, \"%{port}\")\n\
                   config.User, config.Passwd = %{user|literal}, os.Getenv(\"DB_PASSWORD\")\n\
                   config.DBName = %{database|literal}\n\
                   %{tls}\n\
                   connector, err := mysql.NewConnector(config)",
            modes: [
                ModeSupport::Exact("config.TLSConfig = \"skip-verify\""),
                ModeSupport::Stronger(
                    "crypto/tls checks certificate and name together, or neither",
                ),
                ModeSupport::Exact(
                    "roots := x509.NewCertPool()\n\
                 pem, err := os.ReadFile(%{ca|literal})\n\
                 if err != nil || !roots.AppendCertsFromPEM(pem) {\n\tlog.Fatal(\"no CA: \", err)\n}\n\
                 config.TLS = &tls.Config{RootCAs: roots, ServerName: %{host|literal}}\
                 %[\npair, err := tls.LoadX509KeyPair(%{cert|literal}, %{key|literal})\n\
                 if err != nil {\n\tlog.Fatal(err)\n}\n\
                 config.TLS.Certificates = []tls.Certificate{pair}%]",
                ),
            ],
            notes: &["tls=preferred, which is not in it, falls back to plain text"],
            proof: Evidence::Run,
            source: "seen: go-sql-driver/mysql 1.10; pkg.go.dev/github.com/go-sql-driver/mysql, Config; crypto/tls",
        },
        behaviors: &[VersionBehavior {
            since: None,
            before: None,
            library: &GO,
            ways: &[
                way("", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
                way("tls=preferred", TlsPolicy::IfOffered, ClientTrust::NoVerification, NOTHING),
                way("tls=skip-verify", TlsPolicy::Required, ClientTrust::NoVerification, NOTHING),
                way("tls=true", TlsPolicy::Required, ClientTrust::Machine, RFC_9525),
                way(
                    "config.TLS with RootCAs of FILE",
                    TlsPolicy::Required,
                    ClientTrust::File,
                    RFC_9525,
                ),
            ],
            texts: &[
                GO_TEXTS,
                &[(Rejection::NoTls, "TLS requested but server does not support TLS")],
            ],
            proof: Evidence::Documentation,
            source: "from documentation: github.com/go-sql-driver/mysql, README, tls; pkg.go.dev/crypto/x509",
        }],
    },
    Driver {
        name: "mysqlconnector",
        title: "MySqlConnector (.NET)",
        engines: MYSQL_OR_MARIADB,
        snippet: SnippetTemplate {
            language: Language::ConnectionString,
            template: "Server=%{host|dotnet};Port=%{port};User ID=%{user|dotnet};\
                   Database=%{database|dotnet};%{tls}\
                   %[;SSL Cert=%{cert|dotnet};SSL Key=%{key|dotnet}%]",
            modes: [
                ModeSupport::Exact("SSL Mode=Required"),
                ModeSupport::Exact("SSL Mode=VerifyCA;SSL CA=%{ca|dotnet}"),
                ModeSupport::Exact("SSL Mode=VerifyFull;SSL CA=%{ca|dotnet}"),
            ],
            notes: &["the password is added by the program, from where it keeps secrets"],
            proof: Evidence::Documentation,
            source: "from documentation: mysqlconnector.net, Connection Options, SSL/TLS Options",
        },
        behaviors: &[VersionBehavior {
            since: None,
            before: None,
            library: &DOTNET,
            ways: &[
                way("", TlsPolicy::IfOffered, ClientTrust::NoVerification, NOTHING),
                way("SSL Mode=None", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
                way("SSL Mode=Required", TlsPolicy::Required, ClientTrust::NoVerification, NOTHING),
                way(
                    "SSL Mode=VerifyCA;SSL CA=FILE",
                    TlsPolicy::Required,
                    ClientTrust::File,
                    NOTHING,
                ),
                way(
                    "SSL Mode=VerifyFull;SSL CA=FILE",
                    TlsPolicy::Required,
                    ClientTrust::File,
                    UNKNOWN_NAMES,
                ),
            ],
            texts: &[],
            proof: Evidence::Documentation,
            source: "from documentation: mysqlconnector.net, Connection Options, SSL/TLS Options",
        }],
    },
    Driver {
        name: "sqlx-mysql",
        title: "sqlx for MySQL (Rust)",
        engines: MYSQL_OR_MARIADB,
        snippet: SnippetTemplate {
            language: Language::Rust,
            template: "let options = sqlx::mysql::MySqlConnectOptions::new()\n    \
                   .host(%{host|rust})\n    .port(%{port})\n    .username(%{user|rust})\n    \
                   .password(&std::env::var(\"DB_PASSWORD\")?)\n    .database(%{database|rust})\n    \
                   %{tls}\
                   %[\n    .ssl_client_cert(%{cert|rust})\n    .ssl_client_key(%{key|rust})%];",
            modes: [
                ModeSupport::Exact(".ssl_mode(sqlx::mysql::MySqlSslMode::Required)"),
                ModeSupport::Stronger(PUBLIC_CAS),
                ModeSupport::Exact(
                    ".ssl_mode(sqlx::mysql::MySqlSslMode::VerifyIdentity)\n    .ssl_ca(%{ca|rust})",
                ),
            ],
            notes: &["the CAs of the system are trusted too"],
            proof: Evidence::Run,
            source: "seen: sqlx 0.9; docs.rs/sqlx, mysql::MySqlSslMode",
        },
        behaviors: &[VersionBehavior {
            since: None,
            before: None,
            library: &RUSTLS,
            ways: &[
                way("", TlsPolicy::IfOffered, ClientTrust::NoVerification, NOTHING),
                way(
                    ".ssl_mode(MySqlSslMode::Disabled)",
                    TlsPolicy::Never,
                    ClientTrust::NoVerification,
                    NOTHING,
                ),
                way(
                    ".ssl_mode(MySqlSslMode::Required)",
                    TlsPolicy::Required,
                    ClientTrust::NoVerification,
                    NOTHING,
                ),
                way(
                    ".ssl_mode(MySqlSslMode::VerifyCa).ssl_ca(\"FILE\")",
                    TlsPolicy::Required,
                    ClientTrust::FileAndMachine,
                    NOTHING,
                ),
                way(
                    ".ssl_mode(MySqlSslMode::VerifyIdentity).ssl_ca(\"FILE\")",
                    TlsPolicy::Required,
                    ClientTrust::FileAndMachine,
                    RFC_9525,
                ),
            ],
            texts: &[],
            proof: Evidence::Documentation,
            source: "from documentation: docs.rs/sqlx, mysql::MySqlSslMode; with its feature tls-rustls",
        }],
    },
    Driver {
        name: "mysql-async",
        title: "mysql_async (Rust)",
        engines: MYSQL_OR_MARIADB,
        snippet: SnippetTemplate {
            language: Language::Rust,
            template: "let tls = mysql_async::SslOpts::default()\n    %{tls}\
                   %[\n    .with_client_identity(Some(mysql_async::ClientIdentity::new(\n        \
                   std::path::PathBuf::from(%{cert|rust}).into(),\n        \
                   std::path::PathBuf::from(%{key|rust}).into(),\n    )))%];\n\
                   let options = mysql_async::OptsBuilder::default()\n    \
                   .ip_or_hostname(%{host|rust})\n    .tcp_port(%{port})\n    \
                   .user(Some(%{user|rust}))\n    .pass(std::env::var(\"DB_PASSWORD\").ok())\n    \
                   .db_name(Some(%{database|rust}))\n    .ssl_opts(Some(tls));",
            modes: [
                ModeSupport::Exact(".with_danger_accept_invalid_certs(true)"),
                ModeSupport::Stronger(
                    "with_danger_skip_domain_validation looks for words that rustls does not use any \
                 more, and skips nothing",
                ),
                ModeSupport::Exact(
                    ".with_root_certs(vec![std::path::PathBuf::from(%{ca|rust}).into()])\n    \
                 .with_disable_built_in_roots(true)",
                ),
            ],
            notes: &[],
            proof: Evidence::Run,
            source: "seen, in io/tls/rustls_io.rs too: mysql_async 0.37.1 with rustls 0.23.46; \
                 docs.rs/mysql_async, SslOpts",
        },
        behaviors: &[VersionBehavior {
            since: None,
            before: None,
            library: &RUSTLS,
            ways: &[
                way("", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
                way(
                    ".with_danger_accept_invalid_certs(true)",
                    TlsPolicy::Required,
                    ClientTrust::NoVerification,
                    NOTHING,
                ),
                way(
                    ".with_root_certs(vec![\"FILE\"]).with_disable_built_in_roots(true)",
                    TlsPolicy::Required,
                    ClientTrust::File,
                    RFC_9525,
                ),
            ],
            texts: &[],
            proof: Evidence::Documentation,
            source: "from documentation: docs.rs/mysql_async, SslOpts; with its feature rustls-tls",
        }],
    },
];
