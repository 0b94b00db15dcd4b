//! The evaluator, on what no real server shows when it is wanted.

use super::*;
use crate::connection::failure::Failure;
use crate::connection::tls::TlsObservation;
use crate::connection::wire::DEFAULT_PROBE_USER;
use crate::db_client::{LoginMethod, LoginOutcome};
use crate::driver::selection::{ClientSelection, select};
use crate::engine::Engine;
use crate::pki::certificate::Certificate;
use crate::probe::account_logins::AccountLogins;
use crate::probe::observation::{Mark, PlaintextAttempt, TlsAttempt};

type OutcomeResult = Result<Reception, Failure>;

fn failed(kind: FailureKind) -> OutcomeResult {
    Err(Failure::new(kind, "it is so"))
}

/// The reports on each setting of a client: its options, outcome and reason.
fn client_reports(
    engine: Engine,
    name: &str,
    chain: &[Certificate],
    anchors: &[Certificate],
    (outcome, plain): (OutcomeResult, Option<OutcomeResult>),
) -> Vec<(&'static str, ClientOutcome, &'static str)> {
    let chain: Vec<_> = chain.iter().map(|one| one.der().to_vec().into()).collect();
    let seen = TlsObservation { holds_key: outcome.is_ok(), chain, ..TlsObservation::default() };
    let secured = TlsAttempt { server: None, mark: Mark::default(), seen, outcome };
    let seen = Observation {
        address: None,
        secured,
        plain: plain.map(PlaintextAttempt::new),
        other_addresses: Vec::new(),
        client: None,
        early: Vec::new(),
        odd: Vec::new(),
        replication: Vec::new(),
        control: None,
        mutual: None,
        offers: None,
        below: Vec::new(),
        other_ports: None,
        mysql_ports: None,
        accounts: Vec::new(),
    };
    let target = DatabaseTarget::new(engine, "db", None);
    let question = VerdictRequest {
        modes: &[],
        anchors,
        at: now(),
        user: DEFAULT_PROBE_USER,
        shows_certificate: false,
        exception: false,
        stored: None,
    };
    let one = [ClientSelection::One { name: name.to_owned(), version: None }];
    let mut all = Vec::new();
    for (client, ways) in select(&one, engine) {
        for way in ways {
            let told = tell(client, way, &target, &seen, &question);
            let known = told.reason.is_some() == told.message.is_some();
            assert!(known && !told.source.is_empty(), "{told:?}");
            all.push((told.options, told.outcome, told.reason.map_or("", Reason::name)));
        }
    }
    assert!(!all.is_empty(), "{name}");
    all
}

fn now() -> jiff::Timestamp {
    "2026-01-01T00:00:00Z".parse().expect("a time")
}

/// A CA, whose key usages do not say that it signs certificates alone.
fn ca() -> Certificate {
    let mut params = rcgen::CertificateParams::new(["db".to_owned()]).expect("names");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("signed");
    Certificate::from_der(certificate.der().to_vec()).expect("a certificate")
}

