//! What an observation means to clients, mode by mode. Pure.

use jiff::Timestamp;
use rustls::AlertDescription as Alert;
use rustls_pki_types::{CertificateDer, ServerName};
use serde::Serialize;

use crate::engine::Engine;
use crate::hint::Hint;
use crate::pki::certificate::Certificate;
use crate::pki::chain::{self, Fault, Purpose, Reason, Request};
use crate::probe::accounts;
use crate::probe::failure::{Failure, Kind, alert_name};
use crate::probe::floor;
use crate::probe::login::account::Account;
use crate::probe::observe::{Mutual, Observation, Secured};
use crate::probe::other_ports;
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
    /// Nothing below a floor is taken
    #[value(skip)]
    MinTls,
}

impl Mode {
    /// What is judged where nobody says otherwise.
    pub const DEFAULT: [Mode; 4] =
        [Mode::Required, Mode::VerifyCa, Mode::VerifyIdentity, Mode::Disabled];

    /// The name, as in every output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Mode::Disabled => "DISABLED",
            Mode::Required => "REQUIRED",
            Mode::VerifyCa => "VERIFY_CA",
            Mode::VerifyIdentity => "VERIFY_IDENTITY",
            Mode::MutualTls => "MUTUAL_TLS",
            Mode::MinTls => "MIN_TLS",
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
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Hint>,
    /// What is not as it should be in a chain that clients take: rules that it breaks, and
    /// libraries that refuse it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Fault>,
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
    /// Whether accounts with `mysql_native_password` may come without TLS.
    pub exception: bool,
}

/// A verdict on its way: answer, reason, message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found(pub(crate) Answer, pub(crate) &'static str, pub(crate) String);

/// Reaches the verdicts.
#[must_use]
pub fn judge(target: &Target, seen: &Observation, question: &Question<'_>) -> Vec<Verdict> {
    let judge = |mode: &Mode| {
        let engine = target.engine;
        let over_tls = |nobody: Option<Found>| {
            let nobody = nobody.filter(|found| seen.accounts.is_empty() || found.1 != NOT_ADMITTED);
            nobody.or_else(|| accounts::over_tls(&seen.accounts))
        };
        let name = match mode {
            Mode::VerifyIdentity => target.server_name().ok(),
            _ => None,
        };
        let warnings = match mode {
            Mode::VerifyCa | Mode::VerifyIdentity => warnings(seen, question, name.as_ref()),
            _ => Vec::new(),
        };
        let found = match mode {
            Mode::Disabled => by_account(engine, without_tls(target, seen), seen, |all| {
                accounts::without_tls(engine, all, question.exception)
            })
            .or_else(|| other_ports::judge(seen.other_ports.as_ref())),
            Mode::Required => over_tls(required(engine, seen, question)),
            Mode::VerifyCa => over_tls(verified(engine, seen, question, None)),
            Mode::VerifyIdentity => over_tls(verified(engine, seen, question, name.as_ref())),
            Mode::MinTls => floor::judge(seen),
            Mode::MutualTls => {
                by_account(engine, mutual(engine, seen), seen, accounts::with_certificate)
            }
        };
        match found {
            None => Verdict {
                mode: *mode,
                verdict: Answer::Pass,
                reason: None,
                message: None,
                remedy: None,
                warnings,
            },
            Some(Found(verdict, reason, message)) => {
                let remedy = remedy::of(&Remedy { reason, target, mode: *mode, message: &message });
                let message = Some(message);
                Verdict { mode: *mode, verdict, reason: Some(reason), message, remedy, warnings }
            }
        }
    };
    question.modes.iter().map(judge).collect()
}

