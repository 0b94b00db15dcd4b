//! Every kind of certificate that we make, before those who must take it: OpenSSL, GnuTLS,
//! Java, and pkilint.

use std::fs;
use std::path::{Path, PathBuf};

use ccx_sec::pki::key::KeyType;
use serde_json::json;

use crate::common::nodes::{DATASTORE, DOMAIN, HOST, done, openssl_verify};
use crate::common::{Home, env, tool};

const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";

/// A certificate, and what it is good for.
struct Leaf {
    directory: PathBuf,
    file: &'static str,
    server: bool,
    client: bool,
    address: Option<&'static str>,
}

impl Leaf {
    fn path(&self) -> String {
        self.directory.join(self.file).display().to_string()
    }
}

/// A certificate of every kind for a kind of key: a server's, a client's, one for both, and
/// one that was asked for by a request.
fn leaves(home: &Home, key_type: KeyType) -> Vec<Leaf> {
    let directory = |kind: &str| home.join(&format!("{key_type}-{kind}"));
    let node = ["--datastore", DATASTORE, "--node", "db-1", "--domain", DOMAIN];
    let mut leaves = Vec::new();
    for (kind, replication) in [("server", "false"), ("both", "true")] {
        let out = directory(kind);
        let mut issue = home.ccx(&[&["cert", "issue", "--engine", "mysql"][..], &node].concat());
        // No wildcard: pkilint knows the name syntax of RFC 5280 alone.
        issue.args(["--ip", "10.0.0.7", "--ip", "fd00::7"]);
        issue.args(["--key-type", key_type.name(), "--replication", replication]);
        done(issue.arg("--out").arg(&out));
        let client = kind == "both";
        let (file, address) = ("server-cert.pem", Some("fd00::7"));
        leaves.push(Leaf { directory: out, file, server: true, client, address });
    }
    let out = directory("client");
    let client =
        ["cert", "issue", "--client", "--common-name", "app ü", "--key-type", key_type.name()];
    done(home.ccx(&client).arg("--out").arg(&out));
    let (file, address) = ("client-cert.pem", None);
    leaves.push(Leaf { directory: out, file, server: false, client: true, address });

    let key = directory("both").join("server-key.pem").display().to_string();
    let out = directory("signed");
    fs::create_dir(&out).expect("made");
    fs::copy(directory("both").join("ca.pem"), out.join("ca.pem")).expect("copied");
    let csr = out.join("csr").display().to_string();
    tool("openssl", &["req", "-new", "-key", &key, "-subj", "/CN=x", "-out", &csr]);
    let mut sign =
        home.ccx(&[&["cert", "sign", "--csr", &csr, "--engine", "postgresql"][..], &node].concat());
    done(sign.arg("--out").arg(out.join("server-cert.pem")));
    let file = "server-cert.pem";
    leaves.push(Leaf { directory: out, file, server: true, client: false, address: None });
    leaves
}

fn openssl(leaf: &Leaf) {
    let verify = |options: &[&str]| openssl_verify(&leaf.directory, leaf.file, options);
    if leaf.server {
        verify(&["-purpose", "sslserver", "-verify_hostname", HOST]);
    }
    if leaf.client {
        verify(&["-purpose", "sslclient"]);
    }
    if let Some(address) = leaf.address {
        verify(&["-purpose", "sslserver", "-verify_ip", address]);
    }
}

fn gnutls(leaf: &Leaf) {
    let ca = leaf.directory.join("ca.pem").display().to_string();
    let path = leaf.path();
    let mut verify = vec!["--verify", "--infile", &path, "--load-ca-certificate", &ca];
    if leaf.server {
        verify.extend(["--verify-hostname", HOST, "--verify-purpose", SERVER_AUTH]);
    } else {
        verify.extend(["--verify-purpose", CLIENT_AUTH]);
    }
    let said = tool("certtool", &verify);
    assert!(said.contains("Verified. The certificate is trusted."), "{path}: {said}");
    // The whole chain in one file, as a server sends it.
    let chain = leaf.directory.join("chain.pem");
    let both = [path.as_str(), &ca].map(|path| fs::read_to_string(path).expect("PEM")).concat();
    fs::write(&chain, both).expect("written");
    let said = tool("certtool", &["--verify-chain", "--infile", &chain.display().to_string()]);
    assert!(said.contains("Verified. The certificate is trusted."), "{path}: {said}");
}

fn pkilint(leaf: &Leaf) {
    let lint = ["lint", "-s", "WARNING", "-f", "JSON", &leaf.path()];
    let found: serde_json::Value =
        serde_json::from_str(&tool(&env("CCX_TEST_PKILINT"), &lint)).expect("JSON");
    assert_eq!(found["results"], json!([]), "{}", leaf.path());
}

