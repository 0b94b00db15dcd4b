//! SQL Server.
//!
//! SQL Server wants an RSA key (KeySpec AT_KEYEXCHANGE) and, before 2022's strict mode, clients
//! look for the host's name in the common name.

use super::Facts;
use crate::pki::key::KeyType;

pub(super) const FACTS: Facts = Facts {
    name: "mssql",
    port: 1433,
    key_type: KeyType::Rsa2048,
    nodes_dial_each_other: false,
    takes_rsa_only: true,
    common_name_is_host: true,
};
