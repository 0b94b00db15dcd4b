//! Clients of MySQL and MariaDB.

use super::{
    Address, Client, CommonName, DOTNET, GO, JAVA, Known, Library, Name, OPENSSL, RUSTLS, Tls,
    Trouble, Trust, Way,
};
use crate::engine::Version;
use crate::snippet::clients::Proof;

/// libmysqlclient, and what else compares names by OpenSSL's own functions.
const OPENSSL_NAMES: Name = Name::Checked {
    common_name: CommonName::WithoutDns,
    address: Address::Address,
    not_on_loopback: false,
};
const RFC_9525: Name = Name::Checked {
    common_name: CommonName::Never,
    address: Address::Address,
    not_on_loopback: false,
};
const MARIADB_NAMES: Name = Name::Checked {
    common_name: CommonName::WithoutDns,
    address: Address::OrText,
    not_on_loopback: false,
};
const MARIADB_11_NAMES: Name = Name::Checked {
    common_name: CommonName::WithoutDns,
    address: Address::OrText,
    not_on_loopback: true,
};
const MYSQL2_NAMES: Name = Name::Checked {
    common_name: CommonName::WithoutDns,
    address: Address::Localhost,
    not_on_loopback: false,
};
const CONNECTOR_J_NAMES: Name = Name::Checked {
    common_name: CommonName::WithoutAny,
    address: Address::OrText,
    not_on_loopback: false,
};
const MARIADB_J_NAMES: Name = Name::Checked {
    common_name: CommonName::Always,
    address: Address::Address,
    not_on_loopback: false,
};
const UNKNOWN_NAMES: Name = Name::Checked {
    common_name: CommonName::Unknown,
    address: Address::Unknown,
    not_on_loopback: false,
};

/// Built against the one library or the other, of which no documentation says which.
const EITHER: Library = Library { ca_as_server: Known::Unknown, ..OPENSSL };

const fn way(options: &'static str, tls: Tls, trust: Trust, name: Name) -> Way {
    Way { options, since: None, tls, trust, name }
}

const NOTHING: Name = Name::Unchecked;

const MYSQL_TEXTS: &[(Trouble, &str)] = &[
    (Trouble::Untrusted, "certificate verify failed"),
    (Trouble::Expired, "certificate verify failed"),
    (Trouble::NotYetValid, "certificate verify failed"),
    (Trouble::Purpose, "certificate verify failed"),
    (Trouble::Name, "certificate verify failed"),
    (Trouble::NoTls, "SSL is required but the server doesn't support it"),
];

const MARIADB_TEXTS: [(Trouble, &str); 6] = [
    (Trouble::Untrusted, "unable to get local issuer certificate"),
    (Trouble::SelfSigned, "self-signed certificate"),
    (Trouble::Expired, "certificate has expired"),
    (Trouble::NotYetValid, "certificate is not yet valid"),
    (Trouble::Purpose, "unsuitable certificate purpose"),
    (Trouble::NoTls, "SSL is required, but the server does not support it"),
];

const PYTHON_TEXTS: &[(Trouble, &str)] = &[
    (Trouble::Untrusted, "unable to get local issuer certificate"),
    (Trouble::SelfSigned, "self-signed certificate"),
    (Trouble::Expired, "certificate has expired"),
    (Trouble::NotYetValid, "certificate is not yet valid"),
    (Trouble::Purpose, "unsuitable certificate purpose"),
    (Trouble::Name, "certificate is not valid for"),
    (Trouble::NoTls, "SSL is required but the server doesn't support it"),
];

const NODE_TEXTS: &[(Trouble, &str)] = &[
    (Trouble::Untrusted, "unable to verify the first certificate"),
    (Trouble::SelfSigned, "self-signed certificate"),
    (Trouble::Expired, "certificate has expired"),
    (Trouble::NotYetValid, "certificate is not yet valid"),
    (Trouble::Purpose, "unsuitable certificate purpose"),
    (Trouble::Name, "does not match certificate's altnames"),
    (Trouble::NoTls, "Server does not support secure connection"),
];

/// libmysqlclient's, which its own programs and some drivers hand on.
const SSL_MODES: &[Way] = &[
    way("", Tls::IfOffered, Trust::Anybody, NOTHING),
    way("--ssl-mode=DISABLED", Tls::Never, Trust::Anybody, NOTHING),
    way("--ssl-mode=PREFERRED", Tls::IfOffered, Trust::Anybody, NOTHING),
    way("--ssl-mode=REQUIRED", Tls::Required, Trust::Anybody, NOTHING),
    way("--ssl-ca=FILE", Tls::Required, Trust::File, NOTHING),
    way("--ssl-mode=REQUIRED --ssl-ca=FILE", Tls::Required, Trust::Anybody, NOTHING),
    way("--ssl-mode=VERIFY_CA --ssl-ca=FILE", Tls::Required, Trust::File, NOTHING),
    way("--ssl-mode=VERIFY_IDENTITY --ssl-ca=FILE", Tls::Required, Trust::File, OPENSSL_NAMES),
];

