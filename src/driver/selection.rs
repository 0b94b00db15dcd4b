//! The clients that a run simulates.

use super::Driver;
use super::behavior::{ClientConfiguration, VersionBehavior};
use super::catalogue::drivers_for;
use crate::engine::{Engine, Version};

/// The name on the command line that selects every client of the server's engine.
pub const ALL: &str = "all";

/// The clients to simulate: all, or the client of a name, in all versions or in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientSelection {
    /// All clients of the server's engine.
    All,
    /// The client of this name.
    One {
        /// The name.
        name: String,
        /// The version.
        version: Option<Version>,
    },
}

/// A client in a range of versions that behaves alike.
#[derive(Debug, Clone, Copy)]
pub struct DriverVersion {
    /// The client.
    pub driver: &'static Driver,
    /// Its behavior in these versions.
    pub behavior: &'static VersionBehavior,
}

impl ClientSelection {
    /// Whether the selection covers this client.
    #[must_use]
    pub fn covers(&self, client: DriverVersion) -> bool {
        match self {
            ClientSelection::All => true,
            ClientSelection::One { name, version } => {
                *name == client.driver.name
                    && version.is_none_or(|version| client.behavior.covers(version))
            }
        }
    }

    /// The selected version.
    fn version(&self) -> Option<Version> {
        match self {
            ClientSelection::All => None,
            ClientSelection::One { version, .. } => *version,
        }
    }
}

/// Returns all clients or, with `engine`, the clients of that engine; each in all its ranges of
/// versions.
pub fn versions_for(engine: Option<Engine>) -> impl Iterator<Item = DriverVersion> {
    drivers_for(engine).flat_map(|driver| {
        driver.behaviors.iter().map(move |behavior| DriverVersion { driver, behavior })
    })
}

/// Returns the selected clients of this engine, each with the configurations that its selected
/// versions support.
#[must_use]
pub fn select(
    selections: &[ClientSelection],
    engine: Engine,
) -> Vec<(DriverVersion, Vec<&'static ClientConfiguration>)> {
    let covering = |client: DriverVersion| {
        let covering = selections.iter().filter(|one| one.covers(client));
        covering.map(ClientSelection::version).collect::<Vec<_>>()
    };
    let with_configurations = |client: DriverVersion| {
        let versions = covering(client);
        // If several versions are selected, a configuration counts if one of them supports it.
        let knows = |way: &&ClientConfiguration| {
            versions.iter().any(|version| match (way.since, *version) {
                (Some(since), Some(version)) => version >= since,
                _ => true,
            })
        };
        (client, client.behavior.ways.iter().filter(knows).collect())
    };
    versions_for(Some(engine))
        .filter(|client| !covering(*client).is_empty())
        .map(with_configurations)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::template::Evidence;

    #[test]
    fn every_client_has_a_behavior_with_configurations_and_its_source() {
        for driver in drivers_for(None) {
            assert!(!driver.behaviors.is_empty(), "{} has no behavior", driver.name);
        }
        for DriverVersion { driver, behavior } in versions_for(None) {
            let name = driver.name;
            assert!(!behavior.ways.is_empty() && !behavior.source.is_empty(), "{name}");
            let documented = behavior.source.starts_with("from documentation: ");
            assert_eq!(behavior.proof == Evidence::Documentation, documented, "{name}");
            if !documented {
                assert_eq!(driver.snippet.proof, behavior.proof, "{name}");
                assert!(!behavior.texts.is_empty(), "{name} says nothing");
            }
        }
    }

    #[test]
    fn every_version_has_one_behavior() {
        for version in [Version::new(5, 7), Version::new(10, 11), Version::new(11, 8)] {
            let matching = versions_for(None)
                .filter(|one| one.driver.name == "mariadb" && one.behavior.covers(version));
            assert_eq!(matching.count(), 1, "{version}");
        }
    }

    #[test]
    fn no_client_has_a_configuration_twice() {
        for DriverVersion { driver, behavior } in versions_for(None) {
            let mut options: Vec<&str> = behavior.ways.iter().map(|way| way.options).collect();
            options.sort_unstable();
            options.dedup();
            assert_eq!(options.len(), behavior.ways.len(), "{}", driver.name);
        }
    }

    #[test]
    fn a_version_knows_its_own_configurations() {
        let ways = |text: Option<Version>| {
            let one = ClientSelection::One { name: "psql".to_owned(), version: text };
            select(&[one], Engine::Postgresql)[0].1.len()
        };
        assert_eq!(ways(Some(Version::new(15, 0))) + 1, ways(Some(Version::new(17, 0))));
        assert_eq!(ways(None), ways(Some(Version::new(18, 0))));
        let all = select(&[ClientSelection::All], Engine::Redis);
        assert!(all.iter().any(|(client, _)| client.driver.name == "redis-cli"));
        assert!(all.iter().all(|(client, _)| client.driver.engines.contains(&Engine::Valkey)));
        let other = ClientSelection::One { name: "psql".to_owned(), version: None };
        assert!(select(&[other], Engine::Mysql).is_empty());
    }
}
