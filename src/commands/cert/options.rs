//! Options that several `cert` commands share.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Code, Error, Result};
use crate::files::{self, FileMode, Owner};
use crate::issuance::IssueContext;
use crate::node::directory::{CredentialKind, Style};
use crate::node::inventory::{self, InventoryFormat};
use crate::node::renewal::RenewalTime;
use crate::node::{self, Node, NodeDetails, NodeId, NodeName};
use crate::pki::authority::Authority;
use crate::pki::key::KeyType;
use crate::pki::san::{DnsName, San};
use crate::pki::validity::Length;
use crate::process;
use crate::shell::{CommandLine, Placeholder};
use crate::store::kube::issuer_account;
use crate::store::{Backend, StoreAddress, nodes};

/// The identity of a node, and the contents of its certificate.
#[derive(Debug, clap::Args)]
pub(super) struct NodeOptions {
    /// UUID of the datastore (database service) of the node; for a new one: uuidgen
    #[arg(long, value_name = "UUID", value_parser = node::datastore)]
    pub(super) datastore: Option<Uuid>,
    /// Name of the node
    #[arg(long, value_name = "NAME")]
    pub(super) node: Option<NodeName>,
    /// Database engine of the node
    #[arg(long, value_enum)]
    pub(super) engine: Option<Engine>,
    /// Domain of NODE.DATASTORE.DOMAIN [default: the only domain that the CA permits]
    #[arg(long, value_name = "DOMAIN")]
    pub(super) domain: Option<DnsName>,
    /// Further DNS name, such as that of the primary; repeatable
    #[arg(long, value_name = "NAME")]
    pub(super) dns: Vec<DnsName>,
    /// IP address, v4 or v6; repeatable
    #[arg(long, value_name = "ADDRESS")]
    pub(super) ip: Vec<IpAddr>,
    /// Allow the node to use the certificate as a client (clientAuth)
    ///
    /// Without it, by engine: yes for mysql (Group Replication), mariadb (Galera), redis and
    /// valkey (tls-replication), no for postgresql and mssql.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub(super) replication: Option<bool>,
    /// Lifetime of the certificate, at most that of the CA: 1y, 90d
    #[arg(long, value_name = "TIME", default_value = "1y")]
    pub(super) validity: Length,
}

impl NodeOptions {
    /// # Errors
    /// Exit 2 when an option is missing, or contradicts the engine.
    pub(super) fn node(&self, authority: &Authority, key_type: Option<KeyType>) -> Result<Node> {
        let (node, domain) = (self.node.clone(), self.domain(authority));
        let (Some(datastore), Some(name), Some(engine), Some(domain)) =
            (self.datastore, node, self.engine, domain.as_ref())
        else {
            return Err(self.missing(domain.is_some())?);
        };
        Node::new(NodeId { datastore, name }, domain, engine, self.options(key_type))
    }

    /// Creates the error that lists all missing options. Its hint has values that work for a new
    /// datastore with a node on this machine.
    fn missing(&self, has_domain: bool) -> Result<Error> {
        let all = [
            ("--datastore UUID", self.datastore.is_none()),
            ("--node NAME", self.node.is_none()),
            ("--engine ENGINE", self.engine.is_none()),
            ("--domain DOMAIN", !has_domain),
        ];
        let missing: Vec<&str> =
            all.iter().filter(|(_, is_missing)| *is_missing).map(|(option, _)| *option).collect();
        if missing == ["--domain DOMAIN"] {
            return Ok(Error::usage(Code::DomainMissing, "the domain of the node is not known")
                .hint("give --domain, or use a CA that permits one domain only (ca init --permit-dns)"));
        }
        let message = format!("the node is not known: give {}", missing.join(", "));
        let mut error = Error::usage(Code::NodeMissing, message);
        let mut new = Vec::new();
        if self.datastore.is_none() {
            new.push(format!("--datastore {}", node::new_datastore()?));
        }
        let here = process::host_name();
        let here = here.split('.').next().unwrap_or_default().to_ascii_lowercase();
        if let (None, Ok(name)) = (&self.node, here.parse::<NodeName>()) {
            new.push(format!("--node {name}"));
        }
        if !new.is_empty() {
            let new = new.join(" ");
            error = error.hint(format!("for a new datastore with a node on this machine: {new}"));
        }
        if !has_domain {
            error = error.hint(
                "--domain can be left out if the CA permits one domain only (ca init --permit-dns)",
            );
        }
        Ok(error)
    }

