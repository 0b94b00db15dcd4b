//! The request for a server's TLS settings, and the comments at the head of the files.

use clap::ValueEnum as _;

use super::comment;
use crate::engine::settings::{Profile, ServerContext, ServerMode, ServerPolicy};
use crate::engine::{Engine, Version};

/// A server, and the request for its TLS settings.
#[derive(Debug, Clone)]
pub struct ServerRequest<'a> {
    /// Its engine.
    pub engine: Engine,
    /// Its version.
    pub version: Version,
    /// The connections that the server accepts with the settings.
    pub mode: ServerMode,
    /// The TLS versions and cipher suites.
    pub profile: Profile,
    /// Whether accounts with mysql_native_password may connect without TLS.
    pub exception: bool,
    /// Whether it is a node of a Galera cluster.
    pub galera: bool,
    /// The absolute path of the directory with its TLS files.
    pub directory: &'a str,
    /// The TLS port, for engines with a separate one; if `None`, the engine's default port.
    pub tls_port: Option<u16>,
    /// Whether `cert install` puts the files in place, and not the reader.
    pub installs: bool,
    /// The command line, for a comment in each file.
    pub command: &'a str,
}

impl ServerRequest<'_> {
    pub(super) fn situation(&self) -> ServerContext {
        ServerContext {
            version: self.version,
            mode: self.mode,
            profile: self.profile,
            exception: self.exception,
            galera: self.galera,
            installs: self.installs,
        }
    }
}

/// The beginning of the first comment, which [`policy_of`] reads back.
const PURPOSE: &str = "TLS for ";

/// The comments at the head of every file: its purpose and the command line.
pub(super) fn stamp(sign: &str, request: &ServerRequest<'_>) -> String {
    let ServerRequest { engine, version, mode, profile, .. } = request;
    let mut text = comment(
        sign,
        &format!(
            "{PURPOSE}{engine} {version}, mode {}, profile {} (version {})",
            mode.name(),
            profile.name(),
            Profile::VERSION
        ),
    );
    text += &comment(
        sign,
        &format!("made by ccx-sec {}: {}", env!("CARGO_PKG_VERSION"), request.command),
    );
    text
}

/// Reads back the mode and profile from the head of a file that `stamp` began with `#`; `None`
/// where there is no such head.
pub fn policy_of(text: &str) -> Option<ServerPolicy> {
    let head = text.lines().find_map(|line| line.strip_prefix("# ")?.strip_prefix(PURPOSE))?;
    let mut parts = head.split(", ").skip(1);
    let mode = parts.next()?.strip_prefix("mode ")?;
    let profile = parts.next()?.strip_prefix("profile ")?.split(' ').next()?;
    Some(ServerPolicy {
        mode: ServerMode::from_str(mode, false).ok()?,
        profile: Profile::from_str(profile, false).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_of_a_file_is_read_back() {
        for mode in [ServerMode::Required, ServerMode::VerifyCa] {
            for profile in [Profile::Intermediate, Profile::Modern] {
                for engine in Engine::ALL {
                    let request = ServerRequest {
                        engine,
                        version: Version::new(8, 0),
                        mode,
                        profile,
                        exception: false,
                        galera: false,
                        directory: "/tls",
                        tls_port: None,
                        installs: true,
                        command: "ccx-sec",
                    };
                    let text = stamp("#", &request) + "ssl = on\n";
                    assert_eq!(policy_of(&text), Some(ServerPolicy { mode, profile }), "{text}");
                }
            }
        }
        let good = "# TLS for mysql 8.4, mode VERIFY_CA, profile modern (version 1)\n";
        assert!(policy_of(good).is_some());
        for (from, to) in [
            ("# ", "#"),
            ("TLS for", "TLS of"),
            ("VERIFY_CA", "VERIFY"),
            ("modern", "old"),
            (", profile modern", ""),
            ("mode ", ""),
        ] {
            let damaged = good.replacen(from, to, 1);
            assert_eq!(policy_of(&damaged), None, "{damaged}");
        }
    }
}
