//! Translates failures of the API server, and of the connection to it, into errors with next steps.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use kube::Error as KubeError;
use kube::core::Status;

use crate::error::{Code, Error};
use crate::hint::Hint;
use crate::shell::{CommandLine, Placeholder};
use crate::text;

/// A request to the API server, as messages name it.
pub(super) struct Operation {
    verb: &'static str,
    resource: &'static str,
    name: String,
}

impl Operation {
    pub(super) fn new(verb: &'static str, resource: &'static str, name: &str) -> Self {
        Operation { verb, resource, name: name.to_owned() }
    }

    /// Formats the request as `get secrets/ccx-ca at https://…`.
    pub(super) fn describe(&self, server: &str) -> String {
        let slash = if self.name.is_empty() { "" } else { "/" };
        format!("{} {}{slash}{} at {server}", self.verb, self.resource, self.name)
    }
}

/// The failure of a request after all attempts.
pub(super) enum RequestFailure {
    TimedOut,
    Kube(KubeError),
}

impl From<KubeError> for RequestFailure {
    fn from(error: KubeError) -> Self {
        RequestFailure::Kube(error)
    }
}

impl RequestFailure {
    /// The token that continues a list after its own token expired (410). The rest of the list then
    /// shows the present state, not that at the beginning of the list.
    pub(super) fn continue_token(&self) -> Option<String> {
        match self {
            RequestFailure::Kube(KubeError::Api(status)) if status.code == 410 => {
                status.metadata.as_ref()?.continue_.clone().filter(|token| !token.is_empty())
            }
            _ => None,
        }
    }

    /// The pause that the server asks for (`Retry-After`).
    pub(super) fn requested_pause(&self) -> Option<Duration> {
        match self {
            RequestFailure::Kube(KubeError::Api(status)) => {
                let seconds = status.details.as_ref()?.retry_after_seconds;
                (seconds > 0).then(|| Duration::from_secs(seconds.into()))
            }
            _ => None,
        }
    }
}

impl std::fmt::Display for RequestFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RequestFailure::TimedOut => f.write_str("no answer in time"),
            RequestFailure::Kube(KubeError::Api(status)) => {
                write!(f, "{} {}", status.code, one_line(&status.message))
            }
            RequestFailure::Kube(error) => f.write_str(&root_cause(error)),
        }
    }
}

/// Whether the API server answered with this status and reason.
pub(super) fn has_reason(error: &KubeError, code: u16, reason: &str) -> bool {
    matches!(error, KubeError::Api(status) if status.code == code && status.reason == reason)
}

/// Whether the connection failed for a reason that may be transient: a server that restarts refuses
/// and resets connections.
pub(super) fn connection_lost(error: &KubeError) -> bool {
    let passing = [
        io::ErrorKind::ConnectionRefused,
        io::ErrorKind::ConnectionReset,
        io::ErrorKind::ConnectionAborted,
        io::ErrorKind::BrokenPipe,
        io::ErrorKind::UnexpectedEof,
    ];
    matches!(error, KubeError::HyperError(_) | KubeError::Service(_))
        && (cut_short(error) || io_error(error).is_some_and(|e| passing.contains(&e.kind())))
        && tls_error(error).is_none()
}

/// Whether it is hyper's `IncompleteMessage`: the server closed the connection without an answer,
/// as a server does that is being stopped.
fn cut_short(error: &KubeError) -> bool {
    chain(error).any(|error| error.to_string() == "connection closed before message completed")
}

type Cause<'a> = &'a (dyn StdError + 'static);

fn chain(error: Cause<'_>) -> impl Iterator<Item = Cause<'_>> {
    fn next<'a>(error: &Cause<'a>) -> Option<Cause<'a>> {
        (**error).source()
    }
    std::iter::successors(Some(error), next)
}

fn io_error(error: &KubeError) -> Option<&io::Error> {
    chain(error).find_map(|error| error.downcast_ref::<io::Error>())
}

/// The text of the innermost error.
pub(super) fn root_cause(error: &KubeError) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}

/// The text of rustls' error, which kube wraps in an `io::Error`.
fn tls_error(error: &KubeError) -> Option<String> {
    chain(error).map(ToString::to_string).find(|text| {
        text.contains("invalid peer certificate")
            || text.contains("received fatal alert")
            || text.contains("InvalidCertificate")
            || text.contains("corrupt message")
    })
}

