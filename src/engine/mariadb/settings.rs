//! The TLS settings of MariaDB.

use crate::engine::Version;
use crate::engine::mysql_family::option_line;
use crate::engine::settings::{
    ConfigFile, INTERMEDIATE, INTERMEDIATE_SOURCE, INTERMEDIATE_WHY, NativePassword, Profile,
    ServerMode, ServerSettings, Setting, Value, note,
};

pub(super) const SERVER: ServerSettings = ServerSettings {
    versions: (Version::new(10, 6), Version::new(12, 0)),
    modern_from: Version::new(10, 6),
    verifies_clients: true,
    has_tls_port: false,
    has_galera: true,
    native_password: Some(NativePassword { gone_since: None, people: super::PEOPLE }),
    files: &[ConfigFile {
        name: "zz-ccx-sec.cnf",
        place: "into the folder of option files, read last, such as \
                /etc/mysql/mariadb.conf.d; then restart",
        line: option_line,
        section: "[mariadbd]",
        settings: SETTINGS,
        notes: NOTES,
    }],
};

const MANUAL: &str = "MariaDB Documentation, SSL/TLS System Variables";

const SETTINGS: &[Setting] = &[
    Setting::new(
        "ssl",
        Value::Is("ON"),
        "overrides a skip-ssl in an earlier file",
        "seen: MariaDB with skip_ssl has no TLS, whatever else is set",
    ),
    Setting::new("ssl_ca", Value::Ca, "the CAs that may sign client certificates", MANUAL),
    Setting::new(
        "ssl_cert",
        Value::Certificate,
        "without it, MariaDB before 11.4 has no TLS; later ones make one that clients cannot verify",
        "seen: MariaDB 10.11, 11.8",
    ),
    Setting::new("ssl_key", Value::Key, "", MANUAL),
    Setting::new(
        "require_secure_transport",
        Value::Is("ON"),
        "refuses clients without TLS; the Unix socket stays open to them",
        "seen: MariaDB 10.11 answers 1045 as to a wrong password, 11.8 answers 3159",
    )
    .with_exception(false),
    Setting::new(
        "require_secure_transport",
        Value::Is("OFF"),
        "THE EXCEPTION: only REQUIRE SSL of an account refuses its clients without TLS",
        "seen: an account without REQUIRE logs in by plain TCP when this is OFF",
    )
    .with_exception(true),
    Setting::new("tls_version", Value::Is("TLSv1.3"), "", MANUAL).in_profile(Profile::Modern),
    Setting::new("tls_version", Value::Is("TLSv1.2,TLSv1.3"), "", MANUAL)
        .in_profile(Profile::Intermediate),
    Setting::new("ssl_cipher", Value::Is(INTERMEDIATE), INTERMEDIATE_WHY, INTERMEDIATE_SOURCE)
        .in_profile(Profile::Intermediate),
    Setting::new(
        "wsrep_provider_options",
        Value::GaleraOptions,
        "the nodes replicate over port 4567 with TLS, and check each other's certificates; every \
         node of the cluster needs this at the same time. Add the other options of this variable \
         here: the last file that sets it wins",
        "Galera Cluster Documentation, SSL Configuration; seen: 26.4 with MariaDB 11.8",
    )
    .in_galera(),
    Setting::new("[sst]", Value::Line, "", "").in_galera(),
    Setting::new(
        "ssl-mode",
        Value::Is("VERIFY_CA"),
        "state transfers (mariabackup, rsync) with TLS, by the same files; rsync then needs \
         stunnel on every node, without which no node can join",
        "MariaDB Documentation, mariadb-backup SST Method; wsrep_sst_rsync",
    )
    .in_galera(),
];

const NOTES: &[Setting] = &[
    note(
        "nodes of a Galera cluster need settings of their own: ccx-sec snippet server --galera",
        "Galera Cluster Documentation, SSL Configuration",
    ),
    note("MariaDB does not warn of an expired certificate", "seen: MariaDB 10.11, 11.8"),
    note(
        "FLUSH SSL loads new files in the same place; other paths need a restart (ERROR 1238)",
        "seen: MariaDB 10.11, 11.8",
    ),
    note(
        "replicas: CHANGE MASTER TO MASTER_SSL=1, MASTER_SSL_CA='...', MASTER_SSL_VERIFY_SERVER_CERT=1",
        "MariaDB Documentation, Replication with Secure Connections",
    ),
    note(
        "accounts demand client certificates, this file does not: ccx-sec snippet users --engine mariadb --mode VERIFY_CA prints the statements",
        "seen: MariaDB 10.11, 11.8 let an account without REQUIRE in with TLS and no certificate",
    )
    .in_mode(ServerMode::VerifyCa),
];
