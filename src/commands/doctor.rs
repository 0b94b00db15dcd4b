//! `ccx-sec doctor`: what is missing on this machine and in the cluster.

use jiff::Timestamp;
use serde::Serialize;

use crate::block::{cryptsetup, device_mapper};
use crate::commands::ca;
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::files;
use crate::hint::{Hint, unbroken};
use crate::output::LineMark;
use crate::pki::finding::{Finding, Level};
use crate::pki::validity::BACKDATED;
use crate::shell::{CommandLine, Placeholder};
use crate::store::bundle::{Bundle, bundle_name};
use crate::store::ca::StoredCa;
use crate::store::kube::{Access, KubeStore, issuer_account};
use crate::store::location::Location;
use crate::store::{self, Backend};
use crate::store::{health, rotation_health};

/// Check this machine and the cluster for missing parts
///
/// Checks the configuration, the connection to the store, the permissions (one
/// SelfSubjectAccessReview for each verb on the Secrets of the CA), the clock, the CA and its
/// rotation, and cryptsetup and the device mapper, which volumes need. Changes nothing.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// Print a remedy for each problem
    #[arg(long)]
    fix_hints: bool,
}

const HELP: &str = "\
EXAMPLES
  ccx-sec doctor --fix-hints
  ccx-sec doctor --context prod -o json | jq '.checks[] | select(.status != \"ok\")'

EXIT STATUS
  0  nothing is missing; there may be warnings
  1  something is missing or wrong
  3  something could not be checked";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum DoctorStatus {
    Ok,
    Warning,
    Problem,
    Unknown,
}

impl DoctorStatus {
    fn exit(self) -> Exit {
        match self {
            DoctorStatus::Ok | DoctorStatus::Warning => Exit::Done,
            DoctorStatus::Problem => Exit::No,
            DoctorStatus::Unknown => Exit::Failed,
        }
    }

    fn painted(self) -> String {
        match self {
            DoctorStatus::Ok => LineMark::Good.paint("ok", 9),
            DoctorStatus::Warning => LineMark::Warn.paint("warning", 9),
            DoctorStatus::Problem => LineMark::Bad.paint("problem", 9),
            DoctorStatus::Unknown => LineMark::Bad.paint("unknown", 9),
        }
    }
}

#[derive(Debug, Serialize)]
struct DoctorCheck {
    name: &'static str,
    status: DoctorStatus,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Code>,
    hints: Vec<Hint>,
}

impl DoctorCheck {
    fn new(name: &'static str, status: DoctorStatus, message: impl Into<String>) -> Self {
        DoctorCheck { name, status, message: message.into(), code: None, hints: Vec::new() }
    }

    fn hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// A check that could not be run: its result is unknown, not a pass.
    fn failed(name: &'static str, error: &Error) -> Self {
        let status = if error.exit() == Exit::Failed {
            DoctorStatus::Unknown
        } else {
            DoctorStatus::Problem
        };
        let message = std::iter::once(error.to_string()).chain(error.causes());
        let message = message.collect::<Vec<_>>().join(": ");
        let hints = error.hints().to_vec();
        DoctorCheck { name, status, message, code: Some(error.code()), hints }
    }
}

#[derive(Serialize)]
struct DoctorDocument<'a> {
    ok: bool,
    checks: &'a [DoctorCheck],
}

impl Args {
    /// Runs the command.
    ///
    /// # Errors
    /// Exit 3 when the result cannot be printed; all else is among the checks.
    pub(crate) fn run(
        self,
        context: &Context,
        configuration_error: Option<&Error>,
    ) -> Result<Exit> {
        let progress = context.output.progress("looking");
        let mut checks = vec![check_config(context, configuration_error)];
        match context.location() {
            // Without the settings it would be another store than other commands use.
            _ if configuration_error.is_some() => {}
            Ok(location) => checks.extend(check_store(context, &location)),
            Err(error) => checks.push(DoctorCheck::failed("store", &error)),
        }
        checks.push(check_cryptsetup());
        checks.push(check_device_mapper());
        drop(progress);
        let hints = checks.iter_mut().flat_map(|check| &mut check.hints);
        hints.for_each(|hint| hint.complete(&context.invocation));
        let exit = checks.iter().fold(Exit::Done, |exit, check| exit.worst(check.status.exit()));
        let document = DoctorDocument { ok: exit == Exit::Done, checks: &checks };
        context.output.report(&document, || render_text(&checks, self.fix_hints))?;
        if !self.fix_hints
            && checks.iter().any(|c| c.status != DoctorStatus::Ok && !c.hints.is_empty())
        {
            context.output.note(&format!(
                "What to do: {}",
                unbroken(&context.completed(CommandLine::ccx_sec("doctor").flag("--fix-hints")))
            ));
        }
        Ok(exit)
    }
}

