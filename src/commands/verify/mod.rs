//! `ccx-sec verify`: connects to servers as clients do, and reports the verdicts on the TLS modes.

mod accounts;
mod checks;
mod client;
mod clients;
mod document;
mod logins;
mod offers;
mod stored;
mod targets;
mod text;

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use crate::commands::anchors;
use crate::connection::target::{self, DatabaseTarget};
use crate::context::{Context, timeout};
use crate::driver::selection::ClientSelection;
use crate::engine::Engine;
use crate::error::{Code, Error, Exit, Reason, Result};
use crate::output::{self, Format};
use crate::pki::certificate::Certificate;
use crate::pki::san::DnsName;
use crate::probe::mode::{Answer, TlsMode};
use crate::probe::observation::{Floor, Observation};
use crate::probe::observe::ProbeOptions;
use crate::probe::rules;
use crate::probe::scheduler::{self, End, Pace};
use crate::probe::verdict::{VerdictRequest, judge};
use crate::shell::Invocation;
use document::{Endpoint, VerifyDocument};
use logins::Logins;
use targets::VerifyTarget;
use text::TextPrinter;

/// Connect to servers as clients do and check the TLS modes
///
/// Reports for each mode whether it holds, and why not.
///
/// No password is needed: each conversation ends with a login that cannot succeed, of a user
/// that does not exist (see --probe-user), so that no server counts it as an attack. With
/// --user, accounts log in as well, and the modes are judged for them.
#[derive(Debug, clap::Args)]
#[command(after_long_help = help())]
pub(crate) struct Args {
    /// Server URLs: mysql, mariadb, postgresql, redis(s), valkey(s), mssql://HOST
    #[arg(value_name = "URL")]
    urls: Vec<DatabaseTarget>,
    /// Nodes of a fleet, as for cert issue, with the port in their field port
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    inventory: Option<PathBuf>,
    /// Domain of nodes for which the inventory names none
    #[arg(long, value_name = "DOMAIN", requires = "inventory")]
    domain: Option<DnsName>,
    /// Engine of nodes for which the inventory names none
    #[arg(long, value_enum, requires = "inventory")]
    engine: Option<Engine>,
    /// Verify the nodes that have Secrets in the store, by NODE.DATASTORE.DOMAIN
    #[arg(long)]
    from_secrets: bool,
    /// Name of the servers for clients, if it differs from the one dialled
    ///
    /// For a tunnel, for instance, or an address that is in no certificate. VERIFY_IDENTITY
    /// compares the certificate with this name, which is also sent to the server (SNI).
    #[arg(long, value_name = "NAME", value_parser = server_name)]
    server_name: Option<String>,
    /// Mode to require; repeatable [default: all four]
    #[arg(long, value_name = "MODE", value_enum, ignore_case = true)]
    mode: Vec<TlsMode>,
    /// CAs that clients trust, PEM [default: the bundle in the store]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    ca_file: Option<PathBuf>,
    /// Check every address of a name, not only the first that answers
    #[arg(long)]
    all_addresses: bool,
    /// Start TLS at the first byte: PostgreSQL 17 and later, SQL Server (TDS 8.0)
    #[arg(long)]
    direct: bool,
    /// User name of the probe's login attempt; appears in audit logs
    ///
    /// No account should have this name. PostgreSQL's rules go by user and database: if they refuse
    /// this user both with TLS and without, give a user that they know. The user is not logged in:
    /// no password is sent.
    #[arg(long, value_name = "NAME", default_value = "ccx-sec-probe")]
    probe_user: String,
    /// Client certificate to show if a server asks for one, with its chain, PEM
    ///
    /// MySQL and MariaDB count a certificate that they refuse as a connect error.
    #[arg(long, value_name = "FILE", requires = "client_key", value_hint = clap::ValueHint::FilePath)]
    client_cert: Option<PathBuf>,
    /// Private key of --client-cert, PEM
    #[arg(long, value_name = "FILE", requires = "client_cert", value_hint = clap::ValueHint::FilePath)]
    client_key: Option<PathBuf>,
    /// Check that clients without a certificate of the CA are refused
    #[arg(long)]
    expect_client_cert_required: bool,
    /// Server's directory of credentials, to compare with the served certificate
    ///
    /// Adds the mode LOADED, which fails if the server has not loaded the certificate in DIR.
    #[arg(long, value_name = "DIR", requires = "urls", conflicts_with_all = ["inventory", "from_secrets"], value_hint = clap::ValueHint::DirPath)]
    dir: Option<PathBuf>,
    /// Check that each node serves the certificate in its Secret
    ///
    /// Adds the mode LOADED, with --from-secrets or --inventory.
    #[arg(long, conflicts_with_all = ["urls", "watch"])]
    expect_loaded: bool,
    #[command(flatten)]
    logins: Logins,
    /// List the TLS versions, cipher suites and groups that the server accepts
    ///
    /// Makes a connection for each accepted value, up to 150. Most values that rustls does not
    /// support cost a connect error at MySQL and MariaDB, at most 12 in all; these block a host
    /// after max_connect_errors (100) without a successful login.
    #[arg(long)]
    enumerate: bool,
    /// Lowest TLS version to allow; a server that accepts less fails MIN_TLS
    ///
    /// With 1.2, a server fails that accepts TLS 1.0 or 1.1, or a cipher suite of TLS 1.2 without
    /// forward secrecy, encryption or authentication, or with RC4 or 3DES (RFC 9325, section 4.1).
    /// With 1.3, a server that accepts TLS 1.2 fails, too. Makes two or three connections, which
    /// MySQL and MariaDB count as connect errors.
    #[arg(long, value_name = "VERSION", value_enum)]
    min_tls: Option<Floor>,
    /// Client to simulate in each of its TLS modes: see SIMULATE; repeatable
    ///
    /// A client's name, as in snippet client, optionally with its version: mariadb@10.11. All
    /// clients of the servers: all.
    #[arg(long = "simulate", alias = "as", value_name = "CLIENT[@VERSION]", value_parser = clients::Reader, conflicts_with_all = ["watch", "direct"])]
    clients: Vec<ClientSelection>,
    /// Number of clients without TLS to try, each way, before PLAINTEXT passes
    ///
    /// Behind a load balancer each client may reach another server: name the servers themselves or,
    /// if that is not possible, give twice the number of servers. A pass then holds for the servers
    /// that were reached.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(2..=64))]
    attempts: u8,
    /// Number of servers at a time
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=4096))]
    jobs: u16,
    /// Time limit for all servers together; the rest is unknown
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    deadline: Option<Duration>,
    /// Stop at the first server that does not pass
    #[arg(long)]
    fail_fast: bool,
    /// Pause between checks; repeat them and print changes until interrupted
    #[arg(long, value_name = "TIME", value_parser = timeout, conflicts_with = "fail_fast")]
    watch: Option<Duration>,
}

