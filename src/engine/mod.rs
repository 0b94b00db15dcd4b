//! The database engines: one folder for each, with its facts, its server settings, its accounts
//! and its remedies. PURE: data, and text made from data.
//!
//! An engine is a constant of the type [`EngineFacts`]. The table below maps each name to its
//! folder, and is the only place that lists the engines. Engines that share code take it from
//! `mysql_family` and `redis_family`.

pub mod accounts;
mod mariadb;
mod mssql;
mod mysql;
pub mod mysql_family;
mod postgresql;
pub mod protocol;
pub mod quote;
mod redis;
mod redis_family;
pub mod reload;
pub mod remedy;
pub mod settings;
mod valkey;
mod version;

use std::fmt;
use std::str::FromStr;

use crate::error::{Code, Error, Result};
use crate::pki::key::KeyType;
use crate::text::clip;

pub use version::Version;

/// Declares [`Engine`] from one line for each engine: its name and its folder.
macro_rules! engines {
    ($($(#[$attribute:meta])* $engine:ident => $folder:ident,)+) => {
        /// A database engine.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, clap::ValueEnum)]
        pub enum Engine {
            $($(#[$attribute])* $engine,)+
        }

        impl Engine {
            /// All engines, in the order of the documentation.
            pub const ALL: [Engine; [$(stringify!($folder)),+].len()] = [$(Engine::$engine),+];

            /// The facts of this engine.
            #[must_use]
            pub fn facts(self) -> &'static EngineFacts {
                match self {
                    $(Engine::$engine => &$folder::FACTS,)+
                }
            }
        }
    };
}

engines! {
    /// MySQL
    Mysql => mysql,
    /// MariaDB
    Mariadb => mariadb,
    /// PostgreSQL
    #[value(alias = "postgres")]
    Postgresql => postgresql,
    /// Redis
    Redis => redis,
    /// Valkey
    Valkey => valkey,
    /// Microsoft SQL Server
    Mssql => mssql,
}

/// The facts of an engine. A new engine has to state each of them: there are no defaults.
#[derive(Debug)]
pub struct EngineFacts {
    /// The name on the command line and in every output.
    pub name: &'static str,
    /// The name in sentences.
    pub title: &'static str,
    /// The schemes of its URLs, the first one for output.
    pub schemes: &'static [&'static str],
    /// The default port.
    pub port: u16,
    /// The administrator's account of a fresh installation.
    pub admin: &'static str,
    /// The account of a client that names none.
    pub client_user: &'static str,
    /// The default type of a node's key.
    pub key_type: KeyType,
    /// Whether nodes by default connect to each other with the server's certificate, which then
    /// needs the extended key usage `clientAuth` too.
    pub nodes_dial_each_other: bool,
    /// Whether the server takes only RSA keys.
    pub takes_rsa_only: bool,
    /// Whether the common name must be the host's full name.
    pub common_name_is_host: bool,
    /// The TLS settings of the server.
    pub server: settings::ServerSettings,
    /// The wire protocol, and the behavior of servers towards clients.
    pub protocol: protocol::ProtocolFacts,
    /// The syntax of accounts, their list, and their demand for TLS.
    pub accounts: &'static dyn accounts::AccountRules,
    /// The remedies that the server's administrator can apply.
    pub remedies: &'static dyn remedy::ServerRemedies,
    /// The way to load new settings into a running server; `None` if `cert install` does not
    /// support the engine.
    pub install: Option<reload::ReloadFacts>,
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.facts().name)
    }
}

impl FromStr for Engine {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        <Engine as clap::ValueEnum>::from_str(text, false).map_err(|_| {
            let shown = clip(text, 64);
            Error::usage(Code::Engine, format!("{shown:?} is not an engine"))
                .hint(format!("give one of {}", Engine::ALL.map(|e| e.facts().name).join(", ")))
        })
    }
}

/// The exception from TLS that an operator may grant to accounts of one plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Exception {
    /// The plugin of old clients; gone in MySQL 9
    #[value(name = "mysql_native_password")]
    MysqlNativePassword,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn names_are_those_of_the_command_line() {
        assert_eq!(Engine::value_variants(), Engine::ALL);
        for engine in Engine::ALL {
            let value = engine.to_possible_value().expect("a value");
            assert_eq!(value.get_name(), engine.to_string());
            assert_eq!(engine.to_string().parse::<Engine>().ok(), Some(engine));
        }
        assert_eq!("postgres".parse::<Engine>().ok(), Some(Engine::Postgresql));
        assert_eq!(<Engine as ValueEnum>::from_str("postgres", false), Ok(Engine::Postgresql));
        assert_eq!("oracle".parse::<Engine>().map_err(|e| e.code().name()), Err("engine"));
    }
}
