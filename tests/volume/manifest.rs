//! `volume manifest`: a real cluster accepts the objects once, and the key in them unlocks LUKS.

use std::fs;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::common::kube::{Namespace, kubectl};
use crate::common::{Home, chmod, mode, run, tool};

/// The driver, its required parameters, and the entry of the Secret with the passphrase.
const DRIVERS: [(&str, &[&str], &str); 3] = [
    ("longhorn", &[], "CRYPTO_KEY_VALUE"),
    (
        "ceph-csi",
        &["--parameter", "clusterID=9f07", "--parameter", "pool=rbd"],
        "encryptionPassphrase",
    ),
    ("hetzner", &[], "encryption-passphrase"),
];

#[test]
#[ignore = "needs tests/run"]
fn cluster_takes_it_once() {
    for (driver, needs, key) in DRIVERS {
        let namespace = Namespace::new();
        let class = format!("class-{}", namespace.name);
        let file = namespace.home.at("class.yaml");
        let words = ["volume", "manifest", driver, "--name", &class, "--out", &file];
        let made = run(&mut namespace.ccx(&[&words[..], needs].concat()));
        assert_eq!((made.code, made.stdout.as_str()), (0, ""), "{}", made.stderr);
        assert_eq!(mode(&namespace.home.join("class.yaml")), 0o600);
        kubectl(&["create", "-f", &file]);
        let secret_name = format!("{class}-key");
        let passphrase = namespace.value(&secret_name, key);
        assert_eq!(STANDARD.decode(&passphrase).expect("base64").len(), 64, "{driver}");

        // The class names the Secret with its namespace.
        let text = kubectl(&["get", "storageclass", &class, "-o", "json"]);
        let shown: Value = serde_json::from_str(&text).expect("JSON");
        kubectl(&["delete", "storageclass", &class]);
        let parameters = shown["parameters"].as_object().expect("parameters");
        for (name, value) in parameters {
            match name.strip_prefix("csi.storage.k8s.io/") {
                Some(call) if call.ends_with("-namespace") => assert_eq!(value, &namespace.name),
                Some(_) => assert_eq!(value, &secret_name),
                None => {}
            }
        }
        assert!(parameters.keys().any(|name| name.ends_with("-secret-name")), "{text}");
        assert_eq!(shown["reclaimPolicy"], "Retain");

        // Another key in its place would make all volumes unreadable.
        if driver != "ceph-csi" {
            let again = run(&mut namespace.ccx(&["volume", "manifest", driver, "--name", &class]));
            assert_eq!(again.code, 0, "{}", again.stderr);
            let other = namespace.home.write("other.yaml", &again.stdout);
            let applied = assert_cmd::Command::new("kubectl")
                .args([
                    "--kubeconfig",
                    &crate::common::kube::kubeconfig("admin").display().to_string(),
                ])
                .args(["apply", "-f", &other])
                .ok();
            let _ = kubectl(&["delete", "storageclass", &class, "--ignore-not-found"]);
            let error = applied.expect_err("it is immutable").to_string();
            assert!(error.contains("immutable"), "{error}");
            assert_eq!(namespace.value(&secret_name, key), passphrase);
        }

        // The passphrase as a driver passes it to cryptsetup.
        let disk = namespace.home.write("disk", []);
        fs::File::options()
            .write(true)
            .open(&disk)
            .and_then(|file| file.set_len(64 << 20))
            .expect("a size");
        let passphrase = namespace.home.write("passphrase", &passphrase);
        let format = ["-q", "luksFormat", "--type", "luks2", "--pbkdf", "pbkdf2"];
        tool(
            "cryptsetup",
            &[&format[..], &["--pbkdf-force-iterations", "1000", &disk, &passphrase]].concat(),
        );
        tool("cryptsetup", &["open", "--test-passphrase", "--key-file", &passphrase, &disk]);
    }
}

#[test]
fn key_goes_nowhere_that_others_see_and_over_no_other() {
    let home = Home::new();
    let words = ["volume", "manifest", "hetzner"];
    let public = fs::File::create(home.join("public")).expect("a file");
    chmod(&home.join("public"), 0o644);
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("ccx-sec"));
    let status = command.args(words).env("HOME", home.path()).stdout(public).status();
    assert_eq!(status.expect("it runs").code(), Some(4));
    assert_eq!(fs::read(home.join("public")).expect("read"), b"");
    let mut terminal = home.terminal(&words);
    terminal.expect("[not-for-a-terminal]");
    assert_eq!(terminal.end().0, 2);

    let out = home.write("out.yaml", "the only key");
    home.fails(&[&words[..], &["--out", &out]].concat(), 4, "file-exists");
    home.fails(&["volume", "manifest", "ceph-csi"], 2, "parameter-missing");
    home.fails(&["volume", "manifest", "hetzner", "--parameter", "nonsense"], 2, "usage");
    home.fails(&["volume", "manifest", "hetzner", "--name", "Not_A_Name"], 2, "secret-name");
}
