//! The CA in a real cluster: what is stored, who accepts it, and the ways in and out.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::common::kube::{Namespace, kubectl, server};
use crate::common::{Home, lint, run, tool, verify};

#[test]
#[ignore = "needs tests/run"]
fn init_makes_two_secrets_that_others_can_use() {
    let namespace = Namespace::new();
    let made = run(&mut namespace.ccx(&["ca", "init", "--common-name", "Acme DB CA"]));
    assert_eq!(made.code, 0, "{}", made.stderr);
    assert!(made.stdout.starts_with("subject       CN=Acme DB CA\n"), "{}", made.stdout);
    let place = format!("stored in     Secret {}/ccx-ca at {}\n", namespace.name, server());
    assert!(made.stdout.contains(&place), "{}", made.stdout);
    assert!(made.stderr.contains("ca check --kubeconfig "), "{}", made.stderr);

    let yaml = namespace.kubectl(&["get", "secret", "ccx-ca", "-o", "yaml"]);
    assert!(yaml.contains("\ntype: kubernetes.io/tls\n"), "{yaml}");
    let ca = namespace.secret("ccx-ca");
    let keys = |secret: &serde_json::Value| -> Vec<String> {
        secret["data"].as_object().expect("data").keys().cloned().collect()
    };
    assert_eq!(keys(&ca), ["ca.crt", "tls.crt", "tls.key"]);
    assert_eq!(ca["metadata"]["labels"], json!({"app.kubernetes.io/managed-by": "ccx-sec"}));
    assert_eq!(ca["data"]["ca.crt"], ca["data"]["tls.crt"]);
    assert!(namespace.value("ccx-ca", "tls.key").starts_with("-----BEGIN PRIVATE KEY-----\n"));

    let bundle = namespace.secret("ccx-ca-bundle");
    assert_eq!(bundle["type"], "Opaque");
    assert_eq!(keys(&bundle), ["bundle.json", "ca.crt"]);
    assert_eq!(bundle["metadata"]["labels"], ca["metadata"]["labels"]);
    assert_eq!(bundle["data"]["ca.crt"], ca["data"]["ca.crt"]);
    for key in ["ca.crt", "bundle.json"] {
        assert!(!namespace.value("ccx-ca-bundle", key).contains("PRIVATE"), "{key}");
    }
    let index: serde_json::Value =
        serde_json::from_str(&namespace.value("ccx-ca-bundle", "bundle.json")).expect("JSON");
    let shown = run(&mut namespace.ccx(&["ca", "show", "-o", "json"])).json();
    assert_eq!(index, json!({"certificates": [{"role": "active", "sha256": shown["sha256"]}]}));
}

#[test]
#[ignore = "needs tests/run"]
fn openssl_and_pkilint_take_what_kubectl_gets() {
    for key_type in ["ecdsa-p256", "rsa-2048", "ed25519"] {
        let namespace = Namespace::new();
        let init = ["ca", "init", "--common-name", "CA", "--key-type", key_type];
        namespace.ccx(&init).assert().success();
        let crt = namespace.value_file("ccx-ca", "tls.crt").display().to_string();
        verify(&crt);
        lint(&crt);
    }
}

