//! Clients of Redis and Valkey.

use super::{Client, Evidence, Language, ModeSupport};
use crate::engine::Engine;

const BOTH: &[Engine] = &[Engine::Redis, Engine::Valkey];
const NO_NAMES: &str = "it never compares the name in the certificate";
const PASSWORD: &str = "the password is in the environment: REDISCLI_AUTH";

pub(super) const CLIENTS: &[Client] = &[
    Client {
        name: "redis-cli",
        title: "redis-cli",
        engines: BOTH,
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
    Client {
        name: "valkey-cli",
        title: "valkey-cli",
        engines: BOTH,
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
    Client {
        name: "redis-py",
        title: "redis-py (Python)",
        engines: BOTH,
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
            ModeSupport::Stronger(
                "it trusts the CAs of the system too, so that without the name a certificate \
                 that anybody can get would do",
            ),
            ModeSupport::Exact(
                "ssl_cert_reqs=\"required\", ssl_ca_certs=%{ca|literal}, ssl_check_hostname=True,",
            ),
        ],
        notes: &["the CAs of the system are trusted too"],
        proof: Evidence::Run,
        source: "seen, in connection.py too: redis-py 8.1; redis-py Documentation, SSL Connection Examples",
    },
    Client {
        name: "ioredis",
        title: "ioredis (Node)",
        engines: BOTH,
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
    Client {
        name: "go-redis",
        title: "go-redis (Go)",
        engines: BOTH,
        language: Language::Go,
        template: "%{tls}\n\
                   client := redis.NewClient(&redis.Options{\n\t\
                   Addr:      net.JoinHostPort(%{host|literal}, \"%{port}\"),\n\t\
                   Username:  %{user|literal},\n\tPassword:  os.Getenv(\"DB_PASSWORD\"),\n\t\
                   TLSConfig: config,\n})",
        modes: [
            ModeSupport::Exact("config := &tls.Config{InsecureSkipVerify: true}"),
            ModeSupport::Stronger("crypto/tls checks certificate and name together, or neither"),
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
    Client {
        name: "redis-rb",
        title: "redis (Ruby)",
        engines: BOTH,
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
    Client {
        name: "redis-rs",
        title: "redis (Rust)",
        engines: BOTH,
        language: Language::Rust,
        template: "use redis::IntoConnectionInfo;\n\n\
                   let account = redis::RedisConnectionInfo::default()\n    \
                   .set_username(%{user|rust})\n    .set_password(std::env::var(\"DB_PASSWORD\")?);\n\
                   let server = \"rediss://%{host|urlhost}:%{port}\".into_connection_info()?;\n\
                   let client = redis::Client::build_with_tls(\n    \
                   server.set_redis_settings(account),\n    redis::TlsCertificates {\n        \
                   root_cert: Some(std::fs::read(%{ca|rust})?),\n        client_tls: %{tls},\n    },\n)?;",
        modes: [
            ModeSupport::Stronger("rustls checks certificate and name, or with #insecure neither"),
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
];
