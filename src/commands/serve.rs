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
/// It does not start without a CA that can be relied on, unless --wait-for-ca says so, and hands
/// none out while there is none. It follows the store: a new bundle is served at once. It reads the
/// bundle alone, never
/// the CA's key; in Kubernetes it needs get and watch on that one Secret, and list on Secrets
/// where it shall know the datastores.
///
/// HTTPS with --tls-cert and --tls-key, which are read again when they change, or with
/// --tls-self and a certificate of the CA itself. Plain HTTP goes
/// to this machine alone, unless --insecure-http says that a proxy in front of it speaks TLS.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// Address to listen on; repeatable
    ///
    /// An address and a port, unix:PATH, or systemd for sockets that it hands over. Without it:
    /// 127.0.0.1:8443, and without a certificate 127.0.0.1:8080.
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
    /// for a day, and made anew while the service runs; its key is never written down.
    #[arg(long, value_name = "NAME", conflicts_with = "tls_cert")]
    tls_self: Vec<SelfIssuedName>,
    /// Serve plain HTTP to other machines, behind a proxy that speaks TLS
    #[arg(long, conflicts_with_all = ["tls_cert", "tls_self"])]
    insecure_http: bool,
    /// Method that clients authenticate by to see the datastores
    ///
    /// tokens:FILE has a line a token, NAME SHA256 [DATASTORE,…]; the hash is that of the token in
    /// hex. The file is read again when it changes. A browser asks for a name and a password: any
    /// name, and the token. kubernetes asks the cluster whose token it
    /// is, and whether that one may get /ccx-sec/datastores, or one below it, /UUID (TokenReview,
    /// SubjectAccessReview with nonResourceURLs); that takes system:auth-delegator.
    #[arg(long, value_name = "tokens:FILE|kubernetes")]
    auth: Option<AuthMethod>,
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
  On this machine, to look at it:
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

  What a service account needs, and no more:
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
  SIGHUP            reads the certificate and the tokens again
  SIGTERM, SIGINT   answers what was asked before, and ends

EXIT STATUS
  0  it was told to end (SIGTERM, SIGINT), and has answered what was asked before
  1  there is no CA that can be relied on
  2  an argument is wrong, or a file that it names
  3  the store cannot be read, or an address not be listened on";

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