/// What accounts were seen to do, where a server's rules go by account, or know nobody; what
/// nobody was seen to do comes before that elsewhere. A server without TLS needs no account to
/// be known.
fn by_account(
    engine: Engine,
    nobody: Option<Found>,
    seen: &Observation,
    judge: impl FnOnce(&[Account]) -> Option<Found>,
) -> Option<Found> {
    let is = |reason| nobody.as_ref().is_some_and(|found| found.1 == reason);
    if seen.accounts.is_empty() || is(Kind::NoTls.name()) {
        return nobody;
    }
    let decide = accounts::decide(engine) && (is("needs_login") || is("plain_accepted"));
    if decide || is(NOT_ADMITTED) {
        return judge(&seen.accounts);
    }
    nobody.or_else(|| judge(&seen.accounts))
}

/// Whether a client that insists on TLS gets in, whatever the certificate.
fn required(engine: Engine, seen: &Observation, question: &Question<'_>) -> Option<Found> {
    let found = secured(engine, &seen.secured, question.shows_certificate)?;
    // PostgreSQL's rules go by user and database, and the probe's user may have none at all.
    if found.1 == "tls_refused" && !matches!(seen.plain, Some(Ok(Reception::Taken))) {
        return Some(not_admitted(&found.2));
    }
    Some(found)
}

/// The probe's user is let in neither way.
const NOT_ADMITTED: &str = "not_admitted";

fn not_admitted(said: &str) -> Found {
    let message = format!("the server lets this user in neither way, so it tells nothing: {said}");
    Found(Answer::Unknown, NOT_ADMITTED, message)
}

fn secured(engine: Engine, secured: &Secured, shows_certificate: bool) -> Option<Found> {
    let no = |reason, message: String| Some(Found(Answer::Fail, reason, message));
    match &secured.outcome {
        Ok(Reception::Taken | Reception::NeedsLogin) => None,
        Ok(Reception::Refused(said)) => {
            no("tls_refused", format!("the server refuses clients with TLS: {said}"))
        }
        Ok(Reception::CertificateRequired(said)) => Some(not_taken(said, shows_certificate)),
        Err(failure) => {
            if secured.seen.asks_for_certificate
                && let Some(said) = about_the_client(failure, engine, shows_certificate)
            {
                return Some(not_taken(&said, shows_certificate));
            }
            let seen = &secured.seen;
            if failure.kind == Kind::TlsFailed && !seen.chain.is_empty() && !seen.holds_key {
                let what = "the server does not prove that it holds the key of its certificate";
                return no("key_not_proved", format!("{what}: {failure}"));
            }
            let answer = match failure.kind {
                Kind::NoTls
                | Kind::WeakProtocol
                | Kind::WeakCipher
                | Kind::TlsAlert(_)
                | Kind::TlsFailed
                | Kind::PlaintextInjected => Answer::Fail,
                _ => Answer::Unknown,
            };
            Some(Found(answer, failure.kind.name(), failure.message.clone()))
        }
    }
}

/// A client is not taken for its certificate, or for want of one.
fn not_taken(said: &str, shows_certificate: bool) -> Found {
    let (reason, what) = if shows_certificate {
        ("client_cert_rejected", "the server does not take the client's certificate")
    } else {
        ("client_cert_required", "the server wants a client certificate")
    };
    Found(Answer::Fail, reason, format!("{what}: {said}"))
}

/// What a server that asks for the client's certificate has to say about it, or the want of
/// one. Under TLS 1.3 it says so after the handshake, and its words get lost now and then when
/// it hangs up; but MySQL and MariaDB ask all clients, and hang up on none for having none.
fn about_the_client(failure: &Failure, engine: Engine, shows_certificate: bool) -> Option<String> {
    let demands = shows_certificate || !matches!(engine, Engine::Mysql | Engine::Mariadb);
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
        kind if kind.is_hang_up() && demands => {
            Some("it asked for one in the handshake, and hung up after it".to_owned())
        }
        _ => None,
    }
}

