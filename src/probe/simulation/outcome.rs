//! The outcome of a client at an observed server, in one of its configurations.

use serde::Serialize;

use crate::connection::failure::FailureKind;
use crate::connection::target::DatabaseTarget;
use crate::connection::wire::Reception;
use crate::driver::behavior::{
    ClientConfiguration, ClientTrust, Library, NameCheck, Rejection, TlsPolicy, YesNoUnknown,
};
use crate::driver::selection::DriverVersion;
use crate::driver::template::Evidence;
use crate::error::Reason;
use crate::pki::chain::ChainReason;
use crate::probe::mode::{Answer, TlsMode};
use crate::probe::observation::Observation;
use crate::probe::verdict::{VerdictRequest, judge};

/// The outcome of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientOutcome {
    /// It goes on to its login over TLS.
    Tls,
    /// It goes on to its login without TLS.
    Plain,
    /// The client ends the connection.
    Refuses,
    /// The server refuses the client.
    Refused,
    /// The observation does not show it.
    Unknown,
}

/// The outcome of one client in one configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClientReport {
    /// The client, as on the command line.
    pub client: &'static str,
    /// Its versions; all if missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub versions: Option<String>,
    /// Its options about TLS, in its own syntax; empty for the default.
    pub options: &'static str,
    /// The outcome.
    pub outcome: ClientOutcome,
    /// The reason of a refusal, or of an unknown outcome; stable, for scripts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The message for people, no full stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// A condition of the outcome that cannot be observed from outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provided: Option<&'static str>,
    /// Part of the client's own error message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub says: Option<&'static str>,
    /// The checks of the certificate that the client makes.
    pub checks: Vec<&'static str>,
    /// The checks that it does not make.
    pub unchecked: Vec<&'static str>,
    /// `run` by the tests against real servers, or against a `peer` built from the specification,
    /// or `documentation`.
    pub proof: &'static str,
    /// The documentation or the tested versions.
    pub source: &'static str,
}

/// The outcome of one step.
pub(super) enum ClientStep {
    Tls(Option<&'static str>),
    Plain(Option<&'static str>),
    Refuses(Reason, String, Option<Rejection>),
    Refused(Reason, String, Option<Rejection>),
    Unknown(Reason, String),
}

const MACHINE: &str = "the CAs of its machine, which it trusts too, do not know it either";
/// Simulates `client` in the configuration `way`.
#[must_use]
pub fn tell(
    client: DriverVersion,
    way: &'static ClientConfiguration,
    target: &DatabaseTarget,
    seen: &Observation,
    question: &VerdictRequest<'_>,
) -> ClientReport {
    let DriverVersion { driver, behavior } = client;
    let visit = ClientCheck { library: behavior.library, way, target, seen, question };
    let (outcome, reason, message, provided, trouble) = match visit.come() {
        ClientStep::Tls(provided) => (ClientOutcome::Tls, None, None, provided, None),
        ClientStep::Plain(provided) => (ClientOutcome::Plain, None, None, provided, None),
        ClientStep::Refuses(reason, message, trouble) => {
            // a fault found with the CAs of its machine may be reported first
            let untrusted = [ChainReason::Untrusted, ChainReason::IntermediateMissing];
            let untrusted = untrusted.iter().any(|one| one.reason() == reason);
            let more = matches!(way.trust, ClientTrust::FileAndMachine | ClientTrust::Password);
            let provided = (untrusted && more).then_some(MACHINE);
            (ClientOutcome::Refuses, Some(reason), Some(message), provided, trouble)
        }
        ClientStep::Refused(reason, message, trouble) => {
            (ClientOutcome::Refused, Some(reason), Some(message), None, trouble)
        }
        ClientStep::Unknown(reason, message) => {
            (ClientOutcome::Unknown, Some(reason), Some(message), None, None)
        }
    };
    let (checks, unchecked) = visit.checks();
    ClientReport {
        client: driver.name,
        versions: behavior.versions(),
        options: way.options,
        outcome,
        reason,
        message,
        provided,
        says: trouble.and_then(|trouble| behavior.error_message(trouble)),
        checks,
        unchecked,
        proof: match behavior.proof {
            Evidence::Run => "run",
            Evidence::Peer => "peer",
            Evidence::Documentation => "documentation",
        },
        source: behavior.source,
    }
}

/// The simulation of one connection.
pub(super) struct ClientCheck<'a> {
    pub(super) library: &'static Library,
    pub(super) way: &'static ClientConfiguration,
    pub(super) target: &'a DatabaseTarget,
    seen: &'a Observation,
    pub(super) question: &'a VerdictRequest<'a>,
}

impl ClientCheck<'_> {
    fn come(&self) -> ClientStep {
        let no_tls = matches!(&self.seen.secured.outcome, Err(failure) if failure.kind == FailureKind::NoTls);
        let secured = || if no_tls { self.no_tls() } else { self.over_tls() };
        match self.way.tls {
            TlsPolicy::Never => self.plain(no_tls),
            TlsPolicy::Required => secured(),
            TlsPolicy::IfOffered if no_tls => self.plain(true),
            TlsPolicy::IfOffered => secured(),
            TlsPolicy::Preferred if no_tls => self.plain(true),
            TlsPolicy::Preferred => match secured() {
                failed @ (ClientStep::Refuses(..) | ClientStep::Refused(..)) => {
                    match self.plain(no_tls) {
                        ClientStep::Refused(..) => failed,
                        other => other,
                    }
                }
                other => other,
            },
            TlsPolicy::PlainFirst => match self.plain(no_tls) {
                ClientStep::Refused(..) if !no_tls => secured(),
                other => other,
            },
        }
    }

