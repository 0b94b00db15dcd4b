//! Results of checks in the formats of others, as their own readers take them: Python's XML
//! parser, Microsoft's validator of SARIF with GitHub's rules, and promtool.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::common::db::{Bed, Config, Engine};
use crate::common::tls::closed_port;
use crate::common::web::{promtool_accepts, web};
use crate::common::{Home, Run, run};

const DATASTORE: &str = "5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10";

/// Runs the command in each of the three formats, which exits with `code`, and hands each
/// output to its reader: the test cases of JUnit as `suite / case element type`, the log of
/// SARIF, and the metrics.
fn read(home: &Home, code: i32, arguments: &[&str]) -> (Vec<String>, Value, String) {
    let print = |format: &str| -> Run {
        let printed = run(&mut home.ccx(&[arguments, &["-o", format]].concat()));
        assert_eq!((printed.code, printed.stderr.as_str()), (code, ""), "{format}");
        printed
    };
    (
        junit_cases(home, &print("junit").stdout),
        valid_sarif(home, &print("sarif").stdout),
        valid_metrics(home, &print("prometheus").stdout),
    )
}

fn junit_cases(home: &Home, xml: &str) -> Vec<String> {
    const READ: &str = "
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
kinds = {'failure': 'failures', 'error': 'errors', 'skipped': 'skipped'}
for node in [root] + root.findall('testsuite'):
    cases = node.findall('.//testcase')
    assert int(node.get('tests')) == len(cases)
    for kind, name in kinds.items():
        assert int(node.get(name)) == len(node.findall('.//' + kind)), name
for suite in root.findall('testsuite'):
    assert float(suite.get('time')) >= 0 and suite.get('timestamp')
    for case in suite.findall('testcase'):
        assert float(case.get('time')) >= 0
        assert case.get('classname') == suite.get('name')
        what = ' '.join(f'{child.tag} {child.get(\"type\", \"\")}' for child in case)
        print(f'{suite.get(\"name\")} / {case.get(\"name\")} {what}'.strip())
";
    let file = home.write("junit.xml", xml);
    let python = Command::new("python3").args(["-c", READ, &file]).output().expect("python3");
    let errors = String::from_utf8_lossy(&python.stderr);
    assert!(python.status.success(), "{errors}\n{xml}");
    String::from_utf8_lossy(&python.stdout).lines().map(str::to_owned).collect()
}

fn valid_sarif(home: &Home, text: &str) -> Value {
    let file = home.write("run.sarif", text);
    let report = home.join("validated.sarif");
    let validator = web("node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool");
    let validated = Command::new(validator)
        .args(["validate", &file, "--rule-kind", "Sarif;Gh", "--log", "ForceOverwrite"])
        .arg("--output")
        .arg(&report)
        .env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")
        .env("DOTNET_BUNDLE_EXTRACT_BASE_DIR", home.join("dotnet"))
        .output()
        .expect("the validator; run the tests with tests/run");
    let printed = String::from_utf8_lossy(&validated.stdout);
    assert!(validated.status.success(), "{printed}");
    // It warns where the tool has no web page.
    for line in
        printed.lines().filter(|line| line.contains(" warning ") || line.contains(" error "))
    {
        assert!(line.contains("SARIF2005") && line.contains("informationUri"), "{line}\n{text}");
    }
    serde_json::from_str(text).expect("JSON")
}

fn valid_metrics(home: &Home, text: &str) -> String {
    promtool_accepts(home, text);
    let mut series: Vec<&str> =
        text.lines().filter_map(|line| line.rsplit_once(' ')).map(|one| one.0).collect();
    let all = series.len();
    series.sort_unstable();
    series.dedup();
    assert_eq!(series.len(), all, "a series stands there twice: {text}");
    text.to_owned()
}

/// The URIs of the places of all results.
fn places(sarif: &Value) -> Vec<&str> {
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    results
        .iter()
        .map(|result| {
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
                .as_str()
                .expect("a URI")
        })
        .collect()
}

/// A pass at the port with TLS says nothing of the one without, which is open, and says so.
#[test]
#[ignore = "needs tests/run"]
fn verify_in_formats_of_others_says_what_was_not_looked_at() {
    let (engine, home) = (Engine::Valkey9, Home::with_ca());
    let issue = ["cert", "issue", "--datastore", DATASTORE, "--node", "db-1", "--domain", "x.io"];
    let files = ["--ip", "127.0.0.1", "--engine", engine.kind(), "--out", "tls", "--quiet"];
    home.ccx(&[&issue[..], &files].concat()).assert().success();
    let bed = Bed::new(engine);
    let file = |name: &str| fs::read_to_string(home.join("tls").join(name)).expect("written");
    bed.put(&file("ca.pem"), &file("server-cert.pem"), &file("server-key.pem"));
    let server = bed.start(&Config::tls(engine));
    let url = server.url("127.0.0.1");
    let (cases, sarif, metrics) = read(&home, 0, &["verify", &url]);
    assert!(cases.contains(&format!("{url} / PLAINTEXT")), "{cases:?}");
    let xml = home.run(&["verify", "-o", "junit", &url]).stdout;
    assert!(xml.contains("<property name=\"not_looked_at\" value=\"other ports"), "{xml}");
    let subject = &sarif["runs"][0]["properties"]["subjects"][0];
    assert_eq!((&subject["name"], &subject["result"]), (&json!(url), &json!("pass")), "{sarif}");
    assert!(
        subject["not_looked_at"].as_str().is_some_and(|text| text.starts_with("other ports")),
        "{sarif}"
    );
    assert!(metrics.contains("ccxsec_verify_not_looked_at{"), "{metrics}");
}

