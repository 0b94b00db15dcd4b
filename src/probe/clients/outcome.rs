//! What becomes of a client that comes to a server, told in one of its ways.

use serde::Serialize;

use super::{Client, Known, Library, Name, Tls, Trouble, Trust, Way};
use crate::engine::Engine;
use crate::pki::chain::Reason;
use crate::probe::failure::Kind;
use crate::probe::observe::Observation;
use crate::probe::target::Target;
use crate::probe::verdict::{Answer, Mode, Question, judge};
use crate::probe::wire::Reception;
use crate::snippet::clients::Proof;

/// What becomes of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It goes on to its login over TLS.
    Tls,
    /// It goes on to its login without TLS.
    Plain,
    /// It breaks off.
    Refuses,
    /// The server turns it away.
    Refused,
    /// It cannot be told.
    Unknown,
}

/// What becomes of one client, told in one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// The client, as on the command line.
    pub client: &'static str,
    /// Which versions of it; all where missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub versions: Option<String>,
    /// What it is told, in its own words; empty where nothing.
    pub options: &'static str,
    /// What becomes of it.
    pub outcome: Outcome,
    /// Why it does not get in, or why that cannot be told; stable, for scripts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// The same for people, no full stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What has to be so as well, and cannot be seen from outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provided: Option<&'static str>,
    /// What it says then: a part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub says: Option<&'static str>,
    /// What it checks of a certificate.
    pub checks: Vec<&'static str>,
    /// What it does not check.
    pub unchecked: Vec<&'static str>,
    /// `run` by the tests against real servers, or `documentation`.
    pub proof: &'static str,
    /// Where that is said or was seen.
    pub source: &'static str,
}

