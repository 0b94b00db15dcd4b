//! The TLS settings of MySQL.

use crate::engine::Version;
use crate::engine::mysql_family::option_line;
use crate::engine::settings::{
    ConfigFile, INTERMEDIATE, INTERMEDIATE_SOURCE, INTERMEDIATE_WHY, NativePassword, Profile,
    ServerMode, ServerSettings, Setting, Value, note,
};

pub(super) const SERVER: ServerSettings = ServerSettings {
    versions: (Version::new(8, 0), Version::new(9, 7)),
    modern_from: Version::new(8, 0),
    verifies_clients: true,
    has_tls_port: false,
    has_galera: false,
    native_password: Some(NativePassword {
        gone_since: Some(Version::new(9, 0)),
        people: super::PEOPLE,
    }),
    files: &[ConfigFile {
        name: "zz-ccx-sec.cnf",
        place: "into the folder of option files, read last, such as /etc/mysql/conf.d; \
                then restart",
        line: option_line,
        section: "[mysqld]",
        settings: SETTINGS,
        notes: NOTES,
    }],
};

const MANUAL: &str = "MySQL Reference Manual, Server System Variables";

const SETTINGS: &[Setting] = &[
    Setting::new(
        "ssl_ca",
        Value::Ca,
        "whose client certificates are good; an intermediate CA belongs in here too",
        "seen: MySQL 9.7 refuses to reload a chain whose intermediate is not in ssl_ca",
    ),
    Setting::new("ssl_cert", Value::Certificate, "what clients are shown", MANUAL),
    Setting::new("ssl_key", Value::Key, "", MANUAL),
    Setting::new(
        "tls_certificates_enforced_validation",
        Value::Is("ON"),
        "without it, a server whose files are missing or wrong starts without TLS, \
         and only warns",
        "seen: MySQL 9.7; MySQL Reference Manual, tls_certificates_enforced_validation (8.1)",
    )
    .from(8, 1),
    Setting::new(
        "require_secure_transport",
        Value::Is("ON"),
        "clients without TLS are turned away; the Unix socket counts as safe",
        "seen: MySQL 9.7 answers 3159, or a cold caching_sha2_password 2061 before it",
    )
    .with_exception(false),
    Setting::new(
        "require_secure_transport",
        Value::Is("OFF"),
        "THE EXCEPTION: only REQUIRE SSL of each account keeps its clients from coming \
         without TLS",
        "seen: an account without REQUIRE logs in by plain TCP when this is OFF",
    )
    .with_exception(true),
    Setting::new(
        "mysql_native_password",
        Value::Is("ON"),
        "THE EXCEPTION: 8.4 does not load the plugin unless told to",
        "MySQL 8.4 Reference Manual, Native Pluggable Authentication",
    )
    .from(8, 4)
    .before(9, 0)
    .with_exception(true),
    Setting::new("tls_version", Value::Is("TLSv1.3"), "", MANUAL).in_profile(Profile::Modern),
    Setting::new("tls_version", Value::Is("TLSv1.2,TLSv1.3"), "", MANUAL)
        .in_profile(Profile::Intermediate),
    Setting::new("ssl_cipher", Value::Is(INTERMEDIATE), INTERMEDIATE_WHY, INTERMEDIATE_SOURCE)
        .in_profile(Profile::Intermediate),
];

const NOTES: &[Setting] = &[
    note(
        "new files in the same place are taken with ALTER INSTANCE RELOAD TLS; \
         connections that are open live on",
        "seen: MySQL 9.7",
    ),
    note(
        "a replica has to ask for TLS itself: CHANGE REPLICATION SOURCE TO SOURCE_SSL=1, \
         SOURCE_SSL_CA='...', SOURCE_SSL_VERIFY_SERVER_CERT=1",
        "MySQL Reference Manual, Setting Up Replication to Use Encrypted Connections",
    ),
    note(
        "before 8.1 a server whose TLS files are missing or wrong starts without TLS, and only \
         warns: look at its log, or ask it from outside",
        "seen: MySQL 9.7 with tls_certificates_enforced_validation=OFF; 8.0 has no such setting",
    )
    .before(8, 1),
    note(
        "a client certificate is demanded account by account (REQUIRE X509): without what \
         'ccx-sec snippet users --engine mysql --mode VERIFY_CA' prints, this server asks \
         no account for one",
        "seen: MySQL 9.7 lets an account without REQUIRE in with TLS and no certificate",
    )
    .in_mode(ServerMode::VerifyCa),
];
