//! `ca import` on a directory store: CAs as openssl makes them, and backups of our own.

use std::fs;

use serde_json::json;

use crate::common::foreign::{Foreign, P256, Pair, RSA_1024, RSA_2048};
use crate::common::{Home, fingerprint, tool};

fn openssl(arguments: &[&str]) {
    tool("openssl", arguments);
}

fn import<'a>(pair: &'a Pair, more: &[&'a str]) -> Vec<&'a str> {
    [&["ca", "import", "--cert", &pair.cert, "--key", &pair.key], more].concat()
}

/// Imports into an empty store; the CA there is the one given, and sound.
fn taken(home: &Home, arguments: &[&str], certificate: &str) {
    let _ = fs::remove_dir_all(home.store());
    let imported = home.done(&[arguments, &["-o", "json"]].concat());
    let store = home.store().display().to_string();
    let next = format!("The CA was stored. Next:\n  ccx-sec ca check --store dir:{store}\n");
    assert_eq!(imported.stderr, next, "{arguments:?}");
    let imported = imported.json();
    assert_eq!((&imported["imported"], &imported["dry_run"]), (&json!(true), &json!(false)));
    assert_eq!(imported["findings"], json!([]));
    assert_eq!(imported["sha256"], fingerprint(certificate), "{arguments:?}");
    assert!(home.value("ccx-ca", "tls.key").starts_with("-----BEGIN PRIVATE KEY-----\n"));
    assert_eq!(home.done(&["ca", "check", "--strict"]).stderr, "");
}

#[test]
fn keys_in_every_encoding() {
    let home = Home::new();
    let ed25519 = &["-algorithm", "ED25519"][..];
    let p384 = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"][..];
    for (name, key) in [("rsa", RSA_2048), ("ec", P256), ("p384", p384), ("ed", ed25519)] {
        let digest = if name == "ed" { "null" } else { "sha256" };
        let pair = Foreign { key, digest, ..Foreign::default() }.make(&home, name);
        let as_pem = import(&pair, &[]);
        taken(&home, &as_pem, &pair.cert);
        let der = Pair { cert: home.at("cert.der"), key: home.at("key.der") };
        openssl(&["x509", "-in", &pair.cert, "-outform", "DER", "-out", &der.cert]);
        openssl(&[
            "pkcs8", "-topk8", "-nocrypt", "-in", &pair.key, "-outform", "DER", "-out", &der.key,
        ]);
        taken(&home, &import(&der, &[]), &pair.cert);
        if name == "ed" {
            continue; // has no encoding of its own
        }
        // PKCS#1 of RSA, SEC1 of EC
        let traditional = Pair { cert: pair.cert.clone(), key: home.at("traditional.key") };
        openssl(&["pkey", "-traditional", "-in", &pair.key, "-out", &traditional.key]);
        let text = fs::read_to_string(&traditional.key).expect("PEM");
        let label = if name == "rsa" { "BEGIN RSA PRIVATE KEY" } else { "BEGIN EC PRIVATE KEY" };
        assert!(text.contains(label), "{text}");
        taken(&home, &import(&traditional, &[]), &pair.cert);
        let kind = if name == "rsa" { "rsa" } else { "ec" };
        let legacy = [kind, "-in", &pair.key, "-outform", "DER", "-out", &der.key];
        let only_rsa = if name == "rsa" { &["-traditional"][..] } else { &[] };
        openssl(&[&legacy[..], only_rsa].concat());
        taken(&home, &import(&der, &[]), &pair.cert);
    }
}

#[test]
fn keys_under_a_passphrase() {
    let home = Home::new();
    let pair = Foreign::default().make(&home, "foreign");
    let (right, wrong) = (home.write("right", "Größe \t$x\r\nsecond"), home.write("wrong", "x\n"));
    let pass = home.write("pass", "Größe \t$x");
    let passout = format!("file:{pass}");
    let sealed = Pair { cert: pair.cert.clone(), key: home.at("sealed.key") };
    let seal = ["pkcs8", "-topk8", "-in", &pair.key, "-out", &sealed.key, "-passout", &passout];
    for how in [
        &["-v2", "aes-256-cbc"][..],
        &["-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA512", "-iter", "10000"],
        &["-v2", "aes-192-cbc", "-outform", "DER"],
        &["-scrypt"],
    ] {
        openssl(&[&seal[..], how].concat());
        taken(&home, &import(&sealed, &["--passphrase-file", &right]), &pair.cert);
        fs::remove_dir_all(home.store()).expect("removed");
        home.fails(&import(&sealed, &["--passphrase-file", &wrong]), 2, "passphrase-wrong");
        home.fails(&import(&sealed, &["--no-input"]), 2, "answer-missing");
    }
    // Ciphers that are broken, or that nobody should use any more.
    for how in [&["-v1", "PBE-SHA1-3DES"][..], &["-v2", "des3"]] {
        openssl(&[&seal[..], how].concat());
        let refused = import(&sealed, &["--passphrase-file", &right]);
        home.fails(&refused, 2, "key-encryption-unsupported");
    }
    openssl(&["ec", "-in", &pair.key, "-aes256", "-passout", &passout, "-out", &sealed.key]);
    let text = fs::read_to_string(&sealed.key).expect("PEM");
    assert!(text.contains("DEK-Info"), "{text}");
    home.fails(&import(&sealed, &["--passphrase-file", &right]), 2, "pem-legacy-encryption");
}

#[test]
fn import_reads_one_file_and_standard_input() {
    let home = Home::new();
    let pair = Foreign::default().make(&home, "foreign");
    let read = |file: &str| fs::read_to_string(file).expect("PEM");
    let both = read(&pair.key) + "\nBag Attributes\n    friendlyName: x\n" + &read(&pair.cert);
    let file = home.write("both.pem", &both);
    taken(&home, &["ca", "import", "--cert", &file], &pair.cert);
    for (arguments, stdin) in [
        (vec!["ca", "import", "--cert", "-"], &both),
        (vec!["ca", "import", "--cert", "-", "--key", &pair.key], &read(&pair.cert)),
        (vec!["ca", "import", "--cert", &pair.cert, "--key", "-"], &read(&pair.key)),
    ] {
        fs::remove_dir_all(home.store()).expect("removed");
        home.ccx(&arguments).write_stdin(stdin.as_bytes()).assert().success();
        home.done(&["ca", "check", "--strict"]);
    }
    fs::remove_dir_all(home.store()).expect("removed");
    home.fails(&["ca", "import", "--cert", "-", "--key", "-"], 2, "stdin-twice");
}

#[test]
fn backup_comes_back_as_the_same_ca() {
    for (key_type, format) in [
        ("ecdsa-p256", "--passphrase-file"),
        ("ed25519", "--no-passphrase"),
        ("rsa-2048", "--passphrase-file"),
    ] {
        let (from, to) = (Home::new(), Home::new());
        from.done(&[
            "ca",
            "init",
            "--common-name",
            "X",
            "--key-type",
            key_type,
            "--permit-dns",
            "a.example",
        ]);
        let (backup, passphrase) =
            (from.at("backup.pem"), from.write("passphrase", "correct horse"));
        let sealed = format == "--passphrase-file";
        let export =
            ["ca", "export", "--with-key", "--yes-export-private-key", "--out", &backup, format];
        let last = sealed.then_some(passphrase.as_str());
        from.done(&[&export[..], last.as_slice()].concat());
        let import = ["ca", "import", "--cert", &backup, "--passphrase-file", &passphrase];
        to.done(&import);
        for name in ["ccx-ca", "ccx-ca-bundle"] {
            let read = |home: &Home| fs::read(home.secret_file(name)).expect("a Secret");
            assert_eq!(read(&to), read(&from), "{key_type}, {name}");
        }
        to.fails(&import, 4, "ca-exists");
        // A lost CA goes back under the bundle that clients have; another one does not.
        fs::remove_file(to.secret_file("ccx-ca")).expect("removed");
        let other = Foreign::default().make(&to, "other");
        to.fails(
            &["ca", "import", "--cert", &other.cert, "--key", &other.key],
            4,
            "bundle-without-ca",
        );
        to.done(&import);
        to.done(&["ca", "check", "--strict"]);
    }
}

#[test]
fn import_refuses_unsound_cas() {
    let home = Home::new();
    let ours = Foreign::default().make(&home, "ours");
    let refused = |pair: &Pair, code| {
        for more in [&[][..], &["--dry-run"], &["-o", "json"]] {
            home.fails(&import(pair, more), 4, code);
        }
    };
    let other = Foreign::default().make(&home, "other");
    refused(&Pair { key: other.key.clone(), ..ours.clone() }, "key-mismatch");
    let leaf = Foreign {
        extensions: "subjectAltName=DNS:a.example\nsubjectKeyIdentifier=hash",
        ..Foreign::default()
    };
    refused(&leaf.make(&home, "leaf"), "not-a-ca");
    let signed = Foreign { issuer: Some(&ours), subject: "/CN=leaf", ..leaf };
    refused(&signed.make(&home, "signed"), "not-self-signed");
    let expired = Foreign { dates: ["20200101000000Z", "20210101000000Z"], ..Foreign::default() };
    refused(&expired.make(&home, "expired"), "expired");
    let early = Foreign { dates: ["20900101000000Z", "21000101000000Z"], ..Foreign::default() };
    refused(&early.make(&home, "early"), "not-yet-valid");
    refused(&Foreign { key: RSA_1024, ..Foreign::default() }.make(&home, "weak"), "weak-key");
    refused(
        &Foreign { digest: "sha1", ..Foreign::default() }.make(&home, "sha1"),
        "weak-signature",
    );
    refused(&Foreign { extensions: "", ..Foreign::default() }.make(&home, "v1"), "not-v3");
    assert!(!home.store().exists());
}

#[test]
fn import_warns_of_differences_from_the_profile() {
    let home = Home::new();
    let differs = Foreign {
        extensions: "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign",
        serial: "01",
        ..Foreign::default()
    };
    let pair = differs.make(&home, "foreign");
    let imported = home.done(&import(&pair, &[]));
    let (said, shown) = imported.stdout.split_once("subject       ").expect("two parts");
    let expected = "warning serial-short: its serial number is too short to hold 64 random bits
warning path-length: its pathLenConstraint is not 0: it may sign further authorities
";
    assert!(said.starts_with(expected), "{said}");
    assert!(shown.starts_with("CN=Foreign CA\nsha256        "), "{shown}");
    home.done(&["ca", "check"]);
}

#[test]
fn import_shows_the_certificate() {
    let home = Home::new();
    let foreign = Foreign {
        subject: "/C=DE/O=Größe, \\\"Inc\\\"/OU=a\\+b/CN=#Foreign",
        extensions: "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,digitalSignature\n\
                     extendedKeyUsage=serverAuth,1.2.3.4\nsubjectKeyIdentifier=hash\n\
                     authorityKeyIdentifier=keyid:always\nsubjectAltName=DNS:a.example,IP:10.0.0.1,IP:fd00::1\n\
                     nameConstraints=permitted;DNS:.example,excluded;IP:10.0.0.0/255.0.0.0",
        ..Foreign::default()
    };
    home.done(&import(&foreign.make(&home, "foreign"), &[]));
    let shown = home.done(&["ca", "show", "-o", "json"]).json();
    assert_eq!(shown["subject"], r#"CN=\#Foreign,OU=a\+b,O=Größe\, \"Inc\",C=DE"#);
    assert_eq!(shown["san"], json!({"dns": ["a.example"], "ip": ["10.0.0.1", "fd00::1"]}));
    assert_eq!(shown["key_usage"], json!(["digitalSignature", "keyCertSign"]));
    assert_eq!(shown["ext_key_usage"], json!(["serverAuth", "1.2.3.4"]));
    assert_eq!(shown["aki"], shown["ski"]);
    assert_eq!(shown["name_constraints"]["permitted"], json!({"dns": [".example"], "ip": []}));
    assert_eq!(shown["name_constraints"]["excluded"], json!({"dns": [], "ip": ["10.0.0.0/8"]}));
}

#[test]
fn import_escapes_control_characters() {
    let home = Home::new();
    let foreign = Foreign {
        subject: "/CN=a\u{1b}[2Jb\u{7}",
        extensions: "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n\
                     subjectKeyIdentifier=hash\nsubjectAltName=DNS:c\u{1b}]0;d\u{7}",
        ..Foreign::default()
    };
    let pair = foreign.make(&home, "foreign");
    let color = ["--color", "always"];
    let imported = home.done(&import(&pair, &color));
    let shown = home.done(&[&["ca", "show"], &color[..]].concat());
    for text in [imported.stdout, shown.stdout] {
        assert!(text.contains("subject       CN=a\\1B[2Jb\\07\n"), "{text:?}");
        assert!(text.contains("names         DNS:#631b5d303b6407\n"), "{text:?}");
        assert!(!text.contains(['\u{1b}', '\u{7}']), "{text:?}");
    }
    let json = home.done(&["ca", "show", "-o", "json"]);
    assert_eq!(json.json()["san"]["dns"], json!(["#631b5d303b6407"]));
    assert!(!json.stdout.contains('\u{1b}'), "{}", json.stdout);
}

#[test]
fn dry_run_checks_all_and_stores_nothing() {
    let home = Home::new();
    let pair = Foreign::default().make(&home, "foreign");
    let before = home.snapshot();
    let dry = home.done(&import(&pair, &["--dry-run", "-o", "json"]));
    assert_eq!(dry.stderr, "dry run: nothing was stored.\n");
    assert_eq!((&dry.json()["imported"], &dry.json()["dry_run"]), (&json!(false), &json!(true)));
    assert_eq!(dry.json()["subject"], "CN=Foreign CA");
    assert_eq!(home.snapshot(), before);
    home.init();
    home.fails(&import(&pair, &["--dry-run"]), 4, "ca-exists");
    home.edit("ccx-ca", |secret| secret["metadata"]["labels"] = json!({}));
    home.fails(&import(&pair, &["--dry-run"]), 4, "secret-foreign");
    home.fails(&import(&pair, &[]), 4, "secret-foreign");
    let quiet = home.done(&import(&pair, &["-q", "--ca", "second"]));
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
}
