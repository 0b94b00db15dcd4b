//! Clients of PostgreSQL.

use super::{Client, Evidence, Language, ModeSupport};
use crate::engine::Engine;

const POSTGRESQL: &[Engine] = &[Engine::Postgresql];
const ROOT_CRT: &str = "where ~/.postgresql/root.crt is there, sslmode=require checks the CA too";

pub(super) const CLIENTS: &[Client] = &[
    Client {
        name: "psql",
        title: "psql, and all that reads libpq's environment",
        engines: POSTGRESQL,
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
    Client {
        name: "libpq",
        title: "libpq, a connection string",
        engines: POSTGRESQL,
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
    Client {
        name: "pgjdbc",
        title: "pgjdbc (JDBC)",
        engines: POSTGRESQL,
        language: Language::Properties,
        template: "url=jdbc:postgresql://%{host|urlhost}:%{port}/%{database|url}\nuser=%{user|property}\n%{tls}",
        modes: [
            ModeSupport::Exact("sslmode=require"),
            ModeSupport::Exact("sslmode=verify-ca\nsslrootcert=%{ca|property}"),
            ModeSupport::Exact("sslmode=verify-full\nsslrootcert=%{ca|property}"),
        ],
        notes: &[
            "a client certificate goes into sslcert, its key as DER (PKCS#8) or PKCS#12 into sslkey",
        ],
        proof: Evidence::Run,
        source: "seen: pgjdbc 42.7; jdbc.postgresql.org, Using SSL; Connection Parameters",
    },
    Client {
        name: "psycopg",
        title: "psycopg (Python)",
        engines: POSTGRESQL,
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
    Client {
        name: "node-pg",
        title: "pg (Node)",
        engines: POSTGRESQL,
        language: Language::JavaScript,
        template: "const fs = require(\"fs\");\n\
                   const { Client } = require(\"pg\");\n\n\
                   const client = new Client({\n  \
                     host: %{host|literal}, port: %{port}, user: %{user|literal},\n  \
                     password: process.env.DB_PASSWORD, database: %{database|literal},\n  \
                     ssl: { %{tls}%[, cert: fs.readFileSync(%{cert|literal}), \
                            key: fs.readFileSync(%{key|literal})%] },\n\
                   });",
        modes: [
            ModeSupport::Exact("rejectUnauthorized: false"),
            ModeSupport::Exact(
                "ca: fs.readFileSync(%{ca|literal}), checkServerIdentity: () => undefined",
            ),
            ModeSupport::Exact("ca: fs.readFileSync(%{ca|literal})"),
        ],
        notes: &[
            "say it like this, not by sslmode in a URL, which replaces all of ssl",
            "before 8.23.1 it looks for localhost in the certificate where the host is an address",
        ],
        proof: Evidence::Run,
        source: "seen: pg 8.23; node-postgres Documentation, SSL",
    },
    Client {
        name: "pgx",
        title: "pgx (Go)",
        engines: POSTGRESQL,
        language: Language::ConnectionString,
        template: "host=%{host|conninfo} port=%{port} user=%{user|conninfo} \
                   dbname=%{database|conninfo} %{tls}\
                   %[ sslcert=%{cert|conninfo} sslkey=%{key|conninfo}%]",
        modes: [
            ModeSupport::Exact("sslmode=require"),
            ModeSupport::Exact("sslmode=verify-ca sslrootcert=%{ca|conninfo}"),
            ModeSupport::Exact("sslmode=verify-full sslrootcert=%{ca|conninfo}"),
        ],
        notes: &["the password is in PGPASSWORD or in ~/.pgpass"],
        proof: Evidence::Run,
        source: "seen: pgx 5.9; pkg.go.dev/github.com/jackc/pgx/v5/pgconn, ParseConfig",
    },
    Client {
        name: "npgsql",
        title: "Npgsql (.NET)",
        engines: POSTGRESQL,
        language: Language::ConnectionString,
        template: "Host=%{host|dotnet};Port=%{port};Username=%{user|dotnet};\
                   Database=%{database|dotnet};%{tls}\
                   %[;SSL Certificate=%{cert|dotnet};SSL Key=%{key|dotnet}%]",
        modes: [
            ModeSupport::Exact("SSL Mode=Require"),
            ModeSupport::Exact("SSL Mode=VerifyCA;Root Certificate=%{ca|dotnet}"),
            ModeSupport::Exact("SSL Mode=VerifyFull;Root Certificate=%{ca|dotnet}"),
        ],
        notes: &[
            "before version 8, Require also wants Trust Server Certificate=true",
            "the password is in PGPASSWORD, or added by the program",
        ],
        proof: Evidence::Documentation,
        source: "from documentation: npgsql.org, Security and Encryption",
    },
    Client {
        name: "pdo-pgsql",
        title: "PDO for PostgreSQL (PHP)",
        engines: POSTGRESQL,
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
    Client {
        name: "ruby-pg",
        title: "pg (Ruby)",
        engines: POSTGRESQL,
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
    Client {
        name: "sqlx-postgres",
        title: "sqlx for PostgreSQL (Rust)",
        engines: POSTGRESQL,
        language: Language::Rust,
        template: "let options = sqlx::postgres::PgConnectOptions::new_without_pgpass()\n    \
                   .host(%{host|rust})\n    .port(%{port})\n    .username(%{user|rust})\n    \
                   .password(&std::env::var(\"DB_PASSWORD\")?)\n    .database(%{database|rust})\n    \
                   %{tls}\
                   %[\n    .ssl_client_cert(%{cert|rust})\n    .ssl_client_key(%{key|rust})%];",
        modes: [
            ModeSupport::Exact(".ssl_mode(sqlx::postgres::PgSslMode::Require)"),
            ModeSupport::Stronger(
                "it trusts the CAs of the system too, so that without the name a certificate \
                 that anybody can get would do",
            ),
            ModeSupport::Exact(
                ".ssl_mode(sqlx::postgres::PgSslMode::VerifyFull)\n    .ssl_root_cert(%{ca|rust})",
            ),
        ],
        notes: &["the CAs of the system are trusted too"],
        proof: Evidence::Run,
        source: "seen: sqlx 0.9; docs.rs/sqlx, postgres::PgSslMode",
    },
    Client {
        name: "tokio-postgres",
        title: "tokio-postgres with tokio-postgres-rustls (Rust)",
        engines: POSTGRESQL,
        language: Language::Rust,
        template: "use rustls_pki_types::pem::PemObject;\n\n\
                   let mut roots = rustls::RootCertStore::empty();\n\
                   for certificate in rustls_pki_types::CertificateDer::pem_file_iter(%{ca|rust})? {\n    \
                   roots.add(certificate?)?;\n}\n\
                   let tls = rustls::ClientConfig::builder().with_root_certificates(roots)%{tls};\n\
                   let mut config = tokio_postgres::Config::new();\n\
                   config.host(%{host|rust}).port(%{port}).user(%{user|rust}).dbname(%{database|rust});\n\
                   config.password(std::env::var(\"DB_PASSWORD\")?);\n\
                   config.ssl_mode(tokio_postgres::config::SslMode::Require);\n\
                   let (client, connection) =\n    \
                   config.connect(tokio_postgres_rustls::MakeRustlsConnect::new(tls)).await?;",
        modes: [
            ModeSupport::Stronger(
                "rustls checks certificate and name unless a verifier of one's own is written",
            ),
            ModeSupport::Stronger(
                "rustls checks the name too unless a verifier of one's own is written",
            ),
            ModeSupport::Exact(".with_no_client_auth()"),
        ],
        notes: &["SslMode::Prefer, its default, falls back to plain text"],
        proof: Evidence::Run,
        source: "seen: tokio-postgres 0.7 with tokio-postgres-rustls 0.14; docs.rs/tokio-postgres, \
                 config::SslMode; docs.rs/rustls",
    },
    Client {
        name: "psqlodbc",
        title: "psqlODBC",
        engines: POSTGRESQL,
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
        notes: &[ROOT_CRT, "the password is in PGPASSWORD or ~/.pgpass, or added by the program"],
        proof: Evidence::Run,
        source: "seen: psqlODBC 17.00 with libpq 17; odbc.postgresql.org, Connection String Options",
    },
];
