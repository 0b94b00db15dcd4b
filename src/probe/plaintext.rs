//! Whether a server refuses clients without TLS (mode `PLAINTEXT`). Pure.
//!
//! What makes a pass stands in [`rules`], for each engine. Whoever gets in without TLS makes a
//! fail, however many were refused. Everything else is unknown. A hang-up refuses nobody where
//! the engine has words for it: it may be a proxy's, and the next client gets in.

pub(crate) mod rules;

use crate::connection::failure::{Failure, FailureKind};
use crate::connection::target::DatabaseTarget;
use crate::connection::wire::Reception;
use crate::engine::Engine;
use crate::engine::protocol::PlaintextRefusal;
use crate::error::Reason;
use crate::probe::accounts;
use crate::probe::mode::{Answer, ModeFinding, not_admitted};
use crate::probe::mysql_ports;
use crate::probe::observation::{ControlAttempts, Observation, PlaintextAttempt, TlsAttempt};
use crate::probe::other_ports;

/// Why a server is not known to refuse clients without TLS, or nothing where it is. With
/// `exception`, accounts with `mysql_native_password` may come without TLS.
pub(crate) fn judge(
    target: &DatabaseTarget,
    seen: &Observation,
    exception: bool,
) -> Option<ModeFinding> {
    let engine = target.engine;
    if is_no_tls(&seen.secured) && !is_taken(seen.plain.as_ref()) {
        let message = "the server offers no TLS: whoever gets in, gets in without".to_owned();
        return Some(ModeFinding(Answer::Fail, Reason::NoTls, message));
    }
    let mut probe = of_probe(target, seen);
    let accounts = accounts::without_tls(engine, &seen.accounts, exception);
    let is = |reason| probe.as_ref().is_some_and(|found| found.1 == reason);
    // Where the rules go by account, or know the probe's user not at all, accounts say more. But
    // whoever is led to a login without TLS is let in too far, unless some accounts may be.
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
    Some(ModeFinding(Answer::Unknown, reason, message.into()))
}

/// The finding for a failed connection: unknown, for this reason.
fn failed(failure: &Failure) -> Option<ModeFinding> {
    unknown(failure.kind.reason(), failure.message.clone())
}

/// The same of the user of the probe alone.
fn of_probe(target: &DatabaseTarget, seen: &Observation) -> Option<ModeFinding> {
    if seen.without_tls().any(|plain| is_taken(Some(plain))) {
        let message = "the server goes on to the login of a client that comes without TLS";
        return Some(ModeFinding(Answer::Fail, Reason::PlainAccepted, message.to_owned()));
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
            Some(not_admitted(said))
        }
        outcome => match (&seen.control, outcome) {
            _ if !secured.proves_tls() => without_control(secured, outcome),
            // The engine has words for it, and hung up.
            (None, Err(failure)) => failed(failure),
            (None, Ok(_)) => unknown(Reason::NotTried, "clients were not tried twice"),
            (Some(control), _) => {
                of_control(control, &seen.early).or_else(|| not_by_the_server(engine, seen))
            }
        },
    }
}

/// Whether the control shows the same as the first clients did.
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

/// Clients without TLS were hung up on, and nothing shows that it was the server that did: a proxy
/// does the same whose server without TLS is busy, or gone for a while.
fn not_by_the_server(engine: Engine, seen: &Observation) -> Option<ModeFinding> {
    // Nothing tells a hang-up of such a server from a proxy's; see [`caveat`].
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

/// The remaining doubt about a pass: at some servers a hang-up cannot be told from a proxy's.
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

/// A client without TLS was refused, and one with TLS was not accepted: everybody may be refused.
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
            unknown(failure.kind.reason(), message)
        }
        (Ok(_), Ok(_)) => unknown(Reason::NotTried, "clients were not tried twice"),
    }
}

/// Whether PostgreSQL refuses replication without TLS to the user of the probe.
fn replication(seen: &Observation) -> Option<ModeFinding> {
    if seen.replication.iter().any(|plain| is_taken(Some(plain))) {
        let message = "the server goes on to the login of a client that asks for replication of \
                       the whole cluster without TLS";
        return Some(ModeFinding(Answer::Fail, Reason::ReplicationAccepted, message.to_owned()));
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
