//! Judges an observation, mode by mode. Pure.

use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, ServerName};
use serde::Serialize;

use crate::connection::failure::{Failure, FailureKind, alert_name};
use crate::connection::target::DatabaseTarget;
use crate::connection::wire::Reception;
use crate::engine::Engine;
use crate::engine::protocol::AdmissionRule;
use crate::error::Reason;
use crate::hint::Hint;
use crate::pki::certificate::Certificate;
use crate::pki::chain::{self, ChainFault, ChainRequest, Purpose};
use crate::probe::accounts;
use crate::probe::finding::{FindingDetail, ModeFinding};
use crate::probe::floor;
use crate::probe::loaded::{self, StoredCertificate};
use crate::probe::mode::{Answer, TlsMode};
use crate::probe::observation::{MutualTlsAttempts, Observation, TlsAttempt};
use crate::probe::plaintext;
use crate::probe::remedy::{self, Remedy};
use crate::probe::scope::Scope;

/// The verdict on one mode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The mode.
    pub mode: TlsMode,
    /// The answer.
    pub verdict: Answer,
    /// The users to whom the verdict applies, if the server has rules by user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// The reason of a verdict other than pass; stable, for scripts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The message for people, no full stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The remedies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<Hint>,
    /// Flaws of a chain that the official clients accept: standards that the chain violates, and
    /// libraries that refuse it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<ChainFault>,
}

impl Verdict {
    /// The word for its answer in text for people: see `TlsMode::word`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        self.mode.word(self.verdict)
    }
}

/// The modes to judge, and the facts to judge them by.
#[derive(Debug, Clone)]
pub struct VerdictRequest<'a> {
    /// The modes.
    pub modes: &'a [TlsMode],
    /// The CAs that clients trust.
    pub anchors: &'a [Certificate],
    /// The time of the verification.
    pub at: Timestamp,
    /// The user of the probe.
    pub user: &'a str,
    /// Whether the probe presented a client certificate.
    pub shows_certificate: bool,
    /// Whether accounts with `mysql_native_password` may log in without TLS.
    pub exception: bool,
    /// The certificate that is stored for the server, if the user named its file or node.
    pub stored: Option<&'a StoredCertificate>,
}

/// Judges the observation in each of the modes.
#[must_use]
pub fn judge(
    target: &DatabaseTarget,
    seen: &Observation,
    question: &VerdictRequest<'_>,
) -> Vec<Verdict> {
    let leaf = seen.secured.seen.chain.first().and_then(readable);
    let judge = |mode: &TlsMode| {
        let engine = target.engine;
        let over_tls = |nobody: Option<ModeFinding>| {
            let nobody = nobody
                .filter(|found| seen.accounts.is_empty() || found.reason != Reason::NotAdmitted);
            nobody.or_else(|| accounts::over_tls(&seen.accounts))
        };
        let name = match mode {
            TlsMode::VerifyIdentity => target.server_name().ok(),
            _ => None,
        };
        let warnings = match mode {
            TlsMode::VerifyCa | TlsMode::VerifyIdentity => warnings(seen, question, name.as_ref()),
            _ => Vec::new(),
        };
        let found = match mode {
            TlsMode::Plaintext => plaintext::judge(target, seen, question.exception),
            TlsMode::Required => over_tls(required(seen, question)),
            TlsMode::VerifyCa => over_tls(judge_certificate(seen, question, None)),
            TlsMode::VerifyIdentity => over_tls(judge_certificate(seen, question, name.as_ref())),
            TlsMode::MinTls => floor::judge(seen),
            TlsMode::MutualTls => mutual(engine, seen),
            TlsMode::Loaded => loaded(seen, question),
        };
        let scope = Scope::from_observation(target, seen, *mode, question.user);
        let verdict = |verdict, reason, message, hint: Option<Hint>| Verdict {
            mode: *mode,
            verdict,
            scope: scope.clone(),
            reason,
            message,
            hints: hint.into_iter().collect(),
            warnings: warnings.clone(),
        };
        match found {
            None => verdict(Answer::Pass, None, None, None),
            Some(ModeFinding { answer, reason, message, detail }) => {
                let hint = remedy::remedy_for(&Remedy {
                    reason: to_mend(seen, question, *mode, reason),
                    target,
                    mode: *mode,
                    modes: question.modes,
                    detail,
                    stored: question.stored.map(|stored| &stored.place),
                    server: seen.secured.server.as_deref(),
                    leaf: leaf.as_ref(),
                });
                verdict(answer, Some(reason), Some(message), hint)
            }
        }
    };
    question.modes.iter().map(judge).collect()
}

