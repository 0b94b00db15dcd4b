//! The TLS configuration of a server, as the files that it reads.

use super::request::stamp;
pub use super::request::{ServerRequest, policy_of};
use super::{SnippetFile, comment};
use crate::engine::settings::{
    ConfigFile, NativePassword, Profile, ServerContext, ServerMode, Setting, SourcedClaim, Value,
};
use crate::engine::{Engine, Version};
use crate::error::{Code, Error, Result};

/// The names of the files that `cert issue` writes.
const CA: &str = "ca.pem";
const CERTIFICATE: &str = "server-cert.pem";
const KEY: &str = "server-key.pem";

/// Returns the configuration files of the server.
///
/// # Errors
/// Exit 2 when the engine or its version does not support the request, or a file cannot express the
/// directory; exit 4 for an exception if the version no longer has the plugin.
pub fn files(request: &ServerRequest<'_>) -> Result<Vec<SnippetFile>> {
    check(request)?;
    let situation = request.situation();
    let server = &request.engine.facts().server;
    let mut files = Vec::new();
    for file in server.files {
        files.push(render(request, &situation, file)?);
    }
    if let Some(plugin) = server.native_password.as_ref().filter(|_| request.exception) {
        files.push(super::exception::script(request, plugin));
    }
    Ok(files)
}

fn check(request: &ServerRequest<'_>) -> Result<()> {
    let ServerRequest { engine, version, .. } = request;
    check_version(*engine, *version)?;
    let server = &engine.facts().server;
    if request.mode == ServerMode::VerifyCa && !server.verifies_clients {
        return Err(Error::usage(
            Code::ModeUnsupported,
            format!("{engine} cannot demand a certificate of its clients"),
        )
        .hint("give --mode REQUIRED, and tell the clients to verify the server: snippet client"));
    }
    if request.profile == Profile::Modern && *version < server.modern_from {
        return Err(Error::usage(
            Code::ProfileUnsupported,
            format!("{engine} {version} cannot be told to take TLS 1.3 alone"),
        )
        .hint(format!("give --profile intermediate; {engine} can from {}", server.modern_from)));
    }
    if request.tls_port.is_some() && !server.has_tls_port {
        return Err(Error::usage(
            Code::TlsPortUnsupported,
            format!("{engine} has no port of its own for TLS"),
        )
        .hint("leave --tls-port out"));
    }
    if request.galera && request.directory.contains([';', '=']) {
        let message = format!("{:?} cannot stand among the options of Galera", request.directory);
        return Err(Error::usage(Code::NotExpressible, message)
            .hint("use a directory without ; and = in its path"));
    }
    if request.galera && !server.has_galera {
        return Err(Error::usage(
            Code::GaleraUnsupported,
            format!("{engine} has no Galera clusters"),
        )
        .hint("leave --galera out"));
    }
    if request.exception {
        check_exception(*engine, *version, server.native_password.as_ref())?;
    }
    if !request.directory.starts_with('/') {
        return Err(Error::usage(
            Code::DirRelative,
            format!("{:?} is not a path from the root", request.directory),
        )
        .hint("give it in full: a server takes other paths for ones below its data directory"));
    }
    Ok(())
}

/// Checks that the settings of this version are known.
///
/// # Errors
/// Exit 2 when they are not.
pub fn check_version(engine: Engine, version: Version) -> Result<()> {
    let (oldest, newest) = engine.facts().server.versions;
    if version < oldest || version.major > newest.major {
        return Err(Error::usage(
            Code::EngineVersionUnknown,
            format!("{engine} {version} is not a version that ccx-sec knows"),
        )
        .hint(format!("it knows {engine} {oldest} to {}", newest.major)));
    }
    Ok(())
}

