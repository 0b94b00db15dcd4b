//! A node: its identity, the request for its certificate, and the verdict on the certificate that
//! it has.
//!
//! ```text
//! mod          a node and its certificate request
//! inventory    many nodes, from YAML, JSON or CSV
//! credentials  certificate, key and bundle of a node: reads, issues and judges them
//! renewal      the time at which a certificate is due
//! trust        the CAs that credentials are judged by, and their turns in a rotation
//! order        the order in which the nodes of a datastore follow a rotation
//! directory    credentials as files; the only file here that is not pure
//! ```

pub mod credentials;
pub mod directory;
pub mod inventory;
pub mod order;
pub mod renewal;
pub mod trust;

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
use crate::text::clip;

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
        let shown = clip(text, 64);
        Err(Error::usage(Code::NodeName, format!("{shown:?} is not the name of a node"))
            .hint("give one label of a DNS name, in lower case, such as db-6ae82"))
    }
}

/// Reads the name of a datastore: a UUID (RFC 9562).
///
/// # Errors
/// Exit 2 when the text is not a UUID.
pub fn datastore(text: &str) -> Result<Uuid> {
    text.parse().map_err(|_| {
        let shown = clip(text, 64);
        Error::usage(Code::Datastore, format!("{shown:?} is not the UUID of a datastore"))
            .hint("a UUID looks like 5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10")
    })
}

/// The identity of a node, unique in a fleet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId {
    /// The datastore that the node belongs to.
    pub datastore: Uuid,
    /// The name within the datastore.
    pub name: NodeName,
}

impl NodeId {
    /// The node and the domain that a host name of [`Node::new`] consists of; `None` for other
    /// names.
    #[must_use]
    pub fn from_host(host: &str) -> Option<(NodeId, DnsName)> {
        let (name, rest) = host.split_once('.')?;
        let (datastore, domain) = rest.split_once('.')?;
        let id = NodeId { datastore: datastore.parse().ok()?, name: name.parse().ok()? };
        let domain: DnsName = domain.parse().ok()?;
        // A UUID can be written in more ways than one.
        (id.datastore.to_string() == datastore).then_some((id, domain))
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.datastore, self.name)
    }
}

/// The role of a node in its datastore.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeRole {
    /// It follows another node.
    Replica,
    /// Clients write to it.
    Primary,
}

impl NodeRole {
    /// The name in inventories and labels.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            NodeRole::Replica => "replica",
            NodeRole::Primary => "primary",
        }
    }
}

impl FromStr for NodeRole {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        [NodeRole::Replica, NodeRole::Primary]
            .into_iter()
            .find(|role| role.name() == text)
            .ok_or_else(|| {
                let shown = clip(text, 64);
                Error::usage(Code::Inventory, format!("{shown:?} is not a role"))
                    .hint("give primary or replica")
            })
    }
}

/// A node. [`Node::new`] checks that its parts fit together.
#[derive(Debug, Clone)]
pub struct Node {
    id: NodeId,
    host: DnsName,
    engine: Engine,
    options: NodeDetails,
}

/// Further properties of a node.
#[derive(Debug, Clone, Default)]
pub struct NodeDetails {
    /// Further DNS names of the server, such as that of the primary.
    pub dns: Vec<DnsName>,
    /// The IP addresses.
    pub ip: Vec<IpAddr>,
    /// Whether it connects to its peers with its certificate; `None` for the engine's default.
    pub replication: Option<bool>,
    /// The kind of key; `None` for the engine's default.
    pub key_type: Option<KeyType>,
    /// The lifetime of its certificates; `None` for [`validity::leaf_default`].
    pub validity: Option<Length>,
    /// The port that clients connect to; `None` for the engine's default.
    pub port: Option<u16>,
    /// Its role in the datastore, if known.
    pub role: Option<NodeRole>,
}

impl Node {
    /// Creates a node. Its host name is `<node>.<datastore>.<domain>`.
    ///
    /// # Errors
    /// Exit 2 when the host name is too long for DNS or for the engine, or the engine does not
    /// accept the kind of key.
    pub fn new(id: NodeId, domain: &DnsName, engine: Engine, options: NodeDetails) -> Result<Self> {
        let host: DnsName = format!("{}.{}.{domain}", id.name, id.datastore).parse()?;
        if engine.facts().common_name_is_host && host.as_str().len() > MAX_CHARACTERS {
            let message = format!(
                "{host} has {} characters; {engine} needs it as common name, which has at most \
                 {MAX_CHARACTERS}",
                host.as_str().len()
            );
            return Err(Error::usage(Code::HostTooLong, message).hint("shorten the domain"));
        }
        let node = Node { id, host, engine, options };
        if engine.facts().takes_rsa_only && !node.key_type().is_rsa() {
            let message = format!("{engine} accepts only RSA keys, not {}", node.key_type());
            return Err(Error::usage(Code::KeyType, message)
                .hint("leave out --key-type, or give rsa-2048, rsa-3072 or rsa-4096"));
        }
        Ok(node)
    }

    /// The identity of the node.
    #[must_use]
    pub fn id(&self) -> &NodeId {
        &self.id
    }

    /// The host name in DNS.
    #[must_use]
    pub fn host(&self) -> &DnsName {
        &self.host
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The port that clients connect to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.options.port.unwrap_or(self.engine.facts().port)
    }

    /// The role in the datastore, if known.
    #[must_use]
    pub fn role(&self) -> Option<NodeRole> {
        self.options.role
    }

    /// The kind of key for new certificates.
    #[must_use]
    pub fn key_type(&self) -> KeyType {
        self.options.key_type.unwrap_or(self.engine.facts().key_type)
    }

    /// The request for the node's certificate. The common name is the host name if that has at most
    /// 64 characters, else the name of the node: clients check only the SAN.
    ///
    /// # Errors
    /// None for a node that [`Node::new`] accepted.
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

/// Creates a random UUID (version 4) for a new datastore.
///
/// # Errors
/// Exit 3 when the random number generator fails.
pub fn new_datastore() -> Result<Uuid> {
    let mut bytes = [0; 16];
    pki::random(&mut bytes)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

/// The command that issues a server's certificate again, without its destination (`--out`,
/// `--secret`). Unknown values are placeholders for the reader to fill in.
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
    fn host_name_tells_node_and_domain() {
        let host = node("db-1", "ccx.example", Engine::Mysql).expect("a node");
        let (id, domain) = NodeId::from_host(host.host().as_str()).expect("a host name");
        assert_eq!((&id, domain.as_str()), (host.id(), "ccx.example"));
        let uuid = id.datastore.to_string();
        let simple = format!("db-1.{}.ccx.example", id.datastore.simple());
        for other in ["localhost", "db.ccx.example", &format!("db-1.{uuid}"), &simple, &uuid] {
            assert_eq!(NodeId::from_host(other), None, "{other}");
        }
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
