//! The TLS settings of SQL Server.

use crate::engine::Version;
use crate::engine::quote;
use crate::engine::settings::{ConfigFile, Profile, ServerSettings, Setting, Value, note};
use crate::error::Result;

pub(super) const SERVER: ServerSettings = ServerSettings {
    versions: (Version::new(2019, 0), Version::new(2025, 0)),
    modern_from: Version::new(2025, 0),
    verifies_clients: false,
    has_tls_port: false,
    has_galera: false,
    native_password: None,
    files: &[ConfigFile {
        name: "mssql.ccx-sec.conf",
        place: "into the section [network] of /var/opt/mssql/mssql.conf (or each line by: \
                mssql-conf set network.NAME VALUE); then restart",
        line: setting_line,
        section: "[network]",
        settings: SETTINGS,
        notes: NOTES,
    }],
};

/// A line of mssql.conf.
fn setting_line(name: &str, value: &str) -> Result<String> {
    Ok(format!("{name} = {}", quote::mssql_setting(value)?))
}

const MANUAL: &str = "from documentation: Microsoft Learn, Encrypt connections to SQL Server on \
                      Linux";
const CONF: &str = "from documentation: Microsoft Learn, Configure SQL Server on Linux with \
                    mssql-conf";

const SETTINGS: &[Setting] = &[
    Setting::new("tlscert", Value::Certificate, "", MANUAL),
    Setting::new("tlskey", Value::Key, "an RSA key, which the user mssql can read", MANUAL),
    Setting::new("forceencryption", Value::Is("1"), "refuses clients without TLS", MANUAL),
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
    note("without a certificate of yours, SQL Server makes one that clients cannot verify", MANUAL),
];
