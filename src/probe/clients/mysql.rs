//! Clients of MySQL and MariaDB, by those who make the servers.

use super::rules::{JAVA, NOTHING, OPENSSL, OPENSSL_NAMES, OPENSSL_TEXTS, TEXT_NAMES, way};
use super::{Address, Client, CommonName, Name, Tls, Trouble, Trust, Way};
use crate::engine::Version;
use crate::snippet::clients::Proof;

const MARIADB_11_NAMES: Name = Name::Checked {
    common_name: CommonName::WithoutDns,
    address: Address::OrText,
    not_on_loopback: true,
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

const MYSQL_TEXTS: &[(Trouble, &str)] = &[
    (Trouble::Untrusted, "certificate verify failed"),
    (Trouble::Expired, "certificate verify failed"),
    (Trouble::NotYetValid, "certificate verify failed"),
    (Trouble::Purpose, "certificate verify failed"),
    (Trouble::Name, "certificate verify failed"),
    (Trouble::NoTls, "SSL is required but the server doesn't support it"),
];

const MARIADB_NO_TLS: &[(Trouble, &str)] =
    &[(Trouble::NoTls, "SSL is required, but the server does not support it")];

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

/// Connector/Python's; `verify_cert` is whether ssl_verify_cert insists on TLS.
const fn connector_python(verify_cert: Tls) -> [Way; 5] {
    [
        way("", Tls::IfOffered, Trust::Anybody, NOTHING),
        way("ssl_disabled=True", Tls::Never, Trust::Anybody, NOTHING),
        way("ssl_ca=\"FILE\"", Tls::IfOffered, Trust::Anybody, NOTHING),
        way("ssl_ca=\"FILE\", ssl_verify_cert=True", verify_cert, Trust::File, NOTHING),
        way(
            "ssl_ca=\"FILE\", ssl_verify_cert=True, ssl_verify_identity=True",
            Tls::Required,
            Trust::File,
            OPENSSL_NAMES,
        ),
    ]
}

pub(super) const CLIENTS: &[Client] = &[
    Client {
        name: "mysql",
        since: Some(Version::new(8, 0)),
        before: None,
        library: &OPENSSL,
        ways: SSL_MODES,
        texts: &[MYSQL_TEXTS],
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
            way("--ssl-verify-server-cert --ssl-ca=FILE", Tls::Required, Trust::File, TEXT_NAMES),
        ],
        texts: &[
            OPENSSL_TEXTS,
            MARIADB_NO_TLS,
            &[(Trouble::Name, "Validation of SSL server certificate failed")],
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
        texts: &[OPENSSL_TEXTS, MARIADB_NO_TLS, &[(Trouble::Name, "Hostname verification failed")]],
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
        texts: &[&[
            (Trouble::Name, "Server identity verification failed"),
            (Trouble::Untrusted, "Path does not chain with any of the trust anchors"),
        ]],
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
        texts: &[&[
            (Trouble::Name, "doesn't correspond to certificate CN"),
            (Trouble::NoTls, "Trying to connect with ssl, but ssl not enabled in the server"),
        ]],
        proof: Proof::Documentation,
        source: "from documentation: MariaDB Documentation, Using TLS/SSL with MariaDB Connector/J; \
                 HostnameVerifier.java",
    },
    Client {
        name: "mysql-connector-python",
        since: Some(Version::new(8, 0)),
        before: Some(Version::new(26, 0)),
        library: &OPENSSL,
        ways: &connector_python(Tls::IfOffered),
        texts: &[MYSQL_TEXTS],
        proof: Proof::Documentation,
        source: "from documentation: MySQL Connector/Python Developer Guide, 7.1 Connection \
                 Arguments; seen once, with 8.0.33, 9.1 and 9.7",
    },
    Client {
        name: "mysql-connector-python",
        since: Some(Version::new(26, 0)),
        before: None,
        library: &OPENSSL,
        ways: &connector_python(Tls::Required),
        texts: &[MYSQL_TEXTS],
        proof: Proof::Run,
        source: "seen: 26.10.0; MySQL Connector/Python Developer Guide, 7.1 Connection Arguments",
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
        texts: &[MYSQL_TEXTS],
        proof: Proof::Documentation,
        source: "from documentation: MySQL Connector/ODBC Developer Guide, Connection Parameters; it \
                 stands on libmysqlclient",
    },
];
