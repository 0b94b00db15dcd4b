//! An inventory: the nodes of a fleet, as YAML, JSON or CSV.
//!
//! ```yaml
//! defaults: {domain: ccx.example.com, engine: postgresql}
//! nodes:
//! - {datastore: 5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10, node: db-6ae82, ip: [10.0.0.7]}
//! ```
//!
//! The `defaults` may be missing, or the document may be a bare list, or CSV with a header line,
//! where several names in one field are separated by spaces. Every error names line and field.

use std::collections::HashMap;
use std::fmt::Display;
use std::net::IpAddr;
use std::path::Path;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _};
use serde_path_to_error::{Segment, Track};
use serde_saphyr::Spanned;
use uuid::Uuid;

use crate::engine::Engine;
use crate::error::{Code, Error, Result};
use crate::node::{Node, NodeDetails, NodeId, NodeName, NodeRole};
use crate::pki::key::KeyType;
use crate::pki::san::DnsName;
use crate::pki::validity::Length;
use crate::shell::CommandLine;
use crate::text::one_line;

/// The size limit of an inventory, in bytes: some three million nodes.
pub const MAX_BYTES: usize = 512 * 1024 * 1024;

/// The format of an inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InventoryFormat {
    /// YAML, or JSON, which is YAML too.
    Yaml,
    /// CSV (RFC 4180) with a header line.
    Csv,
}

impl InventoryFormat {
    /// The format of a file: CSV if its name ends in `.csv`, else YAML.
    #[must_use]
    pub fn from_path(path: &Path) -> Self {
        let is_csv = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("csv"));
        if is_csv { InventoryFormat::Csv } else { InventoryFormat::Yaml }
    }
}

/// The fields of one node, or the defaults of all.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct InventoryEntry {
    #[serde(default, deserialize_with = "single_value")]
    datastore: Option<Uuid>,
    #[serde(default, deserialize_with = "single_value")]
    node: Option<NodeName>,
    #[serde(default, deserialize_with = "single_value")]
    engine: Option<Engine>,
    #[serde(default, deserialize_with = "single_value")]
    domain: Option<DnsName>,
    #[serde(default, deserialize_with = "many")]
    dns: Vec<DnsName>,
    #[serde(default, deserialize_with = "many")]
    ip: Vec<IpAddr>,
    #[serde(default, deserialize_with = "single_value")]
    replication: Option<bool>,
    #[serde(default, deserialize_with = "single_value")]
    key_type: Option<KeyType>,
    #[serde(default, deserialize_with = "single_value")]
    validity: Option<Length>,
    #[serde(default, deserialize_with = "single_value")]
    port: Option<u16>,
    #[serde(default, deserialize_with = "single_value")]
    role: Option<NodeRole>,
}

/// Reads the nodes of an inventory; errors call it `name`. Fields that neither a node nor the
/// defaults set come from `given`, the options of the command line.
///
/// # Errors
/// Exit 2, with line and field: it cannot be read as `notation`, a value is wrong or missing, or a
/// node occurs twice.
pub fn read(
    name: &str,
    bytes: &[u8],
    notation: InventoryFormat,
    given: &InventoryDefaults,
) -> Result<Vec<Node>> {
    InventorySource { name, given }.read(bytes, notation)
}

/// Reads only the ids of the nodes of an inventory: enough for nodes that exist.
///
/// # Errors
/// As [`read`], but only the fields of the ids are required.
pub fn read_ids(name: &str, bytes: &[u8], notation: InventoryFormat) -> Result<Vec<NodeId>> {
    InventorySource { name, given: &InventoryDefaults::default() }.read(bytes, notation)
}

/// The options of the command line that apply to all nodes.
#[derive(Debug, Clone, Default)]
pub struct InventoryDefaults {
    /// The domain of the host names.
    pub domain: Option<DnsName>,
    /// The engine.
    pub engine: Option<Engine>,
    /// Further details; see [`NodeDetails`].
    pub options: NodeDetails,
}