/// What comes of one step.
pub(super) enum Step {
    Tls(Option<&'static str>),
    Plain(Option<&'static str>),
    Refuses(&'static str, String, Option<Trouble>),
    Refused(&'static str, String, Option<Trouble>),
    Unknown(&'static str, String),
}

const MACHINE: &str = "the CAs of its machine, which it trusts too, do not know it either";
const MYSQL_PLAIN: &str = "its account demands no TLS, and its plugin does without: one of \
                           caching_sha2_password gets error 2061 until a login over TLS has filled \
                           the server's cache";
const MARIADB_PLAIN: &str = "its account demands no TLS";

/// What becomes of `client`, told in this `way`.
#[must_use]
pub fn tell(
    client: &'static Client,
    way: &'static Way,
    target: &Target,
    seen: &Observation,
    question: &Question<'_>,
) -> Told {
    let visit = Visit { library: client.library, way, target, seen, question };
    let (outcome, reason, message, provided, trouble) = match visit.come() {
        Step::Tls(provided) => (Outcome::Tls, None, None, provided, None),
        Step::Plain(provided) => (Outcome::Plain, None, None, provided, None),
        Step::Refuses(reason, message, trouble) => {
            // what its machine's own CAs have to say to it, it may say first
            let untrusted = [Reason::Untrusted, Reason::IntermediateMissing];
            let untrusted = untrusted.iter().any(|one| one.name() == reason);
            let more = matches!(way.trust, Trust::FileAndMachine | Trust::Password);
            let provided = (untrusted && more).then_some(MACHINE);
            (Outcome::Refuses, Some(reason), Some(message), provided, trouble)
        }
        Step::Refused(reason, message, trouble) => {
            (Outcome::Refused, Some(reason), Some(message), None, trouble)
        }
        Step::Unknown(reason, message) => {
            (Outcome::Unknown, Some(reason), Some(message), None, None)
        }
    };
    let (checks, unchecked) = visit.checks();
    Told {
        client: client.name,
        versions: client.versions(),
        options: way.options,
        outcome,
        reason,
        message,
        provided,
        says: trouble.and_then(|trouble| client.text(trouble)),
        checks,
        unchecked,
        proof: match client.proof {
            Proof::Run => "run",
            Proof::Documentation => "documentation",
        },
        source: client.source,
    }
}

/// A client that comes.
pub(super) struct Visit<'a> {
    pub(super) library: &'static Library,
    pub(super) way: &'static Way,
    pub(super) target: &'a Target,
    seen: &'a Observation,
    pub(super) question: &'a Question<'a>,
}

impl Visit<'_> {
    fn come(&self) -> Step {
        let no_tls =
            matches!(&self.seen.secured.outcome, Err(failure) if failure.kind == Kind::NoTls);
        let secured = || if no_tls { self.no_tls() } else { self.over_tls() };
        match self.way.tls {
            Tls::Never => self.plain(no_tls),
            Tls::Required => secured(),
            Tls::IfOffered if no_tls => self.plain(true),
            Tls::IfOffered => secured(),
            Tls::Preferred if no_tls => self.plain(true),
            Tls::Preferred => match secured() {
                failed @ (Step::Refuses(..) | Step::Refused(..)) => match self.plain(no_tls) {
                    Step::Refused(..) => failed,
                    other => other,
                },
                other => other,
            },
            Tls::PlainFirst => match self.plain(no_tls) {
                Step::Refused(..) if !no_tls => secured(),
                other => other,
            },
        }
    }

    fn no_tls(&self) -> Step {
        let waits = self.target.engine.has_tls_port();
        let message = match waits {
            true => "the port is one without TLS, where a client with TLS waits in vain",
            false => "the server offers no TLS",
        };
        Step::Refuses(Kind::NoTls.name(), message.to_owned(), Some(Trouble::NoTls))
    }

    /// Comes without TLS.
    fn plain(&self, no_tls: bool) -> Step {
        let provided = match self.target.engine {
            Engine::Mysql => Some(MYSQL_PLAIN),
            Engine::Mariadb => Some(MARIADB_PLAIN),
            _ => None,
        };
        let refused = |said: String| {
            let trouble = Some(Trouble::PlainRefused);
            Step::Refused("plain_refused", format!("the server refuses it: {said}"), trouble)
        };
        // a server that lets this user in neither way tells nothing of others
        let neither = matches!(&self.seen.secured.outcome, Ok(Reception::Refused(_)));
        match self.seen.plain.as_ref().map(|plain| &plain.outcome) {
            Some(_) if !no_tls && !self.seen.accounts.is_empty() => self.by_login(),
            Some(Ok(Reception::Refused(_))) if neither => self.by_login(),
            Some(Ok(Reception::Taken)) => Step::Plain(provided),
            Some(Ok(Reception::Refused(said))) => refused(said.clone()),
            // Without TLS, whoever gets in gets in without.
            Some(Ok(Reception::NeedsLogin)) if no_tls => Step::Plain(provided),
            Some(Ok(Reception::NeedsLogin)) => self.by_login(),
            Some(Err(failure)) if failure.kind.is_hang_up() => match self.by_login() {
                Step::Refused(..) => refused(failure.message.clone()),
                other => other,
            },
            Some(Err(failure)) => Step::Unknown(failure.kind.name(), failure.message.clone()),
            _ => match &self.seen.secured.outcome {
                Err(failure) => Step::Unknown(failure.kind.name(), failure.message.clone()),
                Ok(_) => Step::Unknown("not_tried", "nobody came without TLS".to_owned()),
            },
        }
    }

    /// Comes without TLS, where that is told by accounts that log in, if by anything.
    fn by_login(&self) -> Step {
        let modes = &[Mode::Disabled];
        let question = Question { modes, exception: false, ..self.question.clone() };
        let Some(verdict) = judge(self.target, self.seen, &question).pop() else {
            return Step::Unknown("not_tried", "nobody came without TLS".to_owned());
        };
        let message = verdict.message.unwrap_or_default();
        match (verdict.verdict, verdict.reason.unwrap_or_default()) {
            // Another port is none that this client dials.
            (Answer::Pass, _) | (_, "plain_port_open" | "galera_plaintext") => {
                let message = "the server refuses the accounts that log in over TLS".to_owned();
                Step::Refused("plain_refused", message, Some(Trouble::PlainRefused))
            }
            (Answer::Fail, "plain_accepted") => Step::Plain(None),
            (_, reason) => Step::Unknown(reason, message),
        }
    }

    /// Comes over TLS. It looks at the certificate before the server looks at it.
    fn over_tls(&self) -> Step {
        let provided = match self.seen.secured.seen.chain.split_first() {
            None => None,
            Some((own, others)) => match self.certificate(own, others) {
                Ok(provided) => provided,
                Err(step) => return step,
            },
        };
        if let Ok(Reception::Taken | Reception::NeedsLogin) = self.seen.secured.outcome {
            return Step::Tls(provided);
        }
        let question = Question { modes: &[Mode::Required], ..self.question.clone() };
        let verdict = judge(self.target, self.seen, &question).pop();
        let Some(verdict) = verdict else { return Step::Tls(provided) };
        let (reason, message) =
            (verdict.reason.unwrap_or_default(), verdict.message.unwrap_or_default());
        match (verdict.verdict, reason) {
            (Answer::Pass, _) => Step::Tls(provided),
            (Answer::Fail, "weak_protocol") => Step::Refuses(reason, message, None),
            (Answer::Fail, "client_cert_required" | "client_cert_rejected" | "tls_refused") => {
                Step::Refused(reason, message, None)
            }
            // another library of TLS may fare better
            _ => Step::Unknown(reason, message),
        }
    }

    /// What the client looks at, and what not.
    fn checks(&self) -> (Vec<&'static str>, Vec<&'static str>) {
        let Way { trust, name, tls, .. } = self.way;
        let by_ca = matches!(trust, Trust::File | Trust::FileAndMachine | Trust::Machine);
        let named = match name {
            Name::Unchecked => false,
            Name::Checked { not_on_loopback, .. } => {
                !(*not_on_loopback && self.target.name() == "127.0.0.1")
            }
        };
        let purpose = if by_ca { self.library.purpose } else { Known::No };
        let yes = |is: bool| if is { Known::Yes } else { Known::No };
        let all = [
            ("trust", yes(by_ca)),
            ("dates", yes(*trust != Trust::Anybody)),
            ("purpose", purpose),
            ("name", yes(named)),
        ];
        let those = |wanted: Known| {
            let is = |known: Known| if *tls == Tls::Never { Known::No } else { known };
            all.iter().filter(|(_, known)| is(*known) == wanted).map(|(what, _)| *what).collect()
        };
        (those(Known::Yes), those(Known::No))
    }
}

#[cfg(test)]
mod tests;
