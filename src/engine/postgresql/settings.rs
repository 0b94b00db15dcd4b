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
            place: "above all else in pg_hba.conf, of which the first line that fits \
                    decides; then SELECT pg_reload_conf()",
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
    Setting::new("ssl_ca_file", Value::Ca, "whose client certificates are good", MANUAL)
        .in_mode(VERIFY),
    Setting::new("ssl_cert_file", Value::Certificate, "what clients are shown", MANUAL),
    Setting::new(
        "ssl_key_file",
        Value::Key,
        "mode 0600 and the server's own, or 0640 and root's: with another PostgreSQL does \
         not start",
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
        "pg_reload_conf() says t even when the files were not taken: the log alone tells \
         (SSL configuration was not reloaded), or a handshake",
        "seen: PostgreSQL 15, 17, 18",
    ),
    note(
        "what is given with -c on the server's command line, or with ALTER SYSTEM, wins over \
         this file, on a reload too",
        "seen: PostgreSQL 15, 17, 18; PostgreSQL Documentation, 20.1",
    ),
    note(
        "this file alone turns nobody away: what lets clients in without TLS is pg_hba.conf",
        "seen: PostgreSQL 15, 17, 18",
    ),
];

const HBA: &[Setting] = &[
    Setting::new(
        "hostnossl  all          all  all  reject",
        Value::Line,
        "no connection by TCP without TLS (nor with GSSAPI encryption in its place), whatever the \
         lines below say",
        "seen: PostgreSQL 15, 17, 18 answer 28000, pg_hba.conf rejects connection",
    ),
    Setting::new(
        "hostnossl  replication  all  all  reject",
        Value::Line,
        "the word all does not stand for physical replication",
        HBA_MANUAL,
    ),
    Setting::new(
        "hostssl    all          all  all  scram-sha-256  clientcert=verify-ca",
        Value::Line,
        "a certificate of the CA and a password; narrow the addresses if you can. No host or \
         hostssl line below is ever reached",
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
        "instead of a copy, one line can name this file: include /PATH/pg_hba.ccx-sec.conf",
        HBA_MANUAL,
    )
    .from(16, 0),
    note(
        "your own lines go below and decide who else gets in; a host line there now lets in \
         clients with TLS alone",
        "seen: PostgreSQL 15, 17, 18",
    )
    .in_mode(ServerMode::Required),
    note(
        "an account whose password is still kept as md5 cannot log in by scram-sha-256: set \
         it anew, with password_encryption = 'scram-sha-256'",
        "PostgreSQL Documentation, 21.5 Password Authentication",
    )
    .in_mode(VERIFY),
    note(
        "check it before the reload: SELECT * FROM pg_hba_file_rules WHERE error IS NOT NULL",
        "PostgreSQL Documentation, 54.9 pg_hba_file_rules",
    ),
];
