//! `ccx-sec cert install`: installs a certificate in a running server, and proves that by a
//! handshake.

mod given;
mod help;
mod report;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::options::{self, FileOptions, NodeOptions};
use crate::commands::admin::Admin;
use crate::commands::dry_run::DryRun as DryRunOption;
use crate::connection::target;
use crate::context::Context;
use crate::db_client::session::ServerTrust;
use crate::engine::Engine;
use crate::engine::settings::{Profile, ServerMode};
use crate::error::{Code, Error, Exit, Result};
use crate::files::{self, FileMode, Owner};
use crate::hint::Hint;
use crate::issuance::{
    self, CredentialTarget, ExpectedSubject, IssueContext, IssueOutcome, IssuePolicy, Reload,
    RotationTurns,
};
use crate::node::credentials::Credentials;
use crate::node::directory::{self, CredentialKind, Style};
use crate::node::renewal::RenewalTime;
use crate::pki::authority::Authority;
use crate::pki::certificate::Certificate;
use crate::pki::issue::Issuer;
use crate::pki::key::KeyType;
use crate::reconfigure::link::AdminConnection;
use crate::reconfigure::{self, InstallRequest, Installation, PolicyRequest};
use crate::shell::{self, CommandLine};
use crate::store::ca;
use crate::store::fleet_trust::fleet_trust;
use report::InstallDocument;

