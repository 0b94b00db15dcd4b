//! Code that Redis and Valkey share. Valkey was Redis up to 7.2.

mod accounts;
mod remedies;

use super::Version;
use super::protocol::{
    AdmissionRule, FurtherPorts, LoginProtocol, PassRule, PlaintextRefusal, ProtocolFacts,
    WireProtocol,
};
use super::quote;
use super::reload::{ReloadFacts, ReloadMethod, ReplicaAdvice};
use super::settings::{
    ConfigFile, INTERMEDIATE, INTERMEDIATE_SOURCE, INTERMEDIATE_WHY, Profile, ServerMode,
    ServerSettings, Setting, Value, is_word, note,
};
use crate::error::Result;

pub(super) use accounts::RedisAccounts;
pub(super) use remedies::RedisRemedies;

const MANUAL: &str = "redis.conf and valkey.conf, section TLS/SSL; Valkey Documentation, TLS";
const SEEN: &str = "seen: Redis 7.0, 8.0, Valkey 8.0, 8.1, 9.1";

pub(super) const SETTINGS: &[Setting] = &[
    Setting::new(
        "port",
        Value::Is("0"),
        "no port without TLS: AUTH would send the password in clear text",
        SEEN,
    ),
    Setting::new("tls-port", Value::TlsPort, "", MANUAL),
    Setting::new(
        "tls-cert-file",
        Value::Certificate,
        "the certificate that the server presents",
        MANUAL,
    ),
    Setting::new("tls-key-file", Value::Key, "", MANUAL),
    Setting::new(
        "tls-ca-cert-file",
        Value::Ca,
        "the CAs that may sign certificates of clients, and of nodes that this one connects to",
        MANUAL,
    ),
    Setting::new(
        "tls-auth-clients",
        Value::Is("no"),
        "TLS is enough; the default, yes, demands a certificate of every client",
        SEEN,
    )
    .in_mode(ServerMode::Required),
    Setting::new(
        "tls-auth-clients",
        Value::Is("yes"),
        "refuses clients without a certificate of the CA",
        SEEN,
    )
    .in_mode(ServerMode::VerifyCa),
    Setting::new(
        "tls-replication",
        Value::Is("yes"),
        "replicas connect with TLS and this certificate, which needs both server and client use",
        "seen: a primary refuses a replica with a certificate for servers alone",
    ),
    Setting::new("tls-cluster", Value::Is("yes"), "nodes of a cluster do the same", MANUAL),
    Setting::new("tls-protocols", Value::Is("TLSv1.3"), "", MANUAL).in_profile(Profile::Modern),
    Setting::new("tls-protocols", Value::Is("TLSv1.2 TLSv1.3"), "", MANUAL)
        .in_profile(Profile::Intermediate),
    Setting::new("tls-ciphers", Value::Is(INTERMEDIATE), INTERMEDIATE_WHY, INTERMEDIATE_SOURCE)
        .in_profile(Profile::Intermediate),
];

/// The settings of a server of these versions.
pub(super) const fn server(
    versions: (Version, Version),
    files: &'static [ConfigFile],
) -> ServerSettings {
    ServerSettings {
        versions,
        modern_from: Version::new(7, 0),
        verifies_clients: true,
        has_tls_port: true,
        has_galera: false,
        native_password: None,
        files,
    }
}

/// The file of settings, included from the main file at `place`.
pub(super) const fn file(place: &'static str) -> ConfigFile {
    ConfigFile {
        name: "ccx-sec.conf",
        place,
        line: setting_line,
        section: "",
        settings: SETTINGS,
        notes: NOTES,
    }
}

fn setting_line(name: &str, value: &str) -> Result<String> {
    Ok(match is_word(value) {
        true => format!("{name} {value}"),
        false => format!("{name} {}", quote::redis_setting(value)),
    })
}

/// The facts about CONFIG SET. It sets all values or none: so certificate and key match at every
/// moment, and the plaintext port closes in the same step. `is_version_of` gets the answer to INFO.
pub(super) const fn install(is_version_of: fn(&str) -> bool) -> ReloadFacts {
    ReloadFacts {
        method: ReloadMethod::Commands,
        is_version_of,
        reload: "CONFIG SET",
        off: "",
        demand: "",
        at_start: &[],
        later: &[],
        kept: "",
        folders: &[],
        program: "",
        check: &[],
        first_restart: None,
        replicas: ReplicaAdvice {
            tls: "first, on each replica: CONFIG SET tls-replication yes",
            certificate: None,
        },
    }
}

pub(super) const NOTES: &[Setting] = &[
    note("one CONFIG SET of certificate and key loads new files, also at the same paths", SEEN),
    note(
        "include this file last: the last value counts, and CONFIG REWRITE changes the main file",
        "Redis Documentation, Redis configuration; CONFIG REWRITE",
    ),
];

/// The protocol facts of Redis and Valkey.
pub(super) const PROTOCOL: ProtocolFacts = ProtocolFacts {
    wire: WireProtocol::Redis,
    login: Some(LoginProtocol::Redis),
    socket_name: None,
    starts_with_tls: true,
    plaintext_port_ignores_tls: true,
    direct_alpn: None,
    admission: AdmissionRule::Port,
    refusal: PlaintextRefusal::HangUp,
    counts_connect_errors: false,
    plaintext_condition: None,
    proves_password: false,
    further_ports: FurtherPorts::Plaintext,
    pass_rules: PASS_RULES,
};

const PASS_RULES: &[PassRule] = &[PassRule {
    engines: "Redis, Valkey",
    refused_by: "a TLS alert, or a hang-up: before TLS they have no words",
    control: "refused twice (`--attempts`) or more, with TLS accepted before the last time and \
                  after it; as often, a client without TLS that sends a broken TLS record is \
                  answered with a TLS alert (a proxy that hangs up sends none)",
    holds_for: "everybody at the servers met at this address and port",
}];
