//! Clients of Redis and Valkey.

use super::rules::{
    GO, GO_TEXTS, NODE_TEXTS, NOTHING, OPENSSL, OPENSSL_NAMES, OPENSSL_TEXTS, PYTHON, PYTHON_NAME,
    RFC_9525, RUSTLS, UNKNOWN_NAMES, way,
};
use super::{Client, Tls, Trouble, Trust, Way};
use crate::engine::Version;
use crate::snippet::clients::Proof;

/// Neither of the two has an option by which it would look at names.
const CLI: &[Way] = &[
    way("", Tls::Never, Trust::Anybody, NOTHING),
    way("--tls --insecure", Tls::Required, Trust::Anybody, NOTHING),
    way("--tls --cacert FILE", Tls::Required, Trust::File, NOTHING),
    way("--tls", Tls::Required, Trust::Machine, NOTHING),
];

const CLI_TEXTS: &[(Trouble, &str)] = &[
    (Trouble::Untrusted, "SSL_connect failed: certificate verify failed"),
    (Trouble::Expired, "SSL_connect failed: certificate verify failed"),
    (Trouble::NotYetValid, "SSL_connect failed: certificate verify failed"),
    (Trouble::Purpose, "SSL_connect failed: certificate verify failed"),
];

pub(super) const CLIENTS: &[Client] = &[
    Client {
        name: "redis-cli",
        since: Some(Version::new(6, 2)),
        before: None,
        library: &OPENSSL,
        ways: CLI,
        texts: &[CLI_TEXTS],
        proof: Proof::Run,
        source: "seen: redis-cli 7.0, 8.0",
    },
    Client {
        name: "valkey-cli",
        since: None,
        before: None,
        library: &OPENSSL,
        ways: CLI,
        texts: &[CLI_TEXTS],
        proof: Proof::Run,
        source: "seen: valkey-cli 8.1, 9.1",
    },
    Client {
        name: "redis-py",
        since: Some(Version::new(6, 0)),
        before: None,
        library: &PYTHON,
        ways: &[
            way("", Tls::Never, Trust::Anybody, NOTHING),
            way(
                "ssl=True, ssl_cert_reqs=\"none\", ssl_check_hostname=False",
                Tls::Required,
                Trust::Anybody,
                NOTHING,
            ),
            way(
                "ssl=True, ssl_ca_certs=\"FILE\", ssl_check_hostname=False",
                Tls::Required,
                Trust::FileAndMachine,
                NOTHING,
            ),
            way(
                "ssl=True, ssl_ca_certs=\"FILE\"",
                Tls::Required,
                Trust::FileAndMachine,
                OPENSSL_NAMES,
            ),
            way("ssl=True", Tls::Required, Trust::Machine, OPENSSL_NAMES),
        ],
        texts: &[OPENSSL_TEXTS, PYTHON_NAME],
        proof: Proof::Run,
        source: "seen: redis-py 8.1 on Python 3.11; redis/connection.py",
    },
    Client {
        name: "ioredis",
        since: Some(Version::new(5, 0)),
        before: None,
        library: &OPENSSL,
        ways: &[
            way("", Tls::Never, Trust::Anybody, NOTHING),
            way("tls: { rejectUnauthorized: false }", Tls::Required, Trust::Anybody, NOTHING),
            way(
                "tls: { ca: fs.readFileSync(\"FILE\"), checkServerIdentity: () => undefined }",
                Tls::Required,
                Trust::File,
                NOTHING,
            ),
            way(
                "tls: { ca: fs.readFileSync(\"FILE\") }",
                Tls::Required,
                Trust::File,
                OPENSSL_NAMES,
            ),
            way("tls: {}", Tls::Required, Trust::Machine, OPENSSL_NAMES),
        ],
        texts: &[NODE_TEXTS, OPENSSL_TEXTS],
        proof: Proof::Run,
        source: "seen: ioredis 6.0 on Node 20; Node Documentation, tls.checkServerIdentity",
    },
    Client {
        name: "go-redis",
        since: Some(Version::new(9, 0)),
        before: None,
        library: &GO,
        ways: &[
            way("", Tls::Never, Trust::Anybody, NOTHING),
            way(
                "TLSConfig: &tls.Config{InsecureSkipVerify: true}",
                Tls::Required,
                Trust::Anybody,
                NOTHING,
            ),
            way("TLSConfig: &tls.Config{}", Tls::Required, Trust::Machine, RFC_9525),
            way("TLSConfig with RootCAs of FILE", Tls::Required, Trust::File, RFC_9525),
        ],
        texts: &[GO_TEXTS],
        proof: Proof::Documentation,
        source: "from documentation: pkg.go.dev/github.com/redis/go-redis/v9, Options; crypto/x509",
    },
    Client {
        name: "redis-rb",
        since: Some(Version::new(5, 0)),
        before: None,
        library: &OPENSSL,
        ways: &[
            way("", Tls::Never, Trust::Anybody, NOTHING),
            way(
                "ssl: true, ssl_params: { verify_mode: OpenSSL::SSL::VERIFY_NONE }",
                Tls::Required,
                Trust::Anybody,
                NOTHING,
            ),
            way(
                "ssl: true, ssl_params: { ca_file: 'FILE', verify_hostname: false }",
                Tls::Required,
                Trust::File,
                NOTHING,
            ),
            way(
                "ssl: true, ssl_params: { ca_file: 'FILE' }",
                Tls::Required,
                Trust::File,
                UNKNOWN_NAMES,
            ),
        ],
        texts: &[&[(Trouble::Untrusted, "certificate verify failed")]],
        proof: Proof::Documentation,
        source: "from documentation: github.com/redis-rb/redis-client, README, SSL",
    },
    Client {
        name: "redis-rs",
        since: None,
        before: None,
        library: &RUSTLS,
        ways: &[
            way("redis://", Tls::Never, Trust::Anybody, NOTHING),
            way("rediss://…/#insecure", Tls::Required, Trust::Anybody, NOTHING),
            way("build_with_tls with root_cert of FILE", Tls::Required, Trust::File, RFC_9525),
        ],
        texts: &[],
        proof: Proof::Documentation,
        source: "from documentation: docs.rs/redis, Client::build_with_tls; with its feature tls-rustls",
    },
];