fn check_exception(
    engine: Engine,
    version: Version,
    plugin: Option<&NativePassword>,
) -> Result<()> {
    match plugin.map(|plugin| plugin.gone_since) {
        Some(Some(gone)) if version >= gone => Err(Error::refused(
            Code::ExceptionGone,
            format!(
                "{engine} {version} has no mysql_native_password any more: it is gone since {gone}"
            ),
        )
        .hint("move the accounts to caching_sha2_password, and give no --exception")),
        Some(_) => Ok(()),
        None => Err(Error::usage(
            Code::ExceptionUnsupported,
            format!("{engine} has no plugin mysql_native_password"),
        )
        .hint("leave --exception out")),
    }
}

fn render(
    request: &ServerRequest<'_>,
    at: &ServerContext,
    file: &ConfigFile,
) -> Result<SnippetFile> {
    let mut text = stamp("#", request);
    if !request.installs {
        text += &comment("#", &format!("it belongs {}", file.place));
    }
    let mut claims = Vec::new();
    for note in file.notes.iter().filter(|note| note.holds(at)) {
        text += "#\n";
        text += &comment("#", note.name);
        claims.push(SourcedClaim {
            what: "note".to_owned(),
            says: note.name.to_owned(),
            source: note.source,
        });
    }
    text += "\n";
    if !file.section.is_empty() {
        text += &format!("{}\n", file.section);
    }
    for setting in file.settings.iter().filter(|setting| setting.holds(at)) {
        let line = match value(request, setting) {
            Some(value) => (file.line)(setting.name, &value)?,
            None => setting.name.to_owned(),
        };
        if !setting.why.is_empty() {
            text += &comment("#", setting.why);
        }
        text += &format!("{line}\n");
        let what = if setting.value == Value::Line { line } else { setting.name.to_owned() };
        claims.push(SourcedClaim { what, says: setting.why.to_owned(), source: setting.source });
    }
    Ok(SnippetFile { name: file.name.to_owned(), place: file.place.to_owned(), text, claims })
}

/// Returns the names and values of the settings, not quoted.
///
/// # Errors
/// As [`files`].
pub fn settings(request: &ServerRequest<'_>) -> Result<Vec<(&'static str, String)>> {
    check(request)?;
    let situation = request.situation();
    let files = request.engine.facts().server.files.iter();
    let settings = files.flat_map(|file| file.settings).filter(|one| one.holds(&situation));
    Ok(settings.filter_map(|one| Some((one.name, value(request, one)?))).collect())
}

