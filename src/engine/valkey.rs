//! Valkey.
//!
//! As Redis: with `tls-replication yes` a node dials the others with `tls-cert-file`.

use super::Facts;
use crate::pki::key::KeyType;

pub(super) const FACTS: Facts = Facts {
    name: "valkey",
    port: 6379,
    key_type: KeyType::EcdsaP256,
    nodes_dial_each_other: true,
    takes_rsa_only: false,
    common_name_is_host: false,
};
