//! Clients of Redis and Valkey.

use super::rules::{
    GO, GO_TEXTS, NODE_TEXTS, NOTHING, OPENSSL, OPENSSL_NAMES, OPENSSL_TEXTS, PYTHON, PYTHON_NAME,
    RFC_9525, RUSTLS, UNKNOWN_NAMES, way,
};
use super::{ClientBehavior, ClientConfiguration, ClientTrust, Rejection, TlsPolicy};
use crate::engine::Version;
use crate::snippet::clients::Evidence;

/// Neither of the two has an option by which it would look at names.
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

pub(super) const CLIENTS: &[ClientBehavior] = &[
    ClientBehavior {
        name: "redis-cli",
        since: Some(Version::new(6, 2)),
        before: None,
        library: &OPENSSL,
        ways: CLI,
        texts: &[CLI_TEXTS],
        proof: Evidence::Run,
        source: "seen: redis-cli 7.0, 8.0",
    },
    ClientBehavior {
        name: "valkey-cli",
        since: None,
        before: None,
        library: &OPENSSL,
        ways: CLI,
        texts: &[CLI_TEXTS],
        proof: Evidence::Run,
        source: "seen: valkey-cli 8.1, 9.1",
    },
    ClientBehavior {
        name: "redis-py",
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
    },
    ClientBehavior {
        name: "ioredis",
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
    },
    ClientBehavior {
        name: "go-redis",
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
            way("TLSConfig: &tls.Config{}", TlsPolicy::Required, ClientTrust::Machine, RFC_9525),
            way("TLSConfig with RootCAs of FILE", TlsPolicy::Required, ClientTrust::File, RFC_9525),
        ],
        texts: &[GO_TEXTS],
        proof: Evidence::Documentation,
        source: "from documentation: pkg.go.dev/github.com/redis/go-redis/v9, Options; crypto/x509",
    },
    ClientBehavior {
        name: "redis-rb",
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
    },
    ClientBehavior {
        name: "redis-rs",
        since: None,
        before: None,
        library: &RUSTLS,
        ways: &[
            way("redis://", TlsPolicy::Never, ClientTrust::NoVerification, NOTHING),
            way("rediss://…/#insecure", TlsPolicy::Required, ClientTrust::NoVerification, NOTHING),
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
    },
];
