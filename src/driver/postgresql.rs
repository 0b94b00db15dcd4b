//! Clients of PostgreSQL that implement its protocol themselves, without libpq.

use super::Driver;
use super::behavior::{
    ClientConfiguration, ClientTrust, NameCheck, Rejection, TlsPolicy, VersionBehavior,
};
use super::rules::{
    DOTNET, GO, GO_TEXTS, JAVA, LOCALHOST_NAMES, NODE_TEXTS, NOTHING, OPENSSL, OPENSSL_NAMES,
    OPENSSL_TEXTS, PUBLIC_CAS, RFC_9525, RUSTLS, TEXT_NAMES, UNKNOWN_NAMES, way,
};
use super::template::{Evidence, Language, ModeSupport, SnippetTemplate};
use crate::engine::{Engine, Version};

const POSTGRESQL: &[Engine] = &[Engine::Postgresql];

const NODE_PG_TEXTS: &[&[(Rejection, &str)]] = &[
    NODE_TEXTS,
    OPENSSL_TEXTS,
    &[
        (Rejection::NoTls, "The server does not support SSL connections"),
        (Rejection::PlainRefused, "no encryption"),
    ],
];

/// The configurations of pg for Node, with its comparison of names.
const fn node_pg(names: NameCheck) -> [ClientConfiguration; 5] {
    [
        way("", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
        way(
            "ssl: { rejectUnauthorized: false }",
            TlsPolicy::Required,
            ClientTrust::NoVerification,
            NOTHING,
        ),
        way("ssl: true", TlsPolicy::Required, ClientTrust::Machine, names),
        way(
            "ssl: { ca: fs.readFileSync(\"FILE\"), checkServerIdentity: () => undefined }",
            TlsPolicy::Required,
            ClientTrust::File,
            NOTHING,
        ),
        way(
            "ssl: { ca: fs.readFileSync(\"FILE\") }",
            TlsPolicy::Required,
            ClientTrust::File,
            names,
        ),
    ]
}

/// The clients, in the order of every list.
pub(super) const DRIVERS: &[Driver] = &[
    Driver {
        name: "pgjdbc",
        title: "pgjdbc (JDBC)",
        engines: POSTGRESQL,
        snippet: SnippetTemplate {
            language: Language::Properties,
            template: "url=jdbc:postgresql://%{host|urlhost}:%{port}/%{database|url}\nuser=%{user|property}\n%{tls}",
            modes: [
                ModeSupport::Exact("sslmode=require"),
                ModeSupport::Exact("sslmode=verify-ca\nsslrootcert=%{ca|property}"),
                ModeSupport::Exact("sslmode=verify-full\nsslrootcert=%{ca|property}"),
            ],
            notes: &[
                "a client certificate goes into sslcert, its key as DER (PKCS#8) or PKCS#12 into sslkey",
            ],
            proof: Evidence::Run,
            source: "seen: pgjdbc 42.7; jdbc.postgresql.org, Using SSL; Connection Parameters",
        },
        behaviors: &[VersionBehavior {
            since: Some(Version::new(42, 2)),
            before: None,
            library: &JAVA,
            ways: &[
                way("", TlsPolicy::Preferred, ClientTrust::NoVerification, NOTHING),
                way("sslmode=disable", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
                way("sslmode=allow", TlsPolicy::PlainFirst, ClientTrust::NoVerification, NOTHING),
                way("sslmode=prefer", TlsPolicy::Preferred, ClientTrust::NoVerification, NOTHING),
                way("sslmode=require", TlsPolicy::Required, ClientTrust::NoVerification, NOTHING),
                way(
                    "sslmode=verify-ca sslrootcert=FILE",
                    TlsPolicy::Required,
                    ClientTrust::File,
                    NOTHING,
                ),
                way(
                    "sslmode=verify-full sslrootcert=FILE",
                    TlsPolicy::Required,
                    ClientTrust::File,
                    TEXT_NAMES,
                ),
            ],
            texts: &[&[
                (Rejection::Name, "could not be verified by hostnameverifier"),
                (
                    Rejection::Untrusted,
                    "unable to find valid certification path to requested target",
                ),
                (Rejection::NoTls, "The server does not support SSL."),
            ]],
            proof: Evidence::Documentation,
            source: "from documentation: jdbc.postgresql.org, Using SSL; PGjdbcHostnameVerifier.java",
        }],
    },
    Driver {
        name: "node-pg",
        title: "pg (Node)",
        engines: POSTGRESQL,
        snippet: SnippetTemplate {
            language: Language::JavaScript,
            template: "const fs = require(\"fs\");\n\
                   const { Client } = require(\"pg\");\n\n\
                   const client = new Client({\n  \
                     host: %{host|literal}, port: %{port}, user: %{user|literal},\n  \
                     password: process.env.DB_PASSWORD, database: %{database|literal},\n  \
                     ssl: { %{tls}%[, cert: fs.readFileSync(%{cert|literal}), \
                            key: fs.readFileSync(%{key|literal})%] },\n\
                   });",
            modes: [
                ModeSupport::Exact("rejectUnauthorized: false"),
                ModeSupport::Exact(
                    "ca: fs.readFileSync(%{ca|literal}), checkServerIdentity: () => undefined",
                ),
                ModeSupport::Exact("ca: fs.readFileSync(%{ca|literal})"),
            ],
            notes: &[
                "say it like this, not by sslmode in a URL, which replaces all of ssl",
                "before 8.23.1 it looks for localhost in the certificate where the host is an address",
            ],
            proof: Evidence::Run,
            source: "seen: pg 8.23; node-postgres Documentation, SSL",
        },
        behaviors: &[
            VersionBehavior {
                since: Some(Version::new(8, 0)),
                before: Some(Version::new(8, 23)),
                library: &OPENSSL,
                ways: &node_pg(LOCALHOST_NAMES),
                texts: NODE_PG_TEXTS,
                proof: Evidence::Documentation,
                source: "from documentation: pg 8.0 to 8.23.0, lib/connection.js, which does not say to \
                 Node what address it dials; seen once, with 8.11 and 8.22",
            },
            VersionBehavior {
                since: Some(Version::new(8, 23)),
                before: None,
                library: &OPENSSL,
                ways: &node_pg(OPENSSL_NAMES),
                texts: NODE_PG_TEXTS,
                proof: Evidence::Run,
                source: "seen: pg 8.23.1 on Node 20 (8.23.0 is still as those before); Node Documentation, \
                 tls.checkServerIdentity",
            },
        ],
    },
    Driver {
        name: "pgx",
        title: "pgx (Go)",
        engines: POSTGRESQL,
        snippet: SnippetTemplate {
            language: Language::ConnectionString,
            template: "host=%{host|conninfo} port=%{port} user=%{user|conninfo} \
                   dbname=%{database|conninfo} %{tls}\
                   %[ sslcert=%{cert|conninfo} sslkey=%{key|conninfo}%]",
            modes: [
                ModeSupport::Exact("sslmode=require"),
                ModeSupport::Exact("sslmode=verify-ca sslrootcert=%{ca|conninfo}"),
                ModeSupport::Exact("sslmode=verify-full sslrootcert=%{ca|conninfo}"),
            ],
            notes: &["the password is in PGPASSWORD or in ~/.pgpass"],
            proof: Evidence::Run,
            source: "seen: pgx 5.9; pkg.go.dev/github.com/jackc/pgx/v5/pgconn, ParseConfig",
        },
        behaviors: &[VersionBehavior {
            since: Some(Version::new(5, 0)),
            before: None,
            library: &GO,
            ways: &[
                way("", TlsPolicy::Preferred, ClientTrust::NoVerification, NOTHING),
                way("sslmode=disable", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
                way("sslmode=allow", TlsPolicy::PlainFirst, ClientTrust::NoVerification, NOTHING),
                way("sslmode=prefer", TlsPolicy::Preferred, ClientTrust::NoVerification, NOTHING),
                way("sslmode=require", TlsPolicy::Required, ClientTrust::NoVerification, NOTHING),
                way(
                    "sslmode=require sslrootcert=FILE",
                    TlsPolicy::Required,
                    ClientTrust::File,
                    NOTHING,
                ),
                way(
                    "sslmode=verify-ca sslrootcert=FILE",
                    TlsPolicy::Required,
                    ClientTrust::File,
                    NOTHING,
                ),
                way(
                    "sslmode=verify-full sslrootcert=FILE",
                    TlsPolicy::Required,
                    ClientTrust::File,
                    RFC_9525,
                ),
            ],
            texts: &[GO_TEXTS, &[(Rejection::NoTls, "server refused TLS connection")]],
            proof: Evidence::Documentation,
            source: "from documentation: pkg.go.dev/github.com/jackc/pgx/v5/pgconn, ParseConfig; crypto/x509",
        }],
    },
    Driver {
        name: "npgsql",
        title: "Npgsql (.NET)",
        engines: POSTGRESQL,
        snippet: SnippetTemplate {
            language: Language::ConnectionString,
            template: "Host=%{host|dotnet};Port=%{port};Username=%{user|dotnet};\
                   Database=%{database|dotnet};%{tls}\
                   %[;SSL Certificate=%{cert|dotnet};SSL Key=%{key|dotnet}%]",
            modes: [
                ModeSupport::Exact("SSL Mode=Require"),
                ModeSupport::Exact("SSL Mode=VerifyCA;Root Certificate=%{ca|dotnet}"),
                ModeSupport::Exact("SSL Mode=VerifyFull;Root Certificate=%{ca|dotnet}"),
            ],
            notes: &[
                "before version 8, Require also wants Trust Server Certificate=true",
                "the password is in PGPASSWORD, or added by the program",
            ],
            proof: Evidence::Documentation,
            source: "from documentation: npgsql.org, Security and Encryption",
        },
        behaviors: &[VersionBehavior {
            since: Some(Version::new(8, 0)),
            before: None,
            library: &DOTNET,
            ways: &[
                way("", TlsPolicy::Preferred, ClientTrust::NoVerification, NOTHING),
                way("SSL Mode=Disable", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
                way("SSL Mode=Require", TlsPolicy::Required, ClientTrust::NoVerification, NOTHING),
                way(
                    "SSL Mode=VerifyCA;Root Certificate=FILE",
                    TlsPolicy::Required,
                    ClientTrust::File,
                    NOTHING,
                ),
                way(
                    "SSL Mode=VerifyFull;Root Certificate=FILE",
                    TlsPolicy::Required,
                    ClientTrust::File,
                    UNKNOWN_NAMES,
                ),
            ],
            texts: &[&[(
                Rejection::NoTls,
                "SSL connection requested. No SSL enabled connection from this host",
            )]],
            proof: Evidence::Documentation,
            source: "from documentation: npgsql.org, Security and Encryption",
        }],
    },
    Driver {
        name: "sqlx-postgres",
        title: "sqlx for PostgreSQL (Rust)",
        engines: POSTGRESQL,
        snippet: SnippetTemplate {
            language: Language::Rust,
            template: "let options = sqlx::postgres::PgConnectOptions::new_without_pgpass()\n    \
                   .host(%{host|rust})\n    .port(%{port})\n    .username(%{user|rust})\n    \
                   .password(&std::env::var(\"DB_PASSWORD\")?)\n    .database(%{database|rust})\n    \
                   %{tls}\
                   %[\n    .ssl_client_cert(%{cert|rust})\n    .ssl_client_key(%{key|rust})%];",
            modes: [
                ModeSupport::Exact(".ssl_mode(sqlx::postgres::PgSslMode::Require)"),
                ModeSupport::Stronger(PUBLIC_CAS),
                ModeSupport::Exact(
                    ".ssl_mode(sqlx::postgres::PgSslMode::VerifyFull)\n    .ssl_root_cert(%{ca|rust})",
                ),
            ],
            notes: &["the CAs of the system are trusted too"],
            proof: Evidence::Run,
            source: "seen: sqlx 0.9; docs.rs/sqlx, postgres::PgSslMode",
        },
        behaviors: &[VersionBehavior {
            since: None,
            before: None,
            library: &RUSTLS,
            ways: &[
                way("", TlsPolicy::IfOffered, ClientTrust::NoVerification, NOTHING),
                way(
                    ".ssl_mode(PgSslMode::Disable)",
                    TlsPolicy::Never,
                    ClientTrust::NoVerification,
                    NOTHING,
                ),
                way(
                    ".ssl_mode(PgSslMode::Require)",
                    TlsPolicy::Required,
                    ClientTrust::NoVerification,
                    NOTHING,
                ),
                way(
                    ".ssl_mode(PgSslMode::VerifyCa).ssl_root_cert(\"FILE\")",
                    TlsPolicy::Required,
                    ClientTrust::FileAndMachine,
                    NOTHING,
                ),
                way(
                    ".ssl_mode(PgSslMode::VerifyFull).ssl_root_cert(\"FILE\")",
                    TlsPolicy::Required,
                    ClientTrust::FileAndMachine,
                    RFC_9525,
                ),
            ],
            texts: &[],
            proof: Evidence::Documentation,
            source: "from documentation: docs.rs/sqlx, postgres::PgSslMode; with its feature tls-rustls",
        }],
    },
    Driver {
        name: "tokio-postgres",
        title: "tokio-postgres with tokio-postgres-rustls (Rust)",
        engines: POSTGRESQL,
        snippet: SnippetTemplate {
            language: Language::Rust,
            template: "use rustls_pki_types::pem::PemObject;\n\n\
                   let mut roots = rustls::RootCertStore::empty();\n\
                   for certificate in rustls_pki_types::CertificateDer::pem_file_iter(%{ca|rust})? {\n    \
                   roots.add(certificate?)?;\n}\n\
                   let tls = rustls::ClientConfig::builder().with_root_certificates(roots)%{tls};\n\
                   let mut config = tokio_postgres::Config::new();\n\
                   config.host(%{host|rust}).port(%{port}).user(%{user|rust}).dbname(%{database|rust});\n\
                   config.password(std::env::var(\"DB_PASSWORD\")?);\n\
                   config.ssl_mode(tokio_postgres::config::SslMode::Require);\n\
                   let (client, connection) =\n    \
                   config.connect(tokio_postgres_rustls::MakeRustlsConnect::new(tls)).await?;",
            modes: [
                ModeSupport::Stronger(
                    "rustls checks certificate and name unless a verifier of one's own is written",
                ),
                ModeSupport::Stronger(
                    "rustls checks the name too unless a verifier of one's own is written",
                ),
                ModeSupport::Exact(".with_no_client_auth()"),
            ],
            notes: &["SslMode::Prefer, its default, falls back to plain text"],
            proof: Evidence::Run,
            source: "seen: tokio-postgres 0.7 with tokio-postgres-rustls 0.14; docs.rs/tokio-postgres, \
                 config::SslMode; docs.rs/rustls",
        },
        behaviors: &[VersionBehavior {
            since: None,
            before: None,
            library: &RUSTLS,
            ways: &[
                way("NoTls", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
                way(
                    "SslMode::Prefer with roots of FILE",
                    TlsPolicy::IfOffered,
                    ClientTrust::File,
                    RFC_9525,
                ),
                way(
                    "SslMode::Require with roots of FILE",
                    TlsPolicy::Required,
                    ClientTrust::File,
                    RFC_9525,
                ),
            ],
            texts: &[&[(Rejection::NoTls, "server does not support TLS")]],
            proof: Evidence::Documentation,
            source: "from documentation: docs.rs/tokio-postgres, config::SslMode; with tokio-postgres-rustls",
        }],
    },
];
