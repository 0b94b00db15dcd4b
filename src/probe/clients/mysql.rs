//! Clients of MySQL and MariaDB, by those who make the servers.

use super::rules::{JAVA, NOTHING, OPENSSL, OPENSSL_NAMES, OPENSSL_TEXTS, TEXT_NAMES, way};
use super::{
    AddressCheck, ClientBehavior, ClientConfiguration, ClientTrust, CommonName, NameCheck,
    Rejection, TlsPolicy,
};
use crate::engine::Version;
use crate::snippet::clients::Evidence;

const MARIADB_11_NAMES: NameCheck = NameCheck::Checked {
    common_name: CommonName::WithoutDns,
    address: AddressCheck::OrText,
    not_on_loopback: true,
};
const CONNECTOR_J_NAMES: NameCheck = NameCheck::Checked {
    common_name: CommonName::WithoutAny,
    address: AddressCheck::OrText,
    not_on_loopback: false,
};
const MARIADB_J_NAMES: NameCheck = NameCheck::Checked {
    common_name: CommonName::Always,
    address: AddressCheck::Address,
    not_on_loopback: false,
};

const MYSQL_TEXTS: &[(Rejection, &str)] = &[
    (Rejection::Untrusted, "certificate verify failed"),
    (Rejection::Expired, "certificate verify failed"),
    (Rejection::NotYetValid, "certificate verify failed"),
    (Rejection::Purpose, "certificate verify failed"),
    (Rejection::Name, "certificate verify failed"),
    (Rejection::NoTls, "SSL is required but the server doesn't support it"),
];

const MARIADB_NO_TLS: &[(Rejection, &str)] =
    &[(Rejection::NoTls, "SSL is required, but the server does not support it")];