/// The settings that files and variables give.
fn check_config(context: &Context, error: Option<&Error>) -> DoctorCheck {
    if let Some(error) = error {
        return DoctorCheck::failed("config", error);
    }
    let origins = context.configuration.origins();
    let message = match origins.is_empty() {
        true => "no file or variable sets a default".to_owned(),
        false => {
            let of = |(key, origin): (&String, &String)| format!("{key} from {origin}");
            origins.iter().map(of).collect::<Vec<_>>().join(", ")
        }
    };
    DoctorCheck::new("config", DoctorStatus::Ok, message)
}

fn check_store(context: &Context, location: &Location) -> Vec<DoctorCheck> {
    match location {
        Location::Directory(path) => match store::open(location, context.conditions()) {
            Err(error) => vec![DoctorCheck::failed("store", &error)],
            Ok(store) => {
                let reached = match files::is_directory(path) {
                    Ok(None) => {
                        let message = format!("there is no directory {}", path.display());
                        DoctorCheck::new("store", DoctorStatus::Warning, message).hint(
                            "check the path; the first command that stores something makes it",
                        )
                    }
                    Ok(Some(_)) => DoctorCheck::new("store", DoctorStatus::Ok, store.describe()),
                    Err(error) => DoctorCheck::failed("store", &error),
                };
                vec![
                    reached,
                    check_ca(context, store.as_ref()),
                    check_rotation(context, store.as_ref()),
                ]
            }
        },
        Location::Kubernetes(cluster) => match KubeStore::open(cluster, context.conditions()) {
            Err(error) => vec![DoctorCheck::failed("store", &error)],
            Ok(store) => check_kubernetes(context, &store),
        },
    }
}

fn check_kubernetes(context: &Context, store: &KubeStore) -> Vec<DoctorCheck> {
    let (version, clock) = match store.version_and_clock() {
        Err(error) => return vec![DoctorCheck::failed("store", &error)],
        Ok(answer) => answer,
    };
    let reached = format!("{}, Kubernetes {version}", store.describe());
    let mut checks = vec![DoctorCheck::new("store", DoctorStatus::Ok, reached), check_clock(clock)];
    match check_permissions(context, store) {
        Err(error) => {
            checks.push(DoctorCheck::failed("permissions", &error));
            checks.push(check_ca(context, store));
            checks.push(check_rotation(context, store));
        }
        Ok(permissions) => {
            let may_read = permissions.iter().all(|check| check.status != DoctorStatus::Problem);
            checks.extend(permissions);
            checks.push(match may_read {
                true => check_ca(context, store),
                false => DoctorCheck::new(
                    "ca",
                    DoctorStatus::Unknown,
                    "the CA cannot be checked without get on its two Secrets",
                ),
            });
            if may_read {
                checks.push(check_rotation(context, store));
            }
        }
    }
    checks
}

