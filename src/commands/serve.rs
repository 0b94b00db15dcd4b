//! `ccx-sec serve`: the API and the page that hand out the CA.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::context::{Context, timeout};
use crate::error::{Code, Exit, Result};
use crate::http::{
    self, AuthMethod, ConnectionLimits, ListenAddress, LogForm, SelfIssuedName, ServeOptions,
    TlsFiles, TlsSource,
};
use crate::shell::CommandLine;
use crate::store::Backend;
use crate::store::bundle::bundle_name;

/// The pause between attempts to reach a store.
const PAUSE: Duration = Duration::from_secs(1);

/// Serve the CA by HTTP: an API and a download page
///
/// serve does not start without a valid CA, unless --wait-for-ca is given. While there is no valid
/// CA, it answers 503. It serves a new bundle at once. It reads only the bundle, never the CA's
/// key. In Kubernetes it needs get and watch on the Secret of the bundle, and list on Secrets to
/// serve the datastores.
///
/// HTTPS needs --tls-cert and --tls-key, whose files are read again when they change, or
/// --tls-self, for which the CA issues a certificate. Plain HTTP is served only to this machine, or
/// with --insecure-http to a proxy that terminates TLS.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// Address to listen on; repeatable
    ///
    /// An address and a port, unix:PATH, or systemd (socket activation). The default is
    /// 127.0.0.1:8443 with a certificate, and 127.0.0.1:8080 without.
    #[arg(long, value_name = "ADDRESS")]
    listen: Vec<ListenAddress>,
    /// Certificate of this service with its chain, PEM
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Private key of --tls-cert, PEM
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Name or address for a certificate that the served CA issues; repeatable
    ///
    /// The process must be allowed to read the CA's own Secret, with its key. The certificate is
    /// valid for one day, and renewed while the service runs. Its key is never written to a disk.
    #[arg(long, value_name = "NAME", conflicts_with = "tls_cert")]
    tls_self: Vec<SelfIssuedName>,
    /// Serve plain HTTP to other machines, behind a proxy that speaks TLS
    #[arg(long, conflicts_with_all = ["tls_cert", "tls_self"])]
    insecure_http: bool,
    /// Method by which clients authenticate to see the datastores
    ///
    /// tokens:FILE: the file has one line for each token, NAME SHA256 [DATASTORE,…], with the hash of
    /// the token in hex. It is read again when it changes. In a browser, enter any name, and the
    /// token as the password. kubernetes: the cluster reports whose token it is (TokenReview), and
    /// whether that account may get /ccx-sec/datastores or /ccx-sec/datastores/UUID
    /// (SubjectAccessReview, nonResourceURLs). The service needs system:auth-delegator.
    #[arg(long, value_name = "tokens:FILE|kubernetes")]
    auth: Option<AuthMethod>,
    /// Keep in the store which client has which bundle
    ///
    /// Clients are known by the names of their tokens, or by their datastores. The records are in 16
    /// Secrets, NAME-holders-0 to NAME-holders-15, which all servers share; new ones are written
    /// once in TIME [default: 30s]. ca rotate advance asks them who has an old bundle. In Kubernetes
    /// it needs get and patch on these Secrets, and create where they do not exist; ccx-sec
    /// manifests --record-holders prints them, and so needs no create.
    #[arg(long, value_name = "TIME", value_parser = timeout, num_args = 0..=1,
          require_equals = true, default_missing_value = "30s", requires = "auth")]
    record_holders: Option<Duration>,
    /// Time to wait for a store that cannot be reached
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    wait: Option<Duration>,
    /// Start without a CA, and answer 503 until there is a valid one
    #[arg(long, conflicts_with = "tls_self")]
    wait_for_ca: bool,
    /// Format of the access log on stderr, which leaves out health checks
    #[arg(long, value_name = "FORM", value_enum, default_value = "text")]
    access_log: LogForm,
    /// Number of connections at a time; more wait until one is free
    #[arg(long, value_name = "NUMBER", default_value_t = 20_000,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    max_connections: u32,
    /// Time limit of a client to send a request or to read a response
    #[arg(long, value_name = "TIME", value_parser = timeout, default_value = "15s")]
    client_timeout: Duration,
}

