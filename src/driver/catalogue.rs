//! The catalogue of clients. A new client is a new entry in the file of its protocol.

use super::redis;
use super::{Driver, mssql, mysql, mysql_compiled, mysql_scripting, postgresql, postgresql_libpq};
use crate::engine::Engine;
use crate::error::{Code, Error, Result};
use crate::text::clip;

/// Returns all clients or, with `engine`, the clients of that engine.
pub fn drivers_for(engine: Option<Engine>) -> impl Iterator<Item = &'static Driver> {
    let all = [
        mysql::DRIVERS,
        mysql_scripting::DRIVERS,
        mysql_compiled::DRIVERS,
        postgresql_libpq::DRIVERS,
        postgresql::DRIVERS,
        redis::DRIVERS,
        mssql::DRIVERS,
    ];
    let wanted =
        move |driver: &&Driver| engine.is_none_or(|engine| driver.engines.contains(&engine));
    all.into_iter().flatten().filter(wanted)
}

/// Returns the client `name` of an engine.
///
/// # Errors
/// Exit 2 when the engine has no client of that name.
pub fn named(engine: Engine, name: &str) -> Result<&'static Driver> {
    drivers_for(Some(engine)).find(|client| client.name == name).ok_or_else(|| {
        let names: Vec<&str> = drivers_for(Some(engine)).map(|client| client.name).collect();
        let shown = clip(name, 64);
        Error::usage(
            Code::ClientUnknown,
            format!("{shown:?} is no client of {engine} that is known"),
        )
        .hint(format!("give one of {}", names.join(", ")))
    })
}
