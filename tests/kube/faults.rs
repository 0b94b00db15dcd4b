//! An API server, or a way to it, that fails for a while or for good: what is tried again,
//! how often, and what is told.

use serde_json::json;

use crate::common::fault::{Fault, Proxy, Rule, first, status};
use crate::common::kube::Namespace;
use crate::common::{Run, run};

const INIT: [&str; 4] = ["ca", "init", "--common-name", "X"];

/// `POST …/secrets` of the namespace.
fn post(namespace: &Namespace) -> String {
    format!("POST /api/v1/namespaces/{}/secrets?", namespace.name)
}

fn get(namespace: &Namespace, name: &str) -> String {
    format!("GET /api/v1/namespaces/{}/secrets/{name} ", namespace.name)
}

fn through(proxy: &Proxy, namespace: &Namespace, arguments: &[&str]) -> Run {
    run(&mut namespace.ccx_by(&proxy.kubeconfig(namespace), arguments))
}

fn too_many(seconds: u32) -> Fault {
    let details = json!({"retryAfterSeconds": seconds});
    status(429, "TooManyRequests", "too many requests, please try again later", details)
}

fn unavailable() -> Fault {
    status(503, "ServiceUnavailable", "etcd leader changed", json!({}))
}

/// The notes about further attempts.
fn notes(run: &Run) -> Vec<&str> {
    run.stderr.lines().filter(|line| line.contains("; trying again in ")).collect()
}

#[test]
#[ignore = "needs tests/run"]
fn transient_failures_are_retried_and_reported() {
    let html = "<html>\n<body>Bad Gateway</body>\n</html>".to_owned();
    let faults: [(&str, Fault); 9] = [
        (": 429 too many requests, please try again later; trying again in 1.0 s", too_many(1)),
        (": 429 slow down; trying", Fault::Answer(429, "Retry-After: 1\r\n", "slow down".into())),
        (
            ": 500 etcdserver: request timed out; trying",
            status(500, "InternalError", "etcdserver: request timed out", json!({})),
        ),
        (": 502 <html>; trying", Fault::Answer(502, "Content-Type: text/html\r\n", html)),
        (": 503 etcd leader changed; trying", unavailable()),
        (": 504 ; trying", Fault::Answer(504, "", String::new())),
        (": Connection reset by peer (os error 104); trying", Fault::Reset),
        (": connection closed before message completed; trying", Fault::Close),
        (": end of file before message length reached; trying", Fault::CutAnswer),
    ];
    for (note, fault) in faults {
        let namespace = Namespace::new();
        let proxy = Proxy::with(post(&namespace), 1, fault);
        let made = through(&proxy, &namespace, &INIT);
        assert_eq!(made.code, 0, "{note}: {}", made.stderr);
        assert!(made.stdout.starts_with("subject       CN=X\n"), "{note}: {}", made.stdout);
        let told = notes(&made);
        assert_eq!(told.len(), 1, "{note}: {}", made.stderr);
        let begin = "warning: create secrets/ccx-ca at http://127.0.0.1:";
        assert!(told[0].starts_with(begin) && told[0].contains(note), "{note}: {}", told[0]);
        assert_eq!(proxy.count("POST "), 3, "{:?}", proxy.log());
        assert_eq!(namespace.secrets(), ["ccx-ca", "ccx-ca-bundle"]);
    }
}

#[test]
#[ignore = "needs tests/run"]
fn every_request_has_its_own_attempts() {
    let namespace = Namespace::new();
    namespace.init();
    let rule = |name: &str| Rule { request: get(&namespace, name), times: 2, fault: unavailable() };
    let proxy = Proxy::new(vec![rule("ccx-ca"), rule("ccx-ca-bundle")]);
    let shown = through(&proxy, &namespace, &["-q", "ca", "show"]);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(shown.stdout.starts_with("subject       CN=Test CA\n"), "{}", shown.stdout);
    assert_eq!(notes(&shown).len(), 4, "{}", shown.stderr);
    assert_eq!(proxy.count("GET "), 6, "{:?}", proxy.log());
}

