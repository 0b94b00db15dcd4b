//! Inventories in every notation, what is wrong with bad ones, and the lists of what was issued.

use std::fs;

use serde_json::json;

use crate::common::nodes::{DATASTORE, DOMAIN, HOST, done, fault, summary};
use crate::common::{Home, run, tool};

const YAML: &str = "\
# three nodes
defaults: {domain: ccx.example.com, engine: postgresql, key_type: ed25519}
nodes:
- datastore: 5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10
  node: db-1
  engine: mysql
  dns: [primary.ccx.example.com, ro.ccx.example.com]
  ip: [10.0.0.7, 'fd00::7']
- {datastore: 5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10, node: db-2, replication: true, validity: 30d}
- {datastore: 5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f11, node: db-1, port: 5432, domain: b.example.com}
";
const CSV: &str = "\
datastore, node, engine, domain, dns, ip, replication, key_type, validity, port
5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10,db-1,mysql,,primary.ccx.example.com ro.ccx.example.com,\"10.0.0.7,fd00::7\",,ed25519,,
5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10,db-2,postgresql,,,,true,ed25519,30d,
5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f11,db-1,postgresql,b.example.com,,,,ed25519,,5432
";

#[test]
#[ignore = "needs tests/run"]
fn yaml_json_and_csv_say_the_same() {
    let home = Home::with_ca();
    let file = |name: &str, text: &str| fs::write(home.join(name), text).expect("written");
    file("nodes.yaml", YAML);
    file("nodes.csv", CSV);
    let convert =
        "import json,sys,csv; rows=list(csv.DictReader(open(sys.argv[1]), skipinitialspace=True))
def row(r):
    r = {k: v for k, v in r.items() if v}
    for many in ('dns', 'ip'):
        if many in r: r[many] = r[many].replace(',', ' ').split()
    return r
json.dump([row(r) for r in rows], open(sys.argv[2], 'w'), indent=1)";
    let at = |name: &str| home.join(name).display().to_string();
    tool("python3", &["-c", convert, &at("nodes.csv"), &at("nodes.json")]);
    let issue = |name: &str| {
        let command = ["cert", "issue", "--out", "fleet", "--domain", DOMAIN, "--inventory", name];
        home.ccx(&command)
    };
    let made = done(&mut issue("nodes.yaml"));
    assert_eq!(summary(&made), [3, 0, 0, 0]);
    assert_eq!(made["nodes"][0]["host"], HOST);
    for other in ["nodes.csv", "nodes.json"] {
        assert_eq!(summary(&done(&mut issue(other))), [0, 0, 0, 3], "{other}");
    }
    let said = run(issue("-").write_stdin(YAML));
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    assert_eq!(said.stdout, "issued 0, renewed 0, refreshed 0, kept 3, failed 0\n");
    let yaml = run(issue("nodes.yaml").args(["-o", "yaml"]));
    assert!(
        yaml.stdout.starts_with("format_version: 1\ndry_run: false\nsummary:\n  issued: 0\n"),
        "{}",
        yaml.stdout
    );
    let dry = done(issue("nodes.yaml").args(["--dry-run", "--key-type", "rsa-2048"]));
    assert_eq!((&dry["dry_run"], summary(&dry)), (&json!(true), [0, 0, 0, 3]));

    // What was issued, in every format.
    let list = |more: &[&str]| {
        run(&mut home.ccx(&[&["cert", "list", "--dir", "fleet"][..], more].concat()))
    };
    let listed = list(&["-o", "json"]).json();
    let rows = listed["certificates"].as_array().expect("rows");
    let brief: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row["datastore"].as_str().expect("a UUID"),
                row["node"].as_str().expect("a name"),
                row["serial"].clone(),
            )
        })
        .collect();
    let serial = |n: usize| made["nodes"][n]["serial"].clone();
    let other = "5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f11";
    assert_eq!(
        brief,
        [
            (DATASTORE, "db-1", serial(0)),
            (DATASTORE, "db-2", serial(1)),
            (other, "db-1", serial(2))
        ]
    );
    assert_eq!(rows[0]["san"]["ip"], json!(["10.0.0.7", "fd00::7"]));
    let wide = list(&["-o", "wide"]);
    assert_eq!((wide.code, wide.stdout.lines().count()), (0, 4));
    let first = wide.stdout.lines().nth(1).expect("a row");
    for part in [
        DATASTORE,
        "db-1",
        "ed25519",
        "primary.ccx.example.com",
        serial(0).as_str().expect("a serial"),
        "fleet/",
    ] {
        assert!(first.contains(part), "{part}: {first}");
    }
    assert!(!list(&[]).stdout.contains("SERIAL"));
    for (more, code, rows) in [
        (&["--expires-within", "10d"][..], 0, 0),
        (&["--expires-within", "40d"], 1, 1),
        (&["--expires-within", "2y"], 1, 3),
        (&["--node", "db-1"], 0, 2),
        (&["--datastore", DATASTORE], 0, 2),
        (&["--datastore", other, "--node", "db-2"], 0, 0),
    ] {
        let listed = list(&[more, &["-o", "json"]].concat());
        let found = listed.json()["certificates"].as_array().map(Vec::len);
        assert_eq!(
            (listed.code, found, listed.stderr.as_str()),
            (code, Some(rows), ""),
            "{more:?}"
        );
    }
    let broken = home.join("fleet").join(DATASTORE).join("db-2/server-cert.pem");
    fs::write(broken, "rubbish").expect("written");
    let listed = list(&["-o", "json"]);
    assert_eq!((listed.code, listed.json()["certificates"].as_array().map(Vec::len)), (3, Some(3)));
    assert_eq!(
        fault(&mut home.ccx(&["cert", "list", "--dir", "no"])),
        (3, "directory-missing".into())
    );
}

