//! Clients of MySQL and MariaDB.

use super::{Client, Evidence, Language, ModeSupport};
use crate::engine::Engine;

const BOTH: &[Engine] = &[Engine::Mysql, Engine::Mariadb];
const PUBLIC_CAS: &str = "it trusts the CAs of the system too, so that without the name a \
                          certificate that anybody can get would do";

pub(super) const CLIENTS: &[Client] = &[
    Client {
        name: "mysql",
        title: "mysql, the command-line client of MySQL",
        engines: BOTH,
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
    Client {
        name: "mariadb",
        title: "mariadb, the command-line client of MariaDB",
        engines: BOTH,
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
    Client {
        name: "mysql-connector-j",
        title: "MySQL Connector/J (JDBC)",
        engines: BOTH,
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
    Client {
        name: "mariadb-connector-j",
        title: "MariaDB Connector/J (JDBC)",
        engines: BOTH,
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
    Client {
        name: "mysql-connector-python",
        title: "MySQL Connector/Python",
        engines: BOTH,
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
    Client {
        name: "pymysql",
        title: "PyMySQL (Python)",
        engines: BOTH,
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
        notes: &["1.1 and older fall back to plain text, silently, where the server has no TLS"],
        proof: Evidence::Run,
        source: "seen: PyMySQL 1.2.4; PyMySQL 1.1.2 and 1.2.4, pymysql/connections.py",
    },
    Client {
        name: "node-mysql2",
        title: "mysql2 (Node)",
        engines: BOTH,
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
    Client {
        name: "go-sql-driver",
        title: "go-sql-driver/mysql (Go)",
        engines: BOTH,
        language: Language::Go,
        template: "config := mysql.NewConfig()\n\
                   config.Net, config.Addr = \"tcp\", net.JoinHostPort(%{host|literal}, \"%{port}\")\n\
                   config.User, config.Passwd = %{user|literal}, os.Getenv(\"DB_PASSWORD\")\n\
                   config.DBName = %{database|literal}\n\
                   %{tls}\n\
                   connector, err := mysql.NewConnector(config)",
        modes: [
            ModeSupport::Exact("config.TLSConfig = \"skip-verify\""),
            ModeSupport::Stronger("crypto/tls checks certificate and name together, or neither"),
            ModeSupport::Exact(
                "roots := x509.NewCertPool()\n\
                 pem, err := os.ReadFile(%{ca|literal})\n\
                 if err != nil || !roots.AppendCertsFromPEM(pem) {\n\tlog.Fatal(\"no CA: \", err)\n}\n\
                 config.TLS = &tls.Config{RootCAs: roots, ServerName: %{host|literal}}\
                 %[\npair, err := tls.LoadX509KeyPair(%{cert|literal}, %{key|literal})\n\
                 if err != nil {\n\tlog.Fatal(err)\n}\n\
                 config.TLS.Certificates = []tls.Certificate{pair}%]",
            ),
        ],
        notes: &["tls=preferred, which is not in it, falls back to plain text"],
        proof: Evidence::Run,
        source: "seen: go-sql-driver/mysql 1.10; pkg.go.dev/github.com/go-sql-driver/mysql, Config; crypto/tls",
    },
    Client {
        name: "mysqlconnector",
        title: "MySqlConnector (.NET)",
        engines: BOTH,
        language: Language::ConnectionString,
        template: "Server=%{host|dotnet};Port=%{port};User ID=%{user|dotnet};\
                   Database=%{database|dotnet};%{tls}\
                   %[;SSL Cert=%{cert|dotnet};SSL Key=%{key|dotnet}%]",
        modes: [
            ModeSupport::Exact("SSL Mode=Required"),
            ModeSupport::Exact("SSL Mode=VerifyCA;SSL CA=%{ca|dotnet}"),
            ModeSupport::Exact("SSL Mode=VerifyFull;SSL CA=%{ca|dotnet}"),
        ],
        notes: &["the password is added by the program, from where it keeps secrets"],
        proof: Evidence::Documentation,
        source: "from documentation: mysqlconnector.net, Connection Options, SSL/TLS Options",
    },
    Client {
        name: "pdo-mysql",
        title: "PDO for MySQL with mysqlnd (PHP)",
        engines: BOTH,
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
    Client {
        name: "ruby-mysql2",
        title: "mysql2 (Ruby)",
        engines: BOTH,
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
    Client {
        name: "sqlx-mysql",
        title: "sqlx for MySQL (Rust)",
        engines: BOTH,
        language: Language::Rust,
        template: "let options = sqlx::mysql::MySqlConnectOptions::new()\n    \
                   .host(%{host|rust})\n    .port(%{port})\n    .username(%{user|rust})\n    \
                   .password(&std::env::var(\"DB_PASSWORD\")?)\n    .database(%{database|rust})\n    \
                   %{tls}\
                   %[\n    .ssl_client_cert(%{cert|rust})\n    .ssl_client_key(%{key|rust})%];",
        modes: [
            ModeSupport::Exact(".ssl_mode(sqlx::mysql::MySqlSslMode::Required)"),
            ModeSupport::Stronger(PUBLIC_CAS),
            ModeSupport::Exact(
                ".ssl_mode(sqlx::mysql::MySqlSslMode::VerifyIdentity)\n    .ssl_ca(%{ca|rust})",
            ),
        ],
        notes: &["the CAs of the system are trusted too"],
        proof: Evidence::Run,
        source: "seen: sqlx 0.9; docs.rs/sqlx, mysql::MySqlSslMode",
    },
    Client {
        name: "mysql-async",
        title: "mysql_async (Rust)",
        engines: BOTH,
        language: Language::Rust,
        template: "let tls = mysql_async::SslOpts::default()\n    %{tls}\
                   %[\n    .with_client_identity(Some(mysql_async::ClientIdentity::new(\n        \
                   std::path::PathBuf::from(%{cert|rust}).into(),\n        \
                   std::path::PathBuf::from(%{key|rust}).into(),\n    )))%];\n\
                   let options = mysql_async::OptsBuilder::default()\n    \
                   .ip_or_hostname(%{host|rust})\n    .tcp_port(%{port})\n    \
                   .user(Some(%{user|rust}))\n    .pass(std::env::var(\"DB_PASSWORD\").ok())\n    \
                   .db_name(Some(%{database|rust}))\n    .ssl_opts(Some(tls));",
        modes: [
            ModeSupport::Exact(".with_danger_accept_invalid_certs(true)"),
            ModeSupport::Stronger(
                "with_danger_skip_domain_validation looks for words that rustls does not use any \
                 more, and skips nothing",
            ),
            ModeSupport::Exact(
                ".with_root_certs(vec![std::path::PathBuf::from(%{ca|rust}).into()])\n    \
                 .with_disable_built_in_roots(true)",
            ),
        ],
        notes: &[],
        proof: Evidence::Run,
        source: "seen, in io/tls/rustls_io.rs too: mysql_async 0.37.1 with rustls 0.23.46; \
                 docs.rs/mysql_async, SslOpts",
    },
    Client {
        name: "odbc-mysql",
        title: "MySQL Connector/ODBC",
        engines: BOTH,
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
];