pub(super) const CLIENTS: &[Client] = &[
    Client {
        name: "mysql",
        since: Some(Version::new(8, 0)),
        before: None,
        library: &OPENSSL,
        ways: SSL_MODES,
        texts: MYSQL_TEXTS,
        proof: Proof::Run,
        source: "seen: mysql 9.7; MySQL Reference Manual, Command Options for Encrypted Connections",
    },
    Client {
        name: "mariadb",
        since: None,
        before: Some(Version::new(11, 4)),
        library: &OPENSSL,
        ways: &[
            way("", Tls::IfOffered, Trust::Anybody, NOTHING),
            way("--skip-ssl", Tls::Never, Trust::Anybody, NOTHING),
            way("--ssl", Tls::IfOffered, Trust::Anybody, NOTHING),
            way("--ssl-ca=FILE", Tls::IfOffered, Trust::File, NOTHING),
            way("--ssl --ssl-ca=FILE", Tls::IfOffered, Trust::File, NOTHING),
            way(
                "--ssl-verify-server-cert --ssl-ca=FILE",
                Tls::Required,
                Trust::File,
                MARIADB_NAMES,
            ),
        ],
        texts: &[
            MARIADB_TEXTS[0],
            MARIADB_TEXTS[1],
            MARIADB_TEXTS[2],
            MARIADB_TEXTS[3],
            MARIADB_TEXTS[4],
            MARIADB_TEXTS[5],
            (Trouble::Name, "Validation of SSL server certificate failed"),
        ],
        proof: Proof::Run,
        source: "seen: mariadb 10.11",
    },
    Client {
        name: "mariadb",
        since: Some(Version::new(11, 4)),
        before: None,
        library: &OPENSSL,
        ways: &[
            way("", Tls::Required, Trust::Password, NOTHING),
            // it takes that for no password, and then checks nothing, with a warning
            way("MYSQL_PWD=PASSWORD", Tls::IfOffered, Trust::Anybody, NOTHING),
            way("--skip-ssl", Tls::Never, Trust::Anybody, NOTHING),
            way("--skip-ssl-verify-server-cert", Tls::IfOffered, Trust::Anybody, NOTHING),
            way("--ssl-ca=FILE", Tls::Required, Trust::File, MARIADB_11_NAMES),
            way(
                "--skip-ssl-verify-server-cert --ssl-ca=FILE",
                Tls::IfOffered,
                Trust::File,
                MARIADB_11_NAMES,
            ),
        ],
        texts: &[
            MARIADB_TEXTS[0],
            MARIADB_TEXTS[1],
            MARIADB_TEXTS[2],
            MARIADB_TEXTS[3],
            MARIADB_TEXTS[4],
            MARIADB_TEXTS[5],
            (Trouble::Name, "Hostname verification failed"),
        ],
        proof: Proof::Run,
        source: "seen: mariadb 11.8; MariaDB 11.4 Release Notes, zero-configuration TLS",
    },
    Client {
        name: "mysql-connector-j",
        since: Some(Version::new(8, 0)),
        before: None,
        library: &JAVA,
        ways: &[
            way("", Tls::IfOffered, Trust::AnybodyInTime, NOTHING),
            way("sslMode=DISABLED", Tls::Never, Trust::Anybody, NOTHING),
            way("sslMode=REQUIRED", Tls::Required, Trust::AnybodyInTime, NOTHING),
            way("sslMode=VERIFY_CA", Tls::Required, Trust::Machine, NOTHING),
            way(
                "sslMode=VERIFY_CA trustCertificateKeyStoreUrl=file:FILE",
                Tls::Required,
                Trust::File,
                NOTHING,
            ),
            way(
                "sslMode=VERIFY_IDENTITY trustCertificateKeyStoreUrl=file:FILE",
                Tls::Required,
                Trust::File,
                CONNECTOR_J_NAMES,
            ),
        ],
        texts: &[
            (Trouble::Name, "Server identity verification failed"),
            (Trouble::Untrusted, "Path does not chain with any of the trust anchors"),
        ],
        proof: Proof::Documentation,
        source: "from documentation: MySQL Connector/J Developer Guide, 6.3.5 Security; \
                 ExportControlled.java of 8.0.33, where all dates are checked in every mode",
    },
    Client {
        name: "mariadb-connector-j",
        since: Some(Version::new(3, 0)),
        before: None,
        library: &JAVA,
        ways: &[
            way("", Tls::Never, Trust::Anybody, NOTHING),
            way("sslMode=trust", Tls::Required, Trust::Anybody, NOTHING),
            way("sslMode=verify-ca serverSslCert=FILE", Tls::Required, Trust::File, NOTHING),
            way(
                "sslMode=verify-full serverSslCert=FILE",
                Tls::Required,
                Trust::File,
                MARIADB_J_NAMES,
            ),
        ],
        texts: &[
            (Trouble::Name, "doesn't correspond to certificate CN"),
            (Trouble::NoTls, "Trying to connect with ssl, but ssl not enabled in the server"),
        ],
        proof: Proof::Documentation,
        source: "from documentation: MariaDB Documentation, Using TLS/SSL with MariaDB Connector/J; \
                 HostnameVerifier.java",
    },
    Client {
        name: "mysql-connector-python",
        since: None,
        before: None,
        library: &OPENSSL,
        ways: &[
            way("", Tls::IfOffered, Trust::Anybody, NOTHING),
            way("ssl_disabled=True", Tls::Never, Trust::Anybody, NOTHING),
            way("ssl_ca=\"FILE\"", Tls::IfOffered, Trust::Anybody, NOTHING),
            way("ssl_ca=\"FILE\", ssl_verify_cert=True", Tls::Required, Trust::File, NOTHING),
            way(
                "ssl_ca=\"FILE\", ssl_verify_cert=True, ssl_verify_identity=True",
                Tls::Required,
                Trust::File,
                OPENSSL_NAMES,
            ),
        ],
        texts: MYSQL_TEXTS,
        proof: Proof::Run,
        source: "seen: 26.10.0; MySQL Connector/Python Developer Guide, 7.1 Connection Arguments",
    },
    Client {
        name: "pymysql",
        since: Some(Version::new(1, 2)),
        before: None,
        library: &OPENSSL,
        ways: PYMYSQL,
        texts: PYTHON_TEXTS,
        proof: Proof::Run,
        source: "seen: PyMySQL 1.2.4; pymysql/connections.py",
    },
    Client {
        name: "node-mysql2",
        since: Some(Version::new(3, 0)),
        before: None,
        library: &OPENSSL,
        ways: &[
            way("", Tls::Never, Trust::Anybody, NOTHING),
            way("ssl: { rejectUnauthorized: false }", Tls::Required, Trust::Anybody, NOTHING),
            way("ssl: {}", Tls::Required, Trust::Machine, NOTHING),
            way("ssl: { ca: fs.readFileSync(\"FILE\") }", Tls::Required, Trust::File, NOTHING),
            way(
                "ssl: { ca: fs.readFileSync(\"FILE\"), verifyIdentity: true }",
                Tls::Required,
                Trust::File,
                MYSQL2_NAMES,
            ),
        ],
        texts: NODE_TEXTS,
        proof: Proof::Run,
        source: "seen: mysql2 3.24 on Node 20; lib/base/connection.js, where an address is compared \
                 as localhost",
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
        texts: &[
            (Trouble::Untrusted, "x509: certificate signed by unknown authority"),
            (Trouble::Expired, "x509: certificate has expired or is not yet valid"),
            (Trouble::NotYetValid, "x509: certificate has expired or is not yet valid"),
            (Trouble::Purpose, "x509: certificate specifies an incompatible key usage"),
            (Trouble::Name, "x509: certificate is"),
            (Trouble::NoTls, "TLS requested but server does not support TLS"),
        ],
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
            way("PDO::MYSQL_ATTR_SSL_CA => 'FILE'", Tls::Required, Trust::File, UNKNOWN_NAMES),
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
    Client {
        name: "odbc-mysql",
        since: Some(Version::new(8, 0)),
        before: None,
        library: &OPENSSL,
        ways: &[
            way("", Tls::IfOffered, Trust::Anybody, NOTHING),
            way("SSLMODE=DISABLED", Tls::Never, Trust::Anybody, NOTHING),
            way("SSLMODE=REQUIRED", Tls::Required, Trust::Anybody, NOTHING),
            way("SSLMODE=VERIFY_CA;SSLCA=FILE", Tls::Required, Trust::File, NOTHING),
            way("SSLMODE=VERIFY_IDENTITY;SSLCA=FILE", Tls::Required, Trust::File, OPENSSL_NAMES),
        ],
        texts: MYSQL_TEXTS,
        proof: Proof::Documentation,
        source: "from documentation: MySQL Connector/ODBC Developer Guide, Connection Parameters; it \
                 stands on libmysqlclient",
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
