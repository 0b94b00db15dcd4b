//! MySQL.
//!
//! Group Replication dials the other members with the server's own certificate.

mod remedies;
mod settings;

use super::EngineFacts;
use super::mysql_family::{MysqlAccounts, protocol};
use super::reload::{ReloadFacts, ReloadMethod, ReplicaAdvice};
use crate::pki::key::KeyType;

/// The SQL condition for accounts of people and programs, without MySQL's own locked accounts.
const PEOPLE: &str = "User NOT IN ('mysql.sys', 'mysql.session', 'mysql.infoschema')";

const PLAINTEXT: &str = "its account demands no TLS, and its plugin does without: one of \
                         caching_sha2_password gets error 2061 until a login over TLS has filled \
                         the server's cache";

pub(super) const FACTS: EngineFacts = EngineFacts {
    name: "mysql",
    title: "MySQL",
    schemes: &["mysql"],
    port: 3306,
    admin: "root",
    client_user: "app",
    key_type: KeyType::EcdsaP256,
    nodes_dial_each_other: true,
    takes_rsa_only: false,
    common_name_is_host: false,
    server: settings::SERVER,
    protocol: protocol("admin_port and the X protocol", PLAINTEXT, false),
    accounts: &MysqlAccounts { people: PEOPLE },
    remedies: &remedies::MysqlRemedies,
    install: Some(ReloadFacts {
        method: ReloadMethod::Variables,
        is_version_of: |version| !version.contains("MariaDB"),
        reload: "ALTER INSTANCE RELOAD TLS",
        off: "ALTER INSTANCE RELOAD TLS NO ROLLBACK ON ERROR",
        demand: "require_secure_transport",
        at_start: &[],
        later: &["tls_certificates_enforced_validation"],
        kept: "SELECT variable_name, variable_value FROM performance_schema.persisted_variables",
        folders: &["/etc/mysql/mysql.conf.d", "/etc/mysql/conf.d", "/etc/my.cnf.d"],
        program: "mysqld",
        check: &["--validate-config"],
        first_restart: None,
        replicas: ReplicaAdvice {
            tls: "first, on each replica: STOP REPLICA; CHANGE REPLICATION SOURCE TO SOURCE_SSL=1; \
                  START REPLICA",
            certificate: None,
        },
    }),
};