/// Judges whether the server serves the certificate that is stored for it.
fn loaded(seen: &Observation, question: &VerdictRequest<'_>) -> Option<ModeFinding> {
    loaded::judge(seen, question.stored, question.at, || required(seen, question))
}

/// Returns the reason for which to choose a remedy. If the server has not loaded the stored
/// certificate, the remedy is to load it, whatever is wrong with the served certificate.
fn to_mend(
    seen: &Observation,
    question: &VerdictRequest<'_>,
    mode: TlsMode,
    reason: Reason,
) -> Reason {
    let checks_certificate = matches!(mode, TlsMode::VerifyCa | TlsMode::VerifyIdentity);
    let is_of_connection = || required(seen, question).is_some_and(|found| found.reason == reason);
    match loaded(seen, question) {
        Some(found)
            if found.reason == Reason::NotLoaded && checks_certificate && !is_of_connection() =>
        {
            Reason::NotLoaded
        }
        _ => reason,
    }
}

/// Judges whether the server accepts clients that require TLS, with any server certificate.
fn required(seen: &Observation, question: &VerdictRequest<'_>) -> Option<ModeFinding> {
    let found = judge_tls(&seen.secured, question.shows_certificate)?;
    // PostgreSQL's rules depend on user and database. If the server refuses the probe's user with
    // and without TLS, that refusal says nothing about TLS.
    let plain = seen.plain.as_ref().map(|plain| &plain.outcome);
    if found.reason == Reason::TlsRefused && !matches!(plain, Some(Ok(Reception::Taken))) {
        return Some(ModeFinding::not_admitted(&found.message));
    }
    Some(found)
}

fn judge_tls(secured: &TlsAttempt, shows_certificate: bool) -> Option<ModeFinding> {
    let no = |reason, message: String| Some(ModeFinding::fail(reason, message));
    match &secured.outcome {
        Ok(Reception::Taken | Reception::NeedsLogin) => None,
        Ok(Reception::Refused(said)) => {
            no(Reason::TlsRefused, format!("the server refuses clients with TLS: {said}"))
        }
        Ok(Reception::CertificateRequired(said)) => Some(not_taken(said, shows_certificate)),
        Err(failure) => {
            if secured.seen.asks_for_certificate
                && let FailureKind::TlsAlert(alert) = failure.kind
                && failure.is_about_client_certificate()
            {
                let said = format!("TLS alert {}", alert_name(alert));
                return Some(not_taken(&said, shows_certificate));
            }
            if secured.seen.asks_for_certificate && failure.kind.is_hang_up() {
                let message = format!("the server asked for a client certificate, and: {failure}");
                let finding = ModeFinding::of_failure(failure).with_message(message);
                return Some(finding.with_detail(FindingDetail::CertificateRequested));
            }
            let seen = &secured.seen;
            if failure.kind == FailureKind::TlsFailed && !seen.chain.is_empty() && !seen.holds_key {
                let what = "the server does not prove that it holds the key of its certificate";
                return no(Reason::KeyNotProved, format!("{what}: {failure}"));
            }
            let answer = match failure.kind {
                FailureKind::NoTls
                | FailureKind::WeakProtocol
                | FailureKind::WeakCipher
                | FailureKind::TlsAlert(_)
                | FailureKind::TlsFailed
                | FailureKind::PlaintextInjected => Answer::Fail,
                _ => Answer::Unknown,
            };
            Some(ModeFinding::of_failure(failure).with_answer(answer))
        }
    }
}

/// The finding if the server refuses the client because of the client's certificate, or because it
/// has none.
fn not_taken(said: &str, shows_certificate: bool) -> ModeFinding {
    let (reason, what) = if shows_certificate {
        (Reason::ClientCertRejected, "the server does not take the client's certificate")
    } else {
        (Reason::ClientCertRequired, "the server wants a client certificate")
    };
    ModeFinding::fail(reason, format!("{what}: {said}"))
}

/// Judges whether the server accepts clients that also verify its certificate. A client verifies
/// the server before the server checks the client, so a fault of the chain comes first.
fn judge_certificate(
    seen: &Observation,
    question: &VerdictRequest<'_>,
    identity: Option<&ServerName<'static>>,
) -> Option<ModeFinding> {
    if seen.secured.seen.chain.is_empty() {
        return required(seen, question);
    }
    let chains = seen.over_tls().map(|secured| &secured.seen.chain);
    let refused = chains.filter(|chain| !chain.is_empty()).find_map(|chain| {
        chain::verify_presented(chain, question.anchors, question.at, identity).err()
    });
    match refused {
        None => required(seen, question),
        Some((reason, message)) => Some(ModeFinding::fail(reason, message)),
    }
}

