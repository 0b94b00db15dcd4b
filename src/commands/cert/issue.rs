//! `ccx-sec cert issue`: certificates for a node, a client, or a fleet.

use std::collections::HashSet;
use std::path::PathBuf;

use super::fleet::{self, FleetLocations};
use super::node::{self, SingleMessages};
use super::options::{self, FileOptions, JobOptions, NodeOptions};
use crate::commands::dry_run::DryRun as DryRunOption;
use crate::context::Context;
use crate::error::{Code, Exit, Result};
use crate::files;
use crate::issuance::{
    CredentialTarget, ExpectedSubject, IssueContext, IssuePolicy, RotationTurns,
};
use crate::node::directory::CredentialKind;
use crate::node::inventory::{self, InventoryDefaults, InventoryFormat};
use crate::node::renewal::RenewalTime;
use crate::pki::authority::Authority;
use crate::pki::issue::{Issuer, LeafRequest, Usage};
use crate::pki::key::KeyType;
use crate::pki::subject::Subject;
use crate::process::Interrupts;
use crate::store::Backend;
use crate::store::ca;
use crate::store::fleet_trust::fleet_trust;

/// Issue certificates for a node, a client or a fleet
///
/// The certificate of a node is for NODE.DATASTORE.DOMAIN and the names of --dns and --ip. With
/// --out, ca.pem (the bundle), server-cert.pem and server-key.pem are written to a directory; with
/// --secret, to a Secret of the store. The three files change together: if ccx-sec is killed,
/// certificate and key still match.
///
/// A second run keeps a valid certificate that matches the options and is not due. It replaces one
/// that is missing, damaged, due, issued by another CA, or different from the options.
///
/// With --inventory, issues certificates for many nodes, each in a directory DATASTORE/NODE below
/// --out. A node that fails does not stop the others.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = HELP,
    group(clap::ArgGroup::new("fleet").args(["inventory"])),
    group(clap::ArgGroup::new("place").args(["out", "secret"]).required(true).multiple(true))
)]
pub(crate) struct Args {
    #[command(flatten)]
    node: NodeOptions,
    /// Type of the key [default: ecdsa-p256; rsa-2048 for mssql]
    #[arg(long, value_name = "TYPE", value_enum)]
    key_type: Option<KeyType>,
    /// Issue a client certificate, with --common-name
    #[arg(long, requires = "common_name", conflicts_with_all = ["datastore", "node", "engine", "domain", "replication", "secret", "inventory"])]
    client: bool,
    /// Common name of a client: for most engines the user's name
    #[arg(long, value_name = "TEXT", requires = "client")]
    common_name: Option<String>,
    /// Nodes of a fleet, as YAML, JSON or CSV; - is stdin (not for CSV)
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, conflicts_with_all = ["datastore", "node", "ip"])]
    inventory: Option<PathBuf>,
    /// Directory for the files; created if missing
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    out: Option<PathBuf>,
    /// Write the files to the Secret ccx-node-DATASTORE-NODE
    #[arg(long)]
    secret: bool,
    #[command(flatten)]
    files: FileOptions,
    /// Replace files of other programs, or another node's certificate
    #[arg(long, requires = "out")]
    force: bool,
    #[command(flatten)]
    jobs: JobOptions,
    #[command(flatten)]
    dry_run: DryRunOption,
}

const HELP: &str = "\
EXAMPLES
  A node, on the node:
    ccx-sec cert issue --datastore 5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10 --node db-6ae82 \\
      --engine mysql --domain ccx.example.com --ip 10.0.0.7 --out /etc/mysql/tls --owner mysql:mysql

  The same, kept in the cluster:
    ccx-sec cert issue --datastore 5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10 --node db-6ae82 --engine mysql --domain ccx.example.com --secret

  A client:
    ccx-sec cert issue --client --common-name app1 --out ./app1

  A fleet; run it again to resume, or to renew due certificates:
    ccx-sec cert issue --inventory nodes.yaml --out ./fleet

INVENTORY
  defaults:                      # for all nodes; optional
    domain: ccx.example.com
    engine: postgresql
  nodes:
  - datastore: 5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10
    node: db-6ae82
    engine: mysql                # and domain, key_type, validity, replication, port
    dns: [primary.ccx.example.com]
    ip: [10.0.0.7, 'fd00::7']
    role: primary                # or replica: replicas follow a rotation of the CA first
  In CSV, the first line names the fields; spaces separate the names in one field.

