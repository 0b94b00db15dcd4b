//! The remedy of a verdict depends on typed facts, never on the words of its message.

use super::*;
use crate::connection::failure::RefusalCause;
use crate::connection::hello::{Acceptance, TlsVersion};
use crate::connection::tls::TlsObservation;
use crate::connection::wire::DEFAULT_PROBE_USER;
use crate::db_client::LoginOutcome;
use crate::probe::account_logins::AccountLogins;
use crate::probe::observation::{ControlAttempts, FloorViolation, Mark, PlaintextAttempt};
use crate::probe::other_ports::OtherPorts;

/// Messages of which each says something else about the cause, or nothing.
const MESSAGES: [&str; 8] = [
    "",
    "at its port 6379",
    "no pg_hba.conf entry",
    "TLSv1.2 with TLS_AES_128_GCM_SHA256",
    "error 1129: Host is blocked",
    "wrong [28P01]",
    "no database [3D000]",
    "no such user, nor a client certificate",
];

fn secured(outcome: Result<Reception, Failure>) -> Observation {
    let seen = TlsObservation { asks_for_certificate: true, ..TlsObservation::default() };
    let secured = TlsAttempt { server: None, mark: Mark::default(), seen, outcome };
    Observation::new(None, secured, None)
}

fn refused(cause: RefusalCause, said: &str) -> Observation {
    secured(Err(Failure::new(FailureKind::ServerError(cause), said)))
}

fn denied(cause: RefusalCause, said: &str) -> Observation {
    let account = AccountLogins {
        user: "app".to_owned(),
        tls: Ok(LoginOutcome::Denied { said: said.to_owned(), cause }),
        without_certificate: None,
        plain: None,
        replication: None,
    };
    Observation { accounts: vec![account], ..secured(Ok(Reception::Taken)) }
}

fn hung_up(asks_for_certificate: bool, said: &str) -> Observation {
    let mut seen = secured(Err(Failure::new(FailureKind::Closed, said)));
    seen.secured.seen.asks_for_certificate = asks_for_certificate;
    seen
}

fn accepts(offered: TlsVersion, what: &str) -> Observation {
    let (reason, offer) = (Reason::WeakProtocolAccepted, Acceptance::Taken);
    let below = FloorViolation { reason, offered, what: what.to_owned(), offer };
    Observation { below: vec![below], ..secured(Ok(Reception::Taken)) }
}

fn port(is_reported: bool) -> Observation {
    let other_ports = OtherPorts {
        configured: is_reported.then_some(6379),
        withheld: None,
        looked_at: Some((6379, Ok(Reception::Taken))),
    };
    let mut seen = secured(Ok(Reception::Taken));
    seen.secured.seen.holds_key = true;
    let plain = || PlaintextAttempt::new(Ok(Reception::Refused("no".to_owned())));
    seen.plain = Some(plain());
    seen.control = Some(ControlAttempts { plain: vec![plain()], secured: seen.secured.clone() });
    Observation { other_ports: Some(other_ports), ..seen }
}

/// The remedy for this mode.
fn remedy(engine: Engine, mode: TlsMode, seen: &Observation) -> String {
    let question = VerdictRequest {
        modes: &[mode],
        anchors: &[],
        at: Timestamp::UNIX_EPOCH,
        user: DEFAULT_PROBE_USER,
        shows_certificate: false,
        exception: false,
        stored: None,
    };
    let verdicts = judge(&DatabaseTarget::new(engine, "db", None), seen, &question);
    let hints: Vec<String> = verdicts[0].hints.iter().map(Hint::to_string).collect();
    hints.join("\n")
}

/// The engine, the mode, the observation with a message, and the remedy's words.
type RemedyCase = (Engine, TlsMode, fn(&str) -> Observation, &'static str, Option<&'static str>);

#[test]
fn a_remedy_follows_from_the_cause_whatever_the_message_says() {
    use Engine::{Mysql, Postgresql, Redis};
    use RefusalCause as Cause;
    use TlsMode::{MinTls, Plaintext, Required};
    let (log, password) = ("look into the server's log", "is the password right?");
    let certificate = "need a client certificate?";
    let cases: [RemedyCase; 14] = [
        (Mysql, Required, |said| refused(Cause::HostBlocked, said), "host_cache", None),
        (Mysql, Required, |said| refused(Cause::Other, said), log, Some("host_cache")),
        (Postgresql, Required, |said| refused(Cause::UnknownName, said), "the pool knows", None),
        (Postgresql, Required, |said| refused(Cause::Other, said), log, Some("the pool")),
        (Postgresql, Required, |said| denied(Cause::HostRules, said), "hostssl", None),
        (Postgresql, Required, |said| denied(Cause::DatabaseMissing, said), "/DATABASE", None),
        (Postgresql, Required, |said| denied(Cause::Password, said), password, Some(certificate)),
        (Postgresql, Required, |said| denied(Cause::Other, said), certificate, Some("hostssl")),
        (Mysql, Required, |said| hung_up(true, said), "--client-cert", None),
        (Mysql, Required, |said| hung_up(false, said), log, Some("--client-cert")),
        (Mysql, MinTls, |said| accepts(TlsVersion::Tls12, said), "TLSv1.3", None),
        (Mysql, MinTls, |said| accepts(TlsVersion::Tls11, said), "TLSv1.2", None),
        (Redis, Plaintext, |_| port(true), "CONFIG SET port 0", Some("--user NAME")),
        (Redis, Plaintext, |_| port(false), "--user NAME", None),
    ];
    for (at, (engine, mode, observe, says, never)) in cases.into_iter().enumerate() {
        let remedies = MESSAGES.map(|said| remedy(engine, mode, &observe(said)));
        assert!(remedies[0].contains(says), "{at}: {}", remedies[0]);
        assert!(never.is_none_or(|never| !remedies[0].contains(never)), "{at}: {}", remedies[0]);
        assert!(remedies.iter().all(|other| *other == remedies[0]), "{at}: {remedies:#?}");
    }
}
