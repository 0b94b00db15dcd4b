//! Probes of database servers: connects as clients do, and judges the TLS modes. Reads no store
//! and prints nothing; the commands pass in certificates and accounts, and print the results.
//!
//! ```text
//! observation   the results of a probe        scheduler   many servers, several at a time
//! observe    connects and observes            mode        the TLS modes, the answers
//! verdict    the judgment, mode by mode       plaintext   the judgment on plaintext clients
//! accounts   the judgment on accounts         account_logins   their logins
//! floor      the oldest TLS that may pass     offers      every TLS parameter that is accepted
//! loaded     the stored certificate, compared with the served one
//! finding    the finding on one mode, and the facts that its remedy depends on
//! mysql_ports   other ports of MySQL and MariaDB
//! other_ports   plaintext ports of Redis and Valkey
//! remedy     the hints                        scope       the users that a verdict is about
//! simulation    the outcome for each real client (driver) at such a server
//! presented  certificates alone, of any TLS server
//! protocol   the conversations of each wire protocol
//! ```
//!
//! A probe opens as few connections as it can: one over TLS, from which it judges the modes with
//! TLS, and one without. If the server refuses the plaintext client, the probe repeats both
//! connections, and asks PostgreSQL twice for replication: behind one address there may be several
//! servers, and a single refusal may come from only one of them. The probe sends no password, and
//! ends each conversation so that the server does not count it as an attack (see
//! [`crate::connection::wire`]). Accounts log in on connections of their own, and only to trusted
//! servers.

pub mod account_logins;
mod accounts;
pub(crate) mod finding;
pub mod floor;
pub mod loaded;
pub(crate) mod mode;
pub mod mysql_ports;
pub mod observation;
pub mod observe;
pub mod offers;
pub mod other_ports;
pub(crate) mod plaintext;
pub(crate) use plaintext::rules;
pub mod presented;
mod protocol;
mod remedy;
pub mod scheduler;
pub mod scope;
pub mod simulation;
pub mod verdict;
