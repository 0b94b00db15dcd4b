//! MySQL.
//!
//! Group Replication and replicas dial the other nodes with the server's own certificate
//! (MySQL 8.4 manual, 20.6.2 and 19.3.1).

use super::Facts;
use crate::pki::key::KeyType;

pub(super) const FACTS: Facts = Facts {
    name: "mysql",
    port: 3306,
    key_type: KeyType::EcdsaP256,
    nodes_dial_each_other: true,
    takes_rsa_only: false,
    common_name_is_host: false,
};