#[test]
#[ignore = "needs tests/run"]
fn retryable_answers_are_retried_until_the_timeout() {
    for (code, fault, said) in [
        ("kube-server-error", unavailable(), "the API server failed (503): etcd leader changed"),
        ("kube-throttled", too_many(1), "the API server asks for less load (429)"),
    ] {
        let namespace = Namespace::new();
        // More often than a lost connection is tried, and it comes through in the end.
        let proxy = Proxy::with("POST ", 6, fault);
        let made = through(&proxy, &namespace, &[&INIT[..], &["--timeout", "2m"]].concat());
        assert_eq!((made.code, notes(&made).len()), (0, 6), "{}", made.stderr);

        let namespace = Namespace::new();
        let fault = if code == "kube-throttled" { too_many(0) } else { unavailable() };
        let proxy = Proxy::with("POST ", usize::MAX, fault);
        let init = [&INIT[..], &["--timeout", "3s", "-o", "json"]].concat();
        let json = through(&proxy, &namespace, &init);
        assert_eq!((json.code, json.stdout.as_str()), (3, ""), "{}", json.stderr);
        assert_eq!(json.error_code(), code);
        assert!(json.stderr.contains(said), "{}", json.stderr);
        assert!(json.stderr.contains("it was retried for 3 s"), "{}", json.stderr);
        assert!(namespace.secrets().is_empty());
    }
}

#[test]
#[ignore = "needs tests/run"]
fn lost_connection_is_tried_five_times() {
    let namespace = Namespace::new();
    let proxy = Proxy::with("POST ", usize::MAX, Fault::Close);
    let json = through(&proxy, &namespace, &[&INIT[..], &["-o", "json"]].concat());
    assert_eq!((json.code, json.error_code().as_str()), (3, "kube-unreachable"), "{}", json.stderr);
    assert_eq!((proxy.count("POST "), notes(&json).len()), (5, 4), "{:?}", proxy.log());
}

#[test]
#[ignore = "needs tests/run"]
fn server_that_says_nothing_is_not_waited_for_in_silence() {
    let namespace = Namespace::new();
    let proxy = Proxy::with("GET ", usize::MAX, Fault::Silence);
    let text = through(&proxy, &namespace, &["ca", "show", "--timeout", "6s"]);
    assert_eq!(text.code, 3, "{}", text.stderr);
    let told = "no answer for 4 s; waiting for 6 s in all (--timeout)";
    assert_eq!(text.stderr.matches(told).count(), 1, "{}", text.stderr);
}

#[test]
#[ignore = "needs tests/run"]
fn pauses_end_within_the_timeout() {
    let namespace = Namespace::new();
    let proxy = Proxy::with("GET ", usize::MAX, too_many(3600));
    let show = ["ca", "show", "--timeout", "20s", "-o", "json"];
    let refused = through(&proxy, &namespace, &show);
    assert_eq!((refused.code, refused.stdout.as_str()), (3, ""));
    assert_eq!(refused.error_code(), "kube-throttled");
    let said = "the server asks to retry after 3600 s, longer than --timeout";
    assert!(refused.stderr.contains(said), "{}", refused.stderr);
    assert_eq!(proxy.count("GET "), 1, "{:?}", proxy.log());
}

