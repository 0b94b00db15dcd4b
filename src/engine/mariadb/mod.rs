//! MariaDB.
//!
//! Galera dials the other nodes with the server's own certificate, for replication and for
//! state transfers.

mod remedies;
mod settings;

use super::EngineFacts;
use super::mysql_family::{MysqlAccounts, protocol};
use super::reload::{ReloadFacts, ReloadMethod, ReplicaAdvice};
use crate::pki::key::KeyType;

/// The SQL condition for accounts of people and programs: no roles, and none of MariaDB's own
/// locked accounts.
const PEOPLE: &str = "is_role = 'N' AND User NOT IN ('mariadb.sys', 'PUBLIC')";

pub(super) const FACTS: EngineFacts = EngineFacts {
    name: "mariadb",
    title: "MariaDB",
    schemes: &["mariadb"],
    port: 3306,
    admin: "root",
    client_user: "app",
    key_type: KeyType::EcdsaP256,
    nodes_dial_each_other: true,
    takes_rsa_only: false,
    common_name_is_host: false,
    server: settings::SERVER,
    protocol: protocol("extra_port and Galera's replication", "its account demands no TLS", true),
    accounts: &MysqlAccounts { people: PEOPLE },
    remedies: &remedies::MariadbRemedies,
    // These settings are read-only at run time: a server with other values, or none, needs one
    // restart.
    install: Some(ReloadFacts {
        method: ReloadMethod::Variables,
        is_version_of: |version| version.contains("MariaDB"),
        reload: "FLUSH SSL",
        off: "",
        demand: "require_secure_transport",
        at_start: &["ssl", "ssl_ca", "ssl_cert", "ssl_key", "tls_version", "ssl_cipher"],
        later: &[],
        kept: "",
        folders: &["/etc/mysql/mariadb.conf.d", "/etc/my.cnf.d", "/etc/mysql/conf.d"],
        program: "mariadbd",
        check: &["--verbose", "--help"],
        first_restart: Some("systemctl restart mariadb"),
        replicas: ReplicaAdvice {
            tls: "first, on each replica: STOP SLAVE; CHANGE MASTER TO MASTER_SSL=1; START SLAVE",
            certificate: None,
        },
    }),
};
