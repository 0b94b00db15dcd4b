//! What we make, in the hands of other tools: openssl, pkilint, keytool.

use std::fs;

use crate::common::{Home, fingerprint, lint, tool, verify};

const KEY_TYPES: [(&str, &str); 6] = [
    ("ecdsa-p256", "ASN1 OID: prime256v1"),
    ("ecdsa-p384", "ASN1 OID: secp384r1"),
    ("ed25519", "Public Key Algorithm: ED25519"),
    ("rsa-2048", "Public-Key: (2048 bit)"),
    ("rsa-3072", "Public-Key: (3072 bit)"),
    ("rsa-4096", "Public-Key: (4096 bit)"),
];

const CONSTRAINTS: [&str; 6] =
    ["--permit-dns", "db.example", "--permit-ip", "10.0.0.0/8", "--permit-ip", "fd00::/8"];

/// A store with a CA of each key type, named after it.
fn every_type(more: &[&str]) -> Home {
    let home = Home::new();
    for (key_type, _) in KEY_TYPES {
        let init = ["-q", "ca", "init", "--common-name", "Test CA", "--organization", "Acme"];
        home.done(&[&init[..], &["--ca", key_type, "--key-type", key_type], more].concat());
    }
    home
}

fn openssl(arguments: &[&str]) -> String {
    tool("openssl", arguments)
}