#[test]
#[ignore = "needs tests/run"]
fn permanent_failures_are_not_retried() {
    for (code, fault) in [
        ("kube-unauthorized", status(401, "Unauthorized", "Unauthorized", json!({}))),
        ("kube-forbidden", status(403, "Forbidden", "User \"x\" cannot get it", json!({}))),
        ("kube-refused", status(403, "Forbidden", "denied by policy", json!({}))),
        ("kube-invalid", status(422, "Invalid", "it is not valid", json!({}))),
        ("kube-answer", status(400, "BadRequest", "bad request", json!({}))),
        ("kube-answer", Fault::Answer(418, "", "a teapot".into())),
        ("kube-conflict", status(409, "Conflict", "it has changed", json!({}))),
    ] {
        let namespace = Namespace::new();
        let proxy = Proxy::with("POST ", usize::MAX, fault);
        let init = [&INIT[..], &["-o", "json"]].concat();
        let refused = through(&proxy, &namespace, &init);
        assert_eq!((refused.code, refused.stdout.as_str()), (3, ""), "{}", refused.stderr);
        assert_eq!(refused.error_code(), code);
        assert_eq!((proxy.count("POST "), notes(&refused).len()), (1, 0), "{:?}", proxy.log());
        assert!(namespace.secrets().is_empty());
    }
}

#[test]
#[ignore = "needs tests/run"]
fn lost_answer_to_a_write_that_came_through_is_no_conflict() {
    let namespace = Namespace::new();
    let proxy = Proxy::with(post(&namespace), 2, Fault::LoseAnswer);
    let made = through(&proxy, &namespace, &[&INIT[..], &["-o", "json"]].concat());
    assert_eq!(made.code, 0, "{}", made.stderr);
    assert_eq!(made.json()["created"], true);
    // Once for the CA, once for the bundle: the answers were lost, the writes were not.
    assert!(proxy.count("POST ") >= 3, "{:?}", proxy.log());
    let shown = run(&mut namespace.ccx(&["ca", "show", "-o", "json"])).json();
    assert_eq!(shown["sha256"], made.json()["sha256"]);
    let checked = run(&mut namespace.ccx(&["ca", "check", "--strict"]));
    assert_eq!((checked.code, checked.stderr.as_str()), (0, ""), "{}", checked.stdout);
}

#[test]
#[ignore = "needs tests/run"]
fn writer_between_two_attempts_wins() {
    let namespace = Namespace::new();
    let mut other = namespace.ccx(&["ca", "init", "--common-name", "Other"]);
    let overtake = move || drop(other.assert().success());
    let request = post(&namespace);
    let proxy = Proxy::new(vec![
        Rule { request: request.clone(), times: 1, fault: Fault::Close },
        Rule { request, times: 1, fault: first(overtake) },
    ]);
    let lost = through(&proxy, &namespace, &[&INIT[..], &["-o", "json"]].concat());
    assert_eq!((lost.code, lost.stdout.as_str()), (4, ""), "{}", lost.stderr);
    assert_eq!((lost.error_code().as_str(), notes(&lost).len()), ("ca-exists", 1));
    assert_eq!(proxy.count("POST "), 2, "{:?}", proxy.log());
    let shown = run(&mut namespace.ccx(&["ca", "show", "-o", "json"])).json();
    assert_eq!(shown["subject"], "CN=Other");
}

#[test]
#[ignore = "needs tests/run"]
fn server_messages_are_clipped_to_one_line() {
    let rude = format!("\u{1b}[31mred\u{7}\u{202e}\nsecond line\n{}", "x".repeat(1 << 20));
    let long = "y".repeat(1 << 20);
    for (code, said) in [(403, &rude), (403, &long), (422, &rude), (503, &rude), (503, &long)] {
        let namespace = Namespace::new();
        let fault = status(code, "Whatever", said, json!({}));
        let proxy = Proxy::with("GET ", usize::MAX, fault);
        let refused = through(&proxy, &namespace, &["ca", "show", "--timeout", "1s"]);
        assert_eq!((refused.code, refused.stdout.as_str()), (3, ""));
        let text = &refused.stderr;
        assert!(!text.contains("second line") && !text.contains('\u{1b}'), "{text:?}");
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
        assert!(text.lines().all(|line| line.chars().count() < 500), "{}", text.len());
        assert!(text.contains("error: "), "{text}");
    }
}