/// Parses a DNS name or address that a certificate can contain.
fn server_name(text: &str) -> Result<String> {
    target::server_name(text).map(|_| text.to_owned())
}

fn help() -> String {
    HELP.replace("{rules}", &rules::text())
}

const HELP: &str = "\
MODES
  PLAINTEXT        clients without TLS are refused; in the table, the verdict is refused (pass),
                   accepted (fail) or unknown
  REQUIRED         clients get TLS, whatever the certificate
  VERIFY_CA        as REQUIRED, and clients verify that the server's certificate is of a trusted CA,
                   within its dates, and for servers
  VERIFY_IDENTITY  as VERIFY_CA, and the certificate is for the name that clients connect to
  MUTUAL_TLS       the server verifies clients: those without a certificate of their own are
                   refused (by --expect-client-cert-required); give --client-cert too, without
                   which such a server fails the other modes. cert install --mode MUTUAL_TLS sets
                   it; its older name there is VERIFY_CA
  MIN_TLS          TLS versions and cipher suites below a minimum are refused (by --min-tls;
                   --enumerate only lists what the server accepts)
  LOADED           the certificate served is the one in the server's directory (by --dir), or
                   in its Secret (by --expect-loaded)

{rules}
  If the engine has an error message for the refusal, a closed connection is no refusal, and the
  answer is unknown. PostgreSQL is asked for replication too, which \"all\" in pg_hba.conf does not
  cover. Its rules go by user and database: the output names those that were checked. Behind a load
  balancer each connection may reach another server. If the servers differ, the answer is unknown
  (several_servers); otherwise it holds for the servers that were reached.

  MySQL, and MariaDB before 11.8, check require_secure_transport only after the login. So PLAINTEXT
  is unknown without an account: give --user NAME, or leave the mode out (--mode REQUIRED).
  Their other ports (admin_port, extra_port, X protocol) are not checked; with --user, the server
  is asked for them, and the output names those that it has (not_looked_at). A node of a Galera
  cluster fails PLAINTEXT if it reports that it replicates without TLS (galera_plaintext).
  Redis and Valkey may have a plaintext port beside the TLS port: an account of --user that may
  CONFIG GET reads its number. Without such an account, port 6379 is checked, and the output says
  that other ports were not. Answers about SQL Server follow its specification, and were not
  tested against a real server.

