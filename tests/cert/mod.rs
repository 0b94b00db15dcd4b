//! Commands of `ccx-sec cert`.

mod admin_session;
mod files;
mod guard;
mod impostor;
mod inspect;
mod install;
mod install_faults;
mod install_policy;
mod install_replicas;
mod inventory;
mod issue;
mod issue_fleet;
mod lint;
mod renew;
mod rotation;
mod rotation_servers;
mod secret;
mod sign;
mod verifiers;