#[test]
#[ignore = "needs tests/run"]
fn leaf_signed_with_the_secret_as_a_cert_manager_issuer_would() {
    let namespace = Namespace::new();
    namespace.init();
    let file = |key: &str| namespace.value_file("ccx-ca", key).display().to_string();
    let (crt, key, ca) = (file("tls.crt"), file("tls.key"), file("ca.crt"));
    let at = |name: &str| namespace.home.join(name).display().to_string();
    let (leaf_key, csr, leaf, extensions) = (at("leaf.key"), at("csr"), at("leaf.crt"), at("ext"));
    fs::write(&extensions, "subjectAltName=DNS:db.example\nextendedKeyUsage=serverAuth\n")
        .expect("written");
    let new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    let request = ["req", "-new", "-subj", "/CN=db.example", "-keyout", &leaf_key, "-out", &csr];
    tool("openssl", &[&request[..], &new_key[..]].concat());
    let sign = ["x509", "-req", "-in", &csr, "-CA", &crt, "-CAkey", &key, "-CAcreateserial"];
    tool("openssl", &[&sign[..], &["-days", "1", "-out", &leaf, "-extfile", &extensions]].concat());
    let verify =
        ["verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "db.example"];
    let said = tool("openssl", &[&verify[..], &["-CAfile", &ca, &leaf]].concat());
    assert_eq!(said, format!("{leaf}: OK\n"));
}

#[test]
#[ignore = "needs tests/run"]
fn show_check_and_export_read_it() {
    let namespace = Namespace::new();
    namespace.init();
    let shown = run(&mut namespace.ccx(&["ca", "show", "-o", "json"]));
    assert_eq!((shown.code, shown.stderr.as_str()), (0, ""));
    let document = shown.json();
    let place = json!({
        "store": "k8s",
        "server": server(),
        "namespace": namespace.name,
        "secret": "ccx-ca",
        "bundle_secret": "ccx-ca-bundle",
    });
    assert_eq!(document["stored_in"], place);
    assert_eq!(document["bundle"][0]["sha256"], document["sha256"]);

    let checked = run(&mut namespace.ccx(&["ca", "check"]));
    assert_eq!((checked.code, checked.stderr.as_str()), (0, ""));
    let line = format!("ok      Secret {}/ccx-ca at {} is sound until ", namespace.name, server());
    assert!(checked.stdout.starts_with(&line) && checked.stdout.lines().count() == 1);
    let quiet = run(&mut namespace.ccx(&["-q", "ca", "check"]));
    assert_eq!((quiet.code, quiet.stdout.as_str(), quiet.stderr.as_str()), (0, "", ""));

    let exported = run(&mut namespace.ccx(&["ca", "export"]));
    assert_eq!((exported.code, exported.stderr.as_str()), (0, ""));
    assert_eq!(exported.stdout, namespace.value("ccx-ca-bundle", "ca.crt"));
    let map = run(&mut namespace.ccx(&["ca", "export", "--format", "configmap"]));
    assert_eq!((map.code, map.stderr.as_str()), (0, ""));
    namespace.apply(&map.stdout);
    let jsonpath = "jsonpath={.data.ca\\.crt}";
    let there = namespace.kubectl(&["get", "configmap", "ccx-ca-bundle", "-o", jsonpath]);
    assert_eq!(there, exported.stdout);
}

#[test]
#[ignore = "needs tests/run"]
fn backup_goes_out_and_comes_back_in_another_namespace() {
    let (from, to) = (Namespace::new(), Namespace::new());
    from.init();
    let key = from.home.join("backup.pem").display().to_string();
    let export = ["ca", "export", "--with-key", "--yes-export-private-key", "--no-passphrase"];
    let exported = run(from.ccx(&export).args(["--out", &key]));
    assert_eq!(exported.code, 0, "{}", exported.stderr);
    assert!(!(exported.stdout + &exported.stderr).contains("PRIVATE"));
    let import = ["ca", "import", "--cert", &key];
    let imported = run(&mut to.ccx(&import));
    assert_eq!(imported.code, 0, "{}", imported.stderr);
    for name in ["ccx-ca", "ccx-ca-bundle"] {
        assert_eq!(from.secret(name)["data"], to.secret(name)["data"], "{name}");
    }
    let before = to.secret("ccx-ca");
    let again = run(to.ccx(&import).args(["-o", "json"]));
    assert_eq!((again.code, again.stdout.as_str()), (4, ""));
    assert_eq!(again.error_code(), "ca-exists");
    assert_eq!(to.secret("ccx-ca"), before);
}

#[test]
#[ignore = "needs tests/run"]
fn lost_ca_is_put_back_where_its_bundle_is_still_there() {
    let namespace = Namespace::new();
    namespace.init();
    let backup = namespace.home.join("ca.pem").display().to_string();
    let export = ["ca", "export", "--with-key", "--yes-export-private-key", "--no-passphrase"];
    namespace.ccx(&export).args(["--out", &backup]).assert().success();
    let before = (namespace.secret("ccx-ca")["data"].clone(), namespace.secret("ccx-ca-bundle"));
    namespace.kubectl(&["delete", "secret", "ccx-ca"]);
    let init = run(&mut namespace.ccx(&["ca", "init", "--common-name", "New", "-o", "json"]));
    assert_eq!((init.code, init.stdout.as_str()), (4, ""));
    assert_eq!(init.error_code(), "bundle-without-ca");
    assert_eq!(namespace.secrets(), ["ccx-ca-bundle"]);
    let import = run(&mut namespace.ccx(&["ca", "import", "--cert", &backup]));
    assert_eq!(import.code, 0, "{}", import.stderr);
    let after = (namespace.secret("ccx-ca")["data"].clone(), namespace.secret("ccx-ca-bundle"));
    assert_eq!(after, before);
}

#[test]
#[ignore = "needs tests/run"]
fn second_init_changes_nothing() {
    let namespace = Namespace::new();
    namespace.init();
    let both = || (namespace.secret("ccx-ca"), namespace.secret("ccx-ca-bundle"));
    let before = both();
    let again = run(&mut namespace.ccx(&["ca", "init", "--common-name", "Other"]));
    assert_eq!((again.code, again.stdout.as_str()), (4, ""));
    let told = format!("error: there is a CA in Secret {}/ccx-ca at ", namespace.name);
    assert!(again.stderr.starts_with(&told), "{}", again.stderr);
    assert!(again.stderr.contains("[ca-exists]\n  hint: look at it: ccx-sec ca show "));
    assert_eq!(both(), before);

    let found = run(namespace.ccx(&["ca", "init", "--if-not-exists", "-o", "json"]).arg("-q"));
    assert_eq!((found.code, found.stderr.as_str()), (0, ""));
    assert_eq!(found.json()["created"], false);
    assert_eq!(found.json()["subject"], "CN=Test CA");
    assert_eq!(both(), before);

    let second = run(&mut namespace.ccx(&["ca", "init", "--common-name", "B", "--ca", "b"]));
    assert_eq!(second.code, 0, "{}", second.stderr);
    assert_eq!(namespace.secrets(), ["b", "b-bundle", "ccx-ca", "ccx-ca-bundle"]);
    assert_eq!(both(), before);
}

#[test]
#[ignore = "needs tests/run"]
fn directory_store_moves_into_the_cluster_with_kubectl_apply() {
    let (home, namespace) = (Home::new(), Namespace::new());
    home.init();
    let here = run(&mut home.ccx(&["ca", "show", "-o", "json"])).json();
    namespace.kubectl(&["apply", "-f", &home.store().display().to_string()]);
    assert_eq!(namespace.secrets(), ["ccx-ca", "ccx-ca-bundle"]);
    let checked = run(&mut namespace.ccx(&["ca", "check", "--strict"]));
    assert_eq!((checked.code, checked.stderr.as_str()), (0, ""), "{}", checked.stdout);
    let there = run(&mut namespace.ccx(&["ca", "show", "-o", "json"])).json();
    assert_eq!(there["sha256"], here["sha256"]);
    assert_eq!(there["bundle"], here["bundle"]);
    let again = run(&mut namespace.ccx(&["ca", "init", "--common-name", "B", "-o", "json"]));
    assert_eq!((again.code, again.error_code().as_str()), (4, "ca-exists"));
}

#[test]
#[ignore = "needs tests/run"]
fn secrets_as_kubectl_writes_them_are_a_directory_store() {
    let (home, namespace) = (Home::new(), Namespace::new());
    namespace.init();
    // A second kubectl apply leaves its own annotation on them, with a copy of the key.
    let yaml = namespace.kubectl(&["get", "secret", "ccx-ca", "-o", "yaml"]);
    namespace.apply(&yaml);
    fs::create_dir(home.store()).expect("made");
    fs::set_permissions(home.store(), fs::Permissions::from_mode(0o700)).expect("0700");
    for name in ["ccx-ca", "ccx-ca-bundle"] {
        let file = home.store().join(format!("{name}.yaml"));
        fs::write(&file, namespace.kubectl(&["get", "secret", name, "-o", "yaml"])).expect("file");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("0600");
    }
    let checked = run(&mut home.ccx(&["ca", "check", "--strict"]));
    assert_eq!((checked.code, checked.stderr.as_str()), (0, ""), "{}", checked.stdout);
    let there = run(&mut namespace.ccx(&["ca", "show", "-o", "json"])).json();
    let here = run(&mut home.ccx(&["ca", "show", "-o", "json"])).json();
    assert_eq!(here["sha256"], there["sha256"]);
}

#[test]
#[ignore = "needs tests/run"]
fn dry_run_on_the_client_asks_no_cluster() {
    let namespace = Namespace::absent();
    let closed = namespace.kubeconfig("closed", "{server: 'https://127.0.0.1:1'}", "{}");
    let init = ["ca", "init", "--common-name", "X", "--dry-run=client", "-o", "json"];
    let dry = run(&mut namespace.ccx_by(&closed, &init));
    assert_eq!(dry.code, 0, "{}", dry.stderr);
    assert!(dry.stderr.starts_with("dry run: nothing was stored."), "{}", dry.stderr);
    assert_eq!(dry.json()["created"], false);
    assert_eq!(dry.json()["stored_in"], json!(null));
    assert!(!kubectl(&["get", "namespaces"]).contains(&namespace.name));
}
