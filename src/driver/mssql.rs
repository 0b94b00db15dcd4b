//! Clients of SQL Server. Tests run some of them against a peer written from the specification; the
//! other entries are from documentation.

use super::Driver;
use super::behavior::{ClientConfiguration, ClientTrust, Rejection, TlsPolicy, VersionBehavior};
use super::rules::{
    DOTNET, JAVA, NODE_TEXTS, NOTHING, ODBC_NAMES, OPENSSL, OPENSSL_NAMES, OPENSSL_TEXTS,
    UNKNOWN_NAMES, way,
};
use super::template::{Evidence, Language, ModeSupport, SnippetTemplate};
use crate::engine::{Engine, Version};

const MSSQL: &[Engine] = &[Engine::Mssql];
const TOGETHER: &str = "it checks certificate and name together, or neither";
const STRICT: &str = "only encrypt: \"strict\" comes with TLS or not at all, and it checks all";
const SYSTEM: &str = "it trusts what the system trusts: on Debian, put the CA into \
                      /usr/local/share/ca-certificates and run update-ca-certificates";
const ADDRESS: &str = "it looks at no address of a certificate: where it dials one, the name to compare is \
                       given apart (NAME), and is a DNS name of the server's certificate";
const OPEN: &str = "it needs TDS 8.0, which SQL Server has from 2022 on (verify --direct shows it): told \
                    encrypt: true, it sends the login in the open where a server, or whoever \
                    stands between, says that there is no TLS";
const PASSWORD: &str = "the password is added by the program, from where it keeps secrets";

const fn documented(
    since: Version,
    ways: &'static [ClientConfiguration],
    source: &'static str,
) -> VersionBehavior {
    VersionBehavior {
        since: Some(since),
        before: None,
        library: &OPENSSL,
        ways,
        texts: &[],
        proof: Evidence::Documentation,
        source,
    }
}

