//! MariaDB.
//!
//! Galera dials the other nodes with the server's own certificate, for replication and for
//! state transfers.

use super::Facts;
use crate::pki::key::KeyType;

pub(super) const FACTS: Facts = Facts {
    name: "mariadb",
    port: 3306,
    key_type: KeyType::EcdsaP256,
    nodes_dial_each_other: true,
    takes_rsa_only: false,
    common_name_is_host: false,
};