/// Whether a client gets in that looks at the certificate too. It does so before the server
/// has looked at it.
fn verified(
    engine: Engine,
    seen: &Observation,
    question: &Question<'_>,
    identity: Option<&ServerName<'static>>,
) -> Option<Found> {
    if seen.secured.seen.chain.is_empty() {
        return required(engine, seen, question);
    }
    match certificate(&seen.secured.seen.chain, question.anchors, question.at, identity) {
        Ok(()) => required(engine, seen, question),
        Err((reason, message)) => Some(Found(Answer::Fail, reason, message)),
    }
}

/// What there is to say of a chain that the official clients take.
fn warnings(
    seen: &Observation,
    question: &Question<'_>,
    identity: Option<&ServerName<'static>>,
) -> Vec<Fault> {
    let Question { anchors, at, .. } = *question;
    let mut chain = seen.secured.seen.chain.iter();
    let Some(leaf) = chain.next().and_then(readable) else { return Vec::new() };
    let others: Vec<Certificate> = chain.filter_map(readable).collect();
    let request = Request::new(&leaf, &others, anchors, at, Purpose::Server);
    let request = Request { identity, ..request };
    match chain::verify(&request) {
        Ok(verified) => [verified.warnings, chain::refusals(&request)].concat(),
        Err(_) => Vec::new(),
    }
}

