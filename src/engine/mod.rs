//! What is particular to each database engine: data, one file an engine, and no I/O.

mod mariadb;
mod mssql;
mod mysql;
mod postgresql;
mod redis;
mod redis_settings;
pub mod reload;
pub mod settings;
mod valkey;
mod version;

use std::fmt;
use std::str::FromStr;

use crate::error::{Code, Error, Result};
use crate::pki::key::KeyType;

pub use version::Version;

/// A database engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Engine {
    /// MySQL
    Mysql,
    /// MariaDB
    Mariadb,
    /// PostgreSQL
    #[value(alias = "postgres")]
    Postgresql,
    /// Redis
    Redis,
    /// Valkey
    Valkey,
    /// Microsoft SQL Server
    Mssql,
}

/// The facts of an engine that matter for certificates and connections.
#[derive(Debug)]
pub struct EngineFacts {
    /// Its name on the command line and in every output.
    pub name: &'static str,
    /// The port that it listens on unless told otherwise.
    pub port: u16,
    /// The account of its administrator, unless somebody made another.
    pub admin: &'static str,
    /// The kind of key that its nodes get unless told otherwise.
    pub key_type: KeyType,
    /// Whether its nodes dial each other with the server's certificate, unless told otherwise.
    pub nodes_dial_each_other: bool,
    /// Whether it takes no other keys than RSA.
    pub takes_rsa_only: bool,
    /// Whether the common name must be the name of the host in full.
    pub common_name_is_host: bool,
    /// What its server is told about TLS.
    pub server: settings::ServerSettings,
    /// How that is put in force while it runs; none where ccx-sec cannot.
    pub install: Option<reload::ReloadFacts>,
}

impl Engine {
    /// All of them.
    pub const ALL: [Engine; 6] = [
        Engine::Mysql,
        Engine::Mariadb,
        Engine::Postgresql,
        Engine::Redis,
        Engine::Valkey,
        Engine::Mssql,
    ];

    /// Whether its server takes TLS on a port of its own, and on no other.
    #[must_use]
    pub fn has_tls_port(self) -> bool {
        self.facts().server.has_tls_port
    }

    /// What is particular to it.
    #[must_use]
    pub fn facts(self) -> &'static EngineFacts {
        match self {
            Engine::Mysql => &mysql::FACTS,
            Engine::Mariadb => &mariadb::FACTS,
            Engine::Postgresql => &postgresql::FACTS,
            Engine::Redis => &redis::FACTS,
            Engine::Valkey => &valkey::FACTS,
            Engine::Mssql => &mssql::FACTS,
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.facts().name)
    }
}

impl FromStr for Engine {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let name = if text == "postgres" { "postgresql" } else { text };
        Engine::ALL.into_iter().find(|engine| engine.facts().name == name).ok_or_else(|| {
            let shown: String = text.chars().take(64).collect();
            Error::usage(Code::Engine, format!("{shown:?} is not an engine"))
                .hint(format!("give one of {}", Engine::ALL.map(|e| e.facts().name).join(", ")))
        })
    }
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

/// The plugins whose accounts may come without TLS, where an operator says so: the one
/// exception there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Exception {
    /// The plugin of old clients; gone in MySQL 9
    #[value(name = "mysql_native_password")]
    MysqlNativePassword,
}
