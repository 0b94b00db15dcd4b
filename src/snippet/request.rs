//! The request for a server's TLS settings, and the comments at the head of the files.

use super::comment;
use crate::engine::settings::{Profile, ServerContext, ServerMode};
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
        }
    }
}

/// The comments at the head of every file: its purpose and the command line.
pub(super) fn stamp(sign: &str, request: &ServerRequest<'_>) -> String {
    let ServerRequest { engine, version, mode, profile, .. } = request;
    let mut text = comment(
        sign,
        &format!(
            "TLS for {engine} {version}, mode {}, profile {} (version {})",
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
