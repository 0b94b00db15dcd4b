//! Clients of MySQL and MariaDB, by others.

use super::rules::{
    DOTNET, GO, GO_TEXTS, LOCALHOST_NAMES, NODE_TEXTS, NOTHING, OPENSSL, OPENSSL_NAMES,
    OPENSSL_TEXTS, PYTHON, PYTHON_NAME, RFC_9525, RUSTLS, UNKNOWN_NAMES, way,
};
use super::{Client, Known, Library, Name, Tls, Trouble, Trust, Way};
use crate::engine::Version;
use crate::pki::chain::Verifier;
use crate::snippet::clients::Proof;

/// Built against the one library or the other, of which no documentation says which.
const EITHER: Library = Library {
    verifiers: &[Verifier::OpenSsl, Verifier::Rustls],
    version_1: Known::Unknown,
    ..OPENSSL
};

const MYSQL2_TEXTS: &[&[(Trouble, &str)]] =
    &[NODE_TEXTS, OPENSSL_TEXTS, &[(Trouble::NoTls, "Server does not support secure connection")]];

/// mysql2's for Node, which compares names in this way.
const fn mysql2(names: Name) -> [Way; 5] {
    [
        way("", Tls::Never, Trust::Anybody, NOTHING),
        way("ssl: { rejectUnauthorized: false }", Tls::Required, Trust::Anybody, NOTHING),
        way("ssl: {}", Tls::Required, Trust::Machine, NOTHING),
        way("ssl: { ca: fs.readFileSync(\"FILE\") }", Tls::Required, Trust::File, NOTHING),
        way(
            "ssl: { ca: fs.readFileSync(\"FILE\"), verifyIdentity: true }",
            Tls::Required,
            Trust::File,
            names,
        ),
    ]
}