/// The first line of a server's message, without control characters, at most 300 characters long.
pub(super) fn one_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    text::one_line(line, 300)
}

pub(super) fn namespace_missing(namespace: &str, server: &str) -> Error {
    Error::failed(Code::NamespaceMissing, format!("there is no namespace {namespace} at {server}"))
        .hint((
            "check -n/--namespace and --context, or make it",
            CommandLine::kubectl("create namespace").argument(namespace),
        ))
}

/// The error when no token or client certificate could be obtained. `cause` must not quote a login
/// helper's stdout, which may hold a token.
pub(super) fn no_credentials(server: &str, cause: &str) -> Error {
    Error::failed(Code::KubeCredentials, format!("cannot get credentials for {server}"))
        .because(anyhow::anyhow!(cause.to_owned()))
        .hint(("kubectl logs in the same way; see whether it can", CommandLine::kubectl("version")))
}

fn is_it_kubernetes() -> Hint {
    ("check whether this is a Kubernetes API server", CommandLine::kubectl("version")).into()
}

/// Translates a failed request into an error.
pub(super) fn explain(
    failure: RequestFailure,
    operation: &Operation,
    server: &str,
    namespace: &str,
    timeout: Duration,
) -> Error {
    let description = operation.describe(server);
    match failure {
        RequestFailure::TimedOut => {
            let seconds = timeout.as_secs_f32();
            Error::failed(Code::KubeTimeout, format!("{description}: no answer within {seconds} s")).hint(
                "is the API server overloaded, or a firewall in between? wait longer: --timeout 2m",
            )
        }
        RequestFailure::Kube(KubeError::Api(status)) => {
            answered(&status, operation, &description, server, namespace, timeout)
        }
        RequestFailure::Kube(error @ (KubeError::HyperError(_) | KubeError::Service(_))) => {
            unreachable(error, &description, server)
        }
        RequestFailure::Kube(KubeError::Auth(error)) => no_credentials(server, &error.to_string()),
        RequestFailure::Kube(error) => Error::failed(
            Code::KubeAnswer,
            format!("{description}: the answer cannot be understood"),
        )
        .because(error)
        .hint(is_it_kubernetes()),
    }
}

fn answered(
    status: &Status,
    operation: &Operation,
    description: &str,
    server: &str,
    namespace: &str,
    timeout: Duration,
) -> Error {
    let message = one_line(&status.message);
    let failed = |code, message: String| Error::failed(code, message);
    let pause = status.details.as_ref().map_or(0, |details| details.retry_after_seconds);
    let again = |then: &str| match pause > 0 && u64::from(pause) >= timeout.as_secs() {
        true => format!("the server asks to retry after {pause} s, longer than --timeout"),
        false => format!("it was retried for {} s; {then}", timeout.as_secs_f32()),
    };
    match status.code {
        400 if message.contains("HTTP request to an HTTPS server") => {
            failed(Code::KubeAnswer, format!("{description}: unexpected answer 400: {message}"))
                .hint("begin the server's address in the kubeconfig with https://")
        }
        401 => failed(
            Code::KubeUnauthorized,
            format!("{server} does not accept these credentials (401)"),
        )
        .hint("is the token or client certificate expired, or of another cluster?")
        .hint(("check whether kubectl can log in", CommandLine::kubectl("version"))),
        403 => forbidden(&message, operation, server, namespace),
        404 if message.contains("namespaces") => namespace_missing(namespace, server),
        404 => failed(Code::KubeNotFound, format!("{description}: not found: {message}"))
            .hint(is_it_kubernetes()),
        409 => failed(
            Code::KubeConflict,
            format!("{description}: another client changed it: {message}"),
        )
        .hint("try again"),
        410 => failed(Code::KubeExpired, format!("{description}: it took too long: {message}"))
            .hint("try again; slow API servers and networks make it more likely"),
        413 | 422 => failed(
            Code::KubeInvalid,
            format!("{description}: the API server refuses it: {message}"),
        )
        .hint("nothing was changed; if the Secret is immutable, delete it first"),
        429 => failed(
            Code::KubeThrottled,
            format!("{description}: the API server asks for less load (429)"),
        )
        .hint(again("give it more time: --timeout 2m")),
        500..=599 => failed(
            Code::KubeServerError,
            format!("{description}: the API server failed ({}): {message}", status.code),
        )
        .hint(again("check its health"))
        .hint(CommandLine::kubectl("get --raw").argument("/readyz?verbose")),
        code => {
            failed(Code::KubeAnswer, format!("{description}: unexpected answer {code}: {message}"))
                .hint(is_it_kubernetes())
        }
    }
}

