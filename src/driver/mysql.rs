//! Clients of MySQL and MariaDB by the makers of the servers.

use super::Driver;
use super::behavior::{
    AddressCheck, ClientConfiguration, ClientTrust, CommonName, NameCheck, Rejection, TlsPolicy,
    VersionBehavior,
};
use super::rules::{
    JAVA, MYSQL_OR_MARIADB, NOTHING, OPENSSL, OPENSSL_NAMES, OPENSSL_TEXTS, PUBLIC_CAS, TEXT_NAMES,
    way,
};
use super::template::{Evidence, Language, ModeSupport, SnippetTemplate};
use crate::engine::Version;

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

/// The configurations of libmysqlclient, whose options MySQL's programs and some drivers pass on.
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

/// The configurations of Connector/Python; `verify_cert` is the policy of ssl_verify_cert.
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

/// The clients, in the order of every list.
pub(super) const DRIVERS: &[Driver] = &[
    Driver {
        name: "mysql",
        title: "mysql, the command-line client of MySQL",
        engines: MYSQL_OR_MARIADB,
        snippet: SnippetTemplate {
            language: Language::Shell,
            template: "mysql --protocol=TCP --host=%{host|sh} --port=%{port} --user=%{user|sh} \
                   --database=%{database|sh} %{tls}\
                   %[ --ssl-cert=%{cert|sh} --ssl-key=%{key|sh}%] --password",
            modes: [
                ModeSupport::Exact("--ssl-mode=REQUIRED"),
                ModeSupport::Exact("--ssl-mode=VERIFY_CA --ssl-ca=%{ca|sh}"),
                ModeSupport::Exact("--ssl-mode=VERIFY_IDENTITY --ssl-ca=%{ca|sh}"),
            ],
            notes: &[
                "from 9.0 on it has no mysql_native_password, which is what MariaDB's accounts have \
                  unless told otherwise",
            ],
            proof: Evidence::Run,
            source: "seen: mysql 9.7; MySQL Reference Manual, Command Options for Encrypted Connections",
        },
        behaviors: &[VersionBehavior {
            since: Some(Version::new(8, 0)),
            before: None,
            library: &OPENSSL,
            ways: SSL_MODES,
            texts: &[MYSQL_TEXTS],
            proof: Evidence::Run,
            source: "seen: mysql 9.7; MySQL Reference Manual, Command Options for Encrypted Connections",
        }],
    },
    Driver {
        name: "mariadb",
        title: "mariadb, the command-line client of MariaDB",
        engines: MYSQL_OR_MARIADB,
        snippet: SnippetTemplate {
            language: Language::Shell,
            template: "mariadb --protocol=TCP --host=%{host|sh} --port=%{port} --user=%{user|sh} \
                   --database=%{database|sh} %{tls}\
                   %[ --ssl-cert=%{cert|sh} --ssl-key=%{key|sh}%] --password",
            modes: [
                ModeSupport::Stronger(
                    "--ssl falls back to plain text, silently, where the server has no TLS",
                ),
                ModeSupport::Stronger(
                    "before 11.4, --ssl-ca alone falls back to plain text where the server has no \
                 TLS; from then on it checks the name too",
                ),
                ModeSupport::Exact("--ssl-verify-server-cert --ssl-ca=%{ca|sh}"),
            ],
            notes: &["from 11.4 on it checks no name where the host is exactly 127.0.0.1"],
            proof: Evidence::Run,
            source: "seen: mariadb 10.11, 11.8",
        },
        behaviors: &[
            VersionBehavior {
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
            VersionBehavior {
                since: Some(Version::new(11, 4)),
                before: None,
                library: &OPENSSL,
                ways: &[
                    way("", TlsPolicy::Required, ClientTrust::Password, NOTHING),
                    // treats MYSQL_PWD as no password: then it checks nothing, and prints a warning
                    way(
                        "MYSQL_PWD=PASSWORD",
                        TlsPolicy::IfOffered,
                        ClientTrust::NoVerification,
                        NOTHING,
                    ),
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
        ],
    },
    Driver {
        name: "mysql-connector-j",
        title: "MySQL Connector/J (JDBC)",
        engines: MYSQL_OR_MARIADB,
        snippet: SnippetTemplate {
            language: Language::Properties,
            template: "url=jdbc:mysql://%{host|urlhost}:%{port}/%{database|url}\nuser=%{user|property}\n%{tls}",
            modes: [
                ModeSupport::Exact("sslMode=REQUIRED"),
                ModeSupport::Exact(
                    "sslMode=VERIFY_CA\nfallbackToSystemTrustStore=false\n\
                 trustCertificateKeyStoreType=PKCS12\n\
                 trustCertificateKeyStoreUrl=file:%{ca|p12|urlpath|property}",
                ),
                ModeSupport::Exact(
                    "sslMode=VERIFY_IDENTITY\nfallbackToSystemTrustStore=false\n\
                 trustCertificateKeyStoreType=PKCS12\n\
                 trustCertificateKeyStoreUrl=file:%{ca|p12|urlpath|property}",
                ),
            ],
            notes: &[
                "the trust store is made by: ccx-sec ca export --format pkcs12; its password goes into \
             trustCertificateKeyStorePassword",
            ],
            proof: Evidence::Documentation,
            source: "from documentation: MySQL Connector/J Developer Guide, 6.3.5 Security; 6.9 \
                 Connecting Securely Using SSL",
        },
        behaviors: &[VersionBehavior {
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
        }],
    },
    Driver {
        name: "mariadb-connector-j",
        title: "MariaDB Connector/J (JDBC)",
        engines: MYSQL_OR_MARIADB,
        snippet: SnippetTemplate {
            language: Language::Properties,
            template: "url=jdbc:mariadb://%{host|urlhost}:%{port}/%{database|jdbcmariadb|property}\nuser=%{user|property}\n%{tls}",
            modes: [
                ModeSupport::Exact("sslMode=trust"),
                ModeSupport::Exact("sslMode=verify-ca\nserverSslCert=%{ca|property}"),
                ModeSupport::Exact("sslMode=verify-full\nserverSslCert=%{ca|property}"),
            ],
            notes: &["a client certificate goes into a PKCS#12 file that keyStore names"],
            proof: Evidence::Run,
            source: "seen: MariaDB Connector/J 3.5; MariaDB Documentation, Using TLS/SSL with MariaDB Java \
                 Connector",
        },
        behaviors: &[VersionBehavior {
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
        }],
    },
    Driver {
        name: "mysql-connector-python",
        title: "MySQL Connector/Python",
        engines: MYSQL_OR_MARIADB,
        snippet: SnippetTemplate {
            language: Language::Python,
            template: "import os\n\
                   import mysql.connector\n\n\
                   connection = mysql.connector.connect(\n    \
                       host=%{host|literal}, port=%{port}, user=%{user|literal},\n    \
                       password=os.environ.get(\"DB_PASSWORD\"), database=%{database|literal},\n    \
                       %{tls}%[\n    ssl_cert=%{cert|literal}, ssl_key=%{key|literal},%]\n\
                   )",
            modes: [
                ModeSupport::Stronger(
                    "ssl_disabled=False is all it has, and that falls back to plain text",
                ),
                ModeSupport::Stronger(PUBLIC_CAS),
                ModeSupport::Exact(
                    "ssl_ca=%{ca|literal}, ssl_verify_cert=True, ssl_verify_identity=True,",
                ),
            ],
            notes: &["the CAs of the system are trusted too"],
            proof: Evidence::Run,
            source: "seen, in network.py too: 26.10.0; MySQL Connector/Python Developer Guide, 7.1 Connection Arguments",
        },
        behaviors: &[
            VersionBehavior {
                since: Some(Version::new(8, 0)),
                before: Some(Version::new(26, 0)),
                library: &OPENSSL,
                ways: &connector_python(TlsPolicy::IfOffered),
                texts: &[MYSQL_TEXTS],
                proof: Evidence::Documentation,
                source: "from documentation: MySQL Connector/Python Developer Guide, 7.1 Connection \
                 Arguments; seen once, with 8.0.33, 9.1 and 9.7",
            },
            VersionBehavior {
                since: Some(Version::new(26, 0)),
                before: None,
                library: &OPENSSL,
                ways: &connector_python(TlsPolicy::Required),
                texts: &[MYSQL_TEXTS],
                proof: Evidence::Run,
                source: "seen: 26.10.0; MySQL Connector/Python Developer Guide, 7.1 Connection Arguments",
            },
        ],
    },
    Driver {
        name: "odbc-mysql",
        title: "MySQL Connector/ODBC",
        engines: MYSQL_OR_MARIADB,
        snippet: SnippetTemplate {
            language: Language::ConnectionString,
            template: "Driver={MySQL ODBC 9.4 Unicode Driver};Server=%{host|braces};Port=%{port};\
                   User=%{user|braces};Database=%{database|braces};%{tls}\
                   %[;SSLCERT=%{cert|braces};SSLKEY=%{key|braces}%]",
            modes: [
                ModeSupport::Exact("SSLMODE=REQUIRED"),
                ModeSupport::Exact("SSLMODE=VERIFY_CA;SSLCA=%{ca|braces}"),
                ModeSupport::Exact("SSLMODE=VERIFY_IDENTITY;SSLCA=%{ca|braces}"),
            ],
            notes: &[
                "the name of the driver is that of odbcinst -q -d",
                "the password is added by the program, from where it keeps secrets",
            ],
            proof: Evidence::Documentation,
            source: "from documentation: MySQL Connector/ODBC Developer Guide, Connection Parameters",
        },
        behaviors: &[VersionBehavior {
            since: Some(Version::new(8, 0)),
            before: None,
            library: &OPENSSL,
            ways: &[
                way("", TlsPolicy::IfOffered, ClientTrust::NoVerification, NOTHING),
                way("SSLMODE=DISABLED", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
                way("SSLMODE=REQUIRED", TlsPolicy::Required, ClientTrust::NoVerification, NOTHING),
                way(
                    "SSLMODE=VERIFY_CA;SSLCA=FILE",
                    TlsPolicy::Required,
                    ClientTrust::File,
                    NOTHING,
                ),
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
        }],
    },
];
