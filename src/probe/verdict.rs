//! What an observation means to clients, mode by mode. Pure.

use jiff::Timestamp;
use rustls::AlertDescription as Alert;
use rustls_pki_types::ServerName;
use serde::Serialize;

use crate::engine::Engine;
use crate::pki::certificate::Certificate;
use crate::pki::chain::{self, Purpose, Reason, Request};
use crate::probe::failure::{Failure, Kind, alert_name};
use crate::probe::observe::{Mutual, Observation, Secured};
use crate::probe::remedy::{self, Remedy};
use crate::probe::target::Target;
use crate::probe::wire::Reception;

/// What a client demands of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, clap::ValueEnum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Mode {
    /// Clients without TLS are refused
    #[value(name = "DISABLED", alias = "disabled")]
    Disabled,
    /// Clients get TLS, whatever the certificate
    #[value(name = "REQUIRED", alias = "required")]
    Required,
    /// And the certificate is of a trusted CA
    #[value(name = "VERIFY_CA", alias = "verify-ca")]
    VerifyCa,
    /// And it is for the name that they connect to
    #[value(name = "VERIFY_IDENTITY", alias = "verify-full")]
    VerifyIdentity,
    /// Clients without a certificate, or with one of another CA, are refused
    #[value(skip)]
    MutualTls,
}

impl Mode {
    /// The name, as in every output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Mode::Disabled => "DISABLED",
            Mode::Required => "REQUIRED",
            Mode::VerifyCa => "VERIFY_CA",
            Mode::VerifyIdentity => "VERIFY_IDENTITY",
            Mode::MutualTls => "MUTUAL_TLS",
        }
    }
}

/// The answer for one mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is as it should be.
    Pass,
    /// It is not.
    Fail,
    /// It was not to be found out.
    Unknown,
}

impl Answer {
    /// The name, as in every output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Answer::Pass => "pass",
            Answer::Fail => "fail",
            Answer::Unknown => "unknown",
        }
    }
}

/// The verdict on one mode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The mode.
    pub mode: Mode,
    /// The answer.
    pub verdict: Answer,
    /// Why it is no pass; stable, for scripts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// The same for people, no full stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What to do about it, in one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// What verdicts are wanted, and what they are to be reached by.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// The modes.
    pub modes: &'a [Mode],
    /// The CAs that clients trust.
    pub anchors: &'a [Certificate],
    /// When.
    pub at: Timestamp,
    /// Whether the probe showed a client certificate.
    pub shows_certificate: bool,
}

/// A verdict on its way: answer, reason, message.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found(Answer, &'static str, String);

/// Reaches the verdicts.
#[must_use]
pub fn judge(target: &Target, seen: &Observation, question: &Question<'_>) -> Vec<Verdict> {
    let judge = |mode: &Mode| {
        let found = match mode {
            Mode::Disabled => without_tls(target, seen),
            Mode::Required => required(seen, question.shows_certificate),
            Mode::VerifyCa => verified(seen, question, None),
            Mode::VerifyIdentity => verified(seen, question, target.server_name().ok().as_ref()),
            Mode::MutualTls => mutual(target.engine, seen),
        };
        match found {
            None => Verdict {
                mode: *mode,
                verdict: Answer::Pass,
                reason: None,
                message: None,
                remedy: None,
            },
            Some(Found(verdict, reason, message)) => {
                let remedy = remedy::of(&Remedy { reason, target, mode: *mode, message: &message });
                let message = Some(message);
                Verdict { mode: *mode, verdict, reason: Some(reason), message, remedy }
            }
        }
    };
    question.modes.iter().map(judge).collect()
}

/// Whether a client that insists on TLS gets in, whatever the certificate.
fn required(seen: &Observation, shows_certificate: bool) -> Option<Found> {
    let found = secured(&seen.secured, shows_certificate)?;
    // PostgreSQL's rules go by user and database, and the probe's user may have none at all.
    if found.1 == "tls_refused" && !matches!(seen.plain, Some(Ok(Reception::Taken))) {
        return Some(not_admitted(&found.2));
    }
    Some(found)
}

fn not_admitted(said: &str) -> Found {
    let message = format!("the server lets this user in neither way, so it tells nothing: {said}");
    Found(Answer::Unknown, "not_admitted", message)
}

fn secured(secured: &Secured, shows_certificate: bool) -> Option<Found> {
    let no = |reason, message: String| Some(Found(Answer::Fail, reason, message));
    match &secured.outcome {
        Ok(Reception::Taken | Reception::NeedsLogin) => None,
        Ok(Reception::Refused(said)) => {
            no("tls_refused", format!("the server refuses clients with TLS: {said}"))
        }
        Ok(Reception::CertificateRequired(said)) if shows_certificate => no(
            "client_cert_rejected",
            format!("the server does not take the client's certificate: {said}"),
        ),
        Ok(Reception::CertificateRequired(said)) => {
            no("client_cert_required", format!("the server wants a client certificate: {said}"))
        }
        Err(failure) => {
            if let Some(said) = about_the_client(secured, failure) {
                return if shows_certificate {
                    let what = "the server does not take the client's certificate";
                    no("client_cert_rejected", format!("{what}: {said}"))
                } else {
                    let what = "the server wants a client certificate";
                    no("client_cert_required", format!("{what}: {said}"))
                };
            }
            let answer = match failure.kind {
                Kind::NoTls
                | Kind::WeakProtocol
                | Kind::TlsAlert(_)
                | Kind::TlsFailed
                | Kind::PlaintextInjected => Answer::Fail,
                _ => Answer::Unknown,
            };
            Some(Found(answer, failure.kind.name(), failure.message.clone()))
        }
    }
}

