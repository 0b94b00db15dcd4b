//! SQL Server.
//!
//! SQL Server wants an RSA key (KeySpec AT_KEYEXCHANGE) and, before 2022's strict mode, clients
//! look for the host's name in the common name.

mod accounts;
mod remedies;
mod settings;

use super::EngineFacts;
use crate::pki::key::KeyType;

pub(super) const FACTS: EngineFacts = EngineFacts {
    name: "mssql",
    port: 1433,
    admin: "sa",
    client_user: "app",
    key_type: KeyType::Rsa2048,
    nodes_dial_each_other: false,
    takes_rsa_only: true,
    common_name_is_host: true,
    server: settings::SERVER,
    accounts: &accounts::MssqlAccounts,
    remedies: &remedies::MssqlRemedies,
    install: None,
};
