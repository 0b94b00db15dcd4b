//! Third-party clients of MySQL and MariaDB in scripting languages.

use super::Driver;
use super::behavior::{
    ClientConfiguration, ClientTrust, Library, NameCheck, Rejection, TlsPolicy, VersionBehavior,
    YesNoUnknown,
};
use super::rules::{
    LOCALHOST_NAMES, MYSQL_OR_MARIADB, NODE_TEXTS, NOTHING, OPENSSL, OPENSSL_NAMES, OPENSSL_TEXTS,
    PYTHON, PYTHON_NAME, UNKNOWN_NAMES, way,
};
use super::template::{Evidence, Language, ModeSupport, SnippetTemplate};
use crate::engine::Version;
use crate::pki::chain::Verifier;

/// A client that is built on OpenSSL or rustls; the documentation does not say on which.
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

/// The configurations of mysql2 for Node, with its comparison of names.
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

/// The clients, in the order of every list.
pub(super) const DRIVERS: &[Driver] = &[
    Driver {
        name: "pymysql",
        title: "PyMySQL (Python)",
        engines: MYSQL_OR_MARIADB,
        snippet: SnippetTemplate {
            language: Language::Python,
            template: "import os\nimport ssl\n\
                   import pymysql\n\n\
                   %{tls}\n\
                   %[context.load_cert_chain(%{cert|literal}, %{key|literal})\n%]\
                   connection = pymysql.connect(\n    \
                       host=%{host|literal}, port=%{port}, user=%{user|literal},\n    \
                       password=os.environ.get(\"DB_PASSWORD\", \"\"), database=%{database|literal},\n    \
                       ssl=context,\n\
                   )",
            modes: [
                ModeSupport::Exact(
                    "context = ssl.create_default_context()\n\
                 context.check_hostname = False\n\
                 context.verify_mode = ssl.CERT_NONE",
                ),
                ModeSupport::Exact(
                    "context = ssl.create_default_context(cafile=%{ca|literal})\n\
                 context.check_hostname = False",
                ),
                ModeSupport::Exact("context = ssl.create_default_context(cafile=%{ca|literal})"),
            ],
            notes: &[
                "1.1 and older fall back to plain text, silently, where the server has no TLS",
            ],
            proof: Evidence::Run,
            source: "seen: PyMySQL 1.2.4; PyMySQL 1.1.2 and 1.2.4, pymysql/connections.py",
        },
        behaviors: &[
            VersionBehavior {
                since: Some(Version::new(1, 1)),
                before: Some(Version::new(1, 2)),
                library: &PYTHON,
                ways: &[
                    way("", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
                    way(
                        "ssl_ca=\"FILE\"",
                        TlsPolicy::IfOffered,
                        ClientTrust::NoVerification,
                        NOTHING,
                    ),
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
            VersionBehavior {
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
        ],
    },
    Driver {
        name: "node-mysql2",
        title: "mysql2 (Node)",
        engines: MYSQL_OR_MARIADB,
        snippet: SnippetTemplate {
            language: Language::JavaScript,
            template: "const fs = require(\"fs\");\n\
                   const mysql = require(\"mysql2\");\n\n\
                   const connection = mysql.createConnection({\n  \
                     host: %{host|literal}, port: %{port}, user: %{user|literal},\n  \
                     password: process.env.DB_PASSWORD, database: %{database|literal},\n  \
                     ssl: { %{tls}%[, cert: fs.readFileSync(%{cert|literal}), \
                            key: fs.readFileSync(%{key|literal})%] },\n\
                   });",
            modes: [
                ModeSupport::Exact("rejectUnauthorized: false"),
                ModeSupport::Exact("ca: fs.readFileSync(%{ca|literal}), rejectUnauthorized: true"),
                ModeSupport::Exact(
                    "ca: fs.readFileSync(%{ca|literal}), rejectUnauthorized: true, verifyIdentity: true",
                ),
            ],
            notes: &[
                "from 3.16 on it looks for localhost in the certificate where the host is an address",
            ],
            proof: Evidence::Run,
            source: "seen: mysql2 3.24; MySQL2 Documentation, SSL",
        },
        behaviors: &[
            VersionBehavior {
                since: Some(Version::new(3, 0)),
                before: Some(Version::new(3, 16)),
                library: &OPENSSL,
                ways: &mysql2(OPENSSL_NAMES),
                texts: MYSQL2_TEXTS,
                proof: Evidence::Documentation,
                source: "from documentation: mysql2 3.0 to 3.15, lib/connection.js; Node Documentation, \
                 tls.checkServerIdentity",
            },
            VersionBehavior {
                since: Some(Version::new(3, 16)),
                before: None,
                library: &OPENSSL,
                ways: &mysql2(LOCALHOST_NAMES),
                texts: MYSQL2_TEXTS,
                proof: Evidence::Run,
                source: "seen: mysql2 3.24 on Node 20; lib/base/connection.js, which from 3.16 on does not \
                 say to Node what address it dials",
            },
        ],
    },
    Driver {
        name: "pdo-mysql",
        title: "PDO for MySQL with mysqlnd (PHP)",
        engines: MYSQL_OR_MARIADB,
        snippet: SnippetTemplate {
            language: Language::Php,
            template: "$pdo = new PDO(\n    'mysql:host=' . %{host|single} . ';port=%{port};dbname=' . \
                   %{database|single},\n    %{user|single}, getenv('DB_PASSWORD'),\n    [%{tls}\
                   %[\n     PDO::MYSQL_ATTR_SSL_CERT => %{cert|single},\
                   \n     PDO::MYSQL_ATTR_SSL_KEY => %{key|single},%]]\n);",
            modes: [
                ModeSupport::Exact(
                    "PDO::MYSQL_ATTR_SSL_CA => %{ca|single},\n     \
                 PDO::MYSQL_ATTR_SSL_VERIFY_SERVER_CERT => false,",
                ),
                ModeSupport::Stronger("it checks certificate and name together, or neither"),
                ModeSupport::Exact(
                    "PDO::MYSQL_ATTR_SSL_CA => %{ca|single},\n     \
                 PDO::MYSQL_ATTR_SSL_VERIFY_SERVER_CERT => true,",
                ),
            ],
            notes: &[
                "without any SSL attribute it uses no TLS: that is why the CA is always there",
                "it takes localhost for a Unix socket, where it has no TLS and fails: give 127.0.0.1",
            ],
            proof: Evidence::Run,
            source: "seen: PHP 8.4; PHP Manual, MySQL Functions (PDO_MYSQL)",
        },
        behaviors: &[VersionBehavior {
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
        }],
    },
    Driver {
        name: "ruby-mysql2",
        title: "mysql2 (Ruby)",
        engines: MYSQL_OR_MARIADB,
        snippet: SnippetTemplate {
            language: Language::Ruby,
            template: "client = Mysql2::Client.new(\n  host: %{host|ruby}, port: %{port}, \
                   username: %{user|ruby},\n  password: ENV['DB_PASSWORD'], \
                   database: %{database|ruby},\n  %{tls}\
                   %[,\n  sslcert: %{cert|ruby}, sslkey: %{key|ruby}%]\n)",
            modes: [
                ModeSupport::Stronger(
                    "built against MariaDB's library, it falls back to plain text, silently, where \
                 the server has no TLS",
                ),
                ModeSupport::Stronger(
                    "built against MariaDB's library, it does not know it, and falls back to plain \
                 text where the server has no TLS",
                ),
                ModeSupport::Exact("ssl_mode: :verify_identity, sslca: %{ca|ruby}"),
            ],
            notes: &[
                "with MariaDB's library it takes localhost for a Unix socket, and checks no name there, \
             nor from 11.4 on where the host is exactly 127.0.0.1",
            ],
            proof: Evidence::Run,
            source: "seen: mysql2 0.5.5 with MariaDB's library 3.4; github.com/brianmario/mysql2, README, SSL/TLS \
                 options",
        },
        behaviors: &[VersionBehavior {
            since: None,
            before: None,
            library: &EITHER,
            ways: &[
                way("ssl_mode: :disabled", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
                way(
                    "ssl_mode: :preferred",
                    TlsPolicy::IfOffered,
                    ClientTrust::NoVerification,
                    NOTHING,
                ),
                way(
                    "ssl_mode: :required",
                    TlsPolicy::Required,
                    ClientTrust::NoVerification,
                    NOTHING,
                ),
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
        }],
    },
];