/// One start of Java for all of them.
fn java(leaves: &[Leaf]) {
    let uses = |leaf: &Leaf| {
        let host = if leaf.server { HOST } else { "-" };
        let line = |eku| format!("{} {} {host} {eku}\n", leaf.directory.display(), leaf.file);
        let server = leaf.server.then(|| line(SERVER_AUTH));
        server.into_iter().chain(leaf.client.then(|| line(CLIENT_AUTH))).collect::<Vec<_>>()
    };
    let mut lines = leaves.iter().flat_map(uses).collect::<Vec<_>>();
    let good = lines.len();
    // What it must not take, or it would tell us nothing.
    let server = leaves.iter().find(|leaf| leaf.server).expect("one");
    let at = server.directory.display();
    lines.push(format!("{at} server-cert.pem other.{DOMAIN} {SERVER_AUTH}\n"));
    if let Some(server_only) = leaves.iter().find(|leaf| leaf.server && !leaf.client) {
        let at = server_only.directory.display();
        lines.push(format!("{at} server-cert.pem {HOST} {CLIENT_AUTH}\n"));
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/common/VerifyChains.java");
    let mut java = assert_cmd::Command::new("java");
    // The small compiler alone: most of the time is the start.
    java.args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]).arg(source);
    let said = java.write_stdin(lines.concat()).output().expect("java runs");
    let stdout = String::from_utf8_lossy(&said.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&said.stderr);
    let verdicts: Vec<&str> = stdout.lines().collect();
    assert_eq!(verdicts.len(), lines.len(), "{stdout}{stderr}");
    for (line, verdict) in lines.iter().zip(&verdicts).take(good) {
        assert_eq!(*verdict, "ok", "{line}");
    }
    assert!(verdicts[good..].iter().all(|verdict| *verdict != "ok"), "{verdicts:?}");
}

fn before_all(leaves: &[Leaf]) {
    std::thread::scope(|scope| {
        scope.spawn(|| java(leaves));
        scope.spawn(|| leaves.iter().for_each(pkilint));
        leaves.iter().for_each(openssl);
        leaves.iter().for_each(gnutls);
    });
}

#[test]
#[ignore = "needs tests/run"]
fn openssl_gnutls_java_and_pkilint_take_every_kind() {
    let home = Home::new();
    let init = ["ca", "init", "--common-name", "CA", "--permit-dns", DOMAIN];
    home.ccx(&init)
        .args(["--permit-ip", "10.0.0.0/8", "--permit-ip", "fd00::/8"])
        .assert()
        .success();
    let leaves: Vec<Leaf> = KeyType::ALL.into_iter().flat_map(|kind| leaves(&home, kind)).collect();
    before_all(&leaves);
}

#[test]
#[ignore = "needs tests/run"]
fn every_kind_of_ca_signs_what_they_take() {
    let homes = KeyType::ALL.map(|_| Home::new());
    let leaves: Vec<Leaf> = std::iter::zip(KeyType::ALL, &homes)
        .map(|(kind, home)| {
            home.ccx(&["ca", "init", "--common-name", "CA", "--key-type", kind.name()])
                .assert()
                .success();
            done(&mut home.issue("mysql", &[]));
            let (directory, file) = (home.join("tls"), "server-cert.pem");
            Leaf { directory, file, server: true, client: true, address: None }
        })
        .collect();
    before_all(&leaves);
}

/// The issuer of what we sign is the subject of the CA to the byte, or nobody builds a chain.
#[test]
fn ca_of_others_with_an_odd_name_signs_chains_that_openssl_takes() {
    for (mask, subject) in [
        ("utf8only", "/DC=com/DC=example/OU=one/OU=two/O=Acme/CN=CA"),
        ("MASK:0x800", "/C=SE/O=Bürger/CN=Zertifizierungsstelle Ä"), // BMPString
        ("MASK:0x4", "/O=Acme/CN=Teletex CA"),                       // T61String
        ("MASK:0x100", "/CN=Universal CA"),                          // UniversalString
    ] {
        let home = Home::new();
        let at = |name: &str| home.join(name).display().to_string();
        let config = format!(
            "[req]\nstring_mask={mask}\nutf8=yes\ndistinguished_name=name\nx509_extensions=ca\n[name]\n\
             [ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n\
             subjectKeyIdentifier=hash\n"
        );
        fs::write(at("config"), config).expect("written");
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout"];
        let make =
            ["req", "-x509", "-utf8", "-config", &at("config"), "-days", "3650", "-subj", subject];
        tool("openssl", &[&make[..], &key, &[&at("key"), "-out", &at("ca")]].concat());
        home.ccx(&["ca", "import", "--cert", "ca", "--key", "key"]).assert().success();
        done(&mut home.issue("mysql", &["--ip", "10.0.0.7"]));
        let leaf = home.join("tls/server-cert.pem").display().to_string();
        openssl_verify(
            &home.join("tls"),
            "server-cert.pem",
            &["-purpose", "sslserver", "-verify_hostname", HOST],
        );
        let name = |file: &str, what: &str| {
            let said = tool(
                "openssl",
                &[
                    "x509",
                    "-noout",
                    what,
                    "-nameopt",
                    "RFC2253,show_type,sep_comma_plus",
                    "-in",
                    file,
                ],
            );
            said.split_once('=').map(|(_, name)| name.to_owned())
        };
        assert_eq!(name(&leaf, "-issuer"), name(&at("ca"), "-subject"), "{subject}");
    }
}
