//! Clients of PostgreSQL.

use super::rules::{
    DOTNET, GO, GO_TEXTS, JAVA, LOCALHOST_NAMES, NODE_TEXTS, NOTHING, OPENSSL, OPENSSL_NAMES,
    OPENSSL_TEXTS, RFC_9525, RUSTLS, TEXT_NAMES, UNKNOWN_NAMES, way,
};
use super::{ClientBehavior, ClientConfiguration, ClientTrust, NameCheck, Rejection, TlsPolicy};
use crate::engine::Version;
use crate::snippet::clients::Evidence;

/// Before it, libpq did not look for addresses among the alternative names.
const FIFTEEN: Version = Version::new(15, 0);

/// libpq's, for all that hand their parameters to it. Where there is a file of CAs, it checks
/// the certificate whatever the mode.
const LIBPQ: &[ClientConfiguration] = &[
    way("", TlsPolicy::Preferred, ClientTrust::NoVerification, NOTHING),
    way("sslmode=disable", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
    way("sslmode=allow", TlsPolicy::PlainFirst, ClientTrust::NoVerification, NOTHING),
    way("sslmode=prefer", TlsPolicy::Preferred, ClientTrust::NoVerification, NOTHING),
    way("sslmode=prefer sslrootcert=FILE", TlsPolicy::Preferred, ClientTrust::File, NOTHING),
    way("sslmode=require", TlsPolicy::Required, ClientTrust::NoVerification, NOTHING),
    way("sslmode=require sslrootcert=FILE", TlsPolicy::Required, ClientTrust::File, NOTHING),
    way("sslmode=verify-ca sslrootcert=FILE", TlsPolicy::Required, ClientTrust::File, NOTHING),
    way("sslmode=verify-full sslrootcert=FILE", TlsPolicy::Required, ClientTrust::File, TEXT_NAMES),
    ClientConfiguration {
        options: "sslmode=verify-full sslrootcert=system",
        since: Some(Version::new(16, 0)),
        tls: TlsPolicy::Required,
        trust: ClientTrust::Machine,
        name: TEXT_NAMES,
    },
];

const LIBPQ_TEXTS: &[(Rejection, &str)] = &[
    (Rejection::Untrusted, "SSL error: certificate verify failed"),
    (Rejection::Expired, "SSL error: certificate verify failed"),
    (Rejection::NotYetValid, "SSL error: certificate verify failed"),
    (Rejection::Purpose, "SSL error: certificate verify failed"),
    (Rejection::Name, "does not match host name"),
    (Rejection::NoTls, "server does not support SSL, but SSL was required"),
    (Rejection::PlainRefused, "no encryption"),
];

const fn on_libpq(name: &'static str, source: &'static str) -> ClientBehavior {
    ClientBehavior {
        name,
        since: None,
        before: None,
        library: &OPENSSL,
        ways: LIBPQ,
        texts: &[LIBPQ_TEXTS],
        proof: Evidence::Documentation,
        source,
    }
}

const NODE_PG_TEXTS: &[&[(Rejection, &str)]] = &[
    NODE_TEXTS,
    OPENSSL_TEXTS,
    &[
        (Rejection::NoTls, "The server does not support SSL connections"),
        (Rejection::PlainRefused, "no encryption"),
    ],
];

/// pg's for Node, which compares names in this way.
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

pub(super) const CLIENTS: &[ClientBehavior] = &[
    ClientBehavior {
        since: Some(FIFTEEN),
        proof: Evidence::Run,
        ..on_libpq("psql", "seen: psql 15, 17, 18; PostgreSQL Documentation, 34.19 SSL Support")
    },
    ClientBehavior {
        since: Some(FIFTEEN),
        proof: Evidence::Run,
        ..on_libpq("libpq", "seen: psql 15, 17, 18; PostgreSQL Documentation, 34.19 SSL Support")
    },
    ClientBehavior {
        name: "pgjdbc",
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
            (Rejection::Untrusted, "unable to find valid certification path to requested target"),
            (Rejection::NoTls, "The server does not support SSL."),
        ]],
        proof: Evidence::Documentation,
        source: "from documentation: jdbc.postgresql.org, Using SSL; PGjdbcHostnameVerifier.java",
    },
    ClientBehavior {
        proof: Evidence::Run,
        ..on_libpq("psycopg", "seen: psycopg 3.3; PostgreSQL Documentation, 34.19 SSL Support")
    },
    ClientBehavior {
        name: "node-pg",
        since: Some(Version::new(8, 0)),
        before: Some(Version::new(8, 23)),
        library: &OPENSSL,
        ways: &node_pg(LOCALHOST_NAMES),
        texts: NODE_PG_TEXTS,
        proof: Evidence::Documentation,
        source: "from documentation: pg 8.0 to 8.23.0, lib/connection.js, which does not say to \
                 Node what address it dials; seen once, with 8.11 and 8.22",
    },
    ClientBehavior {
        name: "node-pg",
        since: Some(Version::new(8, 23)),
        before: None,
        library: &OPENSSL,
        ways: &node_pg(OPENSSL_NAMES),
        texts: NODE_PG_TEXTS,
        proof: Evidence::Run,
        source: "seen: pg 8.23.1 on Node 20 (8.23.0 is still as those before); Node Documentation, \
                 tls.checkServerIdentity",
    },
    ClientBehavior {
        name: "pgx",
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
    },
    ClientBehavior {
        name: "npgsql",
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
    },
    on_libpq("pdo-pgsql", "from documentation: PHP Manual, PDO_PGSQL DSN, which it hands to libpq"),
    on_libpq(
        "ruby-pg",
        "from documentation: PostgreSQL Documentation, 34.19 SSL Support, as it hands its \
         parameters to libpq",
    ),
    ClientBehavior {
        name: "sqlx-postgres",
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
    },
    ClientBehavior {
        name: "tokio-postgres",
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
    },
    on_libpq(
        "psqlodbc",
        "from documentation: odbc.postgresql.org, Connection String Options, SSLmode and pqopt, \
         which it hands to libpq",
    ),
];
