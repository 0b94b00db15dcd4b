//! The Secrets of nodes in a directory store. Those in a cluster have tests of their own.

use std::fs;

use serde_json::{Value, json};

use crate::common::nodes::{DATASTORE, done, fault, summary};
use crate::common::{Home, run, tool};

const YAML: &str = "\
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

#[test]
#[ignore = "needs tests/run"]
fn secrets_of_a_directory_store() {
    let home = Home::with_ca();
    fs::write(home.join("nodes.yaml"), YAML).expect("written");
    let issue = ["cert", "issue", "--inventory", "nodes.yaml", "--secret"];
    let made = done(&mut home.ccx(&issue));
    assert_eq!(summary(&made), [3, 0, 0, 0]);
    let name = format!("ccx-node-{DATASTORE}-db-1");
    assert_eq!(made["nodes"][0]["secret"], name);
    let path = home.store().join(format!("{name}.yaml"));
    let text = fs::read_to_string(&path).expect("a Secret");
    let read = "import base64,json,sys,re
t=open(sys.argv[1]).read()
d=dict(re.findall(r'^  (\\S+): (\\S+)$', t, re.M)); l=dict(re.findall(r'^    (\\S+): (\\S+)$', t, re.M))
json.dump({'labels': l, 'data': {k: base64.b64decode(v).decode() for k, v in d.items() if k.startswith(('tls', 'ca'))}}, sys.stdout)";
    let secret = || -> Value {
        serde_json::from_str(&tool("python3", &["-c", read, &path.display().to_string()]))
            .expect("JSON")
    };
    let first = secret();
    assert!(text.contains("\ntype: kubernetes.io/tls\n"), "{text}");
    assert_eq!(
        first["labels"],
        json!({"app.kubernetes.io/managed-by": "ccx-sec", "ccx-sec/datastore": DATASTORE, "ccx-sec/engine": "mysql", "ccx-sec/node": "db-1"})
    );
    for (key, begins) in
        [("tls.crt", "CERTIFICATE"), ("tls.key", "PRIVATE KEY"), ("ca.crt", "CERTIFICATE")]
    {
        let value = first["data"][key].as_str().expect(key);
        assert!(value.starts_with(&format!("-----BEGIN {begins}-----\n")), "{key}");
    }
    // The same pair goes into a directory, and into the store again where it was lost.
    assert_eq!(done(home.ccx(&issue).args(["--out", "fleet"]))["summary"]["refreshed"], 3);
    let in_files = |name: &str| {
        fs::read_to_string(home.join("fleet").join(DATASTORE).join("db-1").join(name)).expect(name)
    };
    assert_eq!(
        (in_files("server-cert.pem"), in_files("server-key.pem")),
        (
            first["data"]["tls.crt"].as_str().expect("PEM").into(),
            first["data"]["tls.key"].as_str().expect("PEM").into()
        )
    );
    fs::remove_file(&path).expect("removed");
    assert_eq!(done(home.ccx(&issue).args(["--out", "fleet"]))["summary"]["refreshed"], 1);
    assert_eq!(secret(), first);

    // Labels of others stay, and Secrets of others are left alone.
    fs::write(&path, text.replace("  labels:\n", "  labels:\n    team: a\n")).expect("written");
    let renewed = done(&mut home.ccx(&["cert", "renew", "--secret", &name, "--force"]));
    assert_eq!((&renewed["action"], &renewed["secret"]), (&json!("renewed"), &json!(name)));
    assert_eq!(
        (&secret()["labels"]["team"], &secret()["labels"]["ccx-sec/node"]),
        (&json!("a"), &json!("db-1"))
    );
    assert_ne!(secret()["data"]["tls.key"], first["data"]["tls.key"]);
    assert_eq!(run(&mut home.ccx(&["cert", "needs-renewal", "--secret", &name])).code, 1);
    let listed = done(&mut home.ccx(&["cert", "list", "--datastore", DATASTORE]));
    assert_eq!(
        (listed["certificates"].as_array().map(Vec::len), &listed["certificates"][0]["engine"]),
        (Some(2), &json!("mysql"))
    );

    let theirs = text.replace("managed-by: ccx-sec", "managed-by: helm");
    fs::write(&path, &theirs).expect("written");
    let said = run(home.ccx(&issue).args(["--key-type", "ed25519", "-o", "json"]));
    assert_eq!(said.code, 0, "what will do is kept, whoever made it: {}", said.stdout);
    let renew = ["cert", "renew", "--secret", &name, "--force"];
    assert_eq!(fault(&mut home.ccx(&renew)), (4, "secret-foreign".into()));
    assert_eq!(fs::read_to_string(&path).expect("a Secret"), theirs);
    fs::write(&path, theirs.replace("tls.key: ", "tls.key: AAAA")).expect("written");
    let said = run(home.ccx(&issue).args(["-o", "json"]));
    assert_eq!(
        (said.code, &said.json()["nodes"][0]["error"]["code"]),
        (3, &json!("secret-foreign"))
    );
}