fn value(request: &ServerRequest<'_>, setting: &Setting) -> Option<String> {
    let in_directory = |name: &str| format!("{}/{name}", request.directory.trim_end_matches('/'));
    Some(match setting.value {
        Value::Is(word) => word.to_owned(),
        Value::Ca => in_directory(CA),
        Value::Certificate => in_directory(CERTIFICATE),
        Value::Key => in_directory(KEY),
        Value::TlsPort => request.tls_port.unwrap_or(request.engine.facts().port).to_string(),
        Value::GaleraOptions => format!(
            "socket.ssl=YES;socket.ssl_ca={};socket.ssl_cert={};socket.ssl_key={}",
            in_directory(CA),
            in_directory(CERTIFICATE),
            in_directory(KEY)
        ),
        Value::Line => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(engine: Engine, version: Version) -> ServerRequest<'static> {
        ServerRequest {
            engine,
            version,
            mode: ServerMode::Required,
            profile: Profile::Intermediate,
            exception: false,
            galera: false,
            directory: "/tls",
            tls_port: None,
            installs: false,
            command: "ccx-sec",
        }
    }

    /// The lines with settings and sections.
    fn lines(request: &ServerRequest<'_>) -> Vec<String> {
        let files = files(request).expect("files");
        let lines = files.iter().flat_map(|file| file.text.lines());
        lines.filter(|line| !line.starts_with('#') && !line.is_empty()).map(str::to_owned).collect()
    }

    fn code(request: &ServerRequest<'_>) -> (&'static str, u8) {
        let error = files(request).expect_err("an error");
        assert!(!error.hints().is_empty());
        (error.code().name(), error.exit().code())
    }

    #[test]
    fn every_engine_and_version_turns_plain_clients_away() {
        let off = ["port 0", "require_secure_transport = ON", "forceencryption = 1"];
        let hba = "hostnossl  all          all  all  reject";
        for engine in Engine::ALL {
            let (oldest, newest) = engine.facts().server.versions;
            for version in [oldest, newest] {
                let lines = lines(&request(engine, version));
                let turns_away =
                    lines.iter().any(|line| off.contains(&line.as_str()) || line == hba);
                assert!(turns_away, "{engine} {version}: {lines:?}");
                assert!(lines.iter().any(|line| line.contains("/tls/server-key.pem")), "{lines:?}");
            }
        }
    }

    #[test]
    fn what_a_version_does_not_know_is_left_out() {
        let has = |version, what: &str| {
            lines(&request(Engine::Mysql, version)).iter().any(|line| line.starts_with(what))
        };
        assert!(!has(Version::new(8, 0), "tls_certificates_enforced_validation"));
        assert!(has(Version::new(8, 4), "tls_certificates_enforced_validation"));
        assert!(!has(Version::new(8, 4), "mysql_native_password"));
    }

    #[test]
    fn the_exception_is_for_those_who_have_the_plugin() {
        let with = |engine, version| ServerRequest { exception: true, ..request(engine, version) };
        assert_eq!(code(&with(Engine::Mysql, Version::new(9, 0))), ("exception-gone", 4));
        assert_eq!(code(&with(Engine::Redis, Version::new(7, 0))), ("exception-unsupported", 2));
        let off = "require_secure_transport = OFF".to_owned();
        for (engine, version) in [
            (Engine::Mysql, Version::new(8, 0)),
            (Engine::Mysql, Version::new(8, 4)),
            (Engine::Mariadb, Version::new(11, 8)),
        ] {
            let lines = lines(&with(engine, version));
            assert!(lines.contains(&off), "{lines:?}");
            let loads = lines.contains(&"mysql_native_password = ON".to_owned());
            assert_eq!(loads, version == Version::new(8, 4), "{lines:?}");
        }
    }

    #[test]
    fn nodes_of_galera_have_tls_among_themselves() {
        let galera = |engine, version| ServerRequest { galera: true, ..request(engine, version) };
        let lines = lines(&galera(Engine::Mariadb, Version::new(11, 8)));
        let options = "wsrep_provider_options = \"socket.ssl=YES;socket.ssl_ca=/tls/ca.pem;\
                       socket.ssl_cert=/tls/server-cert.pem;socket.ssl_key=/tls/server-key.pem\"";
        assert!(lines.contains(&options.to_owned()), "{lines:?}");
        assert!(lines.ends_with(&["[sst]".to_owned(), "ssl-mode = \"VERIFY_CA\"".to_owned()]));
        let other = galera(Engine::Mysql, Version::new(8, 4));
        assert_eq!(code(&other), ("galera-unsupported", 2));
        let semicolon =
            ServerRequest { directory: "/a;b", ..galera(Engine::Mariadb, Version::new(11, 8)) };
        assert_eq!(code(&semicolon), ("not-expressible", 2));
    }

    #[test]
    fn what_cannot_be_is_told() {
        let mssql = request(Engine::Mssql, Version::new(2022, 0));
        let verify = ServerRequest { mode: ServerMode::VerifyCa, ..mssql.clone() };
        assert_eq!(code(&verify), ("mode-unsupported", 2));
        let modern = ServerRequest { profile: Profile::Modern, ..mssql.clone() };
        assert_eq!(code(&modern), ("profile-unsupported", 2));
        let port = ServerRequest { tls_port: Some(1), ..mssql.clone() };
        assert_eq!(code(&port), ("tls-port-unsupported", 2));
        let quoted = ServerRequest { directory: "/a;b", ..mssql };
        assert_eq!(code(&quoted), ("not-expressible", 2));
        let relative =
            ServerRequest { directory: "tls", ..request(Engine::Redis, Version::new(7, 2)) };
        assert_eq!(code(&relative), ("dir-relative", 2));
        for version in [Version::new(13, 0), Version::new(19, 0)] {
            assert_eq!(code(&request(Engine::Postgresql, version)), ("engine-version-unknown", 2));
        }
    }
}