/// A type that is built from an entry of an inventory.
trait FromEntry: Sized {
    fn make(
        source: &InventorySource<'_>,
        line: u64,
        entry: InventoryEntry,
        defaults: &InventoryEntry,
    ) -> Result<Self>;
    fn id(&self) -> &NodeId;
}

impl FromEntry for Node {
    fn make(
        source: &InventorySource<'_>,
        line: u64,
        entry: InventoryEntry,
        defaults: &InventoryEntry,
    ) -> Result<Self> {
        source.node(line, entry, defaults)
    }

    fn id(&self) -> &NodeId {
        Node::id(self)
    }
}

impl FromEntry for NodeId {
    fn make(
        source: &InventorySource<'_>,
        line: u64,
        entry: InventoryEntry,
        defaults: &InventoryEntry,
    ) -> Result<Self> {
        source.id(line, &entry, defaults)
    }

    fn id(&self) -> &NodeId {
        self
    }
}

struct InventorySource<'a> {
    name: &'a str,
    given: &'a InventoryDefaults,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InventoryDocument {
    #[serde(default)]
    defaults: InventoryEntry,
    nodes: Vec<Spanned<InventoryEntry>>,
}

impl InventorySource<'_> {
    fn read<T: FromEntry>(&self, bytes: &[u8], notation: InventoryFormat) -> Result<Vec<T>> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes); // a byte order mark
        match notation {
            InventoryFormat::Yaml => self.yaml(bytes),
            InventoryFormat::Csv => self.csv(bytes),
        }
    }

    fn yaml<T: FromEntry>(&self, bytes: &[u8]) -> Result<Vec<T>> {
        // A list begins with "-" or "[", after comments and document marks.
        let first = bytes.split(|b| *b == b'\n').map(<[u8]>::trim_ascii_start).find(|line| {
            let mark = [b"#", b"%", b"---".as_slice()].iter().any(|mark| line.starts_with(mark));
            !line.is_empty() && !mark
        });
        let is_list = first.is_some_and(|line| matches!(line[0], b'-' | b'['));
        let InventoryDocument { defaults, nodes } = if is_list {
            InventoryDocument { defaults: InventoryEntry::default(), nodes: self.parse(bytes)? }
        } else {
            self.parse(bytes)?
        };
        let entries = nodes.into_iter().map(|entry| Ok((entry.referenced.line(), entry.value)));
        self.nodes(entries, &defaults)
    }

    fn parse<T: DeserializeOwned>(&self, bytes: &[u8]) -> Result<T> {
        let options = serde_saphyr::options! {
            with_snippet: false,
            budget: serde_saphyr::budget! {
                max_events: usize::MAX,
                max_nodes: usize::MAX,
                max_total_scalar_bytes: MAX_BYTES,
            },
        };
        let mut track = Track::new();
        serde_saphyr::with_deserializer_from_slice_with_options(bytes, options, |deserializer| {
            T::deserialize(serde_path_to_error::Deserializer::new(deserializer, &mut track))
        })
        .map_err(|error| {
            let message = error.to_string();
            let message = message.lines().next().unwrap_or_default();
            let message =
                match message.rsplit_once(" at line ").map_or(message, |(message, _)| message) {
                    "expected sequence start" => "expected a list: [a, b]",
                    "expected mapping start" => "expected fields: node: db-1",
                    other => other,
                };
            let path = track.path();
            let mut field = path.iter().filter_map(|segment| match segment {
                Segment::Map { key } => Some(key.as_str()),
                _ => None,
            });
            let field = field.next_back().map(|field| format!("{field}: ")).unwrap_or_default();
            match error.location() {
                Some(at) => self.wrong_line(at.line(), &format!("{field}{message}")),
                None => self.wrong_file(message),
            }
        })
    }

    fn csv<T: FromEntry>(&self, bytes: &[u8]) -> Result<Vec<T>> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
        let broken = |error: csv::Error| {
            let line = error.position().map(csv::Position::line);
            match line {
                Some(line) => self.wrong_line(line, &error.to_string()),
                None => self.wrong_file(&error.to_string()),
            }
        };
        let header = reader.headers().map_err(broken)?.clone();
        let entries = reader.records().map(|record| {
            let record = record.map_err(broken)?;
            let line = record.position().map_or(0, csv::Position::line);
            let mut entry = InventoryEntry::default();
            for (field, value) in header.iter().zip(&record).filter(|(_, value)| !value.is_empty())
            {
                entry.set(field, value).map_err(|message| self.wrong_line(line, &message))?;
            }
            Ok((line, entry))
        });
        self.nodes(entries, &InventoryEntry::default())
    }

    fn nodes<T: FromEntry>(
        &self,
        entries: impl Iterator<Item = Result<(u64, InventoryEntry)>>,
        defaults: &InventoryEntry,
    ) -> Result<Vec<T>> {
        if defaults.node.is_some() || !defaults.ip.is_empty() || defaults.role.is_some() {
            return Err(self.wrong_file(
                "defaults must not have node, ip or role: they differ from node to node",
            ));
        }
        let mut nodes = Vec::new();
        let mut seen: HashMap<NodeId, u64> = HashMap::new();
        for entry in entries {
            let (line, entry) = entry?;
            let node = T::make(self, line, entry, defaults)?;
            if let Some(first) = seen.insert(node.id().clone(), line) {
                let message = format!("the node {} is in line {first} already", node.id());
                return Err(self.wrong_line(line, &message));
            }
            nodes.push(node);
        }
        if nodes.is_empty() {
            return Err(self.wrong_file("it has no nodes"));
        }
        Ok(nodes)
    }

    fn missing(&self, line: u64, field: &str) -> Error {
        self.wrong_line(line, &format!("{field}: is missing"))
    }

    fn id(&self, line: u64, entry: &InventoryEntry, defaults: &InventoryEntry) -> Result<NodeId> {
        let datastore = entry.datastore.or(defaults.datastore);
        Ok(NodeId {
            datastore: datastore.ok_or_else(|| self.missing(line, "datastore"))?,
            name: entry.node.clone().ok_or_else(|| self.missing(line, "node"))?,
        })
    }

    fn node(&self, line: u64, entry: InventoryEntry, defaults: &InventoryEntry) -> Result<Node> {
        let missing = |field: &str| self.missing(line, field);
        let given = self.given;
        let id = self.id(line, &entry, defaults)?;
        let domain = entry.domain.or_else(|| defaults.domain.clone());
        let domain = domain.or_else(|| given.domain.clone()).ok_or_else(|| missing("domain"))?;
        let engine = entry.engine.or(defaults.engine).or(given.engine);
        let engine = engine.ok_or_else(|| missing("engine"))?;
        let validity = |own: Option<Length>| own.or_else(|| defaults.validity.clone());
        let joined = |mut own: Vec<DnsName>| {
            own.extend(defaults.dns.iter().chain(&given.options.dns).cloned());
            own
        };
        let options = NodeDetails {
            dns: joined(entry.dns),
            ip: entry.ip,
            replication: entry.replication.or(defaults.replication).or(given.options.replication),
            key_type: entry.key_type.or(defaults.key_type).or(given.options.key_type),
            validity: validity(entry.validity).or_else(|| given.options.validity.clone()),
            port: entry.port.or(defaults.port).or(given.options.port),
            role: entry.role,
        };
        Node::new(id, &domain, engine, options).map_err(|error| {
            let failure = self.wrong_line(line, &error.to_string());
            failure.hints_of(&error)
        })
    }

    fn wrong_line(&self, line: u64, message: &str) -> Error {
        let message = one_line(message, 300);
        Error::usage(Code::Inventory, format!("{}, line {line}: {message}", self.name))
            .hint("correct that line; nothing was issued")
    }

    fn wrong_file(&self, message: &str) -> Error {
        Error::usage(Code::Inventory, format!("{}: {message}", self.name)).hint((
            "show an example of an inventory",
            CommandLine::ccx_sec("cert issue").flag("--help"),
        ))
    }
}

