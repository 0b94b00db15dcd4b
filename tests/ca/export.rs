//! `ca export` on a directory store: each format, to a file and to stdout, and when the
//! private key goes with it. What other tools make of the files is in `ca_tools`; the
//! questions are in `prompts`.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::common::{Home, chmod, fingerprint, mode, tool};

const WITH_KEY: [&str; 4] = ["ca", "export", "--with-key", "--yes-export-private-key"];

/// Runs the program with stdout to a pipe, whatever bytes come.
fn stdout(home: &Home, arguments: &[&str]) -> Vec<u8> {
    let output = home.ccx(arguments).output().expect("the program");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn each_format_is_the_same_in_a_file_and_on_stdout() {
    let home = Home::new();
    home.init();
    let pem = home.value("ccx-ca-bundle", "ca.crt");
    let certificate = home.write("ca.pem", &pem);
    let der = home.at("ca.der");
    tool("openssl", &["x509", "-in", &certificate, "-outform", "DER", "-out", &der]);
    for (format, start) in [
        ("pem", pem.as_bytes()),
        ("der", &fs::read(&der).expect("DER")),
        ("pkcs12", b"\x30\x82"),
        ("jks", b"\xfe\xed\xfe\xed\0\0\0\x02\0\0\0\x01\0\0\0\x02"),
        ("configmap", b"apiVersion: v1\nkind: ConfigMap\n"),
        ("secret", b"apiVersion: v1\nkind: Secret\n"),
    ] {
        let file = home.at(&format!("out.{format}"));
        let export = ["ca", "export", "--format", format];
        let written = home.done(&[&export[..], &["--out", &file]].concat());
        let said = format!("wrote  {file}\nsha256 {}\n", fingerprint(&certificate));
        assert_eq!(written.stdout, said, "{format}");
        assert_eq!(mode(file.as_ref()), 0o644, "{format}");
        let bytes = fs::read(&file).expect("the file");
        assert!(bytes.starts_with(start), "{format}");
        let printed = stdout(&home, &export);
        match format {
            "pem" | "der" => assert_eq!((&bytes, bytes.as_slice()), (&printed, start), "{format}"),
            "pkcs12" => assert!(printed.starts_with(start)), // salted
            "jks" => assert_eq!(printed.len(), bytes.len()), // holds the time
            _ => assert_eq!(printed, bytes, "{format}"),
        }
        assert!(!String::from_utf8_lossy(&bytes).contains("PRIVATE"), "{format}");
    }
    let manifest = |format: &str| -> Value {
        let text = fs::read_to_string(home.at(&format!("out.{format}"))).expect("a manifest");
        serde_saphyr::from_str(&text).expect("YAML")
    };
    let labels = json!({"app.kubernetes.io/managed-by": "ccx-sec"});
    let metadata = json!({"name": "ccx-ca-bundle", "labels": labels});
    let configmap = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"ca.crt": pem},
    });
    assert_eq!(manifest("configmap"), configmap);
    let stored = fs::read_to_string(home.secret_file("ccx-ca-bundle")).expect("the bundle");
    assert_eq!(manifest("secret"), serde_saphyr::from_str::<Value>(&stored).expect("YAML"));
}

#[test]
fn export_reports_written_files_in_each_format() {
    let home = Home::new();
    home.init();
    let shown = home.done(&["ca", "show", "-o", "json"]).json();
    let export = ["ca", "export", "--out", "ca.pem"];
    let told = home.done(&[&export[..], &["-o", "json"]].concat());
    let expected = json!({"format_version": 1, "file": "ca.pem", "format": "pem", "with_key": false, "sha256": [shown["sha256"]]});
    assert_eq!((told.json(), told.stderr.as_str()), (expected, ""));
    let quiet = home.done(&[&export[..], &["--force", "-q"]].concat());
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    home.fails(&["ca", "export", "-o", "json"], 2, "export-needs-out");
}

#[test]
fn file_that_is_there_is_kept_without_force() {
    let home = Home::new();
    home.init();
    let file = home.write("ca.pem", "precious");
    let passphrase = home.write("passphrase", "correct horse");
    home.fails(&["ca", "export", "--out", &file], 4, "file-exists");
    let with_key = [&WITH_KEY[..], &["--passphrase-file", &passphrase, "--out", &file]].concat();
    home.fails(&with_key, 4, "file-exists");
    home.done(&["ca", "export", "--out", &file, "--force"]);
    assert_eq!(fs::read_to_string(&file).expect("PEM"), home.value("ccx-ca-bundle", "ca.crt"));
    // A key never goes into a file that others can read, whatever was there before.
    chmod(file.as_ref(), 0o666);
    home.done(&[&with_key[..], &["--force"]].concat());
    assert_eq!(mode(file.as_ref()), 0o600);
    home.fails(&["ca", "export", "--out", &home.at("missing/ca.pem")], 3, "file-unwritable");
    home.fails(&["ca", "export", "--force"], 2, "usage");
    // Nor does --force replace what is no file, such as /dev/null.
    let (fifo, link) = (home.at("fifo"), home.at("link"));
    tool("mkfifo", &[&fifo]);
    symlink("/dev/null", &link).expect("made");
    for (path, code) in [
        (&fifo, "file-not-regular"),
        (&link, "file-not-regular"),
        (&home.at("store"), "file-is-directory"),
    ] {
        home.fails(&["ca", "export", "--out", path], 4, "file-exists");
        home.fails(&["ca", "export", "--out", path, "--force"], 2, code);
    }
}

