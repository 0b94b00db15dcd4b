//! A node: which machine of which datastore it is, what its certificate shall say, and how
//! the one that it has compares with that.
//!
//! ```text
//! mod          a node and its certificate request
//! inventory    many nodes, from YAML, JSON or CSV
//! credentials  certificate, key and bundle of a node: read, made, judged
//! renewal      when a certificate is due
//! directory    credentials as files; the only one here that is not pure
//! ```

pub mod credentials;
pub mod directory;
pub mod inventory;
pub mod renewal;

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use uuid::Uuid;

use crate::engine::Engine;
use crate::error::{Code, Error, Result};
use crate::pki;
use crate::pki::issue::{LeafRequest, Usage};
use crate::pki::key::KeyType;
use crate::pki::san::{DnsName, San, is_label};
use crate::pki::subject::{MAX_CHARACTERS, Subject};
use crate::pki::validity::{self, Length};
use crate::shell::{CommandLine, Placeholder, Word};

/// The name of a node within its datastore: one DNS label, such as `db-6ae82`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeName(String);

impl NodeName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for NodeName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if is_label(text) {
            return Ok(NodeName(text.to_owned()));
        }
        let shown: String = text.chars().take(64).collect();
        Err(Error::usage(Code::NodeName, format!("{shown:?} is not the name of a node"))
            .hint("give one label of a DNS name, in lower case, such as db-6ae82"))
    }
}

/// Reads the name of a datastore: a UUID (RFC 9562).
///
/// # Errors
/// Exit 2 when it is none.
pub fn datastore(text: &str) -> Result<Uuid> {
    text.parse().map_err(|_| {
        let shown: String = text.chars().take(64).collect();
        Error::usage(
            Code::Datastore,
            format!("{shown:?} is not a UUID, which a datastore is named by"),
        )
        .hint("it looks like 5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10")
    })
}

/// Which node it is: unique in a fleet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId {
    /// The datastore it belongs to.
    pub datastore: Uuid,
    /// Its name there.
    pub name: NodeName,
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.datastore, self.name)
    }
}

/// What is known of a node. Made by [`Node::new`], which checks it as a whole.
#[derive(Debug, Clone)]
pub struct Node {
    id: NodeId,
    host: DnsName,
    engine: Engine,
    options: NodeDetails,
}

/// What can be said of a node besides who it is.
#[derive(Debug, Clone, Default)]
pub struct NodeDetails {
    /// Further DNS names that it serves, such as that of the primary.
    pub dns: Vec<DnsName>,
    /// Its addresses.
    pub ip: Vec<IpAddr>,
    /// Whether it dials its peers with its certificate; the engine's default where not said.
    pub replication: Option<bool>,
    /// The kind of its key; the engine's default where not said.
    pub key_type: Option<KeyType>,
    /// How long its certificates are valid; [`validity::leaf_default`] where not said.
    pub validity: Option<Length>,
    /// The port that clients connect to; the engine's usual one where not said.
    pub port: Option<u16>,
}

impl Node {
    /// Puts a node together. Its host name is `<node>.<datastore>.<domain>`.
    ///
    /// # Errors
    /// Exit 2 when the host name is too long, for DNS or for the engine, or the engine does
    /// not take that kind of key.
    pub fn new(id: NodeId, domain: &DnsName, engine: Engine, options: NodeDetails) -> Result<Self> {
        let host: DnsName = format!("{}.{}.{domain}", id.name, id.datastore).parse()?;
        if engine.facts().common_name_is_host && host.as_str().len() > MAX_CHARACTERS {
            let message = format!(
                "{host} has {} characters; {engine} wants it as common name, which has at most \
                 {MAX_CHARACTERS}",
                host.as_str().len()
            );
            return Err(Error::usage(Code::HostTooLong, message).hint("shorten the domain"));
        }
        let node = Node { id, host, engine, options };
        if engine.facts().takes_rsa_only && !node.key_type().is_rsa() {
            let message = format!("{engine} takes RSA keys only, not {}", node.key_type());
            return Err(Error::usage(Code::KeyType, message)
                .hint("leave out --key-type, or give rsa-2048, rsa-3072 or rsa-4096"));
        }
        Ok(node)
    }

