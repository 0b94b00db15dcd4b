//! Clients of PostgreSQL.

use super::rules::{
    DOTNET, GO, GO_TEXTS, JAVA, LOCALHOST_NAMES, NODE_TEXTS, NOTHING, OPENSSL, OPENSSL_NAMES,
    OPENSSL_TEXTS, RFC_9525, RUSTLS, TEXT_NAMES, UNKNOWN_NAMES, way,
};
use super::{Client, Name, Tls, Trouble, Trust, Way};
use crate::engine::Version;
use crate::snippet::clients::Proof;

/// Before it, libpq did not look for addresses among the alternative names.
const FIFTEEN: Version = Version::new(15, 0);

/// libpq's, for all that hand their parameters to it. Where there is a file of CAs, it checks
/// the certificate whatever the mode.
const LIBPQ: &[Way] = &[
    way("", Tls::Preferred, Trust::Anybody, NOTHING),
    way("sslmode=disable", Tls::Never, Trust::Anybody, NOTHING),
    way("sslmode=allow", Tls::PlainFirst, Trust::Anybody, NOTHING),
    way("sslmode=prefer", Tls::Preferred, Trust::Anybody, NOTHING),
    way("sslmode=prefer sslrootcert=FILE", Tls::Preferred, Trust::File, NOTHING),
    way("sslmode=require", Tls::Required, Trust::Anybody, NOTHING),
    way("sslmode=require sslrootcert=FILE", Tls::Required, Trust::File, NOTHING),
    way("sslmode=verify-ca sslrootcert=FILE", Tls::Required, Trust::File, NOTHING),
    way("sslmode=verify-full sslrootcert=FILE", Tls::Required, Trust::File, TEXT_NAMES),
    Way {
        options: "sslmode=verify-full sslrootcert=system",
        since: Some(Version::new(16, 0)),
        tls: Tls::Required,
        trust: Trust::Machine,
        name: TEXT_NAMES,
    },
];

const LIBPQ_TEXTS: &[(Trouble, &str)] = &[
    (Trouble::Untrusted, "SSL error: certificate verify failed"),
    (Trouble::Expired, "SSL error: certificate verify failed"),
    (Trouble::NotYetValid, "SSL error: certificate verify failed"),
    (Trouble::Purpose, "SSL error: certificate verify failed"),
    (Trouble::Name, "does not match host name"),
    (Trouble::NoTls, "server does not support SSL, but SSL was required"),
    (Trouble::PlainRefused, "no encryption"),
];

const fn on_libpq(name: &'static str, source: &'static str) -> Client {
    Client {
        name,
        since: None,
        before: None,
        library: &OPENSSL,
        ways: LIBPQ,
        texts: &[LIBPQ_TEXTS],
        proof: Proof::Documentation,
        source,
    }
}

const NODE_PG_TEXTS: &[&[(Trouble, &str)]] = &[
    NODE_TEXTS,
    OPENSSL_TEXTS,
    &[
        (Trouble::NoTls, "The server does not support SSL connections"),
        (Trouble::PlainRefused, "no encryption"),
    ],
];

/// pg's for Node, which compares names in this way.
const fn node_pg(names: Name) -> [Way; 5] {
    [
        way("", Tls::Never, Trust::Anybody, NOTHING),
        way("ssl: { rejectUnauthorized: false }", Tls::Required, Trust::Anybody, NOTHING),
        way("ssl: true", Tls::Required, Trust::Machine, names),
        way(
            "ssl: { ca: fs.readFileSync(\"FILE\"), checkServerIdentity: () => undefined }",
            Tls::Required,
            Trust::File,
            NOTHING,
        ),
        way("ssl: { ca: fs.readFileSync(\"FILE\") }", Tls::Required, Trust::File, names),
    ]
}