/// A behavior that a test has observed at the scripted peer.
const fn seen(
    since: Version,
    ways: &'static [ClientConfiguration],
    texts: &'static [&'static [(Rejection, &'static str)]],
    source: &'static str,
) -> VersionBehavior {
    VersionBehavior { texts, proof: Evidence::Peer, ..documented(since, ways, source) }
}

/// The ODBC driver's messages that do not depend on the CAs of its machine.
const ODBC_TEXTS: &[(Rejection, &str)] =
    &[(Rejection::NoTls, "Encryption not supported on SQL Server")];

/// The configurations of the ODBC Driver 18 for SQL Server, for each program that uses it.
const ODBC: &[ClientConfiguration] = &[
    way("", TlsPolicy::Required, ClientTrust::Machine, ODBC_NAMES),
    way(
        "Encrypt=yes;TrustServerCertificate=yes",
        TlsPolicy::Required,
        ClientTrust::NoVerification,
        NOTHING,
    ),
    way(
        "Encrypt=yes;TrustServerCertificate=no",
        TlsPolicy::Required,
        ClientTrust::Machine,
        ODBC_NAMES,
    ),
];

const ODBC_18: Version = Version::new(18, 0);

/// The clients, in the order of every list.
pub(super) const DRIVERS: &[Driver] = &[
    Driver {
        name: "sqlcmd",
        title: "sqlcmd 18",
        engines: MSSQL,
        snippet: SnippetTemplate {
            language: Language::Shell,
            template: "sqlcmd -S tcp:%{host|sh},%{port} -U %{user|sh} -d %{database|sh} %{tls}",
            modes: [
                ModeSupport::Exact("-N m -C"),
                ModeSupport::Stronger(TOGETHER),
                ModeSupport::Exact("-N m%{host|sqlcmdname}"),
            ],
            notes: &[SYSTEM, ADDRESS, "the password is asked for, or in SQLCMDPASSWORD"],
            proof: Evidence::Documentation,
            source: "from documentation: Microsoft Learn, sqlcmd utility",
        },
        behaviors: &[documented(
            ODBC_18,
            &[
                way("", TlsPolicy::Required, ClientTrust::Machine, ODBC_NAMES),
                way("-N m -C", TlsPolicy::Required, ClientTrust::NoVerification, NOTHING),
                way("-N m", TlsPolicy::Required, ClientTrust::Machine, ODBC_NAMES),
            ],
            "from documentation: Microsoft Learn, sqlcmd utility",
        )],
    },
    Driver {
        name: "mssql-jdbc",
        title: "mssql-jdbc (JDBC)",
        engines: MSSQL,
        snippet: SnippetTemplate {
            language: Language::Properties,
            template: "url=jdbc:sqlserver://%{host|urlhost}:%{port};databaseName=%{database|braces|property};%{tls}\n\
                   user=%{user|property}",
            modes: [
                ModeSupport::Exact("encrypt=true;trustServerCertificate=true"),
                ModeSupport::Stronger(TOGETHER),
                ModeSupport::Exact(
                    "encrypt=true;trustServerCertificate=false;trustStoreType=PKCS12;\
                 trustStore=%{ca|p12|braces|property}",
                ),
            ],
            notes: &[
                "the trust store is made by: ccx-sec ca export --format pkcs12; its password goes \
                  into trustStorePassword",
            ],
            proof: Evidence::Documentation,
            source: "from documentation: Microsoft Learn, Connecting with encryption (JDBC)",
        },
        behaviors: &[VersionBehavior {
            library: &JAVA,
            ..documented(
                Version::new(10, 2),
                &[
                    way("", TlsPolicy::Required, ClientTrust::Machine, UNKNOWN_NAMES),
                    way(
                        "encrypt=true;trustServerCertificate=true",
                        TlsPolicy::Required,
                        ClientTrust::NoVerification,
                        NOTHING,
                    ),
                    way(
                        "encrypt=true;trustServerCertificate=false;trustStore=FILE",
                        TlsPolicy::Required,
                        ClientTrust::File,
                        UNKNOWN_NAMES,
                    ),
                ],
                "from documentation: Microsoft Learn, Connecting with encryption (JDBC)",
            )
        }],
    },
    Driver {
        name: "pyodbc",
        title: "pyodbc with the ODBC Driver 18 (Python)",
        engines: MSSQL,
        snippet: SnippetTemplate {
            language: Language::Python,
            template: "import os\nimport pyodbc\n\n\
                   connection = pyodbc.connect(\n    \
                   \"Driver={ODBC Driver 18 for SQL Server};Server=tcp:%{host},%{port};\"\n    \
                   \"Database=%{database|braces|inside};UID=%{user|braces|inside};%{tls};\"\n    \
                   \"PWD={\" + os.environ[\"DB_PASSWORD\"].replace(\"}\", \"}}\") + \"}\"\n)",
            modes: [
                ModeSupport::Exact("Encrypt=yes;TrustServerCertificate=yes"),
                ModeSupport::Stronger(TOGETHER),
                ModeSupport::Exact("Encrypt=yes;TrustServerCertificate=no%{host|odbcname}"),
            ],
            notes: &[SYSTEM, ADDRESS],
            proof: Evidence::Peer,
            source: "seen: pyodbc 5.5 with the ODBC driver 18.6; Microsoft Learn, DSN and Connection \
                 String Keywords (ODBC)",
        },
        behaviors: &[seen(
            ODBC_18,
            ODBC,
            &[ODBC_TEXTS],
            "seen: pyodbc 5.5 with the ODBC driver 18.6; Microsoft Learn, DSN and Connection String \
         Keywords (ODBC); the version is that of the ODBC driver",
        )],
    },
    Driver {
        name: "tedious",
        title: "tedious (Node)",
        engines: MSSQL,
        snippet: SnippetTemplate {
            language: Language::JavaScript,
            template: "const fs = require(\"fs\");\n\
                   const { Connection } = require(\"tedious\");\n\n\
                   const connection = new Connection({\n  server: %{host|literal},\n  \
                   authentication: { type: \"default\", options: {\n    \
                   userName: %{user|literal}, password: process.env.DB_PASSWORD } },\n  \
                   options: {\n    port: %{port}, database: %{database|literal}, encrypt: \"strict\",\n    \
                   %{tls},\n  },\n});",
            modes: [
                ModeSupport::Stronger(STRICT),
                ModeSupport::Stronger(STRICT),
                ModeSupport::Exact(
                    "cryptoCredentialsDetails: { ca: fs.readFileSync(%{ca|literal}) }",
                ),
            ],
            notes: &[OPEN],
            proof: Evidence::Peer,
            source: "seen: tedious 19.2 on Node 20; tediousjs.github.io, Connection",
        },
        behaviors: &[
            // with every option except "strict", connects in plaintext if the server has no TLS
            seen(
                Version::new(19, 0),
                &[
                    way("", TlsPolicy::IfOffered, ClientTrust::Machine, OPENSSL_NAMES),
                    way(
                        "encrypt: true, trustServerCertificate: true",
                        TlsPolicy::IfOffered,
                        ClientTrust::NoVerification,
                        NOTHING,
                    ),
                    way(
                        "encrypt: true, cryptoCredentialsDetails: { ca: fs.readFileSync(\"FILE\") }",
                        TlsPolicy::IfOffered,
                        ClientTrust::File,
                        OPENSSL_NAMES,
                    ),
                ],
                &[NODE_TEXTS, OPENSSL_TEXTS],
                "seen: tedious 19.2 on Node 20; tediousjs.github.io, Connection",
            ),
        ],
    },
    Driver {
        name: "sqlclient",
        title: "Microsoft.Data.SqlClient (.NET)",
        engines: MSSQL,
        snippet: SnippetTemplate {
            language: Language::ConnectionString,
            template: "Server=\"tcp:%{host},%{port}\";User ID=%{user|dotnet};\
                   Database=%{database|dotnet};%{tls}",
            modes: [
                ModeSupport::Exact("Encrypt=Mandatory;TrustServerCertificate=true"),
                ModeSupport::Stronger(TOGETHER),
                ModeSupport::Exact("Encrypt=Mandatory;TrustServerCertificate=false"),
            ],
            notes: &[SYSTEM, PASSWORD],
            proof: Evidence::Documentation,
            source: "from documentation: Microsoft Learn, SqlConnection.ConnectionString",
        },
        behaviors: &[VersionBehavior {
            library: &DOTNET,
            ..documented(
                Version::new(4, 0),
                &[
                    way("", TlsPolicy::Required, ClientTrust::Machine, UNKNOWN_NAMES),
                    way(
                        "Encrypt=Mandatory;TrustServerCertificate=true",
                        TlsPolicy::Required,
                        ClientTrust::NoVerification,
                        NOTHING,
                    ),
                    way(
                        "Encrypt=Mandatory;TrustServerCertificate=false",
                        TlsPolicy::Required,
                        ClientTrust::Machine,
                        UNKNOWN_NAMES,
                    ),
                ],
                "from documentation: Microsoft Learn, SqlConnection.ConnectionString",
            )
        }],
    },
    Driver {
        name: "odbc-mssql",
        title: "ODBC Driver 18 for SQL Server",
        engines: MSSQL,
        snippet: SnippetTemplate {
            language: Language::ConnectionString,
            template: "Driver={ODBC Driver 18 for SQL Server};Server={tcp:%{host},%{port}};\
                   UID=%{user|braces};Database=%{database|braces};%{tls}",
            modes: [
                ModeSupport::Exact("Encrypt=yes;TrustServerCertificate=yes"),
                ModeSupport::Stronger(TOGETHER),
                ModeSupport::Exact("Encrypt=yes;TrustServerCertificate=no%{host|odbcname}"),
            ],
            notes: &[SYSTEM, ADDRESS, PASSWORD],
            proof: Evidence::Peer,
            source: "seen: 18.6; Microsoft Learn, DSN and Connection String Keywords (ODBC)",
        },
        behaviors: &[seen(
            ODBC_18,
            ODBC,
            &[ODBC_TEXTS],
            "seen: 18.6; Microsoft Learn, DSN and Connection String Keywords (ODBC)",
        )],
    },
];