    fn no_tls(&self) -> ClientStep {
        let waits = self.target.engine.facts().protocol.plaintext_port_ignores_tls;
        let message = match waits {
            true => "the port is one without TLS, where a client with TLS waits in vain",
            false => "the server offers no TLS",
        };
        ClientStep::Refuses(Reason::NoTls, message.to_owned(), Some(Rejection::NoTls))
    }

    /// Connects without TLS.
    fn plain(&self, no_tls: bool) -> ClientStep {
        let provided = self.target.engine.facts().protocol.plaintext_condition;
        let refused = |said: String| {
            let trouble = Some(Rejection::PlainRefused);
            ClientStep::Refused(
                Reason::PlainRefused,
                format!("the server refuses it: {said}"),
                trouble,
            )
        };
        // a server that refuses this user both ways shows nothing about other users
        let neither = matches!(&self.seen.secured.outcome, Ok(Reception::Refused(_)));
        match self.seen.plain.as_ref().map(|plain| &plain.outcome) {
            Some(_) if !no_tls && !self.seen.accounts.is_empty() => self.by_login(),
            Some(Ok(Reception::Refused(_))) if neither => self.by_login(),
            Some(Ok(Reception::Taken)) => ClientStep::Plain(provided),
            Some(Ok(Reception::Refused(said))) => refused(said.clone()),
            // The server has no TLS: every login is one without.
            Some(Ok(Reception::NeedsLogin)) if no_tls => ClientStep::Plain(provided),
            Some(Ok(Reception::NeedsLogin)) => self.by_login(),
            Some(Err(failure)) if failure.kind.is_hang_up() => match self.by_login() {
                ClientStep::Refused(..) => refused(failure.message.clone()),
                other => other,
            },
            Some(Err(failure)) => {
                ClientStep::Unknown(failure.kind.reason(), failure.message.clone())
            }
            _ => match &self.seen.secured.outcome {
                Err(failure) => ClientStep::Unknown(failure.kind.reason(), failure.message.clone()),
                Ok(_) => {
                    ClientStep::Unknown(Reason::NotTried, "nobody came without TLS".to_owned())
                }
            },
        }
    }