const HELP: &str = "\
EXAMPLES
  On this machine, for a first try:
    ccx-sec serve

  For customers:
    ccx-sec serve --listen '[::]:8443' --tls-cert server-cert.pem --tls-key server-key.pem

  With a certificate of the CA, which the process may read:
    ccx-sec serve --listen '[::]:8443' --tls-self ca.example.com

  In a pod behind an ingress with TLS; the CA may be created later:
    ccx-sec serve --listen 0.0.0.0:8080 --insecure-http --wait 60s --wait-for-ca --access-log json

  With a token for the datastores:
    openssl rand -hex 32 > token
    echo \"platform $(tr -d '\\n' < token | sha256sum | cut -d' ' -f1)\" > tokens
    ccx-sec serve --auth tokens:tokens

  The permissions of its service account:
    kubectl create role ccx-serve --verb=get,watch --resource=secrets --resource-name=ccx-ca-bundle

WHAT IT SERVES
  /                       the page            /api/docs      the API, described
  /api/v1/ca.pem          the bundle, PEM; .der, .p12 and .jks (password: changeit)
  /api/v1/ca              every certificate of it, JSON
  /api/v1/snippets/…      how clients connect
  /api/v1/datastores/…    the datastores      /readyz, /healthz, /metrics

JSON
  Once it listens: {\"listening\": [\"https://127.0.0.1:8443/\"]}

SIGNALS
  SIGHUP            reloads the certificate and the tokens
  SIGTERM, SIGINT   answers the requests that have begun, then exits

EXIT STATUS
  0  stopped by SIGTERM or SIGINT, after the requests that had begun
  1  there is no valid CA
  2  an argument, or a file that it names, is wrong
  3  the store cannot be read, or an address is not available";

#[derive(Serialize)]
struct ServeDocument<'a> {
    listening: &'a [String],
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let tls = self.tls_cert.zip(self.tls_key);
        let tls = tls.map(|(certificate, key)| TlsSource::Files(TlsFiles { certificate, key }));
        let own = (!self.tls_self.is_empty()).then_some(TlsSource::Own(self.tls_self));
        let tls = tls.or(own);
        let usual = if tls.is_some() { "127.0.0.1:8443" } else { "127.0.0.1:8080" };
        let listen = match self.listen {
            none if none.is_empty() => vec![usual.parse()?],
            given => given,
        };
        let is_open =
            |address: &ListenAddress| !address.is_local() && *address != ListenAddress::Systemd;
        if tls.is_none() && !self.insecure_http && listen.iter().any(is_open) {
            return Err(http::insecure());
        }
        let options = ServeOptions {
            ca: context.ca.clone(),
            wait_for_ca: self.wait_for_ca,
            listen,
            tls,
            insecure: self.insecure_http,
            auth: self.auth,
            log: self.access_log,
            record_holders: self.record_holders,
            limits: ConnectionLimits {
                connections: self.max_connections as usize,
                patience: self.client_timeout,
            },
        };
        let store = reach(context, self.wait.unwrap_or_default())?;
        http::serve(store.into(), &options, context.output, |urls| {
            let lines = || urls.iter().map(|url| format!("{url}\n")).collect();
            context.output.report(&ServeDocument { listening: urls }, lines)
        })?;
        Ok(Exit::Done)
    }
}

/// Opens the store, and sees that the bundle can be read, be there one or not.
fn reach(context: &Context, wait: Duration) -> Result<Box<dyn Backend>> {
    let deadline = Instant::now() + wait;
    let name = bundle_name(&context.ca);
    loop {
        let tried = context.open_store().and_then(|store| store.get(&name).map(|_| store));
        match tried {
            Err(error) if error.exit() == Exit::Failed && Instant::now() + PAUSE < deadline => {
                context.output.detail(&format!("waiting: {error}"));
                std::thread::sleep(PAUSE);
            }
            Err(error) if error.code() == Code::KubeForbidden => {
                return Err(error.hint((
                    "serve needs no more than this, and list where it shall know the datastores",
                    CommandLine::other("kubectl", "create role ccx-serve --verb=get,watch")
                        .flag("--resource=secrets")
                        .argument(format!("--resource-name={name}"))
                        .option_if("-n", context.store.namespace.as_ref()),
                )));
            }
            tried => return tried,
        }
    }
}