/// The hint that creates an account for the commands that issue and renew.
#[must_use]
pub fn issuer_account(namespace: &str) -> Hint {
    let manifests = CommandLine::ccx_sec("manifests --only issuer")
        .option("--inventory", Placeholder("FILE"))
        .option("-n", namespace);
    let apply = CommandLine::other("kubectl", "apply -f -"); // by an admin, not by this account
    let what = "or, with an administrator's kubeconfig, create a service account that can issue and \
                renew for the nodes of an inventory";
    (what, manifests.pipe(apply)).into()
}

/// The error for a 403. RBAC names the missing verb and resource. A quota or an admission webhook
/// answers 403 as well, and no role would help there.
fn forbidden(message: &str, operation: &Operation, server: &str, namespace: &str) -> Error {
    let Operation { verb, resource, name } = operation;
    if !message.contains("cannot ") {
        return Error::failed(
            Code::KubeRefused,
            format!("{server} refuses to {verb} {resource} {name}: {message}"),
        )
        .hint("a quota or an admission rule refuses it; ask the cluster's administrator");
    }
    let user = message.split("User \"").nth(1).and_then(|rest| rest.split('"').next());
    let subject = match user.and_then(|user| user.strip_prefix("system:serviceaccount:")) {
        Some(account) => format!("--serviceaccount={account}"),
        None => format!("--user={}", user.unwrap_or("USER")),
    };
    let who =
        user.map_or_else(|| "these credentials".to_owned(), |user| format!("the user {user}"));
    // RBAC rules for create and list cannot name objects.
    let is_named = !name.is_empty() && !matches!(*verb, "create" | "list");
    let names = if is_named { format!("  resourceNames: [{name}]\n") } else { String::new() };
    let role_name = match is_named {
        true => format!("ccx-sec-{verb}-{name}"),
        false => format!("ccx-sec-{verb}-{resource}"),
    };
    // An administrator grants the rights, with another kubeconfig: print no options of this run.
    let role = CommandLine::other("kubectl", "create role")
        .argument(&role_name)
        .argument(format!("--verb={verb}"))
        .argument(format!("--resource={resource}"));
    let role = if is_named { role.argument(format!("--resource-name={name}")) } else { role };
    let binding = CommandLine::other("kubectl", "create rolebinding")
        .argument(&role_name)
        .argument(format!("--role={role_name}"));
    Error::failed(
        Code::KubeForbidden,
        format!(
            "{who} may not {verb} {resource}{} in the namespace {namespace} at {server} (403)",
            if is_named { format!(" {name}") } else { String::new() }
        ),
    )
    .hint(format!(
        "the RBAC rule that is missing:\n- apiGroups: [\"\"]\n  resources: [{resource}]\n{names}  verbs: [{verb}]"
    ))
    .hint(
        Hint::from("an administrator of the cluster grants it, with their own kubeconfig:")
            .then(role.option("-n", namespace))
            .then(binding.argument(subject).option("-n", namespace)),
    )
    .hint((
        "or list all rights that these credentials lack",
        CommandLine::ccx_sec("doctor").flag("--fix-hints"),
    ))
}

const CUT: &str =
    "the connection was cut: a proxy in between, or plain HTTP where TLS is expected?";

fn unreachable(error: KubeError, description: &str, server: &str) -> Error {
    if let Some(why) = tls_error(&error) {
        return Error::failed(
            Code::KubeTls,
            format!("{server} is not trusted, or does not trust this client: TLS failed"),
        )
        .because(anyhow::anyhow!(why))
        .hint(
            "is certificate-authority in the kubeconfig that of this cluster? is the clock right?",
        );
    }
    let io = io_error(&error);
    let hint = match io.map(io::Error::kind) {
        _ if cut_short(&error) => CUT,
        Some(io::ErrorKind::ConnectionRefused) => "nothing listens there: is the API server up?",
        Some(io::ErrorKind::TimedOut) => {
            "no answer: a firewall in between? wait longer: --timeout 2m"
        }
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof) => CUT,
        _ => "check the server's address in the kubeconfig",
    };
    let failure = Error::failed(
        Code::KubeUnreachable,
        format!("{description}: the API server cannot be reached"),
    );
    failure.because(anyhow::anyhow!(root_cause(&error))).hint(hint)
}
