//! PostgreSQL.
//!
//! Replication by certificate is a choice here (`cert` in pg_hba.conf, `sslcert` in
//! primary_conninfo); the usual way is a password.

mod accounts;
mod remedies;
mod settings;

use super::EngineFacts;
use super::reload::{ReloadFacts, ReloadMethod, ReplicaAdvice};
use crate::pki::key::KeyType;

pub(super) const FACTS: EngineFacts = EngineFacts {
    name: "postgresql",
    port: 5432,
    admin: "postgres",
    client_user: "app",
    key_type: KeyType::EcdsaP256,
    nodes_dial_each_other: false,
    takes_rsa_only: false,
    common_name_is_host: false,
    server: settings::SERVER,
    accounts: &accounts::PostgresqlAccounts,
    remedies: &remedies::PostgresqlRemedies,
    install: Some(ReloadFacts {
        method: ReloadMethod::Files,
        is_version_of: |_| true,
        reload: "SELECT pg_reload_conf()",
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
            tls: "first remove sslmode=disable from primary_conninfo of each standby",
            certificate: Some(
                "first give each standby a certificate of clients: sslcert and sslkey in its \
                 primary_conninfo",
            ),
        },
    }),
};
