//! Verdicts on observations that no real server shows when they are wanted.

use super::*;
use crate::connection::tls::TlsObservation;
use crate::connection::wire::DEFAULT_PROBE_USER;
use crate::probe::observation::{ControlAttempts, Mark, PlaintextAttempt};

const WAYS: [TlsMode; 2] = [TlsMode::Required, TlsMode::Plaintext];

fn hung_up() -> Result<Reception, Failure> {
    Err(Failure::new(FailureKind::Reset, "gone"))
}

fn refused() -> Result<Reception, Failure> {
    Ok(Reception::Refused("no".to_owned()))
}

fn alert() -> Result<Reception, Failure> {
    let kind = FailureKind::TlsAlert(rustls::AlertDescription::CertificateRequired);
    Err(Failure::new(kind, "certificate_required"))
}

fn plain(outcome: Result<Reception, Failure>) -> PlaintextAttempt {
    PlaintextAttempt::new(outcome)
}

fn tls_attempt(outcome: Result<Reception, Failure>) -> TlsAttempt {
    let seen = TlsObservation {
        chain: vec![vec![0].into()],
        holds_key: true,
        asks_for_certificate: true,
        ..TlsObservation::default()
    };
    TlsAttempt { server: None, mark: Mark::default(), seen, outcome }
}

fn observation(
    over_tls: Result<Reception, Failure>,
    without: Option<Result<Reception, Failure>>,
) -> Observation {
    let nobody = Failure::new(FailureKind::Refused, "nobody there");
    let secured = tls_attempt(over_tls);
    Observation { secured, plain: without.map(plain), ..Observation::failed(None, nobody) }
}

/// `answer reason` for REQUIRED and PLAINTEXT.
fn told_of(engine: Engine, shows_certificate: bool, seen: &Observation) -> [String; 2] {
    let at = Timestamp::UNIX_EPOCH;
    let question = VerdictRequest {
        modes: &WAYS,
        anchors: &[],
        at,
        user: DEFAULT_PROBE_USER,
        shows_certificate,
        exception: false,
        stored: None,
    };
    let verdicts = judge(&DatabaseTarget::new(engine, "db", None), seen, &question);
    let told = |verdict: &Verdict| {
        format!("{} {}", verdict.verdict.name(), verdict.reason.map_or("", Reason::name))
    };
    [told(&verdicts[0]), told(&verdicts[1])].map(|text| text.trim().to_owned())
}

fn verdicts(
    engine: Engine,
    outcome: Result<Reception, Failure>,
    plain: Option<Result<Reception, Failure>>,
) -> [String; 2] {
    told_of(engine, false, &observation(outcome, plain))
}

#[test]
fn a_server_that_hangs_up_says_nothing_about_certificates() {
    for engine in [Engine::Redis, Engine::Postgresql, Engine::Mysql] {
        assert_eq!(verdicts(engine, hung_up(), None)[0], "unknown reset");
        assert_eq!(verdicts(engine, alert(), None)[0], "fail client_cert_required");
        let shown = told_of(engine, true, &observation(alert(), None));
        assert_eq!(shown[0], "fail client_cert_rejected");
    }
}

/// PostgreSQL refuses the first client without TLS, and does this with the second.
fn twice(over_tls: Result<Reception, Failure>, second: Result<Reception, Failure>) -> [String; 2] {
    let mut seen = observation(over_tls.clone(), Some(refused()));
    seen.control =
        Some(ControlAttempts { plain: vec![plain(second)], secured: tls_attempt(over_tls) });
    told_of(Engine::Postgresql, false, &seen)
}