    pub(super) fn domain(&self, authority: &Authority) -> Option<DnsName> {
        self.domain.clone().or_else(|| {
            let certificate = authority.certificate();
            let described = certificate.describe(certificate.not_before());
            match described.name_constraints?.permitted.dns.as_slice() {
                [domain] => domain.parse().ok(),
                _ => None,
            }
        })
    }

    pub(super) fn options(&self, key_type: Option<KeyType>) -> NodeDetails {
        NodeDetails {
            dns: self.dns.clone(),
            ip: self.ip.clone(),
            replication: self.replication,
            key_type,
            validity: Some(self.validity.clone()),
            port: None,
            role: None,
        }
    }

    /// The names from `--dns` and `--ip`, without the node's own name.
    pub(super) fn names(&self) -> San {
        San::new(self.dns.iter().cloned(), self.ip.iter().copied())
    }
}

/// Owner and mode of the files that a command writes.
#[derive(Debug, clap::Args)]
pub(super) struct FileOptions {
    /// Owner of the files, such as mysql:mysql
    ///
    /// Without it, the owner of the existing files, or else this user.
    #[arg(long, value_name = "USER[:GROUP]")]
    pub(super) owner: Option<Owner>,
    /// Mode of the key: 0600, or 0640 for a key of root with the server's group
    ///
    /// Without it, the mode of the existing key, or else 0600.
    #[arg(long, value_name = "MODE", value_parser = key_mode, requires = "owner")]
    pub(super) key_mode: Option<FileMode>,
}

impl FileOptions {
    /// # Errors
    /// Exit 4 when the mode would let more processes than the server read the key.
    pub(super) fn style(&self, adopt: bool) -> Result<Style> {
        let group_of_root = self.owner.is_some_and(|owner| owner.uid == 0 && owner.gid != 0);
        if self.key_mode == Some(FileMode::Group) && !group_of_root {
            return Err(Error::refused(
                Code::KeyMode,
                "mode 0640 would open the key to others than its server",
            )
            .hint("it is for keys that root owns and a group of one server reads, as PostgreSQL has it: --owner root:postgres"));
        }
        Ok(Style { owner: self.owner, key_mode: self.key_mode, adopt })
    }
}

fn key_mode(text: &str) -> std::result::Result<FileMode, String> {
    match text {
        "0600" | "600" => Ok(FileMode::Private),
        "0640" | "640" => Ok(FileMode::Group),
        _ => Err("give 0600 or 0640".to_owned()),
    }
}

/// The certificates to renew, and the rule for when they are due.
#[derive(Debug, clap::Args)]
pub(super) struct RenewalOptions {
    /// Directory with a certificate and its key, as cert issue --out writes it
    #[arg(long, value_name = "DIR", conflicts_with = "inventory", value_hint = clap::ValueHint::DirPath)]
    pub(super) dir: Option<PathBuf>,
    /// Secret NAME of the store; with --inventory, without NAME, those of its nodes
    #[arg(long, value_name = "NAME", num_args = 0..=1, conflicts_with = "dir")]
    pub(super) secret: Option<Option<String>>,
    /// Nodes of a fleet, as for cert issue
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(super) inventory: Option<PathBuf>,
    /// All nodes that have Secrets in the store
    #[arg(long, conflicts_with_all = ["dir", "secret", "inventory", "out"])]
    pub(super) from_secrets: bool,
    /// Directory of the fleet, with --inventory
    #[arg(long, value_name = "DIR", requires = "inventory", conflicts_with = "dir", value_hint = clap::ValueHint::DirPath)]
    pub(super) out: Option<PathBuf>,
    /// Renew what expires within this time: 30d [default: a third of its life]
    #[arg(long, value_name = "TIME")]
    pub(super) before: Option<Length>,
}

/// The group of options of which one is required.
pub(super) fn which() -> clap::ArgGroup {
    let places = ["dir", "secret", "inventory", "from_secrets"];
    clap::ArgGroup::new("which").args(places).required(true).multiple(true)
}

/// The group of options that name a fleet.
pub(super) fn fleet() -> clap::ArgGroup {
    clap::ArgGroup::new("fleet").args(["inventory", "from_secrets"])
}

impl RenewalOptions {
    pub(super) fn due(&self) -> RenewalTime {
        self.before.clone().map_or(RenewalTime::ByLife, RenewalTime::Before)
    }

