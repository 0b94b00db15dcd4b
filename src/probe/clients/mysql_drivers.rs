//! Clients of MySQL and MariaDB, by others.

use super::rules::{
    DOTNET, GO, GO_TEXTS, LOCALHOST_NAMES, NODE_TEXTS, NOTHING, OPENSSL, OPENSSL_NAMES,
    OPENSSL_TEXTS, PYTHON, PYTHON_NAME, RFC_9525, RUSTLS, UNKNOWN_NAMES, way,
};
use super::{
    ClientBehavior, ClientConfiguration, ClientTrust, Library, NameCheck, Rejection, TlsPolicy,
    YesNoUnknown,
};
use crate::engine::Version;
use crate::pki::chain::Verifier;
use crate::snippet::clients::Evidence;

/// Built against the one library or the other, of which no documentation says which.
const EITHER: Library = Library {
    verifiers: &[Verifier::OpenSsl, Verifier::Rustls],
    version_1: YesNoUnknown::Unknown,
    ..OPENSSL
};

const MYSQL2_TEXTS: &[&[(Rejection, &str)]] = &[
    NODE_TEXTS,
    OPENSSL_TEXTS,
    &[(Rejection::NoTls, "Server does not support secure connection")],
];

/// mysql2's for Node, which compares names in this way.
const fn mysql2(names: NameCheck) -> [ClientConfiguration; 5] {
    [
        way("", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
        way(
            "ssl: { rejectUnauthorized: false }",
            TlsPolicy::Required,
            ClientTrust::NoVerification,
            NOTHING,
        ),
        way("ssl: {}", TlsPolicy::Required, ClientTrust::Machine, NOTHING),
        way(
            "ssl: { ca: fs.readFileSync(\"FILE\") }",
            TlsPolicy::Required,
            ClientTrust::File,
            NOTHING,
        ),
        way(
            "ssl: { ca: fs.readFileSync(\"FILE\"), verifyIdentity: true }",
            TlsPolicy::Required,
            ClientTrust::File,
            names,
        ),
    ]
}

pub(super) const CLIENTS: &[ClientBehavior] = &[
    ClientBehavior {
        name: "pymysql",
        since: Some(Version::new(1, 1)),
        before: Some(Version::new(1, 2)),
        library: &PYTHON,
        ways: &[
            way("", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
            way("ssl_ca=\"FILE\"", TlsPolicy::IfOffered, ClientTrust::NoVerification, NOTHING),
            way(
                "ssl_ca=\"FILE\", ssl_verify_cert=True",
                TlsPolicy::IfOffered,
                ClientTrust::File,
                NOTHING,
            ),
            way(
                "ssl_ca=\"FILE\", ssl_verify_cert=True, ssl_verify_identity=True",
                TlsPolicy::IfOffered,
                ClientTrust::File,
                OPENSSL_NAMES,
            ),
            way(
                "ssl=ssl.create_default_context(cafile=\"FILE\")",
                TlsPolicy::IfOffered,
                ClientTrust::File,
                OPENSSL_NAMES,
            ),
        ],
        texts: &[
            OPENSSL_TEXTS,
            PYTHON_NAME,
            &[(Rejection::NoTls, "SSL is required but the server doesn't support it")],
        ],
        proof: Evidence::Documentation,
        source: "from documentation: PyMySQL 1.1.2, pymysql/connections.py",
    },
    ClientBehavior {
        name: "pymysql",
        since: Some(Version::new(1, 2)),
        before: None,
        library: &PYTHON,
        ways: PYMYSQL,
        texts: &[
            OPENSSL_TEXTS,
            PYTHON_NAME,
            &[(Rejection::NoTls, "SSL is required but the server doesn't support it")],
        ],
        proof: Evidence::Run,
        source: "seen: PyMySQL 1.2.4; pymysql/connections.py",
    },
    ClientBehavior {
        name: "node-mysql2",
        since: Some(Version::new(3, 0)),
        before: Some(Version::new(3, 16)),
        library: &OPENSSL,
        ways: &mysql2(OPENSSL_NAMES),
        texts: MYSQL2_TEXTS,
        proof: Evidence::Documentation,
        source: "from documentation: mysql2 3.0 to 3.15, lib/connection.js; Node Documentation, \
                 tls.checkServerIdentity",
    },
    ClientBehavior {
        name: "node-mysql2",
        since: Some(Version::new(3, 16)),
        before: None,
        library: &OPENSSL,
        ways: &mysql2(LOCALHOST_NAMES),
        texts: MYSQL2_TEXTS,
        proof: Evidence::Run,
        source: "seen: mysql2 3.24 on Node 20; lib/base/connection.js, which from 3.16 on does not \
                 say to Node what address it dials",
    },
    ClientBehavior {
        name: "go-sql-driver",
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
        texts: &[GO_TEXTS, &[(Rejection::NoTls, "TLS requested but server does not support TLS")]],
        proof: Evidence::Documentation,
        source: "from documentation: github.com/go-sql-driver/mysql, README, tls; pkg.go.dev/crypto/x509",
    },
    ClientBehavior {
        name: "mysqlconnector",
        since: None,
        before: None,
        library: &DOTNET,
        ways: &[
            way("", TlsPolicy::IfOffered, ClientTrust::NoVerification, NOTHING),
            way("SSL Mode=None", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
            way("SSL Mode=Required", TlsPolicy::Required, ClientTrust::NoVerification, NOTHING),
            way("SSL Mode=VerifyCA;SSL CA=FILE", TlsPolicy::Required, ClientTrust::File, NOTHING),
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
    },
    ClientBehavior {
        name: "pdo-mysql",
        since: None,
        before: None,
        library: &EITHER,
        ways: &[
            way("", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
            way(
                "PDO::MYSQL_ATTR_SSL_CA => 'FILE', PDO::MYSQL_ATTR_SSL_VERIFY_SERVER_CERT => false",
                TlsPolicy::Required,
                ClientTrust::NoVerification,
                NOTHING,
            ),
            way(
                "PDO::MYSQL_ATTR_SSL_CA => 'FILE', PDO::MYSQL_ATTR_SSL_VERIFY_SERVER_CERT => true",
                TlsPolicy::Required,
                ClientTrust::File,
                UNKNOWN_NAMES,
            ),
        ],
        texts: &[],
        proof: Evidence::Documentation,
        source: "from documentation: PHP Manual, MySQL Functions (PDO_MYSQL), with mysqlnd",
    },
    ClientBehavior {
        name: "ruby-mysql2",
        since: None,
        before: None,
        library: &EITHER,
        ways: &[
            way("ssl_mode: :disabled", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
            way("ssl_mode: :preferred", TlsPolicy::IfOffered, ClientTrust::NoVerification, NOTHING),
            way("ssl_mode: :required", TlsPolicy::Required, ClientTrust::NoVerification, NOTHING),
            way(
                "ssl_mode: :verify_ca, sslca: 'FILE'",
                TlsPolicy::Required,
                ClientTrust::File,
                NOTHING,
            ),
            way(
                "ssl_mode: :verify_identity, sslca: 'FILE'",
                TlsPolicy::Required,
                ClientTrust::File,
                UNKNOWN_NAMES,
            ),
        ],
        texts: &[],
        proof: Evidence::Documentation,
        source: "from documentation: github.com/brianmario/mysql2, README, SSL/TLS options; built \
                 against MySQL's library",
    },
    ClientBehavior {
        name: "sqlx-mysql",
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
    },
    ClientBehavior {
        name: "mysql-async",
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
    },
];

const PYMYSQL: &[ClientConfiguration] = &[
    way("", TlsPolicy::IfOffered, ClientTrust::NoVerification, NOTHING),
    way("ssl_disabled=True", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
    way("ssl_ca=\"FILE\"", TlsPolicy::Required, ClientTrust::NoVerification, NOTHING),
    way("ssl_ca=\"FILE\", ssl_verify_cert=True", TlsPolicy::Required, ClientTrust::File, NOTHING),
    way(
        "ssl_ca=\"FILE\", ssl_verify_cert=True, ssl_verify_identity=True",
        TlsPolicy::Required,
        ClientTrust::File,
        OPENSSL_NAMES,
    ),
    way("ssl={\"ca\": \"FILE\"}", TlsPolicy::Required, ClientTrust::File, OPENSSL_NAMES),
    way(
        "ssl=ssl.create_default_context(cafile=\"FILE\")",
        TlsPolicy::Required,
        ClientTrust::File,
        OPENSSL_NAMES,
    ),
];
