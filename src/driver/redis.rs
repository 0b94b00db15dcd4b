//! Clients of Redis and Valkey.

use super::Driver;
use super::behavior::{ClientConfiguration, ClientTrust, Rejection, TlsPolicy, VersionBehavior};
use super::rules::{
    GO, GO_TEXTS, NODE_TEXTS, NOTHING, OPENSSL, OPENSSL_NAMES, OPENSSL_TEXTS, PUBLIC_CAS, PYTHON,
    PYTHON_NAME, RFC_9525, RUSTLS, UNKNOWN_NAMES, way,
};
use super::template::{Evidence, Language, ModeSupport, SnippetTemplate};
use crate::engine::{Engine, Version};

const BOTH: &[Engine] = &[Engine::Redis, Engine::Valkey];
const NO_NAMES: &str = "it never compares the name in the certificate";
const PASSWORD: &str = "the password is in the environment: REDISCLI_AUTH";

/// The configurations of redis-cli and valkey-cli, which have no option to compare names.
const CLI: &[ClientConfiguration] = &[
    way("", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
    way("--tls --insecure", TlsPolicy::Required, ClientTrust::NoVerification, NOTHING),
    way("--tls --cacert FILE", TlsPolicy::Required, ClientTrust::File, NOTHING),
    way("--tls", TlsPolicy::Required, ClientTrust::Machine, NOTHING),
];

const CLI_TEXTS: &[(Rejection, &str)] = &[
    (Rejection::Untrusted, "SSL_connect failed: certificate verify failed"),
    (Rejection::Expired, "SSL_connect failed: certificate verify failed"),
    (Rejection::NotYetValid, "SSL_connect failed: certificate verify failed"),
    (Rejection::Purpose, "SSL_connect failed: certificate verify failed"),
];

/// The clients, in the order of every list.
pub(super) const DRIVERS: &[Driver] = &[
    Driver {
        name: "redis-cli",
        title: "redis-cli",
        engines: BOTH,
        snippet: SnippetTemplate {
            language: Language::Shell,
            template: "redis-cli -h %{host|sh} -p %{port} --user %{user|sh} --tls %{tls}\
                   %[ --cert %{cert|sh} --key %{key|sh}%]",
            modes: [
                ModeSupport::Exact("--insecure"),
                ModeSupport::Exact("--cacert %{ca|sh}"),
                ModeSupport::None(NO_NAMES),
            ],
            notes: &[PASSWORD],
            proof: Evidence::Run,
            source: "seen: redis-cli 7.0, 8.0",
        },
        behaviors: &[VersionBehavior {
            since: Some(Version::new(6, 2)),
            before: None,
            library: &OPENSSL,
            ways: CLI,
            texts: &[CLI_TEXTS],
            proof: Evidence::Run,
            source: "seen: redis-cli 7.0, 8.0",
        }],
    },
    Driver {
        name: "valkey-cli",
        title: "valkey-cli",
        engines: BOTH,
        snippet: SnippetTemplate {
            language: Language::Shell,
            template: "valkey-cli -h %{host|sh} -p %{port} --user %{user|sh} --tls %{tls}\
                   %[ --cert %{cert|sh} --key %{key|sh}%]",
            modes: [
                ModeSupport::Exact("--insecure"),
                ModeSupport::Exact("--cacert %{ca|sh}"),
                ModeSupport::None(NO_NAMES),
            ],
            notes: &[PASSWORD],
            proof: Evidence::Run,
            source: "seen: valkey-cli 8.1, 9.1",
        },
        behaviors: &[VersionBehavior {
            since: None,
            before: None,
            library: &OPENSSL,
            ways: CLI,
            texts: &[CLI_TEXTS],
            proof: Evidence::Run,
            source: "seen: valkey-cli 8.1, 9.1",
        }],
    },
    Driver {
        name: "redis-py",
        title: "redis-py (Python)",
        engines: BOTH,
        snippet: SnippetTemplate {
            language: Language::Python,
            template: "import os\n\
                   import redis\n\n\
                   client = redis.Redis(\n    \
                       host=%{host|literal}, port=%{port}, username=%{user|literal},\n    \
                       password=os.environ.get(\"DB_PASSWORD\"), ssl=True,\n    \
                       %{tls}%[\n    ssl_certfile=%{cert|literal}, ssl_keyfile=%{key|literal},%]\n\
                   )",
            modes: [
                ModeSupport::Exact("ssl_cert_reqs=\"none\", ssl_check_hostname=False,"),
                ModeSupport::Stronger(PUBLIC_CAS),
                ModeSupport::Exact(
                    "ssl_cert_reqs=\"required\", ssl_ca_certs=%{ca|literal}, ssl_check_hostname=True,",
                ),
            ],
            notes: &["the CAs of the system are trusted too"],
            proof: Evidence::Run,
            source: "seen, in connection.py too: redis-py 8.1; redis-py Documentation, SSL Connection Examples",
        },
        behaviors: &[VersionBehavior {
            since: Some(Version::new(6, 0)),
            before: None,
            library: &PYTHON,
            ways: &[
                way("", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
                way(
                    "ssl=True, ssl_cert_reqs=\"none\", ssl_check_hostname=False",
                    TlsPolicy::Required,
                    ClientTrust::NoVerification,
                    NOTHING,
                ),
                way(
                    "ssl=True, ssl_ca_certs=\"FILE\", ssl_check_hostname=False",
                    TlsPolicy::Required,
                    ClientTrust::FileAndMachine,
                    NOTHING,
                ),
                way(
                    "ssl=True, ssl_ca_certs=\"FILE\"",
                    TlsPolicy::Required,
                    ClientTrust::FileAndMachine,
                    OPENSSL_NAMES,
                ),
                way("ssl=True", TlsPolicy::Required, ClientTrust::Machine, OPENSSL_NAMES),
            ],
            texts: &[OPENSSL_TEXTS, PYTHON_NAME],
            proof: Evidence::Run,
            source: "seen: redis-py 8.1 on Python 3.11; redis/connection.py",
        }],
    },
    Driver {
        name: "ioredis",
        title: "ioredis (Node)",
        engines: BOTH,
        snippet: SnippetTemplate {
            language: Language::JavaScript,
            template: "const fs = require(\"fs\");\n\
                   const Redis = require(\"ioredis\");\n\n\
                   const client = new Redis({\n  \
                     host: %{host|literal}, port: %{port}, username: %{user|literal},\n  \
                     password: process.env.DB_PASSWORD,\n  \
                     tls: { %{tls}%[, cert: fs.readFileSync(%{cert|literal}), \
                            key: fs.readFileSync(%{key|literal})%] },\n\
                   });",
            modes: [
                ModeSupport::Exact("rejectUnauthorized: false"),
                ModeSupport::Exact(
                    "ca: fs.readFileSync(%{ca|literal}), checkServerIdentity: () => undefined",
                ),
                ModeSupport::Exact("ca: fs.readFileSync(%{ca|literal})"),
            ],
            notes: &[],
            proof: Evidence::Run,
            source: "seen: ioredis 6.0; ioredis, README, TLS Options; Node Documentation, tls.connect",
        },
        behaviors: &[VersionBehavior {
            since: Some(Version::new(5, 0)),
            before: None,
            library: &OPENSSL,
            ways: &[
                way("", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
                way(
                    "tls: { rejectUnauthorized: false }",
                    TlsPolicy::Required,
                    ClientTrust::NoVerification,
                    NOTHING,
                ),
                way(
                    "tls: { ca: fs.readFileSync(\"FILE\"), checkServerIdentity: () => undefined }",
                    TlsPolicy::Required,
                    ClientTrust::File,
                    NOTHING,
                ),
                way(
                    "tls: { ca: fs.readFileSync(\"FILE\") }",
                    TlsPolicy::Required,
                    ClientTrust::File,
                    OPENSSL_NAMES,
                ),
                way("tls: {}", TlsPolicy::Required, ClientTrust::Machine, OPENSSL_NAMES),
            ],
            texts: &[NODE_TEXTS, OPENSSL_TEXTS],
            proof: Evidence::Run,
            source: "seen: ioredis 6.0 on Node 20; Node Documentation, tls.checkServerIdentity",
        }],
    },
    Driver {
        name: "go-redis",
        title: "go-redis (Go)",
        engines: BOTH,
        snippet: SnippetTemplate {
            language: Language::Go,
            template: "%{tls}\n\
                   client := redis.NewClient(&redis.Options{\n\t\
                   Addr:      net.JoinHostPort(%{host|literal}, \"%{port}\"),\n\t\
                   Username:  %{user|literal},\n\tPassword:  os.Getenv(\"DB_PASSWORD\"),\n\t\
                   TLSConfig: config,\n})",
            modes: [
                ModeSupport::Exact("config := &tls.Config{InsecureSkipVerify: true}"),
                ModeSupport::Stronger(
                    "crypto/tls checks certificate and name together, or neither",
                ),
                ModeSupport::Exact(
                    "roots := x509.NewCertPool()\n\
                 pem, err := os.ReadFile(%{ca|literal})\n\
                 if err != nil || !roots.AppendCertsFromPEM(pem) {\n\tlog.Fatal(\"no CA: \", err)\n}\n\
                 config := &tls.Config{RootCAs: roots, ServerName: %{host|literal}}\
                 %[\npair, err := tls.LoadX509KeyPair(%{cert|literal}, %{key|literal})\n\
                 if err != nil {\n\tlog.Fatal(err)\n}\n\
                 config.Certificates = []tls.Certificate{pair}%]",
                ),
            ],
            notes: &[],
            proof: Evidence::Run,
            source: "seen: go-redis 9.17; pkg.go.dev/github.com/redis/go-redis/v9, Options; crypto/tls",
        },
        behaviors: &[VersionBehavior {
            since: Some(Version::new(9, 0)),
            before: None,
            library: &GO,
            ways: &[
                way("", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
                way(
                    "TLSConfig: &tls.Config{InsecureSkipVerify: true}",
                    TlsPolicy::Required,
                    ClientTrust::NoVerification,
                    NOTHING,
                ),
                way(
                    "TLSConfig: &tls.Config{}",
                    TlsPolicy::Required,
                    ClientTrust::Machine,
                    RFC_9525,
                ),
                way(
                    "TLSConfig with RootCAs of FILE",
                    TlsPolicy::Required,
                    ClientTrust::File,
                    RFC_9525,
                ),
            ],
            texts: &[GO_TEXTS],
            proof: Evidence::Documentation,
            source: "from documentation: pkg.go.dev/github.com/redis/go-redis/v9, Options; crypto/x509",
        }],
    },
    Driver {
        name: "redis-rb",
        title: "redis (Ruby)",
        engines: BOTH,
        snippet: SnippetTemplate {
            language: Language::Ruby,
            template: "client = Redis.new(\n  host: %{host|ruby}, port: %{port}, \
                   username: %{user|ruby},\n  password: ENV['DB_PASSWORD'], ssl: true,\n  \
                   ssl_params: { %{tls}%[,\n    cert: OpenSSL::X509::Certificate.new(File.read(%{cert|ruby})),\n    \
                   key: OpenSSL::PKey.read(File.read(%{key|ruby}))%] }\n)",
            modes: [
                ModeSupport::Exact("verify_mode: OpenSSL::SSL::VERIFY_NONE"),
                ModeSupport::Exact("ca_file: %{ca|ruby}, verify_hostname: false"),
                ModeSupport::Exact("ca_file: %{ca|ruby}"),
            ],
            notes: &[],
            proof: Evidence::Run,
            source: "seen: redis-rb 5.3; github.com/redis-rb/redis-client, README, SSL",
        },
        behaviors: &[VersionBehavior {
            since: Some(Version::new(5, 0)),
            before: None,
            library: &OPENSSL,
            ways: &[
                way("", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
                way(
                    "ssl: true, ssl_params: { verify_mode: OpenSSL::SSL::VERIFY_NONE }",
                    TlsPolicy::Required,
                    ClientTrust::NoVerification,
                    NOTHING,
                ),
                way(
                    "ssl: true, ssl_params: { ca_file: 'FILE', verify_hostname: false }",
                    TlsPolicy::Required,
                    ClientTrust::File,
                    NOTHING,
                ),
                way(
                    "ssl: true, ssl_params: { ca_file: 'FILE' }",
                    TlsPolicy::Required,
                    ClientTrust::File,
                    UNKNOWN_NAMES,
                ),
            ],
            texts: &[&[(Rejection::Untrusted, "certificate verify failed")]],
            proof: Evidence::Documentation,
            source: "from documentation: github.com/redis-rb/redis-client, README, SSL",
        }],
    },
    Driver {
        name: "redis-rs",
        title: "redis (Rust)",
        engines: BOTH,
        snippet: SnippetTemplate {
            language: Language::Rust,
            template: "use redis::IntoConnectionInfo;\n\n\
                   let account = redis::RedisConnectionInfo::default()\n    \
                   .set_username(%{user|rust})\n    .set_password(std::env::var(\"DB_PASSWORD\")?);\n\
                   let server = \"rediss://%{host|urlhost}:%{port}\".into_connection_info()?;\n\
                   let client = redis::Client::build_with_tls(\n    \
                   server.set_redis_settings(account),\n    redis::TlsCertificates {\n        \
                   root_cert: Some(std::fs::read(%{ca|rust})?),\n        client_tls: %{tls},\n    },\n)?;",
            modes: [
                ModeSupport::Stronger(
                    "rustls checks certificate and name, or with #insecure neither",
                ),
                ModeSupport::Stronger("rustls checks the name too"),
                ModeSupport::Exact(
                    "None%[.or(Some(redis::ClientTlsConfig {\n            \
                 client_cert: std::fs::read(%{cert|rust})?,\n            \
                 client_key: std::fs::read(%{key|rust})?,\n        }))%]",
                ),
            ],
            notes: &[],
            proof: Evidence::Run,
            source: "seen: redis 1.8; docs.rs/redis, Client::build_with_tls",
        },
        behaviors: &[VersionBehavior {
            since: None,
            before: None,
            library: &RUSTLS,
            ways: &[
                way("redis://", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
                way(
                    "rediss://…/#insecure",
                    TlsPolicy::Required,
                    ClientTrust::NoVerification,
                    NOTHING,
                ),
                way(
                    "build_with_tls with root_cert of FILE",
                    TlsPolicy::Required,
                    ClientTrust::File,
                    RFC_9525,
                ),
            ],
            texts: &[],
            proof: Evidence::Documentation,
            source: "from documentation: docs.rs/redis, Client::build_with_tls; with its feature tls-rustls",
        }],
    },
];
