//! The TLS settings of PostgreSQL.

use crate::engine::Version;
use crate::engine::quote;
use crate::engine::settings::{
    ConfigFile, INTERMEDIATE, INTERMEDIATE_SOURCE, INTERMEDIATE_WHY, Profile, ServerMode,
    ServerSettings, Setting, Value, note,
};
use crate::error::Result;

pub(super) const SERVER: ServerSettings = ServerSettings {
    versions: (Version::new(14, 0), Version::new(18, 0)),
    modern_from: Version::new(14, 0),
    verifies_clients: true,
    has_tls_port: false,
    has_galera: false,
    native_password: None,
    files: &[
        ConfigFile {
            name: "zz-ccx-sec.conf",
            place: "into the folder that include_dir of postgresql.conf names, such as \
                    conf.d; then SELECT pg_reload_conf()",
            line: setting_line,
            section: "",
            settings: SETTINGS,
            notes: NOTES,
        },
        ConfigFile {
            name: "pg_hba.ccx-sec.conf",
            place: "at the top of pg_hba.conf: PostgreSQL uses the first line that matches; then SELECT pg_reload_conf()",
            line: hba_line,
            section: "",
            settings: HBA,
            notes: HBA_NOTES,
        },
    ],
};

/// A line of postgresql.conf.
fn setting_line(name: &str, value: &str) -> Result<String> {
    Ok(format!("{name} = {}", quote::postgresql_setting(value)))
}

/// A line of pg_hba.conf, which has no settings with a value.
fn hba_line(name: &str, _value: &str) -> Result<String> {
    Ok(name.to_owned())
}

const MANUAL: &str = "PostgreSQL Documentation, 20.3.3 SSL";
const HBA_MANUAL: &str = "PostgreSQL Documentation, 21.1 The pg_hba.conf File";
const VERIFY: ServerMode = ServerMode::VerifyCa;

const SETTINGS: &[Setting] = &[
    Setting::new("ssl", Value::Is("on"), "", MANUAL),
    Setting::new("ssl_ca_file", Value::Ca, "the CAs that may sign client certificates", MANUAL)
        .in_mode(VERIFY),
    Setting::new(
        "ssl_cert_file",
        Value::Certificate,
        "the certificate that the server presents",
        MANUAL,
    ),
    Setting::new(
        "ssl_key_file",
        Value::Key,
        "PostgreSQL starts only if this file is its own with mode 0600, or root's with mode 0640",
        "seen: PostgreSQL 15, 17, 18",
    ),
    Setting::new("ssl_min_protocol_version", Value::Is("TLSv1.3"), "", MANUAL)
        .in_profile(Profile::Modern),
    Setting::new("ssl_min_protocol_version", Value::Is("TLSv1.2"), "", MANUAL)
        .in_profile(Profile::Intermediate),
    Setting::new("ssl_ciphers", Value::Is(INTERMEDIATE), INTERMEDIATE_WHY, INTERMEDIATE_SOURCE)
        .in_profile(Profile::Intermediate),
];

const NOTES: &[Setting] = &[
    note(
        "pg_reload_conf() returns t even if PostgreSQL rejects the files; its log says why",
        "seen: PostgreSQL 15, 17, 18",
    ),
    note(
        "settings given with -c on the command line, or by ALTER SYSTEM, override this file",
        "seen: PostgreSQL 15, 17, 18; PostgreSQL Documentation, 20.1",
    ),
    note(
        "this file does not refuse clients without TLS: pg_hba.conf does",
        "seen: PostgreSQL 15, 17, 18",
    ),
];

const HBA: &[Setting] = &[
    Setting::new(
        "hostnossl  all          all  all  reject",
        Value::Line,
        "refuses TCP connections without TLS, also those with GSSAPI encryption",
        "seen: PostgreSQL 15, 17, 18 answer 28000, pg_hba.conf rejects connection",
    ),
    Setting::new(
        "hostnossl  replication  all  all  reject",
        Value::Line,
        "the word all does not include physical replication",
        HBA_MANUAL,
    ),
    Setting::new(
        "hostssl    all          all  all  scram-sha-256  clientcert=verify-ca",
        Value::Line,
        "demands a certificate of the CA; host and hostssl lines below are never reached",
        "seen: PostgreSQL 15, 17, 18: connection requires a valid client certificate",
    )
    .in_mode(VERIFY),
    Setting::new(
        "hostssl    replication  all  all  scram-sha-256  clientcert=verify-ca",
        Value::Line,
        "",
        HBA_MANUAL,
    )
    .in_mode(VERIFY),
];

const HBA_NOTES: &[Setting] = &[
    note(
        "instead of a copy, one line can include this file: include /PATH/pg_hba.ccx-sec.conf",
        HBA_MANUAL,
    )
    .from(16, 0)
    .by_hand(),
    note(
        "your own lines below decide who may connect; a host line there now admits only TLS",
        "seen: PostgreSQL 15, 17, 18",
    )
    .in_mode(ServerMode::Required),
    note(
        "a role with an md5 password needs a new one, set with password_encryption = 'scram-sha-256'",
        "PostgreSQL Documentation, 21.5 Password Authentication",
    )
    .in_mode(VERIFY),
    note(
        "check it before the reload: SELECT * FROM pg_hba_file_rules WHERE error IS NOT NULL",
        "PostgreSQL Documentation, 54.9 pg_hba_file_rules",
    )
    .by_hand(),
];