fn find(
    all: &[(&str, ClientOutcome, &'static str)],
    options: &str,
) -> (ClientOutcome, &'static str) {
    let found = all.iter().find(|(known, ..)| *known == options);
    found.map(|(_, outcome, reason)| (*outcome, *reason)).unwrap_or_else(|| panic!("{options}"))
}

#[test]
fn nothing_is_said_of_a_server_that_was_not_reached() {
    for (engine, name) in [(Engine::Mysql, "mysql"), (Engine::Postgresql, "psql")] {
        for (options, outcome, reason) in
            client_reports(engine, name, &[], &[], (failed(FailureKind::Refused), None))
        {
            assert_eq!((outcome, reason), (ClientOutcome::Unknown, "refused"), "{name} {options}");
        }
    }
}

#[test]
fn what_fails_in_our_own_library_of_tls_may_do_in_another() {
    let met = (failed(FailureKind::TlsFailed), Some(Ok(Reception::Taken)));
    let all = client_reports(Engine::Postgresql, "psql", &[], &[], met);
    assert_eq!(find(&all, "sslmode=require"), (ClientOutcome::Unknown, "tls_failed"));
    assert_eq!(find(&all, "sslmode=prefer"), (ClientOutcome::Unknown, "tls_failed"));
    assert_eq!(find(&all, "sslmode=disable"), (ClientOutcome::Plain, ""));
}

#[test]
fn only_some_go_on_without_where_tls_goes_wrong() {
    let weak = || (failed(FailureKind::WeakProtocol), Some(Ok(Reception::Taken)));
    let all = client_reports(Engine::Postgresql, "psql", &[], &[], weak());
    assert_eq!(find(&all, "sslmode=require"), (ClientOutcome::Refuses, "weak_protocol"));
    assert_eq!(find(&all, "sslmode=prefer"), (ClientOutcome::Plain, ""));
    let all = client_reports(Engine::Mariadb, "mysql", &[], &[], weak());
    assert_eq!(find(&all, "--ssl-mode=PREFERRED"), (ClientOutcome::Refuses, "weak_protocol"));
    assert_eq!(find(&all, "--ssl-mode=DISABLED"), (ClientOutcome::Plain, ""));
}

#[test]
fn a_server_without_tls_may_still_take_nobody() {
    let refused = Some(Ok(Reception::Refused("no entry".to_owned())));
    let all =
        client_reports(Engine::Postgresql, "psql", &[], &[], (failed(FailureKind::NoTls), refused));
    assert_eq!(find(&all, "sslmode=prefer"), (ClientOutcome::Refused, "plain_refused"));
    assert_eq!(find(&all, "sslmode=allow"), (ClientOutcome::Refused, "plain_refused"));
    assert_eq!(find(&all, "sslmode=require"), (ClientOutcome::Refuses, "no_tls"));
}

#[test]
fn a_server_that_knows_nobody_tells_nothing() {
    let no = || Ok(Reception::Refused("no entry".to_owned()));
    let all = client_reports(Engine::Postgresql, "psql", &[], &[], (no(), Some(no())));
    for options in ["sslmode=disable", "sslmode=prefer", "sslmode=require"] {
        assert_eq!(find(&all, options), (ClientOutcome::Unknown, "not_admitted"), "{options}");
    }
}

#[test]
fn accounts_tell_what_nobody_is_told() {
    let plain = |login: LoginOutcome| AccountLogins {
        user: "app".to_owned(),
        tls: Ok(LoginOutcome::In(LoginMethod {
            method: "caching_sha2_password".to_owned(),
            cache: None,
        })),
        without_certificate: None,
        replication: None,
        plain: Some(Ok(login)),
    };
    let how = LoginMethod { method: "mysql_native_password".to_owned(), cache: None };
    for (login, expected) in [
        (LoginOutcome::In(how), (ClientOutcome::Plain, None)),
        (LoginOutcome::Refused("3159".to_owned()), (ClientOutcome::Refused, Some("plain_refused"))),
        (
            LoginOutcome::Withheld("no key".to_owned()),
            (ClientOutcome::Unknown, Some("login_withheld")),
        ),
    ] {
        let seen = TlsObservation { holds_key: true, ..TlsObservation::default() };
        let secured = TlsAttempt {
            server: None,
            mark: Mark::default(),
            seen,
            outcome: Ok(Reception::NeedsLogin),
        };
        let mut seen = Observation::failed(None, Failure::new(FailureKind::Refused, "nobody"));
        seen.secured = secured;
        seen.plain = Some(PlaintextAttempt::new(Ok(Reception::NeedsLogin)));
        seen.accounts = vec![plain(login)];
        let target = DatabaseTarget::new(Engine::Mysql, "db", None);
        let question = VerdictRequest {
            modes: &[],
            anchors: &[],
            at: now(),
            user: DEFAULT_PROBE_USER,
            shows_certificate: false,
            exception: true,
            stored: None,
        };
        let one = [ClientSelection::One { name: "mysql".to_owned(), version: None }];
        let (client, ways) = select(&one, Engine::Mysql).pop().expect("a client");
        let way = ways.into_iter().find(|way| way.tls == TlsPolicy::Never).expect("a way");
        let told = tell(client, way, &target, &seen, &question);
        assert_eq!((told.outcome, told.reason.map(Reason::name)), expected);
    }
}

#[test]
fn libraries_differ_in_whose_certificate_can_be_a_servers() {
    let ca = ca();
    let met = || (Ok(Reception::Taken), Some(Ok(Reception::Taken)));
    let own = std::slice::from_ref(&ca);
    let verify = "sslmode=verify-ca sslrootcert=FILE";
    let openssl = client_reports(Engine::Postgresql, "psql", own, own, met());
    assert_eq!(find(&openssl, verify), (ClientOutcome::Tls, ""));
    let rustls = client_reports(Engine::Postgresql, "tokio-postgres", own, own, met());
    let with_roots = "SslMode::Require with roots of FILE";
    assert_eq!(find(&rustls, with_roots), (ClientOutcome::Refuses, "wrong_purpose"));
    let dotnet = client_reports(Engine::Postgresql, "npgsql", own, own, met());
    let with_root = "SSL Mode=VerifyCA;Root Certificate=FILE";
    assert_eq!(find(&dotnet, with_root), (ClientOutcome::Unknown, "wrong_purpose"));
    let nobody = client_reports(Engine::Postgresql, "psql", own, &[], met());
    assert_eq!(find(&nobody, verify), (ClientOutcome::Refuses, "untrusted"));
    assert_eq!(find(&nobody, "sslmode=verify-full sslrootcert=system").1, "machine_cas");
}

#[test]
fn a_certificate_that_cannot_be_read_tells_nothing() {
    let seen = TlsObservation {
        chain: vec![vec![0].into()],
        holds_key: true,
        ..TlsObservation::default()
    };
    let secured =
        TlsAttempt { server: None, mark: Mark::default(), seen, outcome: Ok(Reception::Taken) };
    let seen = Observation {
        address: None,
        secured,
        plain: None,
        other_addresses: Vec::new(),
        client: None,
        early: Vec::new(),
        odd: Vec::new(),
        replication: Vec::new(),
        control: None,
        mutual: None,
        offers: None,
        below: Vec::new(),
        other_ports: None,
        mysql_ports: None,
        accounts: Vec::new(),
    };
    let target = DatabaseTarget::new(Engine::Redis, "db", None);
    let question = VerdictRequest {
        modes: &[],
        anchors: &[],
        at: now(),
        user: DEFAULT_PROBE_USER,
        shows_certificate: false,
        exception: false,
        stored: None,
    };
    let one = [ClientSelection::One { name: "redis-cli".to_owned(), version: None }];
    let (client, ways) = select(&one, Engine::Redis).pop().expect("a client");
    for way in ways {
        let told = tell(client, way, &target, &seen, &question);
        let expected = match way.options {
            "" => (ClientOutcome::Unknown, Some("not_tried")),
            "--tls --insecure" => (ClientOutcome::Tls, None),
            _ => (ClientOutcome::Unknown, Some("damaged")),
        };
        assert_eq!((told.outcome, told.reason.map(Reason::name)), expected, "{}", way.options);
    }
}
