//! The tests of the program as a whole. Run them with `tests/run`, which starts what they
//! need; one that misses a real part fails.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

mod common;

mod bad_input;
mod bad_store;
mod ca_export;
mod ca_import;
mod ca_init;
mod ca_profile;
mod ca_show_check;
mod ca_tools;
mod cert_files;
mod cert_guard;
mod cert_impostor;
mod cert_inspect;
mod cert_issue;
mod cert_lint;
mod cert_renew;
mod cert_secret;
mod cert_sign;
mod cert_verifiers;
mod chain;
mod chain_openssl;
mod chain_random;
mod doctor;
mod drift;
mod fixtures;
mod fleet;
mod in_cluster;
mod inventory;
mod kill;
mod kube_config;
mod kube_errors;
mod kube_faults;
mod kube_fleet;
mod kube_nodes;
mod kube_writes;
mod layering;
mod output;
mod probe_after_tls;
mod probe_handshake;
mod probe_mssql;
mod probe_peers;
mod prompts;
mod properties;
mod race;
mod readme;
mod servers;
mod session;
mod snippet_client;
mod snippet_quotes;
mod snippet_server;
mod snippet_users;
mod store_kube;
mod verify;
mod verify_as;
mod verify_as_they_come;
mod verify_fleet;
mod verify_logins;
mod verify_matrix;
mod verify_noise;
mod verify_policies;
mod x509_limbo;