#[test]
fn a_client_without_tls_that_is_refused_proves_nothing_alone() {
    let both = verdicts(Engine::Postgresql, refused(), Some(refused()));
    assert_eq!(both, ["unknown not_admitted", "unknown not_admitted"]);
    let only_plain = verdicts(Engine::Postgresql, refused(), Some(Ok(Reception::Taken)));
    assert_eq!(only_plain, ["fail tls_refused", "fail plain_accepted"]);
    let once = verdicts(Engine::Postgresql, Ok(Reception::Taken), Some(refused()));
    assert_eq!(once, ["pass", "unknown not_tried"]);
    assert_eq!(twice(Ok(Reception::Taken), refused()), ["pass", "pass"]);
    assert_eq!(twice(alert(), refused())[1], "pass");
    let other = twice(Ok(Reception::Taken), Ok(Reception::Taken));
    assert_eq!(other, ["pass", "fail plain_accepted"]);
    let other = twice(Ok(Reception::Taken), Ok(Reception::NeedsLogin));
    assert_eq!(other[1], "unknown several_servers");
    assert_eq!(verdicts(Engine::Postgresql, hung_up(), Some(refused()))[1], "unknown reset");
    let silent = Some(Err(Failure::new(FailureKind::Timeout, "silence")));
    let silent = verdicts(Engine::Redis, Ok(Reception::Taken), silent);
    assert_eq!(silent, ["pass", "unknown timeout"]);
}

#[test]
fn a_hang_up_refuses_nobody_where_the_engine_has_words_for_it() {
    for engine in [Engine::Postgresql, Engine::Mysql, Engine::Mariadb, Engine::Mssql] {
        let both = verdicts(engine, Ok(Reception::Taken), Some(hung_up()));
        assert_eq!(both, ["pass", "unknown reset"], "{engine}");
    }
}

#[test]
fn a_hang_up_refuses_where_tls_comes_first_and_an_alert_shows_that_it_was_the_server() {
    let with_odd = |without, over_tls, odd: Vec<Result<Reception, Failure>>| {
        let mut seen = observation(Ok(Reception::Taken), Some(hung_up()));
        seen.odd = odd.into_iter().map(plain).collect();
        seen.control =
            Some(ControlAttempts { plain: vec![plain(without)], secured: tls_attempt(over_tls) });
        told_of(Engine::Redis, false, &seen)[1].clone()
    };
    let with = |without, over_tls| with_odd(without, over_tls, vec![refused(), refused()]);
    assert_eq!(with(hung_up(), Ok(Reception::Taken)), "pass");
    let of_odd = |odd| with_odd(hung_up(), Ok(Reception::Taken), odd);
    assert_eq!(of_odd(vec![]), "unknown reset");
    assert_eq!(of_odd(vec![refused(), hung_up()]), "unknown reset");
    assert_eq!(of_odd(vec![refused(), Ok(Reception::Taken)]), "fail plain_accepted");
    assert_eq!(with(refused(), alert()), "pass");
    assert_eq!(with(Ok(Reception::Taken), Ok(Reception::Taken)), "fail plain_accepted");
    assert_eq!(with(hung_up(), hung_up()), "unknown reset");
    let silence = Err(Failure::new(FailureKind::Timeout, "silence"));
    assert_eq!(with(silence, Ok(Reception::Taken)), "unknown timeout");
    assert_eq!(verdicts(Engine::Redis, Ok(Reception::Taken), Some(hung_up()))[1], "unknown reset");
}

#[test]
fn replication_without_tls_fails_whatever_else_is_refused() {
    let with = |over_tls: Result<Reception, Failure>, replication| {
        let mut seen = observation(over_tls.clone(), Some(refused()));
        seen.control =
            Some(ControlAttempts { plain: vec![plain(refused())], secured: tls_attempt(over_tls) });
        seen.replication = vec![plain(refused()), plain(replication)];
        told_of(Engine::Postgresql, false, &seen)[1].clone()
    };
    let taken = || Ok(Reception::Taken);
    assert_eq!(with(taken(), refused()), "pass");
    assert_eq!(with(taken(), taken()), "fail replication_accepted");
    assert_eq!(with(refused(), taken()), "fail replication_accepted");
    assert_eq!(with(taken(), hung_up()), "unknown reset");
}

