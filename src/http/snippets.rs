//! Connection snippets, generated for each request for the given server.

use http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::accept::best;
use super::problem::Problem;
use super::resource::JSON;
use super::resource::{Caching, Resource, json};
use crate::driver::catalogue;
use crate::engine::Engine;
use crate::error::Code;
use crate::snippet::client::{ClientMode, Snippet, check, host, snippet};
use crate::snippet::template::TemplateValues;

/// The parameters of a snippet.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    host: String,
    port: Option<u16>,
    mode: Option<String>,
    user: Option<String>,
    database: Option<String>,
    ca_file: Option<String>,
}

/// The snippet's document.
#[derive(Debug, Serialize)]
struct SnippetDocument<'a> {
    engine: &'static str,
    host: &'a str,
    port: u16,
    #[serde(flatten)]
    snippet: &'a Snippet,
}

/// A snippet as JSON, or as text to copy if the client prefers that.
pub(super) fn answer(
    engine: &str,
    client: &str,
    query: &str,
    headers: &HeaderMap,
) -> Result<Resource, Problem> {
    let engine: Engine = engine.parse().map_err(unknown)?;
    let client = catalogue::named(engine, client).map_err(unknown)?;
    let query: Query = serde_urlencoded::from_str(query).map_err(|e| Problem::query(&e))?;
    let mode = mode(query.mode.as_deref())?;
    let host = host(&query.host)?;
    let port = query.port.filter(|port| *port != 0).unwrap_or(engine.facts().port);
    let texts = [("user", &query.user), ("database", &query.database), ("ca_file", &query.ca_file)];
    for (name, text) in texts {
        // A user who copies the snippet into a terminal must see every character.
        if text.as_deref().is_some_and(|text| text.contains(is_unseen)) {
            let detail = format!("{name} contains a control character");
            return Err(Problem::new(http::StatusCode::BAD_REQUEST, Code::Query, detail));
        }
    }
    let values = TemplateValues {
        host: &host,
        port,
        user: query.user.as_deref().unwrap_or(engine.facts().client_user),
        database: query.database.as_deref().unwrap_or("app"),
        ca: Some(query.ca_file.as_deref().unwrap_or("ca.pem")),
        identity: None,
    };
    let snippet = snippet(client, mode, &values)?;
    check(&snippet, engine)?;
    let address = format!("/api/v1/snippets/{}/{}", engine.facts().name, client.name);
    let as_json = match best(headers, &[(&[JSON], true), (&["text/plain"], false)]) {
        Some(as_json) => as_json,
        None => return Err(not_acceptable("application/json, text/plain")),
    };
    let resource = if as_json {
        let document =
            SnippetDocument { engine: engine.facts().name, host: &host, port, snippet: &snippet };
        let body = json(&document);
        Resource::new(JSON, body, Caching::Minute)
    } else {
        Resource::new("text/plain; charset=utf-8", snippet.commented(), Caching::Minute)
    };
    Ok(resource.negotiated(&address))
}

/// Whether a character ends a line, is invisible, or changes the direction of text.
fn is_unseen(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The problem if the client accepts none of these media types.
pub(super) fn not_acceptable(kinds: &str) -> Problem {
    let detail = "none of the types in Accept is available";
    Problem::new(http::StatusCode::NOT_ACCEPTABLE, Code::NotAcceptable, detail)
        .hint(format!("available: {kinds}"))
}

fn unknown(error: crate::error::Error) -> Problem {
    let problem = Problem::new(http::StatusCode::NOT_FOUND, error.code(), error.to_string());
    error.hints().iter().fold(problem, |problem, hint| problem.hint(hint.to_string()))
}

fn mode(text: Option<&str>) -> Result<ClientMode, Problem> {
    use clap::ValueEnum;
    let text = text.unwrap_or(ClientMode::VerifyIdentity.name());
    ClientMode::from_str(text, true).map_err(|_| {
        let modes = ClientMode::value_variants().iter().map(|mode| mode.name());
        let detail = "unknown mode";
        Problem::new(http::StatusCode::BAD_REQUEST, Code::Mode, detail)
            .hint(format!("give one of {}", modes.collect::<Vec<_>>().join(", ")))
    })
}