pub(super) const CLIENTS: &[Client] = &[
    Client {
        since: Some(FIFTEEN),
        proof: Proof::Run,
        ..on_libpq("psql", "seen: psql 15, 17, 18; PostgreSQL Documentation, 34.19 SSL Support")
    },
    Client {
        since: Some(FIFTEEN),
        proof: Proof::Run,
        ..on_libpq("libpq", "seen: psql 15, 17, 18; PostgreSQL Documentation, 34.19 SSL Support")
    },
    Client {
        name: "pgjdbc",
        since: Some(Version::new(42, 2)),
        before: None,
        library: &JAVA,
        ways: &[
            way("", Tls::Preferred, Trust::Anybody, NOTHING),
            way("sslmode=disable", Tls::Never, Trust::Anybody, NOTHING),
            way("sslmode=allow", Tls::PlainFirst, Trust::Anybody, NOTHING),
            way("sslmode=prefer", Tls::Preferred, Trust::Anybody, NOTHING),
            way("sslmode=require", Tls::Required, Trust::Anybody, NOTHING),
            way("sslmode=verify-ca sslrootcert=FILE", Tls::Required, Trust::File, NOTHING),
            way("sslmode=verify-full sslrootcert=FILE", Tls::Required, Trust::File, TEXT_NAMES),
        ],
        texts: &[&[
            (Trouble::Name, "could not be verified by hostnameverifier"),
            (Trouble::Untrusted, "unable to find valid certification path to requested target"),
            (Trouble::NoTls, "The server does not support SSL."),
        ]],
        proof: Proof::Documentation,
        source: "from documentation: jdbc.postgresql.org, Using SSL; PGjdbcHostnameVerifier.java",
    },
    Client {
        proof: Proof::Run,
        ..on_libpq("psycopg", "seen: psycopg 3.3; PostgreSQL Documentation, 34.19 SSL Support")
    },
    Client {
        name: "node-pg",
        since: Some(Version::new(8, 0)),
        before: Some(Version::new(8, 23)),
        library: &OPENSSL,
        ways: &node_pg(LOCALHOST_NAMES),
        texts: NODE_PG_TEXTS,
        proof: Proof::Documentation,
        source: "from documentation: pg 8.0 to 8.23.0, lib/connection.js, which does not say to \
                 Node what address it dials; seen once, with 8.11 and 8.22",
    },
    Client {
        name: "node-pg",
        since: Some(Version::new(8, 23)),
        before: None,
        library: &OPENSSL,
        ways: &node_pg(OPENSSL_NAMES),
        texts: NODE_PG_TEXTS,
        proof: Proof::Run,
        source: "seen: pg 8.23.1 on Node 20 (8.23.0 is still as those before); Node Documentation, \
                 tls.checkServerIdentity",
    },
    Client {
        name: "pgx",
        since: Some(Version::new(5, 0)),
        before: None,
        library: &GO,
        ways: &[
            way("", Tls::Preferred, Trust::Anybody, NOTHING),
            way("sslmode=disable", Tls::Never, Trust::Anybody, NOTHING),
            way("sslmode=allow", Tls::PlainFirst, Trust::Anybody, NOTHING),
            way("sslmode=prefer", Tls::Preferred, Trust::Anybody, NOTHING),
            way("sslmode=require", Tls::Required, Trust::Anybody, NOTHING),
            way("sslmode=require sslrootcert=FILE", Tls::Required, Trust::File, NOTHING),
            way("sslmode=verify-ca sslrootcert=FILE", Tls::Required, Trust::File, NOTHING),
            way("sslmode=verify-full sslrootcert=FILE", Tls::Required, Trust::File, RFC_9525),
        ],
        texts: &[GO_TEXTS, &[(Trouble::NoTls, "server refused TLS connection")]],
        proof: Proof::Documentation,
        source: "from documentation: pkg.go.dev/github.com/jackc/pgx/v5/pgconn, ParseConfig; crypto/x509",
    },
    Client {
        name: "npgsql",
        since: Some(Version::new(8, 0)),
        before: None,
        library: &DOTNET,
        ways: &[
            way("", Tls::Preferred, Trust::Anybody, NOTHING),
            way("SSL Mode=Disable", Tls::Never, Trust::Anybody, NOTHING),
            way("SSL Mode=Require", Tls::Required, Trust::Anybody, NOTHING),
            way("SSL Mode=VerifyCA;Root Certificate=FILE", Tls::Required, Trust::File, NOTHING),
            way(
                "SSL Mode=VerifyFull;Root Certificate=FILE",
                Tls::Required,
                Trust::File,
                UNKNOWN_NAMES,
            ),
        ],
        texts: &[&[(
            Trouble::NoTls,
            "SSL connection requested. No SSL enabled connection from this host",
        )]],
        proof: Proof::Documentation,
        source: "from documentation: npgsql.org, Security and Encryption",
    },
    on_libpq("pdo-pgsql", "from documentation: PHP Manual, PDO_PGSQL DSN, which it hands to libpq"),
    on_libpq(
        "ruby-pg",
        "from documentation: PostgreSQL Documentation, 34.19 SSL Support, as it hands its \
         parameters to libpq",
    ),
    Client {
        name: "sqlx-postgres",
        since: None,
        before: None,
        library: &RUSTLS,
        ways: &[
            way("", Tls::IfOffered, Trust::Anybody, NOTHING),
            way(".ssl_mode(PgSslMode::Disable)", Tls::Never, Trust::Anybody, NOTHING),
            way(".ssl_mode(PgSslMode::Require)", Tls::Required, Trust::Anybody, NOTHING),
            way(
                ".ssl_mode(PgSslMode::VerifyCa).ssl_root_cert(\"FILE\")",
                Tls::Required,
                Trust::FileAndMachine,
                NOTHING,
            ),
            way(
                ".ssl_mode(PgSslMode::VerifyFull).ssl_root_cert(\"FILE\")",
                Tls::Required,
                Trust::FileAndMachine,
                RFC_9525,
            ),
        ],
        texts: &[],
        proof: Proof::Documentation,
        source: "from documentation: docs.rs/sqlx, postgres::PgSslMode; with its feature tls-rustls",
    },
    Client {
        name: "tokio-postgres",
        since: None,
        before: None,
        library: &RUSTLS,
        ways: &[
            way("NoTls", Tls::Never, Trust::Anybody, NOTHING),
            way("SslMode::Prefer with roots of FILE", Tls::IfOffered, Trust::File, RFC_9525),
            way("SslMode::Require with roots of FILE", Tls::Required, Trust::File, RFC_9525),
        ],
        texts: &[&[(Trouble::NoTls, "server does not support TLS")]],
        proof: Proof::Documentation,
        source: "from documentation: docs.rs/tokio-postgres, config::SslMode; with tokio-postgres-rustls",
    },
    on_libpq(
        "psqlodbc",
        "from documentation: odbc.postgresql.org, Connection String Options, SSLmode and pqopt, \
         which it hands to libpq",
    ),
];
