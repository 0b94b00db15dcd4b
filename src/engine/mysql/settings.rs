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
        "the CAs that may sign client certificates, and the server's own intermediate CAs",
        "seen: MySQL 9.7 refuses to reload a chain whose intermediate is not in ssl_ca",
    ),
    Setting::new(
        "ssl_cert",
        Value::Certificate,
        "the certificate that the server presents",
        MANUAL,
    ),
    Setting::new("ssl_key", Value::Key, "", MANUAL),
    Setting::new(
        "tls_certificates_enforced_validation",
        Value::Is("ON"),
        "without it, a server with missing or wrong TLS files starts without TLS and only warns",
        "seen: MySQL 9.7; MySQL Reference Manual, tls_certificates_enforced_validation (8.1)",
    )
    .from(8, 1),
    Setting::new(
        "require_secure_transport",
        Value::Is("ON"),
        "refuses clients without TLS; the Unix socket stays open to them",
        "seen: MySQL 9.7 answers 3159, or a cold caching_sha2_password 2061 before it",
    )
    .with_exception(false),
    Setting::new(
        "require_secure_transport",
        Value::Is("OFF"),
        "THE EXCEPTION: only REQUIRE SSL of an account refuses its clients without TLS",
        "seen: an account without REQUIRE logs in by plain TCP when this is OFF",
    )
    .with_exception(true),
    Setting::new(
        "mysql_native_password",
        Value::Is("ON"),
        "THE EXCEPTION: MySQL 8.4 loads this plugin only if it is told to",
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
        "ALTER INSTANCE RELOAD TLS loads new files in the same place; open connections stay",
        "seen: MySQL 9.7",
    ),
    note(
        "replicas: CHANGE REPLICATION SOURCE TO SOURCE_SSL=1, SOURCE_SSL_CA='...', SOURCE_SSL_VERIFY_SERVER_CERT=1",
        "MySQL Reference Manual, Setting Up Replication to Use Encrypted Connections",
    ),
    note(
        "before 8.1, a server with missing or wrong TLS files starts without TLS: see its log",
        "seen: MySQL 9.7 with tls_certificates_enforced_validation=OFF; 8.0 has no such setting",
    )
    .before(8, 1),
    note(
        "accounts demand client certificates, this file does not: ccx-sec snippet users --engine mysql --mode VERIFY_CA prints the statements",
        "seen: MySQL 9.7 lets an account without REQUIRE in with TLS and no certificate",
    )
    .in_mode(ServerMode::VerifyCa),
];