    /// Which node it is.
    #[must_use]
    pub fn id(&self) -> &NodeId {
        &self.id
    }

    /// Its name in DNS.
    #[must_use]
    pub fn host(&self) -> &DnsName {
        &self.host
    }

    /// Its engine.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The port that clients connect to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.options.port.unwrap_or(self.engine.facts().port)
    }

    /// The kind of key that it gets.
    #[must_use]
    pub fn key_type(&self) -> KeyType {
        self.options.key_type.unwrap_or(self.engine.facts().key_type)
    }

    /// What its certificate shall say. The common name is the host name where that fits
    /// into one (64 characters), else the name of the node: clients look at the SAN.
    ///
    /// # Errors
    /// None that [`Node::new`] lets through.
    pub fn request(&self) -> Result<LeafRequest> {
        let dials = self.options.replication.unwrap_or(self.engine.facts().nodes_dial_each_other);
        let host = self.host.as_str();
        let common_name = if host.len() > MAX_CHARACTERS { self.id.name.as_str() } else { host };
        let dns = std::iter::once(&self.host).chain(&self.options.dns).cloned();
        Ok(LeafRequest {
            subject: Subject::new(common_name, None)?,
            san: San::new(dns, self.options.ip.iter().copied()),
            usage: if dials { Usage::Both } else { Usage::Server },
            validity: self.options.validity.clone().unwrap_or_else(validity::leaf_default),
        })
    }
}

/// A random UUID (version 4) for a new datastore.
///
/// # Errors
/// Exit 3 when there are no random numbers.
pub fn new_datastore() -> Result<Uuid> {
    let mut bytes = [0; 16];
    pki::random(&mut bytes)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

/// The command that issues the certificate of a server anew, without its place (`--out`,
/// `--secret`). The reader fills in what is not known.
#[must_use]
pub fn issue_command(id: Option<&NodeId>, engine: Option<Engine>) -> CommandLine {
    let word = |known: Option<String>, name| match known {
        Some(known) => Word::from(known),
        None => Word::from(Placeholder(name)),
    };
    CommandLine::ccx_sec("cert issue")
        .option("--datastore", word(id.map(|id| id.datastore.to_string()), "DATASTORE"))
        .option("--node", word(id.map(|id| id.name.to_string()), "NODE"))
        .option("--engine", word(engine.map(|engine| engine.to_string()), "ENGINE"))
        .option("--domain", Placeholder("DOMAIN"))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn node(name: &str, domain: &str, engine: Engine) -> Result<Node> {
        let datastore = "00000000-0000-4000-8000-000000000001".parse().expect("a UUID");
        let id = NodeId { datastore, name: name.parse()? };
        Node::new(id, &domain.parse()?, engine, NodeDetails::default())
    }

    #[test]
    fn a_node_asks_for_its_own_name() {
        let request = node("db-1", "ccx.example", Engine::Postgresql).expect("a node").request();
        let request = request.expect("a request");
        let host = "db-1.00000000-0000-4000-8000-000000000001.ccx.example";
        assert_eq!(request.san.dns()[0].as_str(), host);
        assert_eq!(request.subject, Subject::new(host, None).expect("a subject"));
        assert_eq!(request.usage, Usage::Server);
        let request = node("db-1", "ccx.example", Engine::Mariadb).expect("a node").request();
        assert_eq!(request.expect("a request").usage, Usage::Both);
    }

    #[test]
    fn a_long_host_name_does_not_go_into_the_common_name() {
        let domain = "a-rather-long-domain.of-a-service.example";
        let request = node("db-1", domain, Engine::Mysql).expect("a node").request();
        assert_eq!(
            request.expect("a request").subject,
            Subject::new("db-1", None).expect("a subject")
        );
        let code = |result: Result<Node>| result.map(|_| ()).map_err(|e| e.code().name());
        assert_eq!(code(node("db-1", domain, Engine::Mssql)), Err("host-too-long"));
        assert_eq!(code(node("Db-1", domain, Engine::Mysql)), Err("node-name"));
        let endless = ["a-label-of-a-domain"; 11].join(".");
        assert_eq!(code(node("db-1", &endless, Engine::Mysql)), Err("dns-name"));
    }
}