impl InventoryEntry {
    /// Sets a field from CSV, by the name of its column.
    fn set(&mut self, field: &str, value: &str) -> std::result::Result<(), String> {
        match field {
            "datastore" => self.datastore = Some(parse(field, value)?),
            "node" => self.node = Some(parse(field, value)?),
            "engine" => self.engine = Some(parse(field, value)?),
            "domain" => self.domain = Some(parse(field, value)?),
            "dns" => self.dns = parse_all(field, value)?,
            "ip" => self.ip = parse_all(field, value)?,
            "replication" => self.replication = Some(parse(field, value)?),
            "key_type" => self.key_type = Some(parse(field, value)?),
            "validity" => self.validity = Some(parse(field, value)?),
            "port" => self.port = Some(parse(field, value)?),
            "role" => self.role = Some(parse(field, value)?),
            other => return Err(format!("there is no field {other:?}")),
        }
        Ok(())
    }
}

fn parse<T: FromStr<Err: Display>>(field: &str, value: &str) -> std::result::Result<T, String> {
    value.parse().map_err(|error| format!("{field}: {error}"))
}

fn parse_all<T: FromStr<Err: Display>>(
    field: &str,
    value: &str,
) -> std::result::Result<Vec<T>, String> {
    value
        .split([' ', ';', ','])
        .filter(|part| !part.is_empty())
        .map(|part| parse(field, part))
        .collect()
}

