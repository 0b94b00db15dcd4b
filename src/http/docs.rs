//! The description of the API: OpenAPI 3.1, and a page for people.

use minijinja::{Environment, context};

use super::page::{HTML, failed};
use super::resource::{Caching, Resource};
use crate::error::Result;

/// The OpenAPI document, written by hand: a test compares it with what the server does.
const OPENAPI: &str = include_str!("assets/openapi.json");

/// Both descriptions, each with its path.
pub(super) fn all() -> Result<[(&'static str, Resource); 2]> {
    let document: serde_json::Value = serde_json::from_str(OPENAPI).map_err(failed)?;
    let mut environment = Environment::new();
    environment.add_template("docs.html", include_str!("assets/docs.html")).map_err(failed)?;
    let template = environment.get_template("docs.html").map_err(failed)?;
    let html = template.render(context! { api => document }).map_err(failed)?;
    let json = Resource::new("application/json", OPENAPI, Caching::Minute);
    let html = super::page::with_security_headers(Resource::new(HTML, html, Caching::Minute));
    Ok([("/api/openapi.json", json), ("/api/docs", html)])
}
