//! Valkey.
//!
//! As with Redis, a node with `tls-replication yes` presents `tls-cert-file` to the servers that it
//! dials.

use super::redis_family::{PROTOCOL, RedisAccounts, RedisRemedies, file, install, server};
use super::{EngineFacts, Version};
use crate::pki::key::KeyType;

pub(super) const FACTS: EngineFacts = EngineFacts {
    name: "valkey",
    title: "Valkey",
    schemes: &["valkey", "valkeys"],
    port: 6379,
    admin: "default",
    client_user: "default",
    key_type: KeyType::EcdsaP256,
    nodes_dial_each_other: true,
    takes_rsa_only: false,
    common_name_is_host: false,
    server: server(
        (Version::new(7, 2), Version::new(9, 0)),
        &[file(
            "into a file that the last line of valkey.conf includes: include /PATH/ccx-sec.conf; \
         then restart",
        )],
    ),
    protocol: PROTOCOL,
    accounts: &RedisAccounts { certificate_login: Some(Version::new(9, 0)) },
    remedies: &RedisRemedies,
    install: Some(install(|info| info.contains("valkey_version:"))),
};
