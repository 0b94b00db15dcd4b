//! The settings of a client for a mode, and the client's behavior with them.

use serde::Serialize;

use super::comment;
use super::template::{TemplateValues, fill};
use crate::driver::Driver;
use crate::driver::template::{Evidence, ModeSupport};
use crate::engine::Engine;
use crate::error::{Code, Error, Result};
use crate::shell::{CommandLine, Placeholder};
use crate::text::clip;

/// A client's demand on a connection, which its settings express. There is no mode without TLS.
/// Differs from `ServerMode`: here `VERIFY_CA` means that the client verifies the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum ClientMode {
    /// TLS, whatever certificate the server shows
    #[value(name = "REQUIRED")]
    Required,
    /// And the certificate is of the CA
    #[value(name = "VERIFY_CA", alias = "verify-ca")]
    VerifyCa,
    /// And it is for the name that the client connects to
    #[value(name = "VERIFY_IDENTITY", alias = "verify-full")]
    VerifyIdentity,
}

impl ClientMode {
    /// The name, as on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ClientMode::Required => "REQUIRED",
            ClientMode::VerifyCa => "VERIFY_CA",
            ClientMode::VerifyIdentity => "VERIFY_IDENTITY",
        }
    }

    /// The client's behavior in this mode.
    fn does(self) -> &'static str {
        match self {
            ClientMode::Required => {
                "TLS or no connection, but any certificate will do: who sits between can read all"
            }
            ClientMode::VerifyCa => {
                "no connection without a certificate of the CA; it may be for any name"
            }
            ClientMode::VerifyIdentity => {
                "no connection without a certificate of the CA for the name that is dialled"
            }
        }
    }
}

/// The connection settings of a client.
#[derive(Debug, Clone, Serialize)]
pub struct Snippet {
    /// The client, as on the command line.
    pub client: &'static str,
    /// The title of the client.
    pub title: &'static str,
    /// The language of the text.
    pub language: &'static str,
    /// The requested mode.
    pub asked: &'static str,
    /// The mode that the text sets, which may be stronger than the requested one; `None` if the
    /// client has neither.
    pub mode: Option<&'static str>,
    /// The settings.
    pub text: Option<String>,
    /// The client's behavior with these settings.
    pub does: String,
    /// Deviations from the request, and notes.
    pub warnings: Vec<String>,
    /// How the snippet was tested, for people: see [`Evidence`].
    pub proof: &'static str,
    /// The documentation, or the versions that were tested.
    pub source: &'static str,
    #[serde(skip)]
    sign: &'static str,
}

impl Snippet {
    /// The remarks, if the language of the text has no comments to hold them; otherwise none.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        if !self.sign.is_empty() {
            return Vec::new();
        }
        let says = format!("{}, {}: {}", self.title, self.mode.unwrap_or(self.asked), self.does);
        let notes = self.warnings.iter().map(|warning| format!("NOTE: {warning}"));
        std::iter::once(says).chain(notes).collect()
    }

    /// The text below comments with mode and warnings, if its language has comments.
    #[must_use]
    pub fn commented(&self) -> String {
        let mut text = String::new();
        if !self.sign.is_empty() {
            let mode = self.mode.unwrap_or(self.asked);
            text += &comment(self.sign, &format!("{}, {mode}: {}", self.title, self.does));
            for warning in &self.warnings {
                text += &comment(self.sign, &format!("NOTE: {warning}"));
            }
        }
        text + self.text.as_deref().unwrap_or_default() + "\n"
    }
}

