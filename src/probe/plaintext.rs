//! Judges whether a server refuses clients without TLS (mode `PLAINTEXT`). Pure.
//!
//! [`rules`] lists the conditions of a pass for each engine. One client that gets in without TLS
//! makes a fail, however many others were refused. Everything else is unknown. If the engine has an
//! error message for the refusal, a closed connection does not count as one: a proxy may have
//! closed it, and may admit the next client.

pub(crate) mod rules;

use crate::connection::failure::{Failure, FailureKind};
use crate::connection::target::DatabaseTarget;
use crate::connection::wire::Reception;
use crate::engine::Engine;
use crate::engine::protocol::PlaintextRefusal;
use crate::error::Reason;
use crate::probe::accounts;
use crate::probe::finding::ModeFinding;
use crate::probe::mysql_ports;
use crate::probe::observation::{ControlAttempts, Observation, PlaintextAttempt, TlsAttempt};
use crate::probe::other_ports;

/// Returns the reason why the server does not pass, or `None` if it refuses clients without TLS.
/// With `exception`, accounts with `mysql_native_password` may log in without TLS.
pub(crate) fn judge(
    target: &DatabaseTarget,
    seen: &Observation,
    exception: bool,
) -> Option<ModeFinding> {
    let engine = target.engine;
    if is_no_tls(&seen.secured) && !is_taken(seen.plain.as_ref()) {
        let message = "the server offers no TLS: whoever gets in, gets in without".to_owned();
        return Some(ModeFinding::fail(Reason::NoTls, message));
    }
    let mut probe = of_probe(target, seen);
    let accounts = accounts::without_tls(engine, &seen.accounts, exception);
    let is = |reason| probe.as_ref().is_some_and(|found| found.reason == reason);
    // If the engine decides by account, or no rule matches the probe's user, the accounts' logins
    // replace the probe's finding. A plaintext client that reaches a login is a fail, unless
    // `exception` allows some accounts to do that.
    let by_account = accounts::decide(engine)
        && (is(Reason::NeedsLogin) || exception && is(Reason::PlainAccepted));
    if !seen.accounts.is_empty()
        && !is_no_tls(&seen.secured)
        && (by_account || is(Reason::NotAdmitted))
    {
        probe = None;
    }
    let galera = mysql_ports::judge(seen.mysql_ports.as_ref());
    let ports = other_ports::judge(seen.other_ports.as_ref());
    let all = [probe, accounts, replication(seen), several_servers(seen), ports, galera];
    accounts::worst(all.into_iter().flatten())
}

fn is_no_tls(secured: &TlsAttempt) -> bool {
    matches!(&secured.outcome, Err(failure) if failure.kind == FailureKind::NoTls)
}

fn is_taken(plain: Option<&PlaintextAttempt>) -> bool {
    plain.is_some_and(|plain| plain.outcome == Ok(Reception::Taken))
}

fn unknown(reason: Reason, message: impl Into<String>) -> Option<ModeFinding> {
    Some(ModeFinding::unknown(reason, message.into()))
}

/// The finding for a failed connection: unknown, for this reason.
fn failed(failure: &Failure) -> Option<ModeFinding> {
    Some(ModeFinding::of_failure(failure))
}

/// Judges by the plaintext clients of the probe's user only.
fn of_probe(target: &DatabaseTarget, seen: &Observation) -> Option<ModeFinding> {
    if seen.without_tls().any(|plain| is_taken(Some(plain))) {
        let message = "the server goes on to the login of a client that comes without TLS";
        return Some(ModeFinding::fail(Reason::PlainAccepted, message.to_owned()));
    }
    let secured = &seen.secured;
    let Some(plain) = &seen.plain else {
        return match &secured.outcome {
            Err(failure) => failed(failure),
            Ok(_) => unknown(Reason::NotTried, "nobody came without TLS"),
        };
    };
    let engine = target.engine;
    match &plain.outcome {
        Ok(Reception::NeedsLogin | Reception::CertificateRequired(_) | Reception::Taken) => {
            let message =
                format!("{engine} says whether it insists on TLS only after a good login");
            unknown(Reason::NeedsLogin, message)
        }
        Err(failure) if !plain.is_refused() => failed(failure),
        Ok(Reception::Refused(said)) if matches!(&secured.outcome, Ok(Reception::Refused(_))) => {
            Some(ModeFinding::not_admitted(said))
        }
        outcome => match (&seen.control, outcome) {
            _ if !secured.proves_tls() => without_control(secured, outcome),
            // The engine refuses by an error message, and this connection was closed without one.
            (None, Err(failure)) => failed(failure),
            (None, Ok(_)) => unknown(Reason::NotTried, "clients were not tried twice"),
            (Some(control), _) => {
                of_control(control, &seen.early).or_else(|| not_by_the_server(engine, seen))
            }
        },
    }
}

