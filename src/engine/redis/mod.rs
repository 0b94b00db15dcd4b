//! Redis.
//!
//! With `tls-replication yes`, a replica or cluster node presents `tls-cert-file` to the servers
//! that it dials.

use super::redis_family::{PROTOCOL, RedisAccounts, RedisRemedies, file, install, server};
use super::{EngineFacts, Version};
use crate::pki::key::KeyType;

pub(super) const FACTS: EngineFacts = EngineFacts {
    name: "redis",
    title: "Redis",
    schemes: &["redis", "rediss"],
    port: 6379,
    admin: "default",
    client_user: "default",
    key_type: KeyType::EcdsaP256,
    nodes_dial_each_other: true,
    takes_rsa_only: false,
    common_name_is_host: false,
    server: server(
        (Version::new(7, 0), Version::new(8, 0)),
        &[file(
            "into a file that the last line of redis.conf includes: include /PATH/ccx-sec.conf; \
         then restart",
        )],
    ),
    protocol: PROTOCOL,
    accounts: &RedisAccounts { certificate_login: None },
    remedies: &RedisRemedies,
    install: Some(install(|info| !info.contains("valkey_version:"))),
};
