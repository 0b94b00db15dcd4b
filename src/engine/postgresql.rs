//! PostgreSQL.
//!
//! Replication by certificate is a choice here (`cert` in pg_hba.conf, `sslcert` in
//! primary_conninfo); the usual way is a password.

use super::Facts;
use crate::pki::key::KeyType;

pub(super) const FACTS: Facts = Facts {
    name: "postgresql",
    port: 5432,
    key_type: KeyType::EcdsaP256,
    nodes_dial_each_other: false,
    takes_rsa_only: false,
    common_name_is_host: false,
};