pub(super) const CLIENTS: &[Client] = &[
    Client {
        name: "pymysql",
        since: Some(Version::new(1, 1)),
        before: Some(Version::new(1, 2)),
        library: &PYTHON,
        ways: &[
            way("", Tls::Never, Trust::Anybody, NOTHING),
            way("ssl_ca=\"FILE\"", Tls::IfOffered, Trust::Anybody, NOTHING),
            way("ssl_ca=\"FILE\", ssl_verify_cert=True", Tls::IfOffered, Trust::File, NOTHING),
            way(
                "ssl_ca=\"FILE\", ssl_verify_cert=True, ssl_verify_identity=True",
                Tls::IfOffered,
                Trust::File,
                OPENSSL_NAMES,
            ),
            way(
                "ssl=ssl.create_default_context(cafile=\"FILE\")",
                Tls::IfOffered,
                Trust::File,
                OPENSSL_NAMES,
            ),
        ],
        texts: &[
            OPENSSL_TEXTS,
            PYTHON_NAME,
            &[(Trouble::NoTls, "SSL is required but the server doesn't support it")],
        ],
        proof: Proof::Documentation,
        source: "from documentation: PyMySQL 1.1.2, pymysql/connections.py",
    },
    Client {
        name: "pymysql",
        since: Some(Version::new(1, 2)),
        before: None,
        library: &PYTHON,
        ways: PYMYSQL,
        texts: &[
            OPENSSL_TEXTS,
            PYTHON_NAME,
            &[(Trouble::NoTls, "SSL is required but the server doesn't support it")],
        ],
        proof: Proof::Run,
        source: "seen: PyMySQL 1.2.4; pymysql/connections.py",
    },
    Client {
        name: "node-mysql2",
        since: Some(Version::new(3, 0)),
        before: Some(Version::new(3, 16)),
        library: &OPENSSL,
        ways: &mysql2(OPENSSL_NAMES),
        texts: MYSQL2_TEXTS,
        proof: Proof::Documentation,
        source: "from documentation: mysql2 3.0 to 3.15, lib/connection.js; Node Documentation, \
                 tls.checkServerIdentity",
    },
    Client {
        name: "node-mysql2",
        since: Some(Version::new(3, 16)),
        before: None,
        library: &OPENSSL,
        ways: &mysql2(LOCALHOST_NAMES),
        texts: MYSQL2_TEXTS,
        proof: Proof::Run,
        source: "seen: mysql2 3.24 on Node 20; lib/base/connection.js, which from 3.16 on does not \
                 say to Node what address it dials",
    },
    Client {
        name: "go-sql-driver",
        since: None,
        before: None,
        library: &GO,
        ways: &[
            way("", Tls::Never, Trust::Anybody, NOTHING),
            way("tls=preferred", Tls::IfOffered, Trust::Anybody, NOTHING),
            way("tls=skip-verify", Tls::Required, Trust::Anybody, NOTHING),
            way("tls=true", Tls::Required, Trust::Machine, RFC_9525),
            way("config.TLS with RootCAs of FILE", Tls::Required, Trust::File, RFC_9525),
        ],
        texts: &[GO_TEXTS, &[(Trouble::NoTls, "TLS requested but server does not support TLS")]],
        proof: Proof::Documentation,
        source: "from documentation: github.com/go-sql-driver/mysql, README, tls; pkg.go.dev/crypto/x509",
    },
    Client {
        name: "mysqlconnector",
        since: None,
        before: None,
        library: &DOTNET,
        ways: &[
            way("", Tls::IfOffered, Trust::Anybody, NOTHING),
            way("SSL Mode=None", Tls::Never, Trust::Anybody, NOTHING),
            way("SSL Mode=Required", Tls::Required, Trust::Anybody, NOTHING),
            way("SSL Mode=VerifyCA;SSL CA=FILE", Tls::Required, Trust::File, NOTHING),
            way("SSL Mode=VerifyFull;SSL CA=FILE", Tls::Required, Trust::File, UNKNOWN_NAMES),
        ],
        texts: &[],
        proof: Proof::Documentation,
        source: "from documentation: mysqlconnector.net, Connection Options, SSL/TLS Options",
    },
    Client {
        name: "pdo-mysql",
        since: None,
        before: None,
        library: &EITHER,
        ways: &[
            way("", Tls::Never, Trust::Anybody, NOTHING),
            way(
                "PDO::MYSQL_ATTR_SSL_CA => 'FILE', PDO::MYSQL_ATTR_SSL_VERIFY_SERVER_CERT => false",
                Tls::Required,
                Trust::Anybody,
                NOTHING,
            ),
            way(
                "PDO::MYSQL_ATTR_SSL_CA => 'FILE', PDO::MYSQL_ATTR_SSL_VERIFY_SERVER_CERT => true",
                Tls::Required,
                Trust::File,
                UNKNOWN_NAMES,
            ),
        ],
        texts: &[],
        proof: Proof::Documentation,
        source: "from documentation: PHP Manual, MySQL Functions (PDO_MYSQL), with mysqlnd",
    },
    Client {
        name: "ruby-mysql2",
        since: None,
        before: None,
        library: &EITHER,
        ways: &[
            way("ssl_mode: :disabled", Tls::Never, Trust::Anybody, NOTHING),
            way("ssl_mode: :preferred", Tls::IfOffered, Trust::Anybody, NOTHING),
            way("ssl_mode: :required", Tls::Required, Trust::Anybody, NOTHING),
            way("ssl_mode: :verify_ca, sslca: 'FILE'", Tls::Required, Trust::File, NOTHING),
            way(
                "ssl_mode: :verify_identity, sslca: 'FILE'",
                Tls::Required,
                Trust::File,
                UNKNOWN_NAMES,
            ),
        ],
        texts: &[],
        proof: Proof::Documentation,
        source: "from documentation: github.com/brianmario/mysql2, README, SSL/TLS options; built \
                 against MySQL's library",
    },
    Client {
        name: "sqlx-mysql",
        since: None,
        before: None,
        library: &RUSTLS,
        ways: &[
            way("", Tls::IfOffered, Trust::Anybody, NOTHING),
            way(".ssl_mode(MySqlSslMode::Disabled)", Tls::Never, Trust::Anybody, NOTHING),
            way(".ssl_mode(MySqlSslMode::Required)", Tls::Required, Trust::Anybody, NOTHING),
            way(
                ".ssl_mode(MySqlSslMode::VerifyCa).ssl_ca(\"FILE\")",
                Tls::Required,
                Trust::FileAndMachine,
                NOTHING,
            ),
            way(
                ".ssl_mode(MySqlSslMode::VerifyIdentity).ssl_ca(\"FILE\")",
                Tls::Required,
                Trust::FileAndMachine,
                RFC_9525,
            ),
        ],
        texts: &[],
        proof: Proof::Documentation,
        source: "from documentation: docs.rs/sqlx, mysql::MySqlSslMode; with its feature tls-rustls",
    },
    Client {
        name: "mysql-async",
        since: None,
        before: None,
        library: &RUSTLS,
        ways: &[
            way("", Tls::Never, Trust::Anybody, NOTHING),
            way(".with_danger_accept_invalid_certs(true)", Tls::Required, Trust::Anybody, NOTHING),
            way(
                ".with_root_certs(vec![\"FILE\"]).with_disable_built_in_roots(true)",
                Tls::Required,
                Trust::File,
                RFC_9525,
            ),
        ],
        texts: &[],
        proof: Proof::Documentation,
        source: "from documentation: docs.rs/mysql_async, SslOpts; with its feature rustls-tls",
    },
];

const PYMYSQL: &[Way] = &[
    way("", Tls::IfOffered, Trust::Anybody, NOTHING),
    way("ssl_disabled=True", Tls::Never, Trust::Anybody, NOTHING),
    way("ssl_ca=\"FILE\"", Tls::Required, Trust::Anybody, NOTHING),
    way("ssl_ca=\"FILE\", ssl_verify_cert=True", Tls::Required, Trust::File, NOTHING),
    way(
        "ssl_ca=\"FILE\", ssl_verify_cert=True, ssl_verify_identity=True",
        Tls::Required,
        Trust::File,
        OPENSSL_NAMES,
    ),
    way("ssl={\"ca\": \"FILE\"}", Tls::Required, Trust::File, OPENSSL_NAMES),
    way(
        "ssl=ssl.create_default_context(cafile=\"FILE\")",
        Tls::Required,
        Trust::File,
        OPENSSL_NAMES,
    ),
];