/// Returns the settings of `client` for a mode.
///
/// # Errors
/// Exit 2 when the CA is missing, or the client's syntax cannot express a value.
pub fn snippet(
    client: &'static Driver,
    asked: ClientMode,
    values: &TemplateValues<'_>,
) -> Result<Snippet> {
    let [required, verify_ca, identity] = &client.snippet.modes;
    let way = match asked {
        ClientMode::Required => required,
        ClientMode::VerifyCa => verify_ca,
        ClientMode::VerifyIdentity => identity,
    };
    let mut warnings = Vec::new();
    let (mode, tls) = match (way, identity) {
        (ModeSupport::Exact(tls), _) => (Some(asked), *tls),
        (ModeSupport::Stronger(why), ModeSupport::Exact(tls)) => {
            warnings.push(format!("{} cannot be said here: {why}", asked.name()));
            (Some(ClientMode::VerifyIdentity), *tls)
        }
        (ModeSupport::Stronger(why) | ModeSupport::None(why), _) => {
            warnings.push(format!("{} cannot be said here: {why}", asked.name()));
            (None, "")
        }
    };
    warnings.extend(client.snippet.notes.iter().map(|note| (*note).to_owned()));
    let text = match mode {
        Some(_) => Some(fill(&client.snippet.template.replace("%{tls}", tls), values)?),
        None => None,
    };
    if values.identity.is_some() && !client.snippet.template.contains("%[") && !tls.contains("%[") {
        warnings.push(
            "the client certificate is not in it: there is no place for a PEM file".to_owned(),
        );
    }
    let does = match mode {
        Some(mode) => mode.does().to_owned(),
        None => format!("it has no {}", asked.name()),
    };
    Ok(Snippet {
        client: client.name,
        title: client.title,
        language: client.snippet.language.name(),
        asked: asked.name(),
        mode: mode.map(ClientMode::name),
        text,
        does,
        warnings,
        proof: match client.snippet.proof {
            Evidence::Run => "run against real servers by the tests",
            Evidence::Peer => "run against a peer made from the specification by the tests",
            Evidence::Documentation => "from documentation",
        },
        source: client.snippet.source,
        sign: client.snippet.language.comment(),
    })
}

/// Parses a host: a DNS name or an address. Refuses anything else, so that no snippet dials a Unix
/// socket or a list of hosts.
///
/// # Errors
/// Exit 2 when it is neither.
pub fn host(text: &str) -> Result<String> {
    let name = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    let is_name = text.chars().all(name) && !text.starts_with(['-', '.']) && !text.is_empty();
    if is_name || text.parse::<std::net::IpAddr>().is_ok() {
        return Ok(text.to_owned());
    }
    let shown = clip(text, 64);
    Err(Error::usage(Code::Host, format!("{shown:?} is neither the name of a host nor an address"))
        .hint("give a name of letters, digits, dots and dashes, or an address without brackets"))
}

/// Checks that a client that was requested by name supports the requested mode.
///
/// # Errors
/// Exit 4 when it has neither that mode nor a stronger one.
pub fn check(snippet: &Snippet, engine: Engine) -> Result<()> {
    if snippet.mode.is_some() {
        return Ok(());
    }
    let why = snippet.warnings.first().map_or("", String::as_str);
    Err(Error::refused(Code::ModeNotExpressible, format!("{}: {why}", snippet.client)).hint((
        "see which client can; or, if that is enough, ask for a weaker mode",
        CommandLine::ccx_sec("snippet client")
            .option("--engine", engine.to_string())
            .flag("--all")
            .option("--mode", snippet.asked.to_string())
            .option("--host", Placeholder("HOST")),
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::catalogue;

    const MODES: [ClientMode; 3] =
        [ClientMode::Required, ClientMode::VerifyCa, ClientMode::VerifyIdentity];

    #[test]
    fn every_client_has_a_snippet_in_every_mode() {
        let mut names: Vec<&str> = catalogue::drivers_for(None).map(|client| client.name).collect();
        assert!(names.len() > 35, "{names:?}");
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), catalogue::drivers_for(None).count(), "names twice");
        let values = TemplateValues {
            host: "db.example.com",
            port: 4711,
            user: "a user",
            database: "a database",
            ca: Some("/ca.pem"),
            identity: None,
        };
        let with = TemplateValues { identity: Some(("/cert.pem", "/key.pem")), ..values };
        for client in catalogue::drivers_for(None) {
            for mode in MODES {
                let name = format!("{} {}", client.name, mode.name());
                let plain = snippet(client, mode, &values).expect(&name);
                let Some(text) = plain.text else {
                    assert!(!plain.warnings.is_empty(), "{name}");
                    continue;
                };
                assert!(plain.mode.is_some_and(|found| found == mode.name()
                    || plain.warnings.len() > client.snippet.notes.len()));
                assert!(text.contains("db.example.com") && text.contains("4711"), "{name}: {text}");
                assert!(!text.contains("%{") && !text.contains("%["), "{name}: {text}");
                assert!(!text.contains("/cert.pem"), "{name}: {text}");
                let has = snippet(client, mode, &with).expect(&name);
                let said = has.text.is_some_and(|text| text.contains("/cert.pem"));
                let warned = has.warnings.iter().any(|text| text.contains("client certificate"));
                assert!(
                    said || warned || mode == ClientMode::Required,
                    "{name}: {:?}",
                    has.warnings
                );
            }
        }
    }

    #[test]
    fn every_engine_has_its_clients() {
        for engine in Engine::ALL {
            assert!(catalogue::drivers_for(Some(engine)).count() >= 6, "{engine}");
        }
    }
}
