//! Valkey.
//!
//! As Redis: with `tls-replication yes` a node dials the others with `tls-cert-file`.

use super::redis_settings::{INSTALL, NOTES, SETTINGS};
use super::settings::{ConfigFile, ConfigSyntax, NativePassword, ServerSettings};
use super::{EngineFacts, Version};
use crate::pki::key::KeyType;

pub(super) const FACTS: EngineFacts = EngineFacts {
    name: "valkey",
    port: 6379,
    admin: "default",
    key_type: KeyType::EcdsaP256,
    nodes_dial_each_other: true,
    takes_rsa_only: false,
    common_name_is_host: false,
    server: ServerSettings {
        versions: (Version::new(7, 2), Version::new(9, 0)),
        modern_from: Version::new(7, 0),
        verifies_clients: true,
        has_tls_port: true,
        has_galera: false,
        native_password: NativePassword::Never,
        files: &[ConfigFile {
            name: "ccx-sec.conf",
            place: "into a file that the last line of valkey.conf includes: include /PATH/ccx-sec.conf; \
                    then restart",
            notation: ConfigSyntax::Redis,
            section: "",
            settings: SETTINGS,
            notes: NOTES,
        }],
    },
    install: Some(INSTALL),
};
