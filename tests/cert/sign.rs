//! `cert sign`: requests made by OpenSSL, good ones and bad. Only the key and the names of a
//! request count, and neither is believed.

use std::fs;

use assert_cmd::Command;
use serde_json::json;

use crate::common::nodes::{DATASTORE, DOMAIN, HOST, certificate, done, fault, openssl_verify};
use crate::common::{Home, run, tool};

/// The options of `openssl req` for a new key of every kind that is signed.
const KEYS: [(&str, &[&str]); 6] = [
    ("ecdsa-p256", &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    ("ecdsa-p384", &["ec", "-pkeyopt", "ec_paramgen_curve:P-384"]),
    ("ed25519", &["ed25519"]),
    ("rsa-2048", &["rsa:2048"]),
    ("rsa-3072", &["rsa:3072"]),
    ("rsa-4096", &["rsa:4096"]),
];
const P256: &[&str] = KEYS[0].1;

/// A new key and a request `HOME/name` for it, with `more` options of `openssl req`.
fn request(home: &Home, name: &str, key: &[&str], more: &[&str]) {
    let (out, key_file) =
        (home.join(name).display().to_string(), home.join("key").display().to_string());
    let new = ["req", "-new", "-nodes", "-subj", "/CN=root/O=Evil", "-out", &out];
    tool("openssl", &[&new[..], &["-keyout", &key_file, "-newkey"], key, more].concat());
}

/// `cert sign` for the node of these tests.
fn sign(home: &Home, csr: &str) -> Command {
    let node =
        ["--datastore", DATASTORE, "--node", "db-1", "--engine", "postgresql", "--domain", DOMAIN];
    home.ccx(&[&["cert", "sign", "--csr", csr][..], &node].concat())
}

/// What becomes of a request with these names.
fn refused(home: &Home, names: &str) -> (i32, String) {
    request(home, "csr", P256, &["-addext", &format!("subjectAltName={names}")]);
    fault(&mut sign(home, "csr"))
}

#[test]
fn every_kind_of_key_as_pem_der_and_on_stdin() {
    let home = Home::with_ca();
    done(&mut home.issue("mysql", &[])); // for the bundle beside it
    for (kind, options) in KEYS {
        request(&home, "csr", options, &[]);
        let made = done(sign(&home, "csr").args(["--out", "tls/pem"]).arg("--force"));
        assert_eq!((&made["key_type"], &made["file"]), (&json!(kind), &json!("tls/pem")));
        openssl_verify(
            &home.join("tls"),
            "pem",
            &["-purpose", "sslserver", "-verify_hostname", HOST],
        );
        let public = |what: &str, file: &str| {
            tool(
                "openssl",
                &[what, "-noout", "-pubkey", "-in", &home.join(file).display().to_string()],
            )
        };
        assert_eq!(public("x509", "tls/pem"), public("req", "csr"), "{kind}");
        let at = |name: &str| home.join(name).display().to_string();
        tool("openssl", &["req", "-in", &at("csr"), "-outform", "DER", "-out", &at("der")]);
        let made = done(&mut sign(&home, "der"));
        assert_eq!(made["key_type"], kind);
        for file in ["csr", "der"] {
            let bytes = fs::read(home.join(file)).expect("a request");
            let said = run(sign(&home, "-").write_stdin(bytes));
            assert_eq!((said.code, said.stderr.as_str()), (0, ""));
            assert!(said.stdout.starts_with("-----BEGIN CERTIFICATE-----\n"), "{}", said.stdout);
            assert_eq!(said.stdout.lines().filter(|line| line.contains("BEGIN")).count(), 1);
        }
    }
}

#[test]
fn only_the_names_of_a_request_count() {
    let home = Home::with_ca();
    let asked = [
        "-addext",
        "basicConstraints=critical,CA:TRUE",
        "-addext",
        "keyUsage=critical,keyCertSign,cRLSign",
        "-addext",
        "extendedKeyUsage=clientAuth,codeSigning",
        "-addext",
        "certificatePolicies=1.2.3.4",
        "-addext",
        "tlsfeature=status_request",
        "-addext",
        "1.2.3.4.5=critical,ASN1:UTF8String:unknown",
        "-addext",
        "subjectKeyIdentifier=01:02",
        "-addext",
        "nsComment=hello",
    ];
    request(&home, "csr", P256, &asked);
    let made = done(&mut sign(&home, "csr"));
    assert_eq!(made["subject"], format!("CN={HOST}"));
    assert_eq!((&made["is_ca"], &made["key_usage"]), (&json!(false), &json!(["digitalSignature"])));
    assert_eq!(made["ext_key_usage"], json!(["serverAuth"]));
    assert_eq!(made["san"], json!({"dns": [HOST], "ip": []}));
    assert_ne!(made["ski"], "0102");
    let text = run(&mut sign(&home, "csr")).stdout;
    for not_there in ["hello", "Evil", "unknown"] {
        assert!(!String::from_utf8_lossy(certificate_of(&text).der()).contains(not_there));
    }
    let both = done(sign(&home, "csr").args(["--replication", "true"]));
    assert_eq!(both["ext_key_usage"], json!(["serverAuth", "clientAuth"]));
    let client = ["cert", "sign", "--csr", "csr", "--client", "--common-name", "app1"];
    let made = done(&mut home.ccx(&client));
    assert_eq!(
        (&made["subject"], &made["ext_key_usage"]),
        (&json!("CN=app1"), &json!(["clientAuth"]))
    );
}

fn certificate_of(pem: &str) -> ccx_sec::pki::certificate::Certificate {
    ccx_sec::pki::certificate::Certificate::from_pem("it", pem.as_bytes()).expect("PEM").remove(0)
}

#[test]
fn names_are_held_against_the_policy() {
    let home = Home::with_ca();
    for names in [
        "DNS:evil.example",
        "IP:10.0.0.1",
        &format!("DNS:{HOST},DNS:x.{HOST}"),
        &format!("DNS:*.{DOMAIN}"),
        "DNS:localhost",
    ] {
        assert_eq!(refused(&home, names), (4, "csr-name-refused".into()), "{names}");
    }
    let told = run(&mut sign(&home, "csr"));
    assert!(told.stderr.contains("not allowed: localhost [csr-name-refused]"), "{}", told.stderr);
    for names in [
        "email:a@example.com",
        "URI:http://a.example",
        "RID:1.2.3",
        &format!("DNS:{HOST},email:a@b"),
    ] {
        assert_eq!(refused(&home, names), (2, "csr-name-kind".into()), "{names}");
    }
    for names in ["DNS:a_b.example", "DNS:a..b", "DNS:10.0.0.1"] {
        assert_eq!(refused(&home, names), (2, "dns-name".into()), "{names}");
    }
    let asked =
        format!("DNS:{HOST},DNS:a.ro.example.com,DNS:a.b.rw.example.com,IP:10.1.2.3,IP:fd00::7");
    request(&home, "csr", P256, &["-addext", &format!("subjectAltName={asked}")]);
    let allow = [
        "--allow-dns",
        "*.ro.example.com",
        "--allow-dns",
        "**.rw.example.com",
        "--allow-ip",
        "10.0.0.0/8",
        "--allow-ip",
        "fd00::/8",
    ];
    let made = done(sign(&home, "csr").args(allow));
    assert_eq!(made["san"]["ip"], json!(["10.1.2.3", "fd00::7"]));
    assert_eq!(made["san"]["dns"].as_array().map(Vec::len), Some(3));
    for without in [0, 2, 4, 6] {
        let mut less = allow.to_vec();
        less.drain(without..without + 2);
        assert_eq!(fault(sign(&home, "csr").args(less)), (4, "csr-name-refused".into()));
    }
    // Without a node: what the patterns allow, or the names that are given.
    let bare = done(
        home.ccx(&["cert", "sign", "--csr", "csr", "--allow-dns", "**.example.com"])
            .args(&allow[4..]),
    );
    assert_eq!(bare["subject"], "CN=a.b.rw.example.com");
    request(&home, "nameless", P256, &[]);
    let nameless = ["cert", "sign", "--csr", "nameless"];
    assert_eq!(fault(&mut home.ccx(&nameless)), (2, "csr-nameless".into()));
    let made = done(home.ccx(&nameless).args(["--dns", "db.example.com", "--ip", "10.0.0.9"]));
    assert_eq!(made["san"], json!({"dns": ["db.example.com"], "ip": ["10.0.0.9"]}));
    for bad in [["--allow-dns", "*"], ["--allow-dns", "a.*.b"], ["--allow-ip", "10.0.0.0/33"]] {
        assert_eq!(fault(sign(&home, "nameless").args(bad)).0, 2, "{bad:?}");
    }
    // What the CA may not sign for, no policy allows.
    let init = ["ca", "init", "--common-name", "CA", "--ca", "bound", "--permit-dns", DOMAIN];
    home.ccx(&init).assert().success();
    let told = fault(sign(&home, "csr").args(allow).args(["--ca", "bound"]));
    assert_eq!(told, (4, "outside-constraints".into()));
}

#[test]
fn weak_keys_and_broken_requests_are_refused() {
    let home = Home::with_ca();
    let at = |name: &str| home.join(name).display().to_string();
    for key in [
        &["rsa:1024"][..],
        &["ec", "-pkeyopt", "ec_paramgen_curve:P-521"],
        &["ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"],
        &["ed448"],
    ] {
        request(&home, "csr", key, &[]);
        assert_eq!(fault(&mut sign(&home, "csr")), (4, "key-refused".into()), "{key:?}");
    }
    tool(
        "openssl",
        &[
            "genpkey",
            "-genparam",
            "-algorithm",
            "DSA",
            "-pkeyopt",
            "dsa_paramgen_bits:1024",
            "-out",
            &at("dsa"),
        ],
    );
    request(&home, "csr", &[&format!("param:{}", at("dsa"))], &[]);
    assert_eq!(fault(&mut sign(&home, "csr")), (4, "key-refused".into()), "DSA");
    for digest in ["-sha1", "-md5", "-sha224"] {
        request(&home, "csr", &["rsa:2048"], &[digest]);
        let (code, told) = fault(&mut sign(&home, "csr"));
        assert_eq!((code, told.as_str()), (4, "csr-algorithm"), "{digest}");
    }

    request(&home, "csr", P256, &["-addext", &format!("subjectAltName=DNS:{HOST}")]);
    tool("openssl", &["req", "-in", &at("csr"), "-outform", "DER", "-out", &at("der")]);
    let der = fs::read(home.join("der")).expect("a request");
    let mut altered = der.clone();
    let name = der.windows(4).position(|bytes| bytes == b"db-1").expect("the name");
    altered[name + 3] = b'2';
    let cases: [(&[u8], (i32, &str)); 6] = [
        (&altered, (4, "csr-signature")),
        (&der[..der.len() - 1], (2, "csr-damaged")),
        (&[&der[..], b"more"].concat(), (2, "csr-damaged")),
        (b"\x30\x80\x00\x00", (2, "csr-damaged")),
        (b"hello", (2, "csr-missing")),
        (b"", (2, "csr-missing")),
    ];
    for (bytes, (code, told)) in cases {
        let (found, name) = fault(sign(&home, "-").write_stdin(bytes));
        assert_eq!((found, name.as_str()), (code, told), "{} bytes", bytes.len());
    }
    let pem = fs::read_to_string(home.join("csr")).expect("PEM");
    let two = fault(sign(&home, "-").write_stdin(pem.repeat(2)));
    assert_eq!(two.0, 2, "{two:?}");
    let key = fs::read(home.join("key")).expect("a key");
    let told = run(sign(&home, "-").write_stdin(key.clone()));
    assert_eq!((told.code, told.stdout.as_str()), (2, ""), "{}", told.stderr);
    assert!(!told.stderr.contains(String::from_utf8_lossy(&key).lines().nth(1).expect("a line")));
    let huge = fault(sign(&home, "-").write_stdin(vec![b'A'; 2 * 1024 * 1024]));
    assert_eq!(huge, (2, "file-too-large".into()));
    // Many names are no trouble, as long as they are allowed.
    let names =
        (0..500).map(|n| format!("DNS:db-{n}.ro.example.com")).collect::<Vec<_>>().join(",");
    request(&home, "many", P256, &["-addext", &format!("subjectAltName={names}")]);
    let made = done(sign(&home, "many").args(["--allow-dns", "*.ro.example.com"]));
    assert_eq!(made["san"]["dns"].as_array().map(Vec::len), Some(500));
    assert_eq!(fault(&mut sign(&home, "not-there")), (3, "file-missing".into()));
}

#[test]
fn file_is_replaced_only_when_told() {
    let home = Home::with_ca();
    request(&home, "csr", P256, &[]);
    fs::write(home.join("out.pem"), "theirs").expect("written");
    let to_file = |more: &[&str]| {
        let mut command = sign(&home, "csr");
        command.args(["--out", "out.pem"]).args(more);
        command
    };
    assert_eq!(fault(&mut to_file(&[])), (4, "file-exists".into()));
    assert_eq!(fs::read_to_string(home.join("out.pem")).expect("a file"), "theirs");
    let made = done(&mut to_file(&["--force"]));
    assert_eq!(certificate(&home.join("out.pem")).sha256(), made["sha256"]);
    assert_eq!(certificate_of(made["pem"].as_str().expect("PEM")).sha256(), made["sha256"]);
    let missing = fault(sign(&home, "csr").args(["--out", "no/such/out.pem"]));
    assert_eq!(missing, (3, "file-unwritable".into()));
}
