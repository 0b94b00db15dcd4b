//! `ccx-sec cert sign`: signs a certificate request, whose private key stays where it is.

use std::path::PathBuf;

use ipnet::IpNet;
use serde::Serialize;

use super::options::NodeOptions;
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::files::{self, ExistingFile, FileMode};
use crate::node::Node;
use crate::pki::authority::Authority;
use crate::pki::certificate::Description;
use crate::pki::csr::{Csr, DnsPattern, Policy};
use crate::pki::issue::{Issuer, LeafRequest, Usage};
use crate::pki::pem;
use crate::pki::pem::MAX_PEM_FILE;
use crate::pki::san::San;
use crate::pki::subject::{MAX_CHARACTERS, Subject};
use crate::report;
use crate::shell::{CommandLine, Placeholder};
use crate::store::ca;

/// Sign a certificate request (PKCS#10)
///
/// The private key never leaves the node.
///
/// Checks the signature of the request, the type and strength of its key, and that every requested
/// name is a name of the node or allowed by --allow-dns or --allow-ip. Ignores subject, usages and
/// dates of the request. A request without names gets the names of the node.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// Certificate request, PEM or DER; - is stdin
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    csr: PathBuf,
    #[command(flatten)]
    node: NodeOptions,
    /// DNS names that the request may contain; repeatable
    ///
    /// A name, *.example.com for one label below it, or **.example.com for all.
    #[arg(long, value_name = "PATTERN")]
    allow_dns: Vec<DnsPattern>,
    /// Addresses that the request may contain; repeatable
    #[arg(long, value_name = "CIDR")]
    allow_ip: Vec<IpNet>,
    /// Sign for a client, with --common-name
    #[arg(long, requires = "common_name", conflicts_with_all = ["datastore", "node", "engine", "domain", "replication"])]
    client: bool,
    /// Common name of a client
    #[arg(long, value_name = "TEXT", requires = "client")]
    common_name: Option<String>,
    /// File for the certificate, PEM [default: stdout]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    out: Option<PathBuf>,
    /// Replace an existing file
    #[arg(long, requires = "out")]
    force: bool,
}

const HELP: &str = "\
EXAMPLES
  On the node:
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server-key.pem \\
      -subj /CN=x -out server.csr
  Where the CA is:
    ccx-sec cert sign --csr server.csr --datastore 5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10 \\
      --node db-6ae82 --engine mysql --domain ccx.example.com --out server-cert.pem

  Any name below the domain of the datastores:
    ccx-sec cert sign --csr - --allow-dns '**.ccx.example.com' --allow-ip 10.0.0.0/8 < server.csr

  A client:
    ccx-sec cert sign --csr app1.csr --client --common-name app1

EXIT STATUS
  0  signed
  1  there is no CA
  2  the request cannot be read, or an argument is wrong
  3  the store cannot be read, or the file cannot be written
  4  refused: the signature, the key or a name of the request is not accepted, or the file exists";

#[derive(Serialize)]
struct SignDocument {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    pem: String,
    #[serde(flatten)]
    certificate: Description,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let csr =
            Csr::read(&self.csr.display().to_string(), &files::read(&self.csr, MAX_PEM_FILE)?)?;
        let store = context.open_store()?;
        let (authority, _) = ca::signing(store.as_ref(), &context.ca)?;
        let request = self.request(&authority, &csr)?;
        let issuer = Issuer::new(&authority, context.now)?;
        let certificate = issuer.issue(&request, &csr.key, context.now)?;
        let document = SignDocument {
            file: self.out.as_ref().map(|out| out.display().to_string()),
            pem: pem::certificates([&certificate]),
            certificate: certificate.describe(context.now),
        };
        let Some(out) = &self.out else {
            context.output.report(&document, || document.pem.clone())?;
            return Ok(Exit::Done);
        };
        let existing = if self.force { ExistingFile::Replace } else { ExistingFile::Keep };
        if !files::write(out, document.pem.as_bytes(), FileMode::Public, existing)? {
            let message = format!("{} exists already", out.display());
            return Err(Error::refused(Code::FileExists, message)
                .hint("give another name, or --force to replace it"));
        }
        context.output.outcome(&document, || {
            let text = report::certificate_text(&document.certificate);
            text + &format!("{:<14}{}\n", "file", out.display())
        })?;
        Ok(Exit::Done)
    }

    /// Returns the contents of the certificate. Only the names come from the request, and each of
    /// them has to be allowed.
    fn request(&self, authority: &Authority, csr: &Csr) -> Result<LeafRequest> {
        let mut policy = Policy {
            names: self.node.names(),
            dns: self.allow_dns.clone(),
            ip: self.allow_ip.clone(),
        };
        let node = match &self.node.node {
            Some(_) => Some(self.node.node(authority, None)?),
            None => None,
        };
        if let Some(engine) =
            self.node.engine.filter(|engine| engine.facts().takes_rsa_only && !self.client)
            && !csr.key.is_rsa()
        {
            return Err(Error::refused(Code::KeyRefused, format!("{engine} takes RSA keys only"))
                .hint((
                    "make a key and a request for it",
                    CommandLine::other("openssl", "req -newkey rsa:2048 -nodes")
                        .option("-keyout", Placeholder("KEY_FILE"))
                        .option("-out", Placeholder("FILE")),
                )));
        }
        let own = node.as_ref().map(Node::request).transpose()?;
        if let Some(own) = &own {
            policy.names = own.san.clone();
        }
        policy.check(&csr.san)?;
        let san = if csr.san.is_empty() { policy.names.clone() } else { csr.san.clone() };
        if san.is_empty() && !self.client {
            return Err(Error::usage(
                Code::CsrNameless,
                "the request asks for no name, and none is given",
            )
            .hint("name the node: --datastore, --node, --engine; or a name: --dns"));
        }
        let validity = self.node.validity.clone();
        if let Some(common_name) = &self.common_name {
            let subject = Subject::new(common_name, None)?;
            return Ok(LeafRequest { subject, san, usage: Usage::Client, validity });
        }
        let asks_for_host = node.is_some_and(|node| san.dns().contains(node.host()));
        let usage = match (&own, self.node.replication) {
            (Some(own), _) => own.usage,
            (None, Some(true)) => Usage::Both,
            (None, _) => Usage::Server,
        };
        let subject = match own.filter(|_| asks_for_host) {
            Some(own) => own.subject,
            None => one_of(&san)?,
        };
        Ok(LeafRequest { subject, san, usage, validity })
    }
}

/// Chooses the common name: the first name that is short enough for it, or else a text that cannot
/// be taken for a host.
fn one_of(san: &San) -> Result<Subject> {
    let names = san.dns().iter().map(ToString::to_string);
    let mut names = names.chain(san.ip().iter().map(ToString::to_string));
    let fitting = names.find(|name| name.chars().count() <= MAX_CHARACTERS);
    Subject::new(fitting.as_deref().unwrap_or("ccx-sec node"), None)
}