#[test]
#[ignore = "needs tests/run"]
fn verify_in_formats_of_others_tells_databases_and_skipped_servers_apart() {
    let engine = Engine::Pg17;
    let home = Home::with_ca();
    home.ccx(&["cert", "issue", "--datastore", DATASTORE, "--node", "db-1", "--domain"])
        .args([
            "ccx.example.com",
            "--ip",
            "127.0.0.1",
            "--dns",
            "localhost",
            "--out",
            "tls",
            "--quiet",
        ])
        .args(["--engine", engine.kind()])
        .assert()
        .success();
    let bed = Bed::new(engine);
    let file = |name: &str| fs::read_to_string(home.join("tls").join(name)).expect("written");
    bed.put(&file("ca.pem"), &file("server-cert.pem"), &file("server-key.pem"));
    let server = bed.start(&Config::tls(engine));
    let (app, other) =
        (format!("{}/app", server.url("127.0.0.1")), format!("{}/x", server.url("127.0.0.1")));

    let (cases, sarif, metrics) = read(&home, 1, &["verify", &app, &other, &app]);
    for url in [&app, &other] {
        assert!(cases.contains(&format!("{url} / REQUIRED")), "{cases:?}");
        assert!(cases.contains(&format!("{url} / PLAINTEXT failure plain_accepted")), "{cases:?}");
        let database = url.rsplit('/').next().expect("a database");
        let labels = format!("database=\"{database}\",endpoint=\"{url}\"");
        assert!(metrics.contains(&labels), "{metrics}");
    }
    let port = server.port();
    let place = format!("postgresql/127.0.0.1/{port}/app");
    assert!(places(&sarif).contains(&place.as_str()), "{sarif}");
    assert!(metrics.contains("ccxsec_verify_subjects{result=\"fail\"} 2\n"), "{metrics}");
    assert!(metrics.contains("reason=\"plain_accepted\",user=\"ccx-sec-probe\"} 1\n"), "{metrics}");
    assert!(
        metrics.contains("ccxsec_verify_certificate_not_after_timestamp_seconds{"),
        "{metrics}"
    );

    let gone = format!("mysql://127.0.0.1:{}", closed_port());
    let (cases, sarif, metrics) = read(
        &home,
        3,
        &["verify", "--fail-fast", "--jobs", "1", "--mode", "REQUIRED", &gone, &app],
    );
    assert_eq!(
        cases,
        [format!("{gone} / REQUIRED error refused"), format!("{app} / verify skipped")]
    );
    let notes = &sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    assert!(
        notes[0]["message"]["text"].as_str().is_some_and(|text| text.contains(&app)),
        "{sarif}"
    );
    assert!(metrics.contains("ccxsec_verify_subjects{result=\"skipped\"} 1\n"), "{metrics}");
}

#[test]
#[ignore = "needs tests/run"]
fn verify_of_an_inventory_is_placed_at_its_file() {
    let home = Home::with_ca();
    let port = closed_port();
    home.write("nodes.yaml", format!(
        "nodes:\n- {{datastore: {DATASTORE}, node: db-1, engine: valkey, port: {port}, domain: invalid}}\n"
    ));
    let (_, sarif, metrics) =
        read(&home, 3, &["verify", "--inventory", "nodes.yaml", "--mode", "REQUIRED"]);
    assert_eq!(places(&sarif), ["nodes.yaml"]);
    assert!(metrics.contains(&format!("node=\"{DATASTORE}/db-1\"")), "{metrics}");
}

#[test]
#[ignore = "needs tests/run"]
fn checks_of_cas_certificates_and_volumes_have_the_same_formats() {
    let home = Home::with_ca();
    home.ccx(&[
        "cert",
        "issue",
        "--datastore",
        DATASTORE,
        "--node",
        "db-1",
        "--domain",
        "ccx.example.com",
    ])
    .args(["--engine", "postgresql", "--secret", "--out", "tls", "--quiet"])
    .assert()
    .success();

    let (cases, sarif, metrics) = read(&home, 0, &["ca", "check"]);
    assert!(cases.len() == 1 && cases[0].ends_with(" / ca"), "{cases:?}");
    assert_eq!(places(&sarif), [""; 0]);
    assert!(metrics.contains("ccxsec_ca_check_subjects{result=\"pass\"} 1\n"), "{metrics}");
    let (cases, sarif, _) = read(&home, 1, &["ca", "check", "--expires-within", "30y"]);
    assert!(cases[0].ends_with(" / expires-soon failure expires-soon"), "{cases:?}");
    assert_eq!(places(&sarif).len(), 1);

    let (cases, _, metrics) = read(&home, 0, &["cert", "list"]);
    assert!(cases.len() == 1 && cases[0].ends_with(" / validity"), "{cases:?}");
    assert!(metrics.contains(&format!("datastore=\"{DATASTORE}\"")), "{metrics}");
    let (cases, ..) = read(&home, 1, &["cert", "list", "--expires-within", "9y"]);
    assert!(cases[0].ends_with(" / validity failure expires-soon"), "{cases:?}");

    let (cases, sarif, _) = read(
        &home,
        1,
        &["cert", "inspect", "tls/server-cert.pem", "--lint", "--expires-within", "9y"],
    );
    assert!(cases.iter().any(|case| case.contains("failure expires-soon")), "{cases:?}");
    assert_eq!(places(&sarif), ["tls/server-cert.pem"]);
    let refused = run(&mut home.ccx(&["cert", "inspect", "tls/server-cert.pem", "-o", "junit"]));
    assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "nothing was asked");

    let (cases, ..) = read(&home, 3, &["volume", "check", "/nowhere"]);
    assert_eq!(cases, ["/nowhere / encryption error missing"]);
}