/// Returns the warnings about a chain that the official clients accept.
fn warnings(
    seen: &Observation,
    question: &VerdictRequest<'_>,
    identity: Option<&ServerName<'static>>,
) -> Vec<ChainFault> {
    let VerdictRequest { anchors, at, .. } = *question;
    let mut chain = seen.secured.seen.chain.iter();
    let Some(leaf) = chain.next().and_then(readable) else { return Vec::new() };
    let others: Vec<Certificate> = chain.filter_map(readable).collect();
    let request = ChainRequest::new(&leaf, &others, anchors, at, Purpose::Server);
    let request = ChainRequest { identity, ..request };
    match chain::verify(&request) {
        Ok(verified) => [verified.warnings, chain::refusals(&request)].concat(),
        Err(_) => Vec::new(),
    }
}

fn readable(der: &CertificateDer<'static>) -> Option<Certificate> {
    Certificate::from_der(der.to_vec()).ok()
}

/// Judges whether the server demands a client certificate of every client, and verifies it.
/// Accounts count if their rules demand it; a TLS alert applies to every client.
fn mutual(engine: Engine, seen: &Observation) -> Option<ModeFinding> {
    let probe = mutual_of_probe(engine, seen);
    if seen.accounts.is_empty() {
        return probe;
    }
    let by_account = probe.as_ref().is_some_and(|found| {
        found.reason == Reason::NotAdmitted
            || (accounts::decide(engine) && found.reason == Reason::NeedsLogin)
    });
    let accounts = accounts::with_certificate(&seen.accounts);
    match (&probe, &accounts) {
        (Some(_), _) if by_account => accounts,
        (Some(_), _) => probe,
        (None, Some(found)) if found.answer == Answer::Fail => accounts,
        (None, _) if is_demand_of_tls(seen) => None,
        (None, _) => accounts,
    }
}

/// Whether TLS itself refused clients without a valid certificate, before the server knew the user.
fn is_demand_of_tls(seen: &Observation) -> bool {
    let by_alert = |secured: &TlsAttempt| {
        secured.outcome.as_ref().is_err_and(Failure::is_about_client_certificate)
    };
    seen.mutual.as_ref().is_some_and(|mutual| {
        by_alert(&mutual.without) && mutual.stranger.as_ref().is_some_and(by_alert)
    })
}

/// Judges by the probe's own clients whether the server demands and verifies a client certificate.
fn mutual_of_probe(engine: Engine, seen: &Observation) -> Option<ModeFinding> {
    let Some(MutualTlsAttempts { without, stranger }) = &seen.mutual else {
        return match judge_tls(&seen.secured, false) {
            Some(found) if found.reason == Reason::NoTls => Some(found),
            Some(found) => Some(found.with_answer(Answer::Unknown)),
            None => Some(ModeFinding::unknown(Reason::NotTried, "nobody tried".to_owned())),
        };
    };
    let refused = |tried: &TlsAttempt, shows| match judge_tls(tried, shows) {
        Some(ModeFinding {
            reason: Reason::ClientCertRequired | Reason::ClientCertRejected,
            ..
        }) => Ok(true),
        Some(found) => Err(found.with_answer(Answer::Unknown)),
        None => Ok(false),
    };
    match (refused(without, false), stranger.as_ref().map(|tried| refused(tried, true))) {
        (Err(found), _) | (Ok(true), Some(Err(found))) => Some(found),
        (Ok(true), Some(Ok(true))) => None,
        // MySQL and MariaDB demand a certificate by account (REQUIRE X509), and refuse after the
        // login.
        (Ok(false), _) if engine.facts().protocol.admission == AdmissionRule::Account => {
            let message = format!("{engine} demands client certificates account by account");
            Some(ModeFinding::unknown(Reason::NeedsLogin, message))
        }
        (Ok(false), _) => {
            let message = "the server takes clients without a certificate".to_owned();
            Some(ModeFinding::fail(Reason::ClientCertNotRequired, message))
        }
        (Ok(true), Some(Ok(false))) => {
            let message = "the server takes the certificate of a CA made for this test".to_owned();
            Some(ModeFinding::fail(Reason::ClientCertNotChecked, message))
        }
        (Ok(true), None) => {
            Some(ModeFinding::unknown(Reason::NotTried, "no stranger tried".to_owned()))
        }
    }
}

#[cfg(test)]
mod remedy_tests;
#[cfg(test)]
mod tests;