/// Judges whether the control clients were refused too; the finding if not.
fn of_control(control: &ControlAttempts, early: &[PlaintextAttempt]) -> Option<ModeFinding> {
    let mut plain = early.iter().chain(&control.plain);
    match plain.find(|plain| !plain.is_refused()).map(|plain| &plain.outcome) {
        Some(Err(failure)) => failed(failure),
        Some(Ok(_)) => {
            unknown(Reason::SeveralServers, "only one of two clients without TLS is refused")
        }
        None if control.plain.is_empty() => {
            unknown(Reason::NotTried, "clients were not tried twice")
        }
        None if control.secured.proves_tls() => None,
        None => without_control(&control.secured, &control.plain[0].outcome),
    }
}

/// Judges whether the server itself closed the plaintext connections. A proxy does the same if the
/// plaintext server behind it is busy, or down for a while.
fn not_by_the_server(engine: Engine, seen: &Observation) -> Option<ModeFinding> {
    // A hang-up by such a server cannot be distinguished from a proxy's; see [`caveat`].
    if engine.facts().protocol.refusal == PlaintextRefusal::ErrorUnlessDirect {
        return None;
    }
    let hang_up = seen.without_tls().find_map(|plain| plain.outcome.as_ref().err())?;
    let answer = seen.odd.iter().find(|odd| !matches!(odd.outcome, Ok(Reception::Refused(_))));
    match (seen.odd.as_slice(), answer.map(|odd| &odd.outcome)) {
        ([], _) => failed(hang_up),
        (_, None) => None,
        (_, Some(answer)) => {
            let reason = answer.as_ref().err().unwrap_or(hang_up).kind.reason();
            let message = format!(
                "clients without TLS were hung up on, and a TLS server would have answered one of \
                 them with an alert: a proxy may have hung up, and let the next one in: {hang_up}"
            );
            unknown(reason, message)
        }
    }
}

/// Returns the caveat of a pass if the server refused by a hang-up, which cannot be distinguished
/// from a proxy's.
pub(crate) fn caveat(engine: Engine, seen: &Observation) -> Option<String> {
    let hung_up = |plain: &PlaintextAttempt| {
        plain.outcome.as_ref().is_err_and(|failure| failure.kind.is_hang_up())
    };
    let refusal = engine.facts().protocol.refusal;
    let is_by_hang_up =
        refusal == PlaintextRefusal::ErrorUnlessDirect && seen.without_tls().any(hung_up);
    is_by_hang_up.then(|| {
        "clients without TLS were hung up on, which a proxy may have done: dial the server itself"
            .to_owned()
    })
}

/// The finding if the server refused a client without TLS and did not accept one with TLS: it may
/// refuse everybody, for another reason than TLS.
fn without_control(
    secured: &TlsAttempt,
    plain: &Result<Reception, Failure>,
) -> Option<ModeFinding> {
    match (plain, &secured.outcome) {
        (Err(failure), _) => failed(failure),
        (Ok(_), Err(failure)) => {
            let message = format!(
                "a client without TLS was refused, and one with TLS did not get through: {failure}"
            );
            Some(ModeFinding::of_failure(failure).with_message(message))
        }
        (Ok(_), Ok(_)) => unknown(Reason::NotTried, "clients were not tried twice"),
    }
}

/// Judges whether PostgreSQL refuses replication without TLS to the probe's user.
fn replication(seen: &Observation) -> Option<ModeFinding> {
    if seen.replication.iter().any(|plain| is_taken(Some(plain))) {
        let message = "the server goes on to the login of a client that asks for replication of \
                       the whole cluster without TLS";
        return Some(ModeFinding::fail(Reason::ReplicationAccepted, message.to_owned()));
    }
    seen.replication.iter().find_map(|plain| plain.outcome.as_ref().err()).and_then(failed)
}

fn several_servers(seen: &Observation) -> Option<ModeFinding> {
    let difference = seen.difference_of_servers()?;
    let message = format!(
        "connections met servers with different {difference}, so that what one of them refuses, \
         another may accept"
    );
    unknown(Reason::SeveralServers, message)
}