#[test]
fn inventory_errors_name_file_line_and_field() {
    let home = Home::with_ca();
    let good = format!("datastore: {DATASTORE}, node: db-1, engine: mysql, domain: a.example");
    let ds = DATASTORE;
    for (text, told) in [
        (format!("- {{{good}}}\n- {{datastore: x}}\n"), "b.yaml, line 2: datastore: "),
        (
            format!("- {{{good}}}\n- {{{good}}}\n"),
            "b.yaml, line 2: the node 5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10/db-1 is in line 1 already",
        ),
        (
            format!("nodes:\n- datastore: {ds}\n  node: DB 1\n"),
            "b.yaml, line 3: node: \"DB 1\" is not the name of a node",
        ),
        (format!("- {{{good}, colour: red}}"), "b.yaml, line 1: colour: unknown field `colour`"),
        (format!("- {{{good}, ip: 10.0.0.1}}"), "b.yaml, line 1: ip: expected a list"),
        (
            format!("- {{{good}, ip: [10.0.0.1, 10.0.0.x]}}"),
            "b.yaml, line 1: ip: invalid IP address",
        ),
        (format!("- {{{good}, dns: [a_b]}}"), "b.yaml, line 1: dns: \"a_b\" is not a DNS name"),
        (format!("- {{{good}, replication: perhaps}}"), "b.yaml, line 1: replication: "),
        (format!("- {{{good}, key_type: rsa-1024}}"), "b.yaml, line 1: key_type: "),
        (
            format!("- {{{good}, validity: forever}}"),
            "b.yaml, line 1: validity: \"forever\" is not",
        ),
        (format!("- {{{good}, port: 70000}}"), "b.yaml, line 1: port: "),
        (
            format!("\n\n- {{datastore: {ds}, node: a, engine: mysq}}"),
            "b.yaml, line 3: engine: \"mysq\" is not an engine",
        ),
        (
            format!("- {{datastore: {ds}, node: a, engine: mysql}}"),
            "b.yaml, line 1: domain: is missing",
        ),
        (
            format!("- {{datastore: {ds}, node: a, domain: a.b}}"),
            "b.yaml, line 1: engine: is missing",
        ),
        ("- {node: a, engine: mysql, domain: a.b}".into(), "b.yaml, line 1: datastore: is missing"),
        (
            format!("- {{datastore: {ds}, engine: mysql, domain: a.b}}"),
            "b.yaml, line 1: node: is missing",
        ),
        (
            format!(
                "- {{datastore: {ds}, node: a, engine: mssql, domain: {}}}",
                "a-long-domain.".repeat(3) + "b"
            ),
            "b.yaml, line 1: a.",
        ),
        ("nodes: []".into(), "b.yaml: it has no nodes"),
        ("".into(), "b.yaml, line 1: "),
        ("hello".into(), "b.yaml, line 1: expected fields"),
        ("nodes: [".into(), "b.yaml, line 1: "),
        ("defaults: {}".into(), "b.yaml, line 1: missing field `nodes`"),
        ("\u{0}\u{1}\u{2}".into(), "b.yaml"),
        ("a: &a [x]\nb: [*a, *a]\nnodes: *a".into(), "b.yaml, line 1: "),
    ] {
        fs::write(home.join("b.yaml"), &text).expect("written");
        let said =
            run(&mut home.ccx(&["cert", "issue", "--inventory", "b.yaml", "--out", "fleet"]));
        assert_eq!((said.code, said.stdout.as_str()), (2, ""), "{text}");
        assert!(said.stderr.starts_with(&format!("error: {told}")), "{text}: {}", said.stderr);
        assert!(said.stderr.contains("[inventory]\n  hint: "), "{}", said.stderr);
    }
    for (text, told) in [
        (CSV.replace("db-2", "db-1"), "b.csv, line 3: the node"),
        (CSV.replace("10.0.0.7", "10.0.0.700"), "b.csv, line 2: ip: invalid IP"),
        (CSV.replace("mysql", "oracle"), "b.csv, line 2: engine: "),
        (
            CSV.replace(" port", " colour").replace("5432", "red"),
            "b.csv, line 4: there is no field \"colour\"",
        ),
        (CSV.replace(",,5432", ""), "b.csv, line 4: "),
        ("datastore,node\n".into(), "b.csv: it has no nodes"),
        ("".into(), "b.csv: it has no nodes"),
    ] {
        fs::write(home.join("b.csv"), &text).expect("written");
        let said = run(&mut home.ccx(&[
            "cert",
            "issue",
            "--domain",
            DOMAIN,
            "--inventory",
            "b.csv",
            "--out",
            "fleet",
        ]));
        assert_eq!((said.code, said.stdout.as_str()), (2, ""), "{text}");
        assert!(said.stderr.starts_with(&format!("error: {told}")), "{text}: {}", said.stderr);
    }
    assert!(!home.join("fleet").exists());
    fs::write(home.join("b.yaml"), format!("- {{{good}}}")).expect("written");
    for jobs in ["0", "257", "many"] {
        let told = fault(&mut home.ccx(&[
            "cert",
            "issue",
            "--inventory",
            "b.yaml",
            "--out",
            "fleet",
            "--jobs",
            jobs,
        ]));
        assert_eq!(told, (2, "usage".into()), "{jobs}");
    }
}