FILES
  The three names are links to the current set (..data), as in a Secret that the kubelet mounts. To
  copy them to another machine, follow the links (cp -L, rsync -L, scp).

EXIT STATUS
  0  issued, or nothing to do
  1  there is no CA
  2  an argument or the inventory is wrong; nothing was made
  3  a node failed, or the store or a file cannot be written
  4  refused: a file or Secret of others is in the way, or a name is outside the CA's constraints
  130  interrupted (Ctrl-C): what was done is reported; the same command goes on";

const WORDS: SingleMessages = SingleMessages {
    doing: "issuing",
    kept: "It is there, right, and not due: nothing was changed.",
    dry_run: "dry run: nothing was written. Serial and fingerprint of a new certificate are of this run only.",
};

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let interrupts = match &self.inventory {
            Some(_) => Interrupts::hold(),
            None => Interrupts::default(),
        };
        let style = self.files.style(self.force)?;
        let inventory = match &self.inventory {
            Some(path) => Some((path, files::read(path, inventory::MAX_BYTES)?)),
            None => None,
        };
        let store = context.open_store()?;
        let store = store.as_ref();
        let advised = |error| options::with_issuer_account(error, store);
        let (authority, bundle) = ca::signing(store, &context.ca).map_err(advised)?;
        let issuer = Issuer::new(&authority, context.now)?;
        let trust = fleet_trust(&bundle, authority.certificate(), context.now);
        let due = RenewalTime::default();
        let work = IssueContext {
            issuer: &issuer,
            trust: &trust,
            turns: RotationTurns::default(),
            now: context.now,
            due: &due,
            goal: IssuePolicy::Issue,
            reuse_key: false,
            validity: None,
            style,
            store: Some(store),
            there: if self.secret && inventory.is_some() { names(store)? } else { None },
            reload: None,
            patience: context.timeout,
            dry_run: self.dry_run.is_on(),
        };
        match inventory {
            Some((path, text)) => {
                let name = path.display().to_string();
                let notation = InventoryFormat::from_path(path);
                let nodes = inventory::read(&name, &text, notation, &self.given(&authority))?;
                drop(text);
                let places = FleetLocations { out: self.out.as_deref(), in_store: self.secret };
                fleet::run(context, &work, &nodes, &places, &self.jobs, "issuing", &interrupts)
                    .map_err(advised)
            }
            None => node::run(context, &work, self.target(&authority)?, &WORDS).map_err(advised),
        }
    }

    fn given(&self, authority: &Authority) -> InventoryDefaults {
        InventoryDefaults {
            domain: self.node.domain(authority),
            engine: self.node.engine,
            options: self.node.options(self.key_type),
        }
    }

    fn target(&self, authority: &Authority) -> Result<CredentialTarget> {
        if let Some(common_name) = &self.common_name {
            let request = LeafRequest {
                subject: Subject::new(common_name, None)?,
                san: self.node.names(),
                usage: Usage::Client,
                validity: self.node.validity.clone(),
            };
            let holder = ExpectedSubject::Client(request.subject.clone());
            return Ok(CredentialTarget {
                name: format!("the client {common_name}"),
                wanted: Some((request, self.key_type.unwrap_or(KeyType::EcdsaP256))),
                directory: self.out.clone().map(|out| (out, CredentialKind::Client)),
                secret: None,
                holder: (!self.force).then_some(holder),
                datastore: None,
            });
        }
        let node = self.node.node(authority, self.key_type)?;
        let target = CredentialTarget::node(&node, None, self.secret)?;
        Ok(CredentialTarget {
            directory: self.out.clone().map(|out| (out, CredentialKind::Server)),
            holder: (!self.force).then(|| ExpectedSubject::Host(node.host().clone())),
            ..target
        })
    }
}

/// Returns the names of all Secrets, with which a run skips reads of missing ones. Returns `None`
/// if the account may not list Secrets, but only read those of its nodes.
fn names(store: &dyn Backend) -> Result<Option<HashSet<String>>> {
    match store.names() {
        Ok(names) => Ok(Some(names)),
        Err(error) if error.code() == Code::KubeForbidden => Ok(None),
        Err(error) => Err(error),
    }
}