ACCOUNTS
  With --user, each account logs in over TLS (with --client-cert, also without that certificate),
  and for PLAINTEXT without TLS. REQUIRED and the modes above it then pass if all accounts get in.
  At MySQL and MariaDB, PLAINTEXT passes if each account is refused without TLS, and MUTUAL_TLS if
  each needs a client certificate. Passwords, and proofs of them, go only to servers whose
  certificate passes VERIFY_IDENTITY (with --insecure-skip-name-check: VERIFY_CA). ccx-sec never
  sends a password in the clear, and never answers mysql_clear_password, nor SCRAM with fewer than
  4096 iterations. PostgreSQL has to prove in turn that it knows the password (server_not_proved),
  and SCRAM is bound to the server's certificate if the server supports that. Supported methods:
  mysql_native_password, caching_sha2_password, sha256_password, ed25519, parsec; scram-sha-256,
  md5, password; AUTH. For caching_sha2_password, the output tells whether the server had the
  account in its cache (warm) or not (cold).

SIMULATE
  The result of each client with each of its TLS settings; FILE stands for the file of --ca-file.
    connects over TLS     the client goes on to its login over TLS
    connects WITHOUT TLS  the client goes on to its login in plain text
    refuses: WHY          the client ends the connection: trust, name, date, purpose, no TLS, …
    is refused: WHY       the server refuses the client: it demands TLS, or a client certificate, …
    unknown: WHY          the result cannot be determined from here
  The next columns list what the client checks and what it does not check. Below are the error
  message that the client prints, and further conditions of the result. -o wide has the evidence:
  tests run some clients against real servers, and two of SQL Server against a peer made from its
  specification; others are known from documentation only. All this is information: only the
  wanted modes decide the exit status.