/// The rights that ccx-sec needs on Secrets, each with its purpose. Only the names of the CA's two
/// Secrets are known; names of further Secrets come from the account's own rules.
fn needs(context: &Context) -> [(Access, &'static str); 5] {
    let on = |verb, secret: Option<String>| Access { verb, secret };
    [
        (on("get", Some(context.ca.clone())), "ca check, and whatever issues certificates"),
        (on("get", Some(bundle_name(&context.ca))), "every command but those of volumes"),
        (on("list", None), "cert list, volume list, and the datastores of serve"),
        (
            on("create", None),
            "ca init, ca import, cert issue --secret, and ca check where it makes a bundle",
        ),
        (on("patch", None), "changing a bundle, and renewing with --secret"),
    ]
}

/// One check for each right. The command that grants all missing rights is a hint of the first.
fn check_permissions(context: &Context, store: &KubeStore) -> Result<Vec<DoctorCheck>> {
    let (mut checks, mut missing) = (Vec::new(), Vec::new());
    for (access, what_for) in needs(context) {
        let Access { verb, secret } = &access;
        let namespace = store.namespace();
        let what = match secret {
            Some(name) => format!("{verb} secrets/{name} in {namespace} (for {what_for})"),
            None => format!("{verb} secrets in {namespace} (for {what_for})"),
        };
        if store.is_allowed(&access)? {
            checks.push(DoctorCheck::new("permission", DoctorStatus::Ok, what));
            continue;
        }
        let names = if secret.is_none() { store.allowed_names(verb)? } else { Vec::new() };
        if !names.is_empty() {
            let message = format!("{what}, but only {}", names.join(", "));
            checks.push(DoctorCheck::new("permission", DoctorStatus::Ok, message));
            continue;
        }
        let status = if secret.is_some() { DoctorStatus::Problem } else { DoctorStatus::Warning };
        checks.push(DoctorCheck::new("permission", status, format!("may not {what}")));
        if !missing.contains(verb) {
            missing.push(verb);
        }
    }
    if let Some(first) = checks.iter_mut().find(|check| check.status != DoctorStatus::Ok) {
        let namespace = store.namespace();
        let role = CommandLine::other("kubectl", "create role ccx-sec")
            .argument(format!("--verb={}", missing.join(",")))
            .argument("--resource=secrets")
            .option("-n", namespace);
        let binding = CommandLine::other("kubectl", "create rolebinding ccx-sec --role=ccx-sec")
            .option("--user", Placeholder("USER"))
            .option("-n", namespace);
        first.hints = vec![
            Hint::from("an administrator of the cluster grants it with:").then(role).then(binding),
            issuer_account(namespace),
        ];
    }
    Ok(checks)
}

/// The server's clock comes to the second and before its answer, ours after it.
fn check_clock(server: Option<Timestamp>) -> DoctorCheck {
    let Some(server) = server else {
        return DoctorCheck::new(
            "clock",
            DoctorStatus::Unknown,
            "the API server does not tell its time",
        )
        .hint("is a proxy in between?");
    };
    let ahead = Timestamp::now().as_second() - server.as_second();
    let allowed = BACKDATED.as_secs();
    let message = format!("this machine's clock is {} s from the API server's", ahead.abs());
    if ahead.abs() < allowed {
        return DoctorCheck::new("clock", DoctorStatus::Ok, message);
    }
    DoctorCheck::new("clock", DoctorStatus::Problem, message)
        .hint("certificates would be dated wrongly; set the clock: timedatectl set-ntp true")
}

fn check_ca(context: &Context, store: &dyn Backend) -> DoctorCheck {
    let stored = match StoredCa::read(store, &context.ca) {
        Err(error) => return DoctorCheck::failed("ca", &error),
        Ok(stored) => stored,
    };
    let findings = health::check(&stored, context.now, None);
    let status = match findings.first().map(|finding| finding.level) {
        None => {
            return DoctorCheck::new(
                "ca",
                DoctorStatus::Ok,
                format!("{} is sound", store.place(&context.ca)),
            );
        }
        Some(Level::Warning) => DoctorStatus::Warning,
        Some(Level::Error) => DoctorStatus::Problem,
    };
    let said = |finding: &Finding| format!("{}: {}", finding.code, finding.message);
    let message = findings.iter().map(said).collect::<Vec<_>>().join("; ");
    let hints = findings.iter().flat_map(|finding| finding.hints.clone());
    hints.fold(DoctorCheck::new("ca", status, message), DoctorCheck::hint)
}

/// The rotation: its phase, whether it stands still, and the keys that it keeps.
fn check_rotation(context: &Context, store: &dyn Backend) -> DoctorCheck {
    let stored = match StoredCa::read(store, &context.ca) {
        Err(error) => return DoctorCheck::failed("rotation", &error),
        Ok(stored) => stored,
    };
    let mut findings = rotation_health::check(store, &stored);
    let bundle = stored.bundle.as_ref().and_then(|secret| Bundle::from_secret(secret).ok());
    let Some(rotation) = bundle.as_ref().and_then(|bundle| bundle.rotation.as_ref()) else {
        return match findings.is_empty() {
            true => DoctorCheck::new("rotation", DoctorStatus::Ok, "none is under way"),
            false => of_findings("none is under way", DoctorStatus::Problem, &findings),
        };
    };
    let status = match () {
        () if findings.iter().any(|finding| finding.code != Code::RotationKeyUnread) => {
            DoctorStatus::Problem
        }
        () if !findings.is_empty() => DoctorStatus::Unknown,
        () => DoctorStatus::Ok,
    };
    let still = rotation_health::standstill(rotation, context.now);
    let status = match (&still, status) {
        (Some(_), DoctorStatus::Ok) => DoctorStatus::Warning,
        (_, status) => status,
    };
    findings.extend(still);
    let paused = match (rotation.ramp.paused, rotation.ramp.paused_at) {
        (false, _) => String::new(),
        (true, None) => ", paused".to_owned(),
        (true, Some(at)) => format!(", paused since {at}"),
    };
    let (waits_for, command) = ca::awaited_step(rotation, context);
    let message = format!(
        "{} since {}{paused}; waits for {waits_for}; next: {command}",
        rotation.phase.name(),
        rotation.since
    );
    of_findings(&message, status, &findings)
}

/// A check with the findings behind its message.
fn of_findings(message: &str, status: DoctorStatus, findings: &[Finding]) -> DoctorCheck {
    let said = findings.iter().map(|finding| format!("; {}: {}", finding.code, finding.message));
    let message = message.to_owned() + &said.collect::<String>();
    let hints = findings.iter().flat_map(|finding| finding.hints.clone());
    hints.fold(DoctorCheck::new("rotation", status, message), DoctorCheck::hint)
}

fn check_cryptsetup() -> DoctorCheck {
    let with_hints = |check: DoctorCheck| {
        check
            .hint((
                "volumes need it on this machine; install it",
                CommandLine::other("apt-get", "install cryptsetup-bin"),
            ))
            .hint(("or", CommandLine::other("dnf", "install cryptsetup")))
    };
    match cryptsetup::version() {
        Err(error) => DoctorCheck::failed("cryptsetup", &error),
        Ok(None) => {
            let message = "cryptsetup is not installed";
            with_hints(DoctorCheck::new("cryptsetup", DoctorStatus::Warning, message))
        }
        Ok(Some(old)) if old < cryptsetup::OLDEST => {
            let message = format!("cryptsetup {old} is older than {}", cryptsetup::OLDEST);
            with_hints(DoctorCheck::new("cryptsetup", DoctorStatus::Warning, message))
        }
        Ok(Some(version)) => {
            DoctorCheck::new("cryptsetup", DoctorStatus::Ok, format!("cryptsetup {version}"))
        }
    }
}

fn check_device_mapper() -> DoctorCheck {
    match device_mapper::check() {
        Ok(()) => {
            let message = "the kernel's device mapper is there";
            DoctorCheck::new("device_mapper", DoctorStatus::Ok, message)
        }
        Err(error) => {
            let why = std::iter::once(error.to_string()).chain(error.causes());
            let why = why.collect::<Vec<_>>().join(": ");
            let message = format!("the kernel's device mapper cannot be used: {why}");
            DoctorCheck::new("device_mapper", DoctorStatus::Warning, message)
                .hint((
                    "volumes need it on this machine; load it as root",
                    CommandLine::other("modprobe", "-a dm_mod dm_crypt"),
                ))
                .hint("in a container, run as root with the host's /dev/mapper")
        }
    }
}

fn render_text(checks: &[DoctorCheck], hints: bool) -> String {
    let mut text = String::new();
    for check in checks {
        text.push_str(&format!("{}{:<14}{}\n", check.status.painted(), check.name, check.message));
        let shown = check.hints.iter().filter(|_| hints && check.status != DoctorStatus::Ok);
        for hint in shown {
            text.push_str(&format!(
                "         hint: {}\n",
                hint.unbroken().replace('\n', "\n               ")
            ));
        }
    }
    text
}