#[test]
fn private_key_never_goes_out_by_chance() {
    let home = Home::new();
    home.init();
    let passphrase = home.write("passphrase", "correct horse");
    let out = ["--out", "backup"];
    let fails = |more: &[&str], exit, code| {
        home.fails(&[&["ca", "export", "--with-key"], &out[..], more].concat(), exit, code)
    };
    fails(&[], 2, "answer-missing");
    fails(&["--passphrase-file", &passphrase], 2, "answer-missing");
    fails(&["--yes-export-private-key"], 2, "answer-missing"); // of the passphrase
    fails(&["--yes-export-private-key", "--format", "der", "--no-passphrase"], 2, "export-format");
    fails(&["--yes-export-private-key", "--format", "jks", "--no-passphrase"], 2, "export-format");
    fails(&["--yes-export-private-key", "--format", "configmap"], 2, "export-format");
    fails(&["--yes-export-private-key", "--format", "secret"], 2, "export-secret-plain");
    let both = ["--yes-export-private-key", "--no-passphrase", "--passphrase-file", &passphrase];
    fails(&both, 2, "usage");
    home.fails(&["ca", "export", "--yes-export-private-key"], 2, "usage");
    home.fails(&["ca", "export", "--no-passphrase"], 2, "usage");
    home.fails(&["ca", "export", "--passphrase-file", &passphrase], 2, "export-passphrase");
}

#[test]
fn private_key_as_asked() {
    let home = Home::new();
    home.init();
    let key = home.value("ccx-ca", "tls.key");
    let passphrase = home.write("passphrase", "correct horse");
    for (format, more, in_the_clear) in [
        ("pem", ["--passphrase-file", &passphrase], false),
        ("pkcs12", ["--passphrase-file", &passphrase], false),
        ("pem", ["--no-passphrase", "-q"], true),
        ("secret", ["--no-passphrase", "-q"], true),
    ] {
        let _ = fs::remove_file(home.at("backup"));
        let export = [&WITH_KEY[..], &["--format", format, "--out", "backup"], &more].concat();
        let told = home.done(&[&export[..], &["-o", "json"]].concat());
        assert_eq!(told.json()["with_key"], true);
        assert_eq!(mode(&home.join("backup")), 0o600, "{format}");
        let bytes = fs::read(home.join("backup")).expect("the file");
        let text = String::from_utf8_lossy(&bytes);
        let encoded = crate::common::base64(&key);
        let clear = text.contains(&key) || text.contains(encoded.as_str().expect("text"));
        assert_eq!(clear, in_the_clear, "{format} {more:?}");
        assert!(!(told.stdout + &told.stderr).contains("PRIVATE"));
    }
    // The manifest of the CA is the very file of the store.
    let stored = fs::read(home.secret_file("ccx-ca")).expect("the CA");
    assert_eq!(fs::read(home.join("backup")).expect("the manifest"), stored);
}

#[test]
fn stdout_takes_a_key_where_others_cannot_read_it() {
    let home = Home::new();
    home.init();
    let command = home.ccx(&[&WITH_KEY[..], &["--no-passphrase"]].concat());
    let into = |stdout: Stdio| {
        let mut process = Command::new(command.get_program());
        process.args(command.get_args()).stdin(Stdio::null()).stderr(Stdio::piped()).stdout(stdout);
        let output = process.output().expect("the program");
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");
        (output.status.code(), stderr, String::from_utf8(output.stdout).expect("UTF-8"))
    };
    for (mode, exit) in [(0o644, 4), (0o640, 4), (0o600, 0)] {
        let file = home.join("stdout");
        let open = File::create(&file).expect("made");
        chmod(&file, mode);
        let (status, stderr, _) = into(open.into());
        assert_eq!(status, Some(exit), "{mode:o}: {stderr}");
        assert_eq!(stderr.contains("[stdout-not-private]"), exit == 4, "{stderr}");
        let text = fs::read_to_string(&file).expect("the file");
        assert_eq!(text.contains("BEGIN PRIVATE KEY"), exit == 0, "{mode:o}");
    }
    let (status, stderr, printed) = into(Stdio::piped());
    assert!(status == Some(0) && printed.contains("BEGIN PRIVATE KEY"), "{stderr}");
}