JSON
  {\"format_version\": 1, \"result\": \"pass|fail|unknown\", \"started\", \"seconds\",
   \"summary\": {\"endpoints\", \"passed\", \"failed\", \"unknown\", \"skipped\"},
   \"skipped\": [URL], \"interrupted\",
   \"endpoints\": [{\"url\", \"result\", \"seconds\", \"engine\", \"host\", \"port\", \"database\",
     \"address\", \"node\", \"server\",
     \"tls\": {\"version\", \"cipher\", \"group\", \"asks_for_certificate\", \"certificates\": [CERTIFICATE]},
     \"versions\": {\"TLSv1.0\": \"refused\", …}, \"cipher_suites\": {\"TLSv1.2\": [], …}, \"groups\": [],
     \"enumeration_complete\",
     \"accounts\": [{\"user\", \"tls\": LOGIN, \"without_certificate\": LOGIN, \"plain\": LOGIN}],
     \"verdicts\": [{\"mode\", \"verdict\": \"pass|fail|unknown\", \"reason\", \"message\", \"hints\": [],
       \"scope\": {\"users\": [], \"from\", \"database\", \"replication\", \"plaintext_connections\"}}],
     \"not_looked_at\",
     \"clients\": [{\"client\", \"versions\", \"options\",
       \"outcome\": \"tls|plain|refuses|refused|unknown\", \"reason\", \"message\", \"provided\",
       \"says\", \"checks\": [], \"unchecked\": [], \"proof\": \"run|peer|documentation\", \"source\"}]}]}
  A LOGIN is {\"login\": \"in|denied|refused|withheld|not_proved|failed\", \"method\",
  \"cache\": \"cold|warm\", \"message\"}: refused for lack of TLS; withheld if ccx-sec sent nothing
  more; not_proved if the server did not prove that it knows the password; failed if the
  connection ended. clients needs --simulate; checks and unchecked list trust, dates, purpose,
  name. Cipher suites and groups have their IANA names; these lists need --enumerate. Unknown
  values are left out. A CERTIFICATE is the same object in all documents.

EXAMPLES
  ccx-sec verify mysql://db.example.com postgresql://pg.example.com/app
  ccx-sec verify --ca-file ca.pem --mode VERIFY_IDENTITY rediss://cache.example.com:6380
  ccx-sec verify --inventory nodes.yaml --deadline 2m -o junit > verify.xml
  ccx-sec verify --client-cert app.pem --client-key app.key --expect-client-cert-required rediss://cache:6380
  ccx-sec verify --user app --password-file app.pw mysql://db.example.com
  ccx-sec verify --min-tls 1.2 --enumerate postgresql://db.example.com
  ccx-sec verify --from-secrets -o prometheus > /var/lib/node_exporter/ccx-sec.prom
  ccx-sec verify --dir /etc/mysql/tls mysql://db.example.com
  ccx-sec verify --watch 30s mysql://db.example.com
  ccx-sec verify --ca-file ca.pem --simulate mariadb@11.8 --simulate mysql-connector-j mariadb://db.example.com

EXIT STATUS
  0  every server passes in every wanted mode
  1  some fail
  2  usage: a URL or another argument is wrong
  3  some are unknown: the server was not reached, not in time, or does not give the answer
  130  interrupted (Ctrl-C): the results so far are printed";

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        if self.urls.is_empty() && self.inventory.is_none() && !self.from_secrets {
            return Err(Error::usage(Code::Usage, "no server is given")
                .hint("give a URL, such as postgresql://db.example.com")
                .hint("or --inventory FILE, or --from-secrets"));
        }
        let modes = self.modes();
        let servers = self.servers(context)?;
        self.check(context, &servers)?;
        let anchors = self.anchors(context, &modes)?;
        let options = self.options(context, &modes)?;
        let mut work = VerifyRun { arguments: &self, context, modes, servers, anchors, options };
        let wanted = self.watch.is_some() || !self.logins.ask(context) || work.finds_trusted()?;
        work.options.accounts = self.logins.read(context, &work.anchors, wanted)?;
        if !wanted {
            let mode = self.logins.trusting_mode().name();
            context.output.note(&format!(
                "No password was asked for: no server was found whose certificate passes {mode}."
            ));
        }
        let Some(pause) = self.watch else {
            return work.once();
        };
        work.watch(pause)
    }

    fn modes(&self) -> Vec<TlsMode> {
        let mut modes = match self.mode.as_slice() {
            [] => TlsMode::DEFAULT.to_vec(),
            wanted => wanted.to_vec(),
        };
        if self.expect_client_cert_required {
            modes.push(TlsMode::MutualTls);
        }
        if self.min_tls.is_some() {
            modes.push(TlsMode::MinTls);
        }
        if self.dir.is_some() || self.expect_loaded {
            modes.push(TlsMode::Loaded);
        }
        let mut seen = Vec::new();
        modes.retain(|mode| {
            !seen.contains(mode) && {
                seen.push(*mode);
                true
            }
        });
        modes
    }

    /// Checks rules that clap cannot express.
    fn check(&self, context: &Context, servers: &[VerifyTarget]) -> Result<()> {
        clients::check(&self.clients, servers, context.output.format)?;
        if self.watch.is_some() && !context.output.format.is_text() {
            return Err(Error::usage(Code::WatchFormat, "--watch prints only text")
                .hint("give -o text, or run the command repeatedly without --watch"));
        }
        let counts =
            |server: &VerifyTarget| server.target.engine.facts().protocol.counts_connect_errors;
        let asks_more = self.enumerate || self.min_tls.is_some();
        if self.watch.is_some() && asks_more && servers.iter().any(counts) {
            let message = "--enumerate or --min-tls, again and again, makes MySQL and MariaDB block this host";
            return Err(Error::usage(Code::WatchEnumerate, message).hint("give one of the two"));
        }
        Ok(())
    }

    fn anchors(&self, context: &Context, modes: &[TlsMode]) -> Result<Vec<Certificate>> {
        let verify = |mode: &TlsMode| matches!(mode, TlsMode::VerifyCa | TlsMode::VerifyIdentity);
        let needs_them = modes.iter().any(verify) || self.logins.any() || !self.clients.is_empty();
        if self.ca_file.is_none() && !needs_them {
            return Ok(Vec::new());
        }
        anchors::read(context, self.ca_file.as_deref())
    }

    fn options(&self, context: &Context, modes: &[TlsMode]) -> Result<ProbeOptions> {
        let identity = match (&self.client_cert, &self.client_key) {
            (Some(certificate), Some(key)) => Some(client::identity(certificate, key)?),
            _ => None,
        };
        let stranger = self.expect_client_cert_required;
        Ok(ProbeOptions {
            user: self.probe_user.clone(),
            timeout: context.step_timeout,
            direct: self.direct,
            plain: modes.contains(&TlsMode::Plaintext) || !self.clients.is_empty(),
            attempts: self.attempts.into(),
            identity,
            stranger: stranger.then(|| client::stranger(context.now)).transpose()?,
            enumerate: self.enumerate,
            floor: self.min_tls,
            accounts: None,
        })
    }
}