    /// Connects without TLS to a server where only logins of accounts show the outcome.
    fn by_login(&self) -> ClientStep {
        let modes = &[TlsMode::Plaintext];
        let question = VerdictRequest { modes, exception: false, ..self.question.clone() };
        let Some(verdict) = judge(self.target, self.seen, &question).pop() else {
            return ClientStep::Unknown(Reason::NotTried, "nobody came without TLS".to_owned());
        };
        let message = verdict.message.unwrap_or_default();
        match (verdict.verdict, verdict.reason.unwrap_or(Reason::NotTried)) {
            // This client does not dial the other port.
            (Answer::Pass, _) | (_, Reason::PlainPortOpen | Reason::GaleraPlaintext) => {
                let message = "the server refuses the accounts that log in over TLS".to_owned();
                ClientStep::Refused(Reason::PlainRefused, message, Some(Rejection::PlainRefused))
            }
            (Answer::Fail, Reason::PlainAccepted) => ClientStep::Plain(None),
            (_, reason) => ClientStep::Unknown(reason, message),
        }
    }

    /// Connects over TLS. The client checks the server's certificate before the server checks the
    /// client.
    fn over_tls(&self) -> ClientStep {
        let provided = match self.seen.secured.seen.chain.split_first() {
            None => None,
            Some((own, others)) => match self.certificate(own, others) {
                Ok(provided) => provided,
                Err(step) => return step,
            },
        };
        if let Ok(Reception::Taken | Reception::NeedsLogin) = self.seen.secured.outcome {
            return ClientStep::Tls(provided);
        }
        let question = VerdictRequest { modes: &[TlsMode::Required], ..self.question.clone() };
        let verdict = judge(self.target, self.seen, &question).pop();
        let Some(verdict) = verdict else { return ClientStep::Tls(provided) };
        let (reason, message) =
            (verdict.reason.unwrap_or(Reason::NotTried), verdict.message.unwrap_or_default());
        match (verdict.verdict, reason) {
            (Answer::Pass, _) => ClientStep::Tls(provided),
            (Answer::Fail, Reason::WeakProtocol) => ClientStep::Refuses(reason, message, None),
            (
                Answer::Fail,
                Reason::ClientCertRequired | Reason::ClientCertRejected | Reason::TlsRefused,
            ) => ClientStep::Refused(reason, message, None),
            // another TLS library may succeed
            _ => ClientStep::Unknown(reason, message),
        }
    }

    /// Returns the checks that the client makes, and those that it does not.
    fn checks(&self) -> (Vec<&'static str>, Vec<&'static str>) {
        let ClientConfiguration { trust, name, tls, .. } = self.way;
        let by_ca =
            matches!(trust, ClientTrust::File | ClientTrust::FileAndMachine | ClientTrust::Machine);
        let named = match name {
            NameCheck::Unchecked => false,
            NameCheck::Checked { not_on_loopback, .. } => {
                !(*not_on_loopback && self.target.name() == "127.0.0.1")
            }
        };
        let purpose = if by_ca { self.library.purpose } else { YesNoUnknown::No };
        let yes = |is: bool| if is { YesNoUnknown::Yes } else { YesNoUnknown::No };
        let all = [
            ("trust", yes(by_ca)),
            ("dates", yes(*trust != ClientTrust::NoVerification)),
            ("purpose", purpose),
            ("name", yes(named)),
        ];
        let those = |wanted: YesNoUnknown| {
            let is = |known: YesNoUnknown| {
                if *tls == TlsPolicy::Never { YesNoUnknown::No } else { known }
            };
            all.iter().filter(|(_, known)| is(*known) == wanted).map(|(what, _)| *what).collect()
        };
        (those(YesNoUnknown::Yes), those(YesNoUnknown::No))
    }
}

#[cfg(test)]
mod tests;
