//! What Redis and Valkey, which was Redis up to 7.2, have in common.

use super::reload::{ReloadFacts, ReloadMethod};
use super::settings::{
    INTERMEDIATE, INTERMEDIATE_SOURCE, INTERMEDIATE_WHY, Profile, ServerMode, Setting, Value, note,
};

const MANUAL: &str = "redis.conf and valkey.conf, section TLS/SSL; Valkey Documentation, TLS";
const SEEN: &str = "seen: Redis 7.0, 8.0, Valkey 8.0, 8.1, 9.1";

pub(super) const SETTINGS: &[Setting] = &[
    Setting::new(
        "port",
        Value::Is("0"),
        "no port without TLS: on one, AUTH sends the password in clear text",
        SEEN,
    ),
    Setting::new("tls-port", Value::TlsPort, "", MANUAL),
    Setting::new("tls-cert-file", Value::Certificate, "what clients are shown", MANUAL),
    Setting::new("tls-key-file", Value::Key, "", MANUAL),
    Setting::new(
        "tls-ca-cert-file",
        Value::Ca,
        "whose certificates are good: of clients, and of the nodes that this one dials",
        MANUAL,
    ),
    Setting::new(
        "tls-auth-clients",
        Value::Is("no"),
        "TLS is enough; the default, yes, asks every client for a certificate",
        SEEN,
    )
    .in_mode(ServerMode::Required),
    Setting::new(
        "tls-auth-clients",
        Value::Is("yes"),
        "no client gets in without a certificate of the CA",
        SEEN,
    )
    .in_mode(ServerMode::VerifyCa),
    Setting::new(
        "tls-replication",
        Value::Is("yes"),
        "a replica dials its primary with TLS, and with the server's certificate, which then \
         needs both server and client use",
        "seen: a primary refuses a replica with a certificate for servers alone",
    ),
    Setting::new("tls-cluster", Value::Is("yes"), "the nodes of a cluster too", MANUAL),
    Setting::new("tls-protocols", Value::Is("TLSv1.3"), "", MANUAL).in_profile(Profile::Modern),
    Setting::new("tls-protocols", Value::Is("TLSv1.2 TLSv1.3"), "", MANUAL)
        .in_profile(Profile::Intermediate),
    Setting::new("tls-ciphers", Value::Is(INTERMEDIATE), INTERMEDIATE_WHY, INTERMEDIATE_SOURCE)
        .in_profile(Profile::Intermediate),
];

/// One CONFIG SET takes all, or nothing: certificate and key fit at every moment, and with TLS
/// there the port without it goes.
pub(super) const INSTALL: ReloadFacts = ReloadFacts {
    way: ReloadMethod::Commands,
    reload: "CONFIG SET",
    off: "",
    demand: "",
    at_start: &[],
    later: &[],
    kept: "",
    folders: &[],
    program: "",
    check: &[],
};

pub(super) const NOTES: &[Setting] = &[
    note(
        "new files are taken with CONFIG SET, certificate and key in one command, the same \
         paths too; the command-line client exits 0 even when they were not taken",
        SEEN,
    ),
    note(
        "it has to be read last: of a setting that is there twice the last one counts, and \
         CONFIG REWRITE writes into the main file",
        "Redis Documentation, Redis configuration; CONFIG REWRITE",
    ),
];