/// libmysqlclient's, which its own programs and some drivers hand on.
const SSL_MODES: &[ClientConfiguration] = &[
    way("", TlsPolicy::IfOffered, ClientTrust::NoVerification, NOTHING),
    way("--ssl-mode=DISABLED", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
    way("--ssl-mode=PREFERRED", TlsPolicy::IfOffered, ClientTrust::NoVerification, NOTHING),
    way("--ssl-mode=REQUIRED", TlsPolicy::Required, ClientTrust::NoVerification, NOTHING),
    way("--ssl-ca=FILE", TlsPolicy::Required, ClientTrust::File, NOTHING),
    way(
        "--ssl-mode=REQUIRED --ssl-ca=FILE",
        TlsPolicy::Required,
        ClientTrust::NoVerification,
        NOTHING,
    ),
    way("--ssl-mode=VERIFY_CA --ssl-ca=FILE", TlsPolicy::Required, ClientTrust::File, NOTHING),
    way(
        "--ssl-mode=VERIFY_IDENTITY --ssl-ca=FILE",
        TlsPolicy::Required,
        ClientTrust::File,
        OPENSSL_NAMES,
    ),
];

/// Connector/Python's; `verify_cert` is whether ssl_verify_cert insists on TLS.
const fn connector_python(verify_cert: TlsPolicy) -> [ClientConfiguration; 5] {
    [
        way("", TlsPolicy::IfOffered, ClientTrust::NoVerification, NOTHING),
        way("ssl_disabled=True", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
        way("ssl_ca=\"FILE\"", TlsPolicy::IfOffered, ClientTrust::NoVerification, NOTHING),
        way("ssl_ca=\"FILE\", ssl_verify_cert=True", verify_cert, ClientTrust::File, NOTHING),
        way(
            "ssl_ca=\"FILE\", ssl_verify_cert=True, ssl_verify_identity=True",
            TlsPolicy::Required,
            ClientTrust::File,
            OPENSSL_NAMES,
        ),
    ]
}

pub(super) const CLIENTS: &[ClientBehavior] = &[
    ClientBehavior {
        name: "mysql",
        since: Some(Version::new(8, 0)),
        before: None,
        library: &OPENSSL,
        ways: SSL_MODES,
        texts: &[MYSQL_TEXTS],
        proof: Evidence::Run,
        source: "seen: mysql 9.7; MySQL Reference Manual, Command Options for Encrypted Connections",
    },
    ClientBehavior {
        name: "mariadb",
        since: None,
        before: Some(Version::new(11, 4)),
        library: &OPENSSL,
        ways: &[
            way("", TlsPolicy::IfOffered, ClientTrust::NoVerification, NOTHING),
            way("--skip-ssl", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
            way("--ssl", TlsPolicy::IfOffered, ClientTrust::NoVerification, NOTHING),
            way("--ssl-ca=FILE", TlsPolicy::IfOffered, ClientTrust::File, NOTHING),
            way("--ssl --ssl-ca=FILE", TlsPolicy::IfOffered, ClientTrust::File, NOTHING),
            way(
                "--ssl-verify-server-cert --ssl-ca=FILE",
                TlsPolicy::Required,
                ClientTrust::File,
                TEXT_NAMES,
            ),
        ],
        texts: &[
            OPENSSL_TEXTS,
            MARIADB_NO_TLS,
            &[(Rejection::Name, "Validation of SSL server certificate failed")],
        ],
        proof: Evidence::Run,
        source: "seen: mariadb 10.11",
    },
    ClientBehavior {
        name: "mariadb",
        since: Some(Version::new(11, 4)),
        before: None,
        library: &OPENSSL,
        ways: &[
            way("", TlsPolicy::Required, ClientTrust::Password, NOTHING),
            // it takes that for no password, and then checks nothing, with a warning
            way("MYSQL_PWD=PASSWORD", TlsPolicy::IfOffered, ClientTrust::NoVerification, NOTHING),
            way("--skip-ssl", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
            way(
                "--skip-ssl-verify-server-cert",
                TlsPolicy::IfOffered,
                ClientTrust::NoVerification,
                NOTHING,
            ),
            way("--ssl-ca=FILE", TlsPolicy::Required, ClientTrust::File, MARIADB_11_NAMES),
            way(
                "--skip-ssl-verify-server-cert --ssl-ca=FILE",
                TlsPolicy::IfOffered,
                ClientTrust::File,
                MARIADB_11_NAMES,
            ),
        ],
        texts: &[
            OPENSSL_TEXTS,
            MARIADB_NO_TLS,
            &[(Rejection::Name, "Hostname verification failed")],
        ],
        proof: Evidence::Run,
        source: "seen: mariadb 11.8; MariaDB 11.4 Release Notes, zero-configuration TLS",
    },
    ClientBehavior {
        name: "mysql-connector-j",
        since: Some(Version::new(8, 0)),
        before: None,
        library: &JAVA,
        ways: &[
            way("", TlsPolicy::IfOffered, ClientTrust::DatesOnly, NOTHING),
            way("sslMode=DISABLED", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
            way("sslMode=REQUIRED", TlsPolicy::Required, ClientTrust::DatesOnly, NOTHING),
            way("sslMode=VERIFY_CA", TlsPolicy::Required, ClientTrust::Machine, NOTHING),
            way(
                "sslMode=VERIFY_CA trustCertificateKeyStoreUrl=file:FILE",
                TlsPolicy::Required,
                ClientTrust::File,
                NOTHING,
            ),
            way(
                "sslMode=VERIFY_IDENTITY trustCertificateKeyStoreUrl=file:FILE",
                TlsPolicy::Required,
                ClientTrust::File,
                CONNECTOR_J_NAMES,
            ),
        ],
        texts: &[&[
            (Rejection::Name, "Server identity verification failed"),
            (Rejection::Untrusted, "Path does not chain with any of the trust anchors"),
        ]],
        proof: Evidence::Documentation,
        source: "from documentation: MySQL Connector/J Developer Guide, 6.3.5 Security; \
                 ExportControlled.java of 8.0.33, where all dates are checked in every mode",
    },
    ClientBehavior {
        name: "mariadb-connector-j",
        since: Some(Version::new(3, 0)),
        before: None,
        library: &JAVA,
        ways: &[
            way("", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
            way("sslMode=trust", TlsPolicy::Required, ClientTrust::NoVerification, NOTHING),
            way(
                "sslMode=verify-ca serverSslCert=FILE",
                TlsPolicy::Required,
                ClientTrust::File,
                NOTHING,
            ),
            way(
                "sslMode=verify-full serverSslCert=FILE",
                TlsPolicy::Required,
                ClientTrust::File,
                MARIADB_J_NAMES,
            ),
        ],
        texts: &[&[
            (Rejection::Name, "doesn't correspond to certificate CN"),
            (Rejection::NoTls, "Trying to connect with ssl, but ssl not enabled in the server"),
        ]],
        proof: Evidence::Documentation,
        source: "from documentation: MariaDB Documentation, Using TLS/SSL with MariaDB Connector/J; \
                 HostnameVerifier.java",
    },
    ClientBehavior {
        name: "mysql-connector-python",
        since: Some(Version::new(8, 0)),
        before: Some(Version::new(26, 0)),
        library: &OPENSSL,
        ways: &connector_python(TlsPolicy::IfOffered),
        texts: &[MYSQL_TEXTS],
        proof: Evidence::Documentation,
        source: "from documentation: MySQL Connector/Python Developer Guide, 7.1 Connection \
                 Arguments; seen once, with 8.0.33, 9.1 and 9.7",
    },
    ClientBehavior {
        name: "mysql-connector-python",
        since: Some(Version::new(26, 0)),
        before: None,
        library: &OPENSSL,
        ways: &connector_python(TlsPolicy::Required),
        texts: &[MYSQL_TEXTS],
        proof: Evidence::Run,
        source: "seen: 26.10.0; MySQL Connector/Python Developer Guide, 7.1 Connection Arguments",
    },
    ClientBehavior {
        name: "odbc-mysql",
        since: Some(Version::new(8, 0)),
        before: None,
        library: &OPENSSL,
        ways: &[
            way("", TlsPolicy::IfOffered, ClientTrust::NoVerification, NOTHING),
            way("SSLMODE=DISABLED", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
            way("SSLMODE=REQUIRED", TlsPolicy::Required, ClientTrust::NoVerification, NOTHING),
            way("SSLMODE=VERIFY_CA;SSLCA=FILE", TlsPolicy::Required, ClientTrust::File, NOTHING),
            way(
                "SSLMODE=VERIFY_IDENTITY;SSLCA=FILE",
                TlsPolicy::Required,
                ClientTrust::File,
                OPENSSL_NAMES,
            ),
        ],
        texts: &[MYSQL_TEXTS],
        proof: Evidence::Documentation,
        source: "from documentation: MySQL Connector/ODBC Developer Guide, Connection Parameters; it \
                 stands on libmysqlclient",
    },
];