/// What the server has to say about the client's certificate, or the want of one. Under TLS
/// 1.3 it says so after the handshake, and its words get lost now and then when it hangs up.
fn about_the_client(secured: &Secured, failure: &Failure) -> Option<String> {
    if !secured.seen.asks_for_certificate {
        return None;
    }
    match failure.kind {
        Kind::TlsAlert(
            alert @ (Alert::CertificateRequired
            | Alert::NoCertificate
            | Alert::HandshakeFailure
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::AccessDenied),
        ) => Some(format!("TLS alert {}", alert_name(alert))),
        kind if kind.is_hang_up() => {
            Some("it asked for one in the handshake, and hung up after it".to_owned())
        }
        _ => None,
    }
}

/// Whether a client gets in that looks at the certificate too. It does so before the server
/// has looked at it.
fn verified(
    seen: &Observation,
    question: &Question<'_>,
    identity: Option<&ServerName<'static>>,
) -> Option<Found> {
    let (own, others) = match seen.secured.seen.chain.split_first() {
        Some(found) => found,
        None => return required(seen, question.shows_certificate),
    };
    let leaf = match Certificate::from_der(own.to_vec()) {
        Ok(leaf) => leaf,
        Err(error) => {
            let message = format!("the server's certificate cannot be read: {error}");
            return Some(Found(Answer::Fail, Reason::Damaged.name(), message));
        }
    };
    let others: Vec<Certificate> =
        others.iter().filter_map(|der| Certificate::from_der(der.to_vec()).ok()).collect();
    let mut request = Request::new(&leaf, &others, question.anchors, question.at, Purpose::Server);
    request.identity = identity;
    match chain::verify(&request) {
        Ok(_) => required(seen, question.shows_certificate),
        Err(fault) => Some(Found(Answer::Fail, fault.reason.name(), fault.message)),
    }
}

/// Whether a client without TLS is refused. That it was counts only where one with TLS was
/// not: a server that lets nobody in proves nothing.
fn without_tls(target: &Target, seen: &Observation) -> Option<Found> {
    let unknown = |reason, message| Some(Found(Answer::Unknown, reason, message));
    let secured = &seen.secured;
    let speaks_tls = !secured.seen.chain.is_empty();
    let no_tls = matches!(&secured.outcome, Err(failure) if failure.kind == Kind::NoTls);
    match &seen.plain {
        Some(Ok(Reception::Taken)) => {
            let message = "the server goes on to the login of a client that comes without TLS";
            Some(Found(Answer::Fail, "plain_accepted", message.to_owned()))
        }
        _ if no_tls => {
            let message = "the server offers no TLS: whoever gets in, gets in without".to_owned();
            Some(Found(Answer::Fail, Kind::NoTls.name(), message))
        }
        Some(Ok(Reception::Refused(_))) if !speaks_tls => match &secured.outcome {
            Err(failure) => unknown(failure.kind.name(), failure.message.clone()),
            Ok(_) => None,
        },
        Some(Ok(Reception::Refused(said))) => match &secured.outcome {
            Ok(Reception::Refused(_)) => Some(not_admitted(said)),
            _ => None,
        },
        Some(Ok(Reception::NeedsLogin | Reception::CertificateRequired(_))) => {
            let message =
                format!("{} says whether it insists on TLS only after a good login", target.engine);
            unknown("needs_login", message)
        }
        Some(Err(failure)) if failure.kind.is_hang_up() && speaks_tls => None,
        Some(Err(failure)) => unknown(failure.kind.name(), failure.message.clone()),
        None => match &secured.outcome {
            Err(failure) => unknown(failure.kind.name(), failure.message.clone()),
            Ok(_) => unknown("not_tried", "nobody came without TLS".to_owned()),
        },
    }
}

/// Whether the server demands a client certificate, and looks at it.
fn mutual(engine: Engine, seen: &Observation) -> Option<Found> {
    let Some(Mutual { without, stranger }) = &seen.mutual else {
        return match secured(&seen.secured, false) {
            Some(found) if found.1 == Kind::NoTls.name() => Some(found),
            Some(Found(_, reason, message)) => Some(Found(Answer::Unknown, reason, message)),
            None => Some(Found(Answer::Unknown, "not_tried", "nobody tried".to_owned())),
        };
    };
    let refused = |tried: &Secured, shows| match secured(tried, shows) {
        Some(Found(_, "client_cert_required" | "client_cert_rejected", _)) => Ok(true),
        Some(found) => Err(Found(Answer::Unknown, found.1, found.2)),
        None => Ok(false),
    };
    match (refused(without, false), refused(stranger, true)) {
        (Err(found), _) | (Ok(true), Err(found)) => Some(found),
        (Ok(true), Ok(true)) => None,
        // Both demand it account by account (REQUIRE X509), and tell after the login.
        (Ok(false), _) if matches!(engine, Engine::Mysql | Engine::Mariadb) => {
            let message = format!("{engine} demands client certificates account by account");
            Some(Found(Answer::Unknown, "needs_login", message))
        }
        (Ok(false), _) => {
            let message = "the server takes clients without a certificate".to_owned();
            Some(Found(Answer::Fail, "client_cert_not_required", message))
        }
        (Ok(true), Ok(false)) => {
            let message = "the server takes the certificate of a CA made for this test".to_owned();
            Some(Found(Answer::Fail, "client_cert_not_checked", message))
        }
    }
}