/// Install a certificate in a running server and turn TLS on
///
/// Proves with a handshake that the server uses it.
///
/// Issues a certificate as cert issue does, or takes the one that is given, and writes it into
/// --dir. Writes the settings of snippet server into a file that the server includes, and makes
/// the server load both, if possible without a restart. A handshake then checks that the server
/// presents the new certificate; only after that does the server refuse clients without TLS. Open
/// connections stay. If a step fails, the old files and settings are restored and loaded, a
/// handshake checks that too, and the exit status is 3.
///
/// You can run it again: it changes only what differs, and always makes the handshake.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = help::HELP,
    group(clap::ArgGroup::new("which engine").args(["engine"]).required(true)),
    group(clap::ArgGroup::new("server").args(["socket", "url"]).required(true).multiple(true))
)]
pub(crate) struct Args {
    #[command(flatten)]
    node: NodeOptions,
    /// Type of the key [default: ecdsa-p256]
    #[arg(long, value_name = "TYPE", value_enum)]
    key_type: Option<KeyType>,
    #[command(flatten)]
    given: given::CertificateOptions,
    /// Directory for ca.pem, server-cert.pem and server-key.pem; created if missing
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    dir: PathBuf,
    /// Settings file to write: see CONFIGURATION
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    config: Option<PathBuf>,
    #[command(flatten)]
    admin: Admin,
    /// Demand on clients: TLS, or a certificate too [default: as installed]
    ///
    /// On a server without settings of ccx-sec, the default is REQUIRED. In verify, VERIFY_CA is about the other side: there clients check the server's certificate,
    /// and MUTUAL_TLS is this demand. MySQL and MariaDB demand client certificates account by
    /// account: see snippet users.
    #[arg(long, value_enum, ignore_case = true)]
    mode: Option<ServerMode>,
    /// Versions of TLS to allow [default: as installed, or intermediate]
    #[arg(long, value_enum)]
    profile: Option<Profile>,
    /// TLS port of redis and valkey [default: the one in use, or the plain one]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    tls_port: Option<u16>,
    #[command(flatten)]
    files: FileOptions,
    /// Shell command that restarts the server; run only if a restart is needed
    #[arg(long, value_name = "COMMAND")]
    restart_command: Option<String>,
    /// Continue although connected replicas would be refused when they reconnect
    ///
    /// With --mode VERIFY_CA, a standby of PostgreSQL needs a client certificate. Both modes refuse
    /// a replica that connects without TLS.
    #[arg(long)]
    ignore_replicas: bool,
    /// Replace files of other programs, or another node's certificate
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    dry_run: DryRunOption,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let style = self.files.style(self.force)?;
        if let Some(given) = self.given.read(context)? {
            return self.install(context, &given.trust, |owner, reload| {
                let style = Style { owner: style.owner.or(owner), ..style };
                let (dir, patience) = (&self.dir, context.timeout);
                issuance::install_credentials(
                    dir,
                    &given.credentials,
                    &style,
                    patience,
                    reload,
                    self.dry_run.is_on(),
                )
            });
        }
        let store = context.open_store()?;
        let (authority, bundle) = ca::signing(store.as_ref(), &context.ca)?;
        let issuer = Issuer::new(&authority, context.now)?;
        let target = self.target(context, &authority)?;
        let members = bundle.members.iter().map(|member| member.certificate.clone());
        let anchors: Vec<Certificate> = members.collect();
        let trust = fleet_trust(&bundle, authority.certificate(), context.now);
        self.install(context, &anchors, |owner, reload| {
            let work = IssueContext {
                issuer: &issuer,
                trust: &trust,
                turns: RotationTurns::default(),
                now: context.now,
                due: &RenewalTime::default(),
                goal: IssuePolicy::Issue,
                reuse_key: false,
                validity: None,
                style: Style { owner: style.owner.or(owner), ..style },
                store: None,
                there: None,
                reload: Some(reload),
                patience: context.timeout,
                dry_run: self.dry_run.is_on(),
            };
            let outcome = work.issue_one(target);
            if work.is_cut_short(&outcome) {
                options::warn_of_cut(context, &work);
            }
            outcome
        })
    }

    /// Installs the files by `put`, to which it passes their owner and the action that makes the
    /// server load them.
    fn install(
        &self,
        context: &Context,
        trust: &[Certificate],
        put: impl FnOnce(Option<Owner>, &Reload<'_>) -> IssueOutcome,
    ) -> Result<Exit> {
        let output = context.output;
        let say = |step: &str| output.note(step);
        let engine = self.engine()?;
        let place = self.admin.place(engine)?.ok_or_else(|| {
            Error::usage(Code::ServerMissing, "no server is named")
                .hint("give --socket PATH, or --url URL")
        })?;
        reconfigure::facts(engine)?; // before anybody is asked anything
        let login = self.admin.credentials(context, engine)?;
        let loopback = self.admin.trust_loopback;
        let trusted = ServerTrust { anchors: trust, at: context.now, loopback };
        let link = AdminConnection::open(place, login, trusted, context.step_timeout)?;
        let installation = Installation::plan(self.wish(engine)?, link, &say)?;
        let report = InstallDocument::planned(&installation);
        if !self.dry_run.is_on() {
            report.diffs().for_each(|diff| output.note(diff.trim_end()));
        }
        let owner = self.owner(&installation)?;
        let installation = Mutex::new(installation);
        let apply = |directory: &Path| match directory::read(directory, CredentialKind::Server)? {
            Some(there) => lock(&installation).apply(there.certificate()),
            None => Err(Error::failed(Code::CertificateMissing, "the certificate is gone")
                .hint("somebody else works in the directory")),
        };
        let outcome = put(owner, &apply);
        let outcome = self.settle(&mut lock(&installation), outcome)?;
        let installation = lock(&installation);
        installation.warnings().iter().for_each(|warning| output.warning(warning));
        outcome.warnings().for_each(|text| output.warning(&text));
        let report = report.done(outcome, self, &installation, context.now)?;
        output.outcome(&report, || report.render_text())?;
        if self.dry_run.is_on() {
            output.note("dry run: nothing was changed.");
        }
        Ok(Exit::Done)
    }

    /// Applies the remaining changes, or undoes everything after a failure.
    fn settle(
        &self,
        installation: &mut Installation<'_>,
        mut outcome: IssueOutcome,
    ) -> Result<IssueOutcome> {
        let failed = match (outcome.error.take(), &outcome.certificate) {
            (Some(error), _) if !installation.is_tried() => return Err(*error),
            // The new state is in force and proved: keep it.
            (Some(error), _) if installation.is_complete() => return Err(error.into_failed()),
            (Some(error), _) => *error,
            (None, Some(kept)) if !installation.is_tried() && !self.dry_run.is_on() => {
                match installation.apply(kept) {
                    Ok(()) => return Ok(outcome),
                    Err(error) => error,
                }
            }
            (None, _) => return Ok(outcome),
        };
        let failed = failed.into_failed();
        let stored = directory::read(&self.dir, CredentialKind::Server).ok().flatten();
        let stored = stored.as_ref().map(Credentials::certificate);
        let undone = installation.undo(stored);
        let before = installation.proof().before.clone();
        let failed = match &undone {
            Ok(now) if *now == before => {
                failed.hint("the settings are as before, and so is what the server shows")
            }
            Ok(_) => failed.hint(format!(
                "the settings are as before; the server now serves the certificate in {}, \
                 which it did not before",
                self.dir.display()
            )),
            Err(worse) => failed.hint(format!("ROLLBACK FAILED: {worse}")),
        };
        let served = undone.unwrap_or(before);
        Err(match self.not_served(installation, served.as_deref(), stored) {
            Some(hint) => failed.hint(hint),
            None => failed,
        })
    }

    /// The warning if the server serves another certificate than the one in the directory, with the
    /// command that compares the two.
    fn not_served(
        &self,
        installation: &Installation<'_>,
        served: Option<&str>,
        stored: Option<&Certificate>,
    ) -> Option<Hint> {
        let (served, stored) = (served?, stored?.sha256());
        let said = format!(
            "{} holds a certificate that the server does not serve: sha256 {stored}, and it serves \
             {served}",
            self.dir.display()
        );
        let url = installation.proof().target.to_string();
        let compare = CommandLine::ccx_sec("verify").option("--dir", &self.dir).argument(url);
        (stored != served)
            .then(|| Hint::from(said).then(("compare them, when it has read the files", compare)))
    }

    fn engine(&self) -> Result<Engine> {
        self.node.engine.ok_or_else(|| {
            Error::usage(Code::Engine, "the engine is not known").hint("give it: --engine")
        })
    }

    fn target(&self, context: &Context, authority: &Authority) -> Result<CredentialTarget> {
        let NodeOptions { datastore, node, domain, dns, ip, replication, .. } = &self.node;
        // A default from a variable or file does not count as naming a node.
        let is_given = |key, has: bool| has && !context.configuration.is_configured(key);
        let is_named = is_given("datastore", datastore.is_some())
            || node.is_some()
            || is_given("domain", domain.is_some());
        let is_changed = !dns.is_empty() || !ip.is_empty() || replication.is_some();
        let is_told = is_named || is_changed || self.key_type.is_some();
        if !is_told && CredentialKind::detect(&self.dir)? == Some(CredentialKind::Server) {
            return Ok(CredentialTarget::in_directory(&self.dir, CredentialKind::Server));
        }
        let node = self.node.node(authority, self.key_type)?;
        let directory = Some((self.dir.clone(), CredentialKind::Server));
        let holder = (!self.force).then(|| ExpectedSubject::Host(node.host().clone()));
        Ok(CredentialTarget { directory, holder, ..CredentialTarget::node(&node, None, false)? })
    }

    fn wish(&self, engine: Engine) -> Result<InstallRequest> {
        let directory = reconfigure::directory(&self.dir)?;
        let command =
            format!("ccx-sec cert install --engine {engine} --dir {}", shell::quote(&directory));
        Ok(InstallRequest {
            engine,
            policy: PolicyRequest { mode: self.mode, profile: self.profile },
            directory,
            config: self.config.clone(),
            tls_port: self.tls_port,
            prove_at: self.admin.url.as_ref().map(|url| (url.host.clone(), self.port_of(url))),
            restart: self.restart_command.clone(),
            ignore_replicas: self.ignore_replicas,
            command,
        })
    }

    /// The port of the handshake, if the URL gives it. If TLS has a separate port and the login
    /// uses the URL too, that port may be the plaintext one, and does not count.
    fn port_of(&self, url: &target::DatabaseTarget) -> Option<u16> {
        let may_be_plain = url.engine.facts().server.has_tls_port && self.admin.socket.is_none();
        (!may_be_plain).then_some(url.port)
    }

    /// The default owner of the files: the user of the server, unless root owns the existing key
    /// and the server reads it by its group.
    fn owner(&self, installation: &Installation<'_>) -> Result<Option<Owner>> {
        match files::owner_and_mode(&self.dir.join(CredentialKind::Server.key()))? {
            Some((_, Some(FileMode::Group))) => Ok(None),
            _ => installation.owner(),
        }
    }
}

fn lock<'a, 'b>(installation: &'a Mutex<Installation<'b>>) -> MutexGuard<'a, Installation<'b>> {
    installation.lock().unwrap_or_else(PoisonError::into_inner)
}
