//! Whether a server refuses clients without TLS (mode `DISABLED`): what makes a pass. Pure.
//!
//! | engine | a refusal is | by this control | it holds for |
//! |---|---|---|---|
//! | PostgreSQL | an error of the server, a pool or a proxy whose words are known ([`refusals`]) | a client with TLS, of the same user and database, was accepted, or refused for its certificate alone; replication was refused too | this user, this database, replication |
//! | MySQL, MariaDB | the same, or that accounts that get in over TLS do not get in without | a client with TLS was accepted | everybody, where the server says it before a login; or else these accounts |
//! | SQL Server | that it answers that it demands encryption | the same | everybody at this port |
//! | Redis, Valkey, SQL Server with `--direct` | an alert of TLS, or that the server hangs up | twice, with TLS accepted before the second and after it | everybody at this port |
//!
//! All of it is of the address that was dialled. Whoever gets in without TLS makes a fail,
//! however many were refused. Everything else is unknown. A hang-up refuses nobody where the
//! engine has words for it: it may be a proxy's, and the next client gets in.
//!
//! [`refusals`]: crate::probe::wire::refusals

use crate::probe::accounts;
use crate::probe::failure::{Failure, Kind};
use crate::probe::observe::{Observation, Plain, Secured};
use crate::probe::other_ports;
use crate::probe::target::Target;
use crate::probe::verdict::{Answer, Found, NOT_ADMITTED, not_admitted};
use crate::probe::wire::Reception;

/// Why a server is not known to refuse clients without TLS, or nothing where it is. With
/// `exception`, accounts with `mysql_native_password` may come without TLS.
pub(crate) fn judge(target: &Target, seen: &Observation, exception: bool) -> Option<Found> {
    let engine = target.engine;
    if is_no_tls(&seen.secured) && !is_taken(seen.plain.as_ref()) {
        let message = "the server offers no TLS: whoever gets in, gets in without".to_owned();
        return Some(Found(Answer::Fail, Kind::NoTls.name(), message));
    }
    let mut probe = of_probe(target, seen);
    let accounts = accounts::without_tls(engine, &seen.accounts, exception);
    let is = |reason| probe.as_ref().is_some_and(|found| found.1 == reason);
    // Where the rules go by account, or know the probe's user not at all, accounts say more.
    let by_account = accounts::decide(engine) && (is("needs_login") || is("plain_accepted"));
    if !seen.accounts.is_empty() && !is_no_tls(&seen.secured) && (by_account || is(NOT_ADMITTED)) {
        probe = None;
    }
    let ports = other_ports::judge(seen.other_ports.as_ref());
    let all = [probe, accounts, replication(seen), several_servers(seen), ports];
    accounts::worst(all.into_iter().flatten())
}

fn is_no_tls(secured: &Secured) -> bool {
    matches!(&secured.outcome, Err(failure) if failure.kind == Kind::NoTls)
}

fn is_taken(plain: Option<&Plain>) -> bool {
    plain.is_some_and(|plain| plain.outcome == Ok(Reception::Taken))
}

fn unknown(reason: &'static str, message: impl Into<String>) -> Option<Found> {
    Some(Found(Answer::Unknown, reason, message.into()))
}

/// What a failure on the way means: nothing is known, for this reason.
fn failed(failure: &Failure) -> Option<Found> {
    unknown(failure.kind.name(), failure.message.clone())
}

/// The same of the user of the probe alone.
fn of_probe(target: &Target, seen: &Observation) -> Option<Found> {
    let control = seen.control.as_ref();
    if is_taken(seen.plain.as_ref()) || is_taken(control.map(|control| &control.plain)) {
        let message = "the server goes on to the login of a client that comes without TLS";
        return Some(Found(Answer::Fail, "plain_accepted", message.to_owned()));
    }
    let secured = &seen.secured;
    let Some(plain) = &seen.plain else {
        return match &secured.outcome {
            Err(failure) => failed(failure),
            Ok(_) => unknown("not_tried", "nobody came without TLS"),
        };
    };
    match &plain.outcome {
        Ok(Reception::NeedsLogin | Reception::CertificateRequired(_) | Reception::Taken) => {
            let engine = target.engine;
            let message =
                format!("{engine} says whether it insists on TLS only after a good login");
            unknown("needs_login", message)
        }
        _ if !plain.is_refused() || !is_proof(target, seen) => match &plain.outcome {
            Err(failure) => failed(failure),
            // It may refuse everybody.
            Ok(_) => without_control(secured),
        },
        Ok(Reception::Refused(said)) if matches!(&secured.outcome, Ok(Reception::Refused(_))) => {
            Some(not_admitted(said))
        }
        _ => seen.control.as_ref().and_then(|control| match control.plain.is_refused() {
            false => control.plain.outcome.as_ref().err().and_then(failed),
            true if control.secured.proves_tls() => None,
            true => without_control(&control.secured),
        }),
    }
}

/// Whether a refusal counts: TLS was accepted, and where no words were said, or none that a
/// proxy could not say too, both were tried again.
fn is_proof(target: &Target, seen: &Observation) -> bool {
    let in_words = seen.plain.as_ref().is_some_and(|plain| plain.outcome.is_ok());
    let suffices = in_words && !target.engine.has_tls_port();
    seen.secured.proves_tls() && (suffices || seen.control.is_some())
}

/// A client without TLS was refused, and one with TLS was not accepted either.
fn without_control(secured: &Secured) -> Option<Found> {
    match &secured.outcome {
        Err(failure) => {
            let message = format!(
                "a client without TLS was refused, and one with TLS did not get through: {failure}"
            );
            unknown(failure.kind.name(), message)
        }
        Ok(_) => unknown("not_tried", "clients were not tried twice"),
    }
}

/// Whether PostgreSQL refuses replication without TLS to the user of the probe.
fn replication(seen: &Observation) -> Option<Found> {
    match seen.replication.as_ref()? {
        Ok(Reception::Taken) => {
            let message = "the server goes on to the login of a client that asks for replication \
                           of the whole cluster without TLS";
            Some(Found(Answer::Fail, "replication_accepted", message.to_owned()))
        }
        Ok(_) => None,
        Err(failure) => failed(failure),
    }
}

fn several_servers(seen: &Observation) -> Option<Found> {
    let message = "connections met servers with different certificates or versions, so that what \
                   one of them refuses, another may accept";
    seen.met_several_servers().then(|| unknown("several_servers", message)).flatten()
}
