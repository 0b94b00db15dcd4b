//! Redis.
//!
//! With `tls-replication yes` a replica, and a node of a cluster, dials the others with
//! `tls-cert-file`.

use super::Facts;
use crate::pki::key::KeyType;

pub(super) const FACTS: Facts = Facts {
    name: "redis",
    port: 6379,
    key_type: KeyType::EcdsaP256,
    nodes_dial_each_other: true,
    takes_rsa_only: false,
    common_name_is_host: false,
};
