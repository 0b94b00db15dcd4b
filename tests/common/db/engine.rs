//! Which database servers there are, and their clients.

use std::path::PathBuf;

use crate::common::env;

/// The servers there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    Mysql97,
    MariaDb1011,
    MariaDb118,
    Pg15,
    Pg17,
    Pg18,
    Redis7,
    Redis8,
    Valkey8,
    Valkey9,
}

/// What they have in common with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    MySql,
    MariaDb,
    PostgreSql,
    Redis,
}

impl Engine {
    pub const ALL: [Engine; 10] = [
        Engine::Mysql97,
        Engine::MariaDb1011,
        Engine::MariaDb118,
        Engine::Pg15,
        Engine::Pg17,
        Engine::Pg18,
        Engine::Redis7,
        Engine::Redis8,
        Engine::Valkey8,
        Engine::Valkey9,
    ];

    /// As the test bed calls it.
    pub fn name(self) -> &'static str {
        match self {
            Engine::Mysql97 => "mysql97",
            Engine::MariaDb1011 => "mariadb1011",
            Engine::MariaDb118 => "mariadb118",
            Engine::Pg15 => "pg15",
            Engine::Pg17 => "pg17",
            Engine::Pg18 => "pg18",
            Engine::Redis7 => "redis7",
            Engine::Redis8 => "redis8",
            Engine::Valkey8 => "valkey8",
            Engine::Valkey9 => "valkey9",
        }
    }

    /// As `--engine` and URLs call it.
    pub fn kind(self) -> &'static str {
        match self {
            Engine::Mysql97 => "mysql",
            Engine::MariaDb1011 | Engine::MariaDb118 => "mariadb",
            Engine::Pg15 | Engine::Pg17 | Engine::Pg18 => "postgresql",
            Engine::Redis7 | Engine::Redis8 => "redis",
            Engine::Valkey8 | Engine::Valkey9 => "valkey",
        }
    }

    /// As `--engine-version` has it.
    pub fn version(self) -> &'static str {
        match self {
            Engine::Mysql97 => "9.7",
            Engine::MariaDb1011 => "10.11",
            Engine::MariaDb118 => "11.8",
            Engine::Pg15 => "15",
            Engine::Pg17 => "17",
            Engine::Pg18 => "18",
            Engine::Redis7 => "7.0",
            Engine::Redis8 => "8.0",
            Engine::Valkey8 => "8.1",
            Engine::Valkey9 => "9.1",
        }
    }

    pub fn family(self) -> Family {
        match self {
            Engine::Mysql97 => Family::MySql,
            Engine::MariaDb1011 | Engine::MariaDb118 => Family::MariaDb,
            Engine::Pg15 | Engine::Pg17 | Engine::Pg18 => Family::PostgreSql,
            Engine::Redis7 | Engine::Redis8 | Engine::Valkey8 | Engine::Valkey9 => Family::Redis,
        }
    }

    /// Its official command-line client, of the same version.
    pub fn client(self) -> PathBuf {
        match self {
            Engine::Mysql97 => program("bin/sid", "mysql"),
            Engine::MariaDb1011 => program("bin/bookworm", "mariadb"),
            Engine::MariaDb118 => program("bin/trixie", "mariadb"),
            Engine::Pg15 => program("bin/bookworm", "psql"),
            Engine::Pg17 => program("bin/trixie", "psql"),
            Engine::Pg18 => program("latest/bin/sid", "psql"),
            Engine::Redis7 => program("bin/bookworm", "redis-cli"),
            Engine::Redis8 => program("latest/bin/sid", "redis-cli"),
            Engine::Valkey8 => program("bin/trixie", "valkey-cli"),
            Engine::Valkey9 => program("bin/sid", "valkey-cli"),
        }
    }

    /// How MySQL's and MariaDB's clients are told to leave TLS alone: by the socket too they
    /// would look at the certificate that a test has made bad.
    pub fn without_tls(self) -> &'static str {
        if self == Engine::Mysql97 { "--ssl-mode=DISABLED" } else { "--skip-ssl" }
    }

    /// The folder of the plugins of its client: `mysql --plugin-dir`.
    pub fn client_plugins(self) -> PathBuf {
        let suite = if self == Engine::MariaDb1011 { "bookworm" } else { "trixie" };
        let pattern = PathBuf::from(env("CCX_TEST_DB")).join(suite).join("usr/lib");
        let libraries = std::fs::read_dir(&pattern).expect("the libraries").flatten();
        let plugins = libraries.map(|entry| entry.path().join("libmariadb3/plugin"));
        plugins.into_iter().find(|path| path.exists()).expect("the plugins of libmariadb3")
    }
}

/// A program in a folder of the one that `tests/bed/db-fetch` prints.
fn program(folder: &str, name: &str) -> PathBuf {
    PathBuf::from(env("CCX_TEST_DB")).join(folder).join(name)
}
