//! SQL Server.
//!
//! SQL Server wants an RSA key (KeySpec AT_KEYEXCHANGE) and, before 2022's strict mode, clients
//! look for the host's name in the common name.

use super::settings::{
    ConfigFile, ConfigSyntax, NativePassword, Profile, ServerSettings, Setting, Value, note,
};
use super::{EngineFacts, Version};
use crate::pki::key::KeyType;

pub(super) const FACTS: EngineFacts = EngineFacts {
    name: "mssql",
    port: 1433,
    admin: "sa",
    key_type: KeyType::Rsa2048,
    nodes_dial_each_other: false,
    takes_rsa_only: true,
    common_name_is_host: true,
    server: ServerSettings {
        versions: (Version::new(2019, 0), Version::new(2025, 0)),
        modern_from: Version::new(2025, 0),
        verifies_clients: false,
        has_tls_port: false,
        has_galera: false,
        native_password: NativePassword::Never,
        files: &[ConfigFile {
            name: "mssql.ccx-sec.conf",
            place: "into the section [network] of /var/opt/mssql/mssql.conf (or each line by: \
                    mssql-conf set network.NAME VALUE); then restart",
            notation: ConfigSyntax::Mssql,
            section: "[network]",
            settings: SETTINGS,
            notes: NOTES,
        }],
    },
    install: None,
};

const MANUAL: &str = "from documentation: Microsoft Learn, Encrypt connections to SQL Server on \
                      Linux";
const CONF: &str = "from documentation: Microsoft Learn, Configure SQL Server on Linux with \
                    mssql-conf";

const SETTINGS: &[Setting] = &[
    Setting::new("tlscert", Value::Certificate, "", MANUAL),
    Setting::new("tlskey", Value::Key, "an RSA key, which the user mssql can read", MANUAL),
    Setting::new("forceencryption", Value::Is("1"), "clients without TLS are turned away", MANUAL),
    Setting::new("tlsprotocols", Value::Is("1.2"), "", CONF).before(2025, 0),
    Setting::new("tlsprotocols", Value::Is("1.2,1.3"), "", CONF)
        .from(2025, 0)
        .in_profile(Profile::Intermediate),
    Setting::new("tlsprotocols", Value::Is("1.3"), "", CONF)
        .from(2025, 0)
        .in_profile(Profile::Modern),
];

const NOTES: &[Setting] = &[
    note("the common name of the certificate must be the name of the host in full", MANUAL),
    note("without a certificate of yours SQL Server makes one that no client can check", MANUAL),
];