/// Whether the chain that a server presented is that of a server, of one of these CAs, and
/// where there is an `identity`, for that name; or why not: reason and message.
pub(crate) fn certificate(
    chain: &[CertificateDer<'static>],
    anchors: &[Certificate],
    at: Timestamp,
    identity: Option<&ServerName<'static>>,
) -> Result<(), (&'static str, String)> {
    let none = || (Reason::Damaged.name(), "the server presented no certificate".to_owned());
    let (own, others) = chain.split_first().ok_or_else(none)?;
    let leaf = Certificate::from_der(own.to_vec()).map_err(|error| {
        (Reason::Damaged.name(), format!("the server's certificate cannot be read: {error}"))
    })?;
    let others: Vec<Certificate> = others.iter().filter_map(readable).collect();
    let mut request = Request::new(&leaf, &others, anchors, at, Purpose::Server);
    request.identity = identity;
    chain::verify(&request).map(drop).map_err(|fault| (fault.reason.name(), fault.message))
}

fn readable(der: &CertificateDer<'static>) -> Option<Certificate> {
    Certificate::from_der(der.to_vec()).ok()
}

/// Whether a client without TLS is refused. That it was counts only where one with TLS was
/// not: a server that lets nobody in proves nothing.
fn without_tls(target: &Target, seen: &Observation) -> Option<Found> {
    let unknown = |reason, message| Some(Found(Answer::Unknown, reason, message));
    let secured = &seen.secured;
    // Anyone can show a copy of a certificate.
    let speaks_tls = secured.seen.holds_key;
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
        return match secured(engine, &seen.secured, false) {
            Some(found) if found.1 == Kind::NoTls.name() => Some(found),
            Some(Found(_, reason, message)) => Some(Found(Answer::Unknown, reason, message)),
            None => Some(Found(Answer::Unknown, "not_tried", "nobody tried".to_owned())),
        };
    };
    let refused = |tried: &Secured, shows| match secured(engine, tried, shows) {
        Some(Found(_, "client_cert_required" | "client_cert_rejected", _)) => Ok(true),
        Some(found) => Err(Found(Answer::Unknown, found.1, found.2)),
        None => Ok(false),
    };
    match (refused(without, false), stranger.as_ref().map(|tried| refused(tried, true))) {
        (Err(found), _) | (Ok(true), Some(Err(found))) => Some(found),
        (Ok(true), Some(Ok(true))) => None,
        // Both demand it account by account (REQUIRE X509), and tell after the login.
        (Ok(false), _) if matches!(engine, Engine::Mysql | Engine::Mariadb) => {
            let message = format!("{engine} demands client certificates account by account");
            Some(Found(Answer::Unknown, "needs_login", message))
        }
        (Ok(false), _) => {
            let message = "the server takes clients without a certificate".to_owned();
            Some(Found(Answer::Fail, "client_cert_not_required", message))
        }
        (Ok(true), Some(Ok(false))) => {
            let message = "the server takes the certificate of a CA made for this test".to_owned();
            Some(Found(Answer::Fail, "client_cert_not_checked", message))
        }
        (Ok(true), None) => {
            Some(Found(Answer::Unknown, "not_tried", "no stranger tried".to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::tls::Seen;

    const WAYS: [Mode; 2] = [Mode::Required, Mode::Disabled];

    fn hung_up() -> Result<Reception, Failure> {
        Err(Failure::new(Kind::Reset, "gone"))
    }

    /// `answer reason` for REQUIRED and DISABLED.
    fn told(
        engine: Engine,
        shows_certificate: bool,
        outcome: Result<Reception, Failure>,
        plain: Option<Result<Reception, Failure>>,
    ) -> [String; 2] {
        let seen = Seen {
            chain: vec![vec![0].into()],
            holds_key: true,
            asks_for_certificate: true,
            ..Seen::default()
        };
        let secured = Secured { server: None, seen, outcome };
        let nothing = Observation::failed(None, Failure::new(Kind::Refused, ""));
        let seen = Observation { secured, plain, ..nothing };
        let at = Timestamp::UNIX_EPOCH;
        let question =
            Question { modes: &WAYS, anchors: &[], at, shows_certificate, exception: false };
        let verdicts = judge(&Target::new(engine, "db", None), &seen, &question);
        let told = |verdict: &Verdict| {
            format!("{} {}", verdict.verdict.name(), verdict.reason.unwrap_or_default())
        };
        [told(&verdicts[0]), told(&verdicts[1])].map(|text| text.trim().to_owned())
    }

    #[test]
    fn a_server_that_hangs_up_may_want_a_certificate() {
        let first = |engine, shows| told(engine, shows, hung_up(), None)[0].clone();
        assert_eq!(first(Engine::Redis, false), "fail client_cert_required");
        assert_eq!(first(Engine::Redis, true), "fail client_cert_rejected");
        assert_eq!(first(Engine::Mysql, false), "unknown reset");
        assert_eq!(first(Engine::Mysql, true), "fail client_cert_rejected");
    }

    #[test]
    fn a_client_without_tls_that_is_refused_proves_nothing_alone() {
        let refused = || Ok(Reception::Refused("no".to_owned()));
        let both = told(Engine::Postgresql, false, refused(), Some(refused()));
        assert_eq!(both, ["unknown not_admitted", "unknown not_admitted"]);
        let only_plain = told(Engine::Postgresql, false, refused(), Some(Ok(Reception::Taken)));
        assert_eq!(only_plain, ["fail tls_refused", "fail plain_accepted"]);
        let only_tls = told(Engine::Postgresql, false, Ok(Reception::Taken), Some(refused()));
        assert_eq!(only_tls, ["pass", "pass"]);
        let silent = Some(Err(Failure::new(Kind::Timeout, "silence")));
        let silent = told(Engine::Redis, false, Ok(Reception::Taken), silent);
        assert_eq!(silent, ["pass", "unknown timeout"]);
    }

    #[test]
    fn what_was_not_tried_is_no_pass() {
        let none = told(Engine::Mssql, false, Ok(Reception::Taken), None);
        assert_eq!(none[1], "unknown not_tried");
        let seen = Observation::failed(None, Failure::new(Kind::Refused, "nobody there"));
        let at = Timestamp::UNIX_EPOCH;
        let modes = [Mode::VerifyIdentity, Mode::Disabled, Mode::MutualTls];
        let question = Question {
            modes: &modes,
            anchors: &[],
            at,
            shows_certificate: false,
            exception: false,
        };
        let verdicts = judge(&Target::new(Engine::Mysql, "db", None), &seen, &question);
        assert!(verdicts.iter().all(|one| one.reason == Some("refused")), "{verdicts:?}");
        assert!(verdicts.iter().all(|one| one.verdict == Answer::Unknown), "{verdicts:?}");
    }
}