#[test]
#[ignore = "needs tests/run"]
fn certificates_of_every_key_type() {
    let home = every_type(&CONSTRAINTS);
    for (key_type, key) in KEY_TYPES {
        let certificate = home.write("ca.pem", home.value(key_type, "tls.crt"));
        verify(&certificate);
        lint(&certificate);
        let text = openssl(&["x509", "-noout", "-text", "-in", &certificate]);
        for line in [
            "Version: 3 (0x2)",
            "Issuer: O = Acme, CN = Test CA\n",
            "Subject: O = Acme, CN = Test CA\n",
            key,
            "X509v3 Basic Constraints: critical\n                CA:TRUE, pathlen:0\n",
            "X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign\n",
            "X509v3 Subject Key Identifier: \n",
            "X509v3 Name Constraints: critical\n                Permitted:\n                  \
             DNS:db.example\n                  IP:10.0.0.0/255.0.0.0\n                  \
             IP:FD00:0:0:0:0:0:0:0/FF00:0:0:0:0:0:0:0\n",
        ] {
            assert!(text.contains(line), "{key_type}: no {line:?} in {text}");
        }
        let shown = home.done(&["ca", "show", "-o", "json", "--ca", key_type]).json();
        assert_eq!(shown["sha256"], fingerprint(&certificate), "{key_type}");
        let serial = openssl(&["x509", "-noout", "-serial", "-in", &certificate]);
        let serial = serial.trim_end().trim_start_matches("serial=").to_lowercase();
        assert_eq!(shown["serial"], serial, "{key_type}");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn without_constraints_pkilint_has_nothing_on_them_either() {
    let home = Home::new();
    home.done(&["ca", "init", "--common-name", "Datenbank-Stammzertifikat für Grüße, 数据库"]);
    let certificate = home.write("ca.pem", home.value("ccx-ca", "tls.crt"));
    verify(&certificate);
    lint(&certificate);
    let long = ["ca", "init", "--common-name", "Test CA", "--validity", "200y", "--ca", "long"];
    home.done(&long);
    let certificate = home.write("long.pem", home.value("long", "tls.crt"));
    verify(&certificate);
    lint(&certificate);
}

#[test]
fn keys_of_every_type_open_and_sign() {
    let home = every_type(&CONSTRAINTS);
    let extensions = home.write(
        "extensions",
        "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\n\
         extendedKeyUsage=serverAuth\nsubjectAltName=DNS:n1.db.example,IP:10.1.2.3\n\
         authorityKeyIdentifier=keyid:always\n",
    );
    let outside = home.write("outside", "subjectAltName=DNS:n1.other.example\n");
    let (key, csr, leaf) = (home.at("leaf.key"), home.at("leaf.csr"), home.at("leaf.pem"));
    openssl(&[
        "genpkey",
        "-quiet",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-out",
        &key,
    ]);
    openssl(&["req", "-new", "-key", &key, "-subj", "/CN=n1", "-out", &csr]);
    for (key_type, _) in KEY_TYPES {
        let ca = home.write("ca.pem", home.value(key_type, "ca.crt"));
        let ca_key = home.write("ca.key", home.value(key_type, "tls.key"));
        assert_eq!(openssl(&["pkey", "-noout", "-check", "-in", &ca_key]), "Key is valid\n");
        let sign = |extensions: &str| {
            let by = ["x509", "-req", "-in", &csr, "-CA", &ca, "-CAkey", &ca_key, "-days", "1"];
            openssl(&[&by[..], &["-out", &leaf, "-extfile", extensions]].concat());
        };
        sign(&extensions);
        let verify = ["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", &ca];
        for name in [["-verify_hostname", "n1.db.example"], ["-verify_ip", "10.1.2.3"]] {
            let said = openssl(&[&verify[..], &name, &[&leaf]].concat());
            assert_eq!(said, format!("{leaf}: OK\n"), "{key_type}");
        }
        sign(&outside);
        let refused =
            std::process::Command::new("openssl").args(["verify", "-CAfile", &ca, &leaf]).output();
        let refused = String::from_utf8(refused.expect("openssl").stderr).expect("UTF-8");
        assert!(refused.contains("permitted subtree violation"), "{key_type}: {refused}");
    }
}

/// `keytool -list`, whose password is the whole of a file.
fn keytool(store: &str, kind: &str, password_file: &str) -> String {
    let list = ["-list", "-keystore", store, "-storetype", kind, "-storepass:file", password_file];
    tool("keytool", &[&["-J-Duser.language=en", "-J-Dfile.encoding=UTF-8"], &list[..]].concat())
}

/// The aliases and, with each, the fingerprint, the way we write both.
fn trusted(listed: &str) -> Vec<(String, String)> {
    let mut entries = Vec::new();
    let mut alias = String::new();
    for line in listed.lines() {
        if let Some((name, _)) = line.split_once(", ").filter(|_| line.contains("trustedCertEntry"))
        {
            alias = name.to_owned();
        } else if let Some(hex) = line.strip_prefix("Certificate fingerprint (SHA-256): ") {
            entries.push((alias.clone(), hex.replace(':', "").to_lowercase()));
        }
    }
    entries.sort();
    entries
}

#[test]
#[ignore = "needs tests/run"]
fn java_reads_the_trust_stores() {
    // A bundle as a rotation has it: the old CA retires, the new one is active.
    let home = Home::new();
    home.init();
    fs::rename(home.secret_file("ccx-ca"), home.join("old.yaml")).expect("moved");
    fs::rename(home.secret_file("ccx-ca-bundle"), home.join("old-bundle.yaml")).expect("moved");
    home.done(&["ca", "init", "--common-name", "New CA", "--key-type", "rsa-2048"]);
    fs::rename(home.join("old-bundle.yaml"), home.secret_file("ccx-ca-bundle")).expect("moved");
    home.done(&["ca", "check", "--accept-new-ca"]);
    let shown = home.done(&["ca", "show", "-o", "json"]).json();
    let mut expected: Vec<(String, String)> = (0..2)
        .map(|at| {
            let text = |field: &str| shown["bundle"][at][field].as_str().expect("text").to_owned();
            (format!("ccx-ca-{}-{}", text("role"), &text("sha256")[..8]), text("sha256"))
        })
        .collect();
    expected.sort();
    assert!(
        expected[0].0.starts_with("ccx-ca-active") && expected[1].0.starts_with("ccx-ca-retiring")
    );

    let usual = home.write("usual", "changeit");
    // Java opens no PKCS#12 store, whoever made it, under a password that is not ASCII.
    let own = [home.write("own", "s3cret-Größe"), home.write("ascii", "s3cret $ \\ word")];
    for (format, kind, own) in [("jks", "JKS", &own[0]), ("pkcs12", "PKCS12", &own[1])] {
        let store = home.at(&format!("store.{format}"));
        let export = ["ca", "export", "--force", "--format", format, "--out", &store];
        let said = home.done(&export).stderr;
        assert_eq!(said, "The password of the trust store is changeit.\n");
        assert_eq!(trusted(&keytool(&store, kind, &usual)), expected, "{format}");
        let said = home.done(&[&export[..], &["--passphrase-file", own]].concat()).stderr;
        assert_eq!(said, "");
        assert_eq!(trusted(&keytool(&store, kind, own)), expected, "{format}");
    }
    let store = home.at("umlaut.p12");
    let export =
        ["ca", "export", "--format", "pkcs12", "--out", &store, "--passphrase-file", &own[0]];
    let said = home.done(&export).stderr;
    assert!(said.starts_with("warning: the passphrase is not ASCII"), "{said}");
    let pass = format!("file:{}", own[0]);
    let all = openssl(&["pkcs12", "-in", &store, "-passin", &pass, "-nokeys"]);
    assert_eq!(all.matches("BEGIN CERTIFICATE").count(), 2, "{all}");
}

#[test]
#[ignore = "needs tests/run"]
fn openssl_reads_the_encrypted_backups() {
    let home = every_type(&[]);
    let passphrase = home.write("passphrase", "correct horse battery staple\nnot this line\n");
    let pass = format!("file:{passphrase}");
    for (key_type, _) in KEY_TYPES {
        let plain = home.write("ca.key", home.value(key_type, "tls.key"));
        let public = openssl(&["pkey", "-pubout", "-in", &plain]);
        let certificate = home.write("ca.pem", home.value(key_type, "tls.crt"));
        let export = |format: &str, file: &str| {
            let options = ["ca", "export", "--with-key", "--yes-export-private-key", "--force"];
            let rest = ["--passphrase-file", &passphrase, "--format", format, "--out", file];
            home.done(&[&options[..], &rest, &["--ca", key_type]].concat());
        };
        let (pem, p12) = (home.at("backup.pem"), home.at("backup.p12"));
        export("pem", &pem);
        assert_eq!(openssl(&["pkey", "-pubout", "-in", &pem, "-passin", &pass]), public);
        let text = fs::read_to_string(&pem).expect("PEM");
        assert!(text.contains("BEGIN ENCRYPTED PRIVATE KEY") && !text.contains("BEGIN PRIVATE"));
        assert_eq!(fingerprint(&pem), fingerprint(&certificate), "{key_type}");

        export("pkcs12", &p12);
        let out =
            home.write("out.pem", openssl(&["pkcs12", "-in", &p12, "-passin", &pass, "-nodes"]));
        assert_eq!(openssl(&["pkey", "-pubout", "-in", &out]), public, "{key_type}");
        assert_eq!(fingerprint(&out), fingerprint(&certificate), "{key_type}");
        if key_type == "rsa-2048" {
            let said = keytool(&p12, "PKCS12", &home.write("own", "correct horse battery staple"));
            assert!(said.contains("rsa-2048, ") && said.contains("PrivateKeyEntry"), "{said}");
        }
    }
}