/// A value that is parsed from a scalar, quoted or not.
struct ParsedText<T>(T);

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for ParsedText<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(ParsedText).map_err(D::Error::custom)
    }
}

fn single_value<'de, D, T>(deserializer: D) -> std::result::Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    ParsedText::deserialize(deserializer).map(|ParsedText(value)| Some(value))
}

fn many<'de, D, T>(deserializer: D) -> std::result::Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    let values = Vec::<ParsedText<T>>::deserialize(deserializer)?;
    Ok(values.into_iter().map(|ParsedText(value)| value).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10";

    fn nodes(notation: InventoryFormat, text: &str) -> Result<Vec<Node>> {
        read("fleet", text.replace("ID", ID).as_bytes(), notation, &InventoryDefaults::default())
    }

    fn message(notation: InventoryFormat, text: &str) -> String {
        match nodes(notation, text) {
            Ok(nodes) => format!("{} nodes", nodes.len()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_same_fleet_in_every_notation() {
        let all = [
            (
                InventoryFormat::Yaml,
                "defaults: {domain: a.example, engine: mysql}\nnodes:\n- {datastore: ID, node: db-1, dns: [w.a.example, r.a.example], ip: [10.0.0.1, 'fd00::1'], role: primary}\n- {datastore: ID, node: db-2, key_type: rsa-2048, validity: 90d, port: 3307}\n",
            ),
            (
                InventoryFormat::Yaml,
                "# a list\n---\n- {datastore: ID, node: db-1, domain: a.example, engine: mysql, dns: [w.a.example, r.a.example], ip: [10.0.0.1, 'fd00::1'], role: primary}\n- {datastore: ID, node: db-2, domain: a.example, engine: mysql, key_type: rsa-2048, validity: 90d, port: 3307}\n",
            ),
            (
                InventoryFormat::Yaml,
                "[{\"datastore\":\"ID\",\"node\":\"db-1\",\"domain\":\"a.example\",\"engine\":\"mysql\",\"dns\":[\"w.a.example\",\"r.a.example\"],\"ip\":[\"10.0.0.1\",\"fd00::1\"],\"role\":\"primary\"},{\"datastore\":\"ID\",\"node\":\"db-2\",\"domain\":\"a.example\",\"engine\":\"mysql\",\"key_type\":\"rsa-2048\",\"validity\":\"90d\",\"port\":3307}]",
            ),
            (
                InventoryFormat::Csv,
                "datastore,node,domain,engine,dns,ip,key_type,validity,port,role\nID,db-1,a.example,mysql,w.a.example r.a.example,10.0.0.1 fd00::1,,,,primary\nID,db-2,a.example,mysql,,,rsa-2048,90d,3307,\n",
            ),
        ];
        for (notation, text) in all {
            let nodes = nodes(notation, text).expect(text);
            let [one, two] = nodes.as_slice() else { panic!("{text}") };
            assert_eq!(one.host().as_str(), format!("db-1.{ID}.a.example"));
            let san = one.request().expect("a request").san;
            assert_eq!((san.dns().len(), san.ip().len()), (3, 2));
            assert_eq!(two.key_type(), KeyType::Rsa2048);
            assert_eq!((one.port(), two.port()), (3306, 3307));
            assert_eq!((one.role(), two.role()), (Some(NodeRole::Primary), None));
        }
    }

    #[test]
    fn faults_are_told_with_line_and_field() {
        let yaml = |text: &str| message(InventoryFormat::Yaml, text);
        assert_eq!(
            yaml("nodes:\n- datastore: ID\n  node: Db\n"),
            "fleet, line 3: node: \"Db\" is not the name of a node"
        );
        assert!(yaml("nodes:\n- datastore: x\n").starts_with("fleet, line 2: datastore: "));
        assert!(yaml("nodes:\n- foo: x\n").starts_with("fleet, line 2: "));
        assert!(yaml("nodes:\n- foo: x\n").contains("unknown field `foo`"));
        assert_eq!(
            yaml("nodes:\n- node: a\n  ip:\n  - 1.2.3.4\n  - x\n"),
            "fleet, line 5: ip: invalid IP address syntax"
        );
        assert!(yaml("- node: [a]\n").starts_with("fleet, line 1: node: "));
        assert_eq!(yaml("- node: a\n\n- node: b\n"), "fleet, line 1: datastore: is missing");
        assert_eq!(
            yaml("- datastore: ID\n  node: a\n  domain: x.y\n"),
            "fleet, line 1: engine: is missing"
        );
        assert!(
            yaml("- datastore: ID\n  node: a\n  domain: x.y\n  engine: oracle")
                .starts_with("fleet, line 4: engine: ")
        );
        assert_eq!(
            yaml("- node: a\n  role: master\n"),
            "fleet, line 2: role: \"master\" is not a role"
        );
        assert!(yaml("defaults: {role: replica}\nnodes:\n- node: a\n").contains("ip or role"));
        assert_eq!(yaml("nodes: []\n"), "fleet: it has no nodes");
        assert!(yaml("nodes: [\n").starts_with("fleet, line "));
        assert!(yaml("hello").starts_with("fleet"));
        assert!(yaml("").starts_with("fleet"));
        let csv = |text: &str| message(InventoryFormat::Csv, text);
        assert_eq!(csv("node,foo\na,b\n"), "fleet, line 2: there is no field \"foo\"");
        assert!(csv("node,datastore\na,b,c\n").starts_with("fleet, line 2: "));
        assert_eq!(csv("node,ip\na,1.2.3.4\nb,q\n"), "fleet, line 2: datastore: is missing");
        assert!(csv("node,ip\na,q\n").starts_with("fleet, line 2: ip: "));
        assert_eq!(csv("node\n"), "fleet: it has no nodes");
    }

    #[test]
    fn a_node_that_stands_there_twice_is_told_with_both_lines() {
        let one = "- {datastore: ID, node: a, domain: x.y, engine: mysql}\n";
        let message = message(InventoryFormat::Yaml, &format!("{one}\n{one}"));
        assert_eq!(message, format!("fleet, line 3: the node {ID}/a is in line 1 already"));
    }
}