    /// The name that `--secret` gives: required without an inventory, and refused with one.
    ///
    /// # Errors
    /// Exit 2.
    pub(super) fn named_secret(&self) -> Result<Option<String>> {
        match (&self.secret, &self.inventory) {
            (Some(Some(_)), Some(_)) => Err(Error::usage(
                Code::SecretName,
                "with --inventory the names of the Secrets are those of its nodes",
            )
            .hint("give --secret without a name")),
            (Some(None), None) => Err(Error::usage(Code::SecretName, "--secret lacks a name")
                .hint(("find it with", CommandLine::ccx_sec("cert list").option("-o", "wide")))),
            (Some(name), None) => Ok(name.clone()),
            (_, Some(_)) | (None, None) => Ok(None),
        }
    }

    /// The ids of the nodes in the inventory, or of all nodes with Secrets; `None` without a fleet.
    ///
    /// # Errors
    /// Exit 2 when the inventory is invalid, or neither `--out` nor `--secret` is given; exit 3 when
    /// the store cannot be read, or has no node.
    pub(super) fn nodes(&self, context: &Context) -> Result<Option<Vec<NodeId>>> {
        if self.from_secrets {
            let store = context.open_store()?;
            let nodes = nodes::ids(store.as_ref())?;
            if nodes.is_empty() {
                let message = "the store has no certificate of a node";
                return Err(Error::failed(Code::CertificateMissing, message).hint((
                    "issue the first ones",
                    CommandLine::ccx_sec("cert issue")
                        .option("--inventory", Placeholder("FILE"))
                        .flag("--secret"),
                )));
            }
            return Ok(Some(nodes));
        }
        let Some(path) = &self.inventory else { return Ok(None) };
        if self.out.is_none() && !self.in_store() {
            return Err(Error::usage(Code::PlaceMissing, "no place of the certificates was given")
                .hint("give --out DIR, --secret, or both"));
        }
        let text = files::read(path, inventory::MAX_BYTES)?;
        inventory::read_ids(&path.display().to_string(), &text, InventoryFormat::from_path(path))
            .map(Some)
    }

    /// Whether the certificates are those of a fleet.
    pub(super) fn names_fleet(&self) -> bool {
        self.inventory.is_some() || self.from_secrets
    }

    /// Whether the credentials of the fleet's nodes are Secrets.
    pub(super) fn in_store(&self) -> bool {
        self.from_secrets || (self.secret.is_some() && self.inventory.is_some())
    }
}

/// Warns that new certificates end together with the CA.
pub(super) fn warn_of_cut(context: &Context, work: &IssueContext<'_>) {
    let end = work.issuer.certificate().not_after();
    context.output.warning(&format!(
        "a new certificate ends at {end}, since its CA does: clients need the next CA before that"
    ));
}

/// The number of nodes that are processed at the same time.
#[derive(Debug, clap::Args)]
pub(super) struct JobOptions {
    /// Number of nodes at a time [default: processors; at least 16 with a cluster]
    #[arg(long, value_name = "N", requires = "fleet", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
}

impl JobOptions {
    /// The number of jobs; by default the number of processors, or more if most of the time is
    /// spent waiting for a cluster.
    pub(super) fn number(&self, in_store: bool, store: &dyn Backend) -> usize {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let waits = in_store && matches!(store.address(), StoreAddress::K8s { .. });
        self.jobs.map_or(if waits { processors.max(16) } else { processors }, usize::from)
    }
}

/// Returns the kind of the credentials in a directory; fails if there are none.
pub(super) fn kind_of(directory: &Path) -> Result<CredentialKind> {
    CredentialKind::detect(directory)?.ok_or_else(|| nothing_in(directory))
}

fn nothing_in(directory: &Path) -> Error {
    let names = [CredentialKind::Server, CredentialKind::Client]
        .map(CredentialKind::certificate)
        .join(" or ");
    Error::failed(
        Code::CertificateMissing,
        format!("there is no {names} in {}", directory.display()),
    )
    .hint(("issue it", node::issue_command(None, None).option("--out", directory)))
}

/// Adds the way to an account that can issue and renew, where this one lacks a right in the
/// cluster.
pub(super) fn with_issuer_account(error: Error, store: &dyn Backend) -> Error {
    match store.address() {
        StoreAddress::K8s { namespace, .. } if error.code() == Code::KubeForbidden => {
            error.hint(issuer_account(&namespace))
        }
        _ => error,
    }
}