#[test]
fn two_servers_behind_one_address_are_no_control_of_each_other() {
    let several = ["pass", "unknown several_servers"];
    let taken = || tls_attempt(Ok(Reception::Taken));
    let mut seen = observation(Ok(Reception::Taken), Some(refused()));
    seen.control = Some(ControlAttempts { plain: vec![plain(refused())], secured: taken() });
    seen.secured.server = Some("9.7.4".to_owned());
    assert_eq!(told_of(Engine::Mysql, false, &seen), ["pass", "pass"]);
    let other = PlaintextAttempt { server: Some("8.4.0".to_owned()), ..plain(refused()) };
    let versions = Observation { plain: Some(other), ..seen.clone() };
    assert_eq!(told_of(Engine::Mysql, false, &versions), several);

    // Connections have numbers, which rise.
    let numbered = |[first, second, third, last]: [u32; 4]| {
        let mark = |number| Mark { connection: Some(number), ..Mark::default() };
        let without = |number| PlaintextAttempt { mark: mark(number), ..plain(refused()) };
        let over_tls = |number| TlsAttempt { mark: mark(number), ..taken() };
        let control = ControlAttempts { plain: vec![without(third)], secured: over_tls(last) };
        Observation {
            secured: over_tls(first),
            plain: Some(without(second)),
            control: Some(control),
            ..seen.clone()
        }
    };
    for (numbers, expected) in [
        ([8, 9, 10, 11], ["pass", "pass"]),
        ([8, 30, 40, 41], ["pass", "pass"]),
        ([8, 30, 41, 40], several),
        ([8, 8, 9, 9], several),
        ([8, 9, 9, 10], several),
        ([8, 500, 9, 501], several),
        ([500, 8, 501, 502], several),
    ] {
        let said = told_of(Engine::Mysql, false, &numbered(numbers));
        assert_eq!(said, expected, "{numbers:?}");
    }
    let mut tidb = numbered([8, 500, 9, 501]);
    tidb.secured.server = Some("8.0.11-TiDB-v8.5.0".to_owned());
    assert_eq!(told_of(Engine::Mysql, false, &tidb), ["pass", "pass"]);

    // PostgreSQL itself makes one salt of a name; pools make up their own.
    let salted = |at: &str, [first, second]: [&str; 2]| {
        let mark = |manner: &str| Mark { manner: Some(manner.to_owned()), ..Mark::default() };
        let without = PlaintextAttempt { mark: mark(at), ..plain(refused()) };
        let over_tls = |manner| TlsAttempt { mark: mark(manner), ..taken() };
        let control = ControlAttempts { plain: vec![without.clone()], secured: over_tls(second) };
        let plain = Some(without);
        let seen = Observation { plain, control: Some(control), ..seen.clone() };
        let seen = Observation { secured: over_tls(first), ..seen };
        told_of(Engine::Postgresql, false, &seen)
    };
    assert_eq!(salted("auth.c:543", ["SASL a", "SASL a"]), ["pass", "pass"]);
    assert_eq!(salted("auth.c:543", ["SASL a", "SASL b"]), several);
    assert_eq!(salted("SSL required", ["SASL a", "SASL b"]), ["pass", "pass"]);
}

#[test]
fn what_was_not_tried_is_no_pass() {
    let none = verdicts(Engine::Mssql, Ok(Reception::Taken), None);
    assert_eq!(none[1], "unknown not_tried");
    let seen = Observation::failed(None, Failure::new(FailureKind::Refused, "nobody there"));
    let at = Timestamp::UNIX_EPOCH;
    let modes = [TlsMode::VerifyIdentity, TlsMode::Plaintext, TlsMode::MutualTls];
    let question = VerdictRequest {
        modes: &modes,
        anchors: &[],
        at,
        user: DEFAULT_PROBE_USER,
        shows_certificate: false,
        exception: false,
        stored: None,
    };
    let verdicts = judge(&DatabaseTarget::new(Engine::Mysql, "db", None), &seen, &question);
    assert!(verdicts.iter().all(|one| one.reason == Some(Reason::Refused)), "{verdicts:?}");
    assert!(verdicts.iter().all(|one| one.verdict == Answer::Unknown), "{verdicts:?}");
}

#[test]
fn plaintext_is_refused_or_accepted_in_words_and_never_passes() {
    let word = |mode: TlsMode, answer| mode.word(answer);
    assert_eq!(word(TlsMode::Plaintext, Answer::Pass), "refused");
    assert_eq!(word(TlsMode::Plaintext, Answer::Fail), "accepted");
    assert_eq!(word(TlsMode::Plaintext, Answer::Unknown), "unknown");
    assert_eq!(word(TlsMode::Required, Answer::Pass), "pass");
}
