//! Clients of PostgreSQL that use libpq.

use super::Driver;
use super::behavior::{ClientConfiguration, ClientTrust, Rejection, TlsPolicy, VersionBehavior};
use super::rules::{NOTHING, OPENSSL, TEXT_NAMES, way};
use super::template::{Evidence, Language, ModeSupport, SnippetTemplate};
use crate::engine::{Engine, Version};

const POSTGRESQL: &[Engine] = &[Engine::Postgresql];

const ROOT_CRT: &str = "where ~/.postgresql/root.crt is there, sslmode=require checks the CA too";

/// The first version of libpq that compares addresses with the alternative names.
const FIFTEEN: Version = Version::new(15, 0);

/// The configurations of libpq, for all clients that pass their parameters on to it. If a file of
/// CAs exists, libpq verifies the certificate in every mode with TLS.
const LIBPQ: &[ClientConfiguration] = &[
    way("", TlsPolicy::Preferred, ClientTrust::NoVerification, NOTHING),
    way("sslmode=disable", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
    way("sslmode=allow", TlsPolicy::PlainFirst, ClientTrust::NoVerification, NOTHING),
    way("sslmode=prefer", TlsPolicy::Preferred, ClientTrust::NoVerification, NOTHING),
    way("sslmode=prefer sslrootcert=FILE", TlsPolicy::Preferred, ClientTrust::File, NOTHING),
    way("sslmode=require", TlsPolicy::Required, ClientTrust::NoVerification, NOTHING),
    way("sslmode=require sslrootcert=FILE", TlsPolicy::Required, ClientTrust::File, NOTHING),
    way("sslmode=verify-ca sslrootcert=FILE", TlsPolicy::Required, ClientTrust::File, NOTHING),
    way("sslmode=verify-full sslrootcert=FILE", TlsPolicy::Required, ClientTrust::File, TEXT_NAMES),
    ClientConfiguration {
        options: "sslmode=verify-full sslrootcert=system",
        since: Some(Version::new(16, 0)),
        tls: TlsPolicy::Required,
        trust: ClientTrust::Machine,
        name: TEXT_NAMES,
    },
];

const LIBPQ_TEXTS: &[(Rejection, &str)] = &[
    (Rejection::Untrusted, "SSL error: certificate verify failed"),
    (Rejection::Expired, "SSL error: certificate verify failed"),
    (Rejection::NotYetValid, "SSL error: certificate verify failed"),
    (Rejection::Purpose, "SSL error: certificate verify failed"),
    (Rejection::Name, "does not match host name"),
    (Rejection::NoTls, "server does not support SSL, but SSL was required"),
    (Rejection::PlainRefused, "no encryption"),
];

const fn on_libpq(source: &'static str) -> VersionBehavior {
    VersionBehavior {
        since: None,
        before: None,
        library: &OPENSSL,
        ways: LIBPQ,
        texts: &[LIBPQ_TEXTS],
        proof: Evidence::Documentation,
        source,
    }
}

/// The clients, in the order of every list.
pub(super) const DRIVERS: &[Driver] = &[
    Driver {
        name: "psql",
        title: "psql, and all that reads libpq's environment",
        engines: POSTGRESQL,
        snippet: SnippetTemplate {
            language: Language::Shell,
            template: "PGHOST=%{host|sh} PGPORT=%{port} PGUSER=%{user|sh} PGDATABASE=%{database|sh} \
                   %{tls}%[ PGSSLCERT=%{cert|sh} PGSSLKEY=%{key|sh}%] psql",
            modes: [
                ModeSupport::Exact("PGSSLMODE=require"),
                ModeSupport::Exact("PGSSLMODE=verify-ca PGSSLROOTCERT=%{ca|sh}"),
                ModeSupport::Exact("PGSSLMODE=verify-full PGSSLROOTCERT=%{ca|sh}"),
            ],
            notes: &[ROOT_CRT],
            proof: Evidence::Run,
            source: "seen: psql 15, 17, 18; PostgreSQL Documentation, 34.19 SSL Support",
        },
        behaviors: &[VersionBehavior {
            since: Some(FIFTEEN),
            proof: Evidence::Run,
            ..on_libpq("seen: psql 15, 17, 18; PostgreSQL Documentation, 34.19 SSL Support")
        }],
    },
    Driver {
        name: "libpq",
        title: "libpq, a connection string",
        engines: POSTGRESQL,
        snippet: SnippetTemplate {
            language: Language::ConnectionString,
            template: "host=%{host|conninfo} port=%{port} user=%{user|conninfo} \
                   dbname=%{database|conninfo} %{tls}\
                   %[ sslcert=%{cert|conninfo} sslkey=%{key|conninfo}%]",
            modes: [
                ModeSupport::Exact("sslmode=require"),
                ModeSupport::Exact("sslmode=verify-ca sslrootcert=%{ca|conninfo}"),
                ModeSupport::Exact("sslmode=verify-full sslrootcert=%{ca|conninfo}"),
            ],
            notes: &[ROOT_CRT],
            proof: Evidence::Run,
            source: "seen: psql 15, 17, 18; PostgreSQL Documentation, 34.1.1 Connection Strings",
        },
        behaviors: &[VersionBehavior {
            since: Some(FIFTEEN),
            proof: Evidence::Run,
            ..on_libpq("seen: psql 15, 17, 18; PostgreSQL Documentation, 34.19 SSL Support")
        }],
    },
    Driver {
        name: "psycopg",
        title: "psycopg (Python)",
        engines: POSTGRESQL,
        snippet: SnippetTemplate {
            language: Language::Python,
            template: "import os\n\
                   import psycopg\n\n\
                   connection = psycopg.connect(\n    \
                       host=%{host|literal}, port=%{port}, user=%{user|literal},\n    \
                       password=os.environ.get(\"DB_PASSWORD\"), dbname=%{database|literal},\n    \
                       %{tls}%[\n    sslcert=%{cert|literal}, sslkey=%{key|literal},%]\n\
                   )",
            modes: [
                ModeSupport::Exact("sslmode=\"require\","),
                ModeSupport::Exact("sslmode=\"verify-ca\", sslrootcert=%{ca|literal},"),
                ModeSupport::Exact("sslmode=\"verify-full\", sslrootcert=%{ca|literal},"),
            ],
            notes: &[ROOT_CRT],
            proof: Evidence::Run,
            source: "seen: psycopg 3.3; psycopg Documentation, connect; PostgreSQL Documentation, 34.19 SSL Support",
        },
        behaviors: &[VersionBehavior {
            proof: Evidence::Run,
            ..on_libpq("seen: psycopg 3.3; PostgreSQL Documentation, 34.19 SSL Support")
        }],
    },
    Driver {
        name: "pdo-pgsql",
        title: "PDO for PostgreSQL (PHP)",
        engines: POSTGRESQL,
        snippet: SnippetTemplate {
            language: Language::Php,
            template: "$pdo = new PDO(\n    'pgsql:host=' . %{host|pdo|single} . ';port=%{port};dbname=' . \
                   %{database|pdo|single}\n    . ';sslmode=%{tls}\
                   %[\n    . ';sslcert=' . %{cert|pdo|single} . ';sslkey=' . %{key|pdo|single}%],\n    \
                   %{user|single}, getenv('DB_PASSWORD')\n);",
            modes: [
                ModeSupport::Exact("require'"),
                ModeSupport::Exact("verify-ca;sslrootcert=' . %{ca|pdo|single}"),
                ModeSupport::Exact("verify-full;sslrootcert=' . %{ca|pdo|single}"),
            ],
            notes: &[ROOT_CRT],
            proof: Evidence::Run,
            source: "seen: PHP 8.4 with libpq 17; PHP Manual, PDO_PGSQL DSN",
        },
        behaviors: &[on_libpq(
            "from documentation: PHP Manual, PDO_PGSQL DSN, which it hands to libpq",
        )],
    },
    Driver {
        name: "ruby-pg",
        title: "pg (Ruby)",
        engines: POSTGRESQL,
        snippet: SnippetTemplate {
            language: Language::Ruby,
            template: "connection = PG.connect(\n  host: %{host|ruby}, port: %{port}, \
                   user: %{user|ruby},\n  password: ENV['DB_PASSWORD'], \
                   dbname: %{database|ruby},\n  %{tls}\
                   %[,\n  sslcert: %{cert|ruby}, sslkey: %{key|ruby}%]\n)",
            modes: [
                ModeSupport::Exact("sslmode: 'require'"),
                ModeSupport::Exact("sslmode: 'verify-ca', sslrootcert: %{ca|ruby}"),
                ModeSupport::Exact("sslmode: 'verify-full', sslrootcert: %{ca|ruby}"),
            ],
            notes: &[ROOT_CRT],
            proof: Evidence::Run,
            source: "seen: pg 1.5 with libpq 17; PostgreSQL Documentation, 34.19 SSL Support, which it hands \
                 its parameters to",
        },
        behaviors: &[on_libpq(
            "from documentation: PostgreSQL Documentation, 34.19 SSL Support, as it hands its \
         parameters to libpq",
        )],
    },
    Driver {
        name: "psqlodbc",
        title: "psqlODBC",
        engines: POSTGRESQL,
        snippet: SnippetTemplate {
            language: Language::ConnectionString,
            template: "Driver={PostgreSQL Unicode};Servername=%{host|psqlodbc};Port=%{port};\
                   UserName=%{user|psqlodbc};Database=%{database|psqlodbc};%{tls}",
            modes: [
                ModeSupport::Exact(
                    "SSLmode=require%[;pqopt={sslcert=%{cert|conninfo|inbraces} \
                 sslkey=%{key|conninfo|inbraces}}%]",
                ),
                ModeSupport::Exact(
                    "SSLmode=verify-ca;pqopt={sslrootcert=%{ca|conninfo|inbraces}\
                 %[ sslcert=%{cert|conninfo|inbraces} sslkey=%{key|conninfo|inbraces}%]}",
                ),
                ModeSupport::Exact(
                    "SSLmode=verify-full;pqopt={sslrootcert=%{ca|conninfo|inbraces}\
                 %[ sslcert=%{cert|conninfo|inbraces} sslkey=%{key|conninfo|inbraces}%]}",
                ),
            ],
            notes: &[
                ROOT_CRT,
                "the password is in PGPASSWORD or ~/.pgpass, or added by the program",
            ],
            proof: Evidence::Run,
            source: "seen: psqlODBC 17.00 with libpq 17; odbc.postgresql.org, Connection String Options",
        },
        behaviors: &[on_libpq(
            "from documentation: odbc.postgresql.org, Connection String Options, SSLmode and pqopt, \
         which it hands to libpq",
        )],
    },
];