/// A run, once or repeatedly.
struct VerifyRun<'a> {
    arguments: &'a Args,
    context: &'a Context,
    modes: Vec<TlsMode>,
    servers: Vec<VerifyTarget>,
    anchors: Vec<Certificate>,
    options: ProbeOptions,
}

impl VerifyRun<'_> {
    /// Checks every server once and prints the results. As text, prints the rows of several servers
    /// as they are ready.
    fn once(&self) -> Result<Exit> {
        let output = &self.context.output;
        let mut printer = self.printer();
        let is_in_parts = output.format == Format::Text
            && self.servers.len() > 1
            && !self.arguments.all_addresses;
        let document = if is_in_parts {
            let places = self.servers.iter().map(|server| server.target.to_string());
            let place = places.map(|place| place.chars().count()).max().unwrap_or_default();
            let modes = self.modes.iter().map(|mode| mode.name().len());
            let columns = [place, modes.max().unwrap_or_default()];
            let document = self.round(self.context.now, |endpoints| {
                output.part(&printer.part(endpoints, columns))
            })?;
            output.part(&printer.end(&document))?;
            document
        } else {
            let document = self.round(self.context.now, |_| Ok(()))?;
            self.print(&document)?;
            document
        };
        if document.interrupted {
            let (left, all) = (document.skipped.len(), self.servers.len());
            output.warning(&format!(
                "interrupted: {left} of {all} servers were not checked; run the command again \
                 for all of them"
            ));
        }
        Ok(document.exit())
    }

    /// Whether any server may get a password. Probes the servers, without an account, until one
    /// passes.
    fn finds_trusted(&self) -> Result<bool> {
        let options = ProbeOptions {
            plain: false,
            enumerate: false,
            floor: None,
            stranger: None,
            accounts: None,
            ..self.options.clone()
        };
        let question = VerdictRequest {
            modes: &[self.arguments.logins.trusting_mode()],
            anchors: &self.anchors,
            at: self.context.now,
            user: &self.options.user,
            shows_certificate: self.options.identity.is_some(),
            exception: false,
            stored: None,
        };
        let pace = Pace {
            jobs: self.arguments.jobs.into(),
            deadline: self.arguments.deadline,
            all_addresses: false,
            interruptible: false,
        };
        let targets: Vec<DatabaseTarget> =
            self.servers.iter().map(|one| one.target.clone()).collect();
        let _progress = self.context.output.progress("looking for a server to log in to");
        let mut is_found = false;
        scheduler::run(&targets, &options, pace, |number, observations, _| {
            let passes = |seen: &Observation| {
                let verdicts = judge(&targets[number], seen, &question);
                verdicts.iter().all(|verdict| verdict.verdict == Answer::Pass)
            };
            is_found |= observations.iter().any(passes);
            if is_found { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        Ok(is_found)
    }

    fn printer(&self) -> TextPrinter<'_> {
        let output = &self.context.output;
        let (wide, width) = (output.format == Format::Wide, output::stdout_width());
        TextPrinter::new(wide, output.quiet, &self.anchors, width)
    }

    /// Checks every server once; calls `tell` with the endpoints of each server when it is done.
    fn round(
        &self,
        now: Timestamp,
        mut tell: impl FnMut(&[Endpoint]) -> Result<()>,
    ) -> Result<VerifyDocument> {
        let question = VerdictRequest {
            modes: &self.modes,
            anchors: &self.anchors,
            at: now,
            user: &self.options.user,
            shows_certificate: self.options.identity.is_some(),
            exception: self.arguments.logins.exception(),
            stored: None,
        };
        let in_directory = self.arguments.dir.as_deref().map(stored::in_directory);
        let pace = Pace {
            jobs: self.arguments.jobs.into(),
            deadline: self.arguments.deadline,
            all_addresses: self.arguments.all_addresses,
            interruptible: self.arguments.watch.is_none(),
        };
        let targets: Vec<DatabaseTarget> =
            self.servers.iter().map(|one| one.target.clone()).collect();
        let ca_file = self.arguments.ca_file.clone();
        let invocation = Invocation { ca_file, ..self.context.invocation.clone() };
        let begun = Instant::now();
        let progress = self.context.output.progress_of(targets.len(), "verifying");
        let mut found: Vec<Vec<Endpoint>> = self.servers.iter().map(|_| Vec::new()).collect();
        let mut told = Ok(());
        let end =
            scheduler::run(&targets, &self.options, pace, |number, observations, elapsed| {
                progress.one_more();
                let server = &self.servers[number];
                let stored = in_directory.as_ref().or(server.stored.as_ref());
                let question = VerdictRequest { stored, ..question.clone() };
                let endpoint = |seen| {
                    let mut verdicts = judge(&server.target, &seen, &question);
                    let hints = verdicts.iter_mut().flat_map(|verdict| &mut verdict.hints);
                    hints.for_each(|hint| hint.complete(&invocation));
                    let mut endpoint = Endpoint::new(server, &seen, verdicts, now, elapsed);
                    endpoint.clients =
                        clients::tell_all(&self.arguments.clients, server, &seen, &question);
                    endpoint
                };
                found[number] = observations.into_iter().map(endpoint).collect();
                told = tell(&found[number]);
                let passes = found[number].iter().all(Endpoint::passes);
                if told.is_err() || self.arguments.fail_fast && !passes {
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            })?;
        drop(progress);
        told?;
        let interrupted = end == End::Interrupted;
        Ok(VerifyDocument::new(&self.servers, found, now, begun.elapsed(), interrupted))
    }

    fn print(&self, document: &VerifyDocument) -> Result<()> {
        let output = &self.context.output;
        let text = || self.printer().whole(document);
        let inventory = self.arguments.inventory.as_deref();
        checks::run_of(document, inventory).print(output, document, text)
    }

    /// Checks all servers repeatedly: prints all verdicts of the first round, then only changes.
    fn watch(&self, pause: Duration) -> Result<Exit> {
        let started = Instant::now();
        let mut known: HashMap<(String, TlsMode), (Answer, Option<Reason>)> = HashMap::new();
        loop {
            let gone = SignedDuration::try_from(started.elapsed()).unwrap_or_default();
            let now = self.context.now.checked_add(gone).unwrap_or(self.context.now);
            let document = self.round(now, |_| Ok(()))?;
            if known.is_empty() {
                self.print(&document)?;
            }
            for (place, verdict) in document.verdicts() {
                let told = (verdict.verdict, verdict.reason);
                let before = known.insert((place.to_owned(), verdict.mode), told);
                if let Some((answer, reason)) = before.filter(|before| *before != told) {
                    let line = document::change(now, place, (answer, reason), verdict);
                    self.context.output.raw(line.as_bytes())?;
                }
            }
            thread::sleep(pause);
        }
    }
}
