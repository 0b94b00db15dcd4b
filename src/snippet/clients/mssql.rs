//! Clients of SQL Server. Some were run against a peer made from the specification, the others
//! are from documentation.

use super::{Client, Evidence, Language, ModeSupport};
use crate::engine::Engine;

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

pub(super) const CLIENTS: &[Client] = &[
    Client {
        name: "sqlcmd",
        title: "sqlcmd 18",
        engines: MSSQL,
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
    Client {
        name: "mssql-jdbc",
        title: "mssql-jdbc (JDBC)",
        engines: MSSQL,
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
    Client {
        name: "pyodbc",
        title: "pyodbc with the ODBC Driver 18 (Python)",
        engines: MSSQL,
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
    Client {
        name: "tedious",
        title: "tedious (Node)",
        engines: MSSQL,
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
            ModeSupport::Exact("cryptoCredentialsDetails: { ca: fs.readFileSync(%{ca|literal}) }"),
        ],
        notes: &[OPEN],
        proof: Evidence::Peer,
        source: "seen: tedious 19.2 on Node 20; tediousjs.github.io, Connection",
    },
    Client {
        name: "sqlclient",
        title: "Microsoft.Data.SqlClient (.NET)",
        engines: MSSQL,
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
    Client {
        name: "odbc-mssql",
        title: "ODBC Driver 18 for SQL Server",
        engines: MSSQL,
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
];
