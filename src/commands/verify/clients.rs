//! `--simulate`: the behavior of real clients towards a server, in each of their configurations.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, Command};

use crate::driver::behavior::ClientConfiguration;
use crate::driver::catalogue::drivers_for;
use crate::driver::selection::{ALL, ClientSelection, DriverVersion, select, versions_for};
use crate::engine::Version;
use crate::error::{Code, Error, Reason, Result};
use crate::output::{Format, Table, escape_control_characters};
use crate::probe::observation::Observation;
use crate::probe::simulation::outcome::{ClientOutcome, ClientReport, tell};
use crate::probe::verdict::VerdictRequest;

use super::document::Endpoint;
use super::targets::VerifyTarget;

/// Parses the name of a client, with or without a version.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader;

fn names() -> Vec<&'static str> {
    std::iter::once(ALL).chain(drivers_for(None).map(|driver| driver.name)).collect()
}

impl TypedValueParser for Reader {
    type Value = ClientSelection;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> std::result::Result<ClientSelection, clap::Error> {
        let text = value.to_string_lossy();
        let name = text.split_once('@').map_or(text.as_ref(), |(name, _)| name);
        // clap's own error lists the known names
        PossibleValuesParser::new(names()).parse_ref(command, argument, OsStr::new(name))?;
        parse_client.parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(names().into_iter().map(PossibleValue::new)))
    }
}

/// Parses `NAME` or `NAME@VERSION`, of a known name.
fn parse_client(text: &str) -> Result<ClientSelection> {
    let (name, version) = match text.split_once('@') {
        Some((name, version)) => (name, Some(version.parse::<Version>()?)),
        None => (text, None),
    };
    let bad = |what: String| {
        Error::usage(Code::ClientVersion, what).hint("give the name alone for all versions known")
    };
    match (name, version) {
        (ALL, None) => return Ok(ClientSelection::All),
        (ALL, Some(_)) => return Err(bad("all clients together have no version".to_owned())),
        _ => {}
    }
    let asked = ClientSelection::One { name: name.to_owned(), version };
    if versions_for(None).any(|client| asked.covers(client)) {
        return Ok(asked);
    }
    let known = versions_for(None).filter(|client| client.driver.name == name);
    let known = known.filter_map(|client| client.behavior.versions());
    let known = known.collect::<Vec<_>>().join(", ");
    Err(bad(format!("nothing is known of {text}, only of {name} {known}")))
}

/// Checks rules that clap cannot express.
pub(super) fn check(
    asked: &[ClientSelection],
    servers: &[VerifyTarget],
    format: Format,
) -> Result<()> {
    if asked.is_empty() {
        return Ok(());
    }
    if matches!(format, Format::Junit | Format::Sarif | Format::Prometheus) {
        return Err(Error::usage(
            Code::AsFormat,
            "what --simulate finds has no place in this format",
        )
        .hint("give another --output: text, wide, json, yaml"));
    }
    for one in asked {
        let talks =
            |server: &VerifyTarget| !selected_clients(std::slice::from_ref(one), server).is_empty();
        if let (ClientSelection::One { name, .. }, false) = (one, servers.iter().any(talks)) {
            let engine = |server: &VerifyTarget| server.target.engine.facts().name;
            let mut engines: Vec<&str> = servers.iter().map(engine).collect();
            engines.dedup();
            let message = format!("{name} is no client of {}", engines.join(", "));
            return Err(Error::usage(Code::ClientOtherEngine, message)
                .hint("leave it out, name another, or take --simulate all for those that fit"));
        }
    }
    Ok(())
}

fn selected_clients(
    asked_for: &[ClientSelection],
    server: &VerifyTarget,
) -> Vec<(DriverVersion, Vec<&'static ClientConfiguration>)> {
    select(asked_for, server.target.engine)
}

/// Simulates the selected clients; `None` without `--simulate`.
pub(super) fn tell_all(
    asked: &[ClientSelection],
    server: &VerifyTarget,
    seen: &Observation,
    question: &VerdictRequest<'_>,
) -> Option<Vec<ClientReport>> {
    if asked.is_empty() {
        return None;
    }
    let each = selected_clients(asked, server).into_iter();
    let each = each.flat_map(|(client, ways)| ways.into_iter().map(move |way| (client, way)));
    Some(each.map(|(client, way)| tell(client, way, &server.target, seen, question)).collect())
}

/// Renders a table for each server; with `quiet`, only the clients that do not connect over TLS.
pub(super) fn render_text(
    endpoints: &[Endpoint],
    wide: bool,
    quiet: bool,
    width: Option<usize>,
) -> String {
    let mut text = String::new();
    for endpoint in endpoints {
        let Some(told) = &endpoint.clients else { continue };
        let mut head = ["CLIENT", "OPTIONS", "OUTCOME", "CHECKS", "NOT CHECKED"].to_vec();
        if wide {
            head.extend(["PROOF", "SOURCE"]);
        }
        let mut table = Table::new(&head);
        let mut said: Vec<&str> = Vec::new();
        for one in told.iter().filter(|one| !quiet || one.outcome != ClientOutcome::Tls) {
            table.row(table_row(one, wide));
            let mut more = Vec::new();
            more.extend(one.says.map(|says| format!("  {} prints: {says}", one.client)));
            more.extend(one.provided.map(|provided| format!("  provided that {provided}")));
            if let Some(message) = one.message.as_deref().filter(|message| !said.contains(message))
            {
                said.push(message);
                more.push(format!("  {}", escape_control_characters(message)));
            }
            table.below(more);
        }
        if !table.is_empty() {
            text.push_str(&format!("\nclients of {}\n{}", endpoint.place, table.text(width)));
        }
    }
    text
}

fn table_row(told: &ClientReport, wide: bool) -> Vec<String> {
    let versions = told.versions.iter().map(|versions| format!(" ({versions})"));
    let list = |what: &[&str]| if what.is_empty() { "-".to_owned() } else { what.join(", ") };
    let mut line = vec![
        told.client.to_owned() + &versions.collect::<String>(),
        if told.options.is_empty() { "(none)" } else { told.options }.to_owned(),
        outcome(told),
        list(&told.checks),
        list(&told.unchecked),
    ];
    if wide {
        line.extend([told.proof.to_owned(), told.source.to_owned()]);
    }
    line
}

fn outcome(told: &ClientReport) -> String {
    let word = told.reason.map_or("", |reason| match reason {
        Reason::Untrusted | Reason::IntermediateMissing => "trust",
        Reason::NameMismatch => "name",
        Reason::Expired | Reason::NotYetValid => "date",
        Reason::WrongPurpose => "purpose",
        Reason::NoTls => "no TLS",
        Reason::PlainRefused => "TLS is demanded",
        Reason::ClientCertRequired => "a client certificate is demanded",
        Reason::MachineCas => "the machine's CAs",
        Reason::NeedsLogin => "told only after a login",
        other => other.name(),
    });
    match told.outcome {
        ClientOutcome::Tls => "connects over TLS".to_owned(),
        ClientOutcome::Plain => "connects WITHOUT TLS".to_owned(),
        ClientOutcome::Refuses => format!("refuses: {word}"),
        ClientOutcome::Refused => format!("is refused: {word}"),
        ClientOutcome::Unknown => format!("unknown: {word}"),
    }
}
