//! `cert inspect`: certificates from files, servers and Secrets, good and broken, and what
//! is said when there are none.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::common::db::{Bed, Config, Engine, Server};
use crate::common::kube::{Namespace, server};
use crate::common::tls::{SServer, closed_port, forward, peer, take};
use crate::common::{Home, Run, ccx, run, tool};

/// A home with a CA of OpenSSL's, and certificates for `db.example.com` that it signed.
struct Made {
    home: Home,
}

impl Made {
    fn new() -> Self {
        let made = Made { home: Home::new() };
        made.openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem \
             -days 3650 -subj /CN=OpenSSL-CA -addext keyUsage=critical,keyCertSign,cRLSign",
        );
        made.openssl(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout leaf.key -out leaf.csr \
             -subj /CN=db.example.com",
        );
        fs::write(
            made.path("leaf.ext"),
            "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\n\
             extendedKeyUsage=serverAuth\nsubjectAltName=DNS:db.example.com,IP:10.0.0.1\n\
             subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n",
        )
        .expect("written");
        made.openssl(
            "x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -days 300 -extfile leaf.ext -out leaf.pem",
        );
        // Without extensions OpenSSL 3.0 writes version 1.
        made.openssl("x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -days 300 -out v1.pem");
        for name in ["ca", "leaf", "v1"] {
            made.openssl(&format!("x509 -in {name}.pem -outform DER -out {name}.der"));
        }
        made
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.join(name)
    }

    /// `openssl ARGUMENTS`, in which names of files stand for files of the home.
    fn openssl(&self, arguments: &str) {
        let word = |word: &str| match word.rsplit_once('.') {
            Some((_, "pem" | "key" | "csr" | "ext" | "der" | "p7b" | "p12")) => {
                self.path(word).display().to_string()
            }
            _ => word.to_owned(),
        };
        tool("openssl", &arguments.split_whitespace().map(word).collect::<Vec<_>>());
    }

    fn inspect(&self, arguments: &[&str]) -> Run {
        run(ccx(self.home.path()).args(["cert", "inspect"]).args(arguments))
    }

    fn json(&self, arguments: &[&str]) -> Run {
        self.inspect(&[arguments, &["-o", "json"]].concat())
    }

    fn der(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect("a file")
    }

    fn serve(&self, certificate: &str, more: &[&str]) -> SServer {
        SServer::new(&self.path(certificate), &self.path("leaf.key"), more)
    }
}

fn subjects(run: &Run) -> Vec<String> {
    let document = run.json();
    let all = document["certificates"].as_array().expect("certificates").clone();
    all.iter().map(|one| one["subject"].as_str().unwrap_or("?").to_owned()).collect()
}

const LEAF: &str = "CN=db.example.com";
const CA: &str = "CN=OpenSSL-CA";

#[test]
fn chain_is_shown_in_each_form_it_comes_in() {
    let made = Made::new();
    let chain = [made.der("leaf.pem"), b"some text\n".to_vec(), made.der("ca.pem")].concat();
    fs::write(made.path("chain.pem"), &chain).expect("written");
    made.openssl("crl2pkcs7 -nocrl -certfile chain.pem -out chain.p7b");
    fs::write(made.path("both.pem"), [made.der("leaf.key"), chain.clone()].concat()).expect("it");

    let text = made.inspect(&["chain.pem"]);
    assert_eq!((text.code, text.stderr.as_str()), (0, ""));
    for line in [
        "certificate 1 of 2",
        "subject       CN=db.example.com",
        "issuer        CN=OpenSSL-CA",
        "names         DNS:db.example.com, IP:10.0.0.1",
        "certificate 2 of 2",
        "is a CA       yes",
    ] {
        assert!(text.stdout.lines().any(|l| l == line), "{line}: {}", text.stdout);
    }
    for input in ["chain.pem", "chain.p7b", "both.pem"] {
        let shown = made.json(&[input]);
        assert_eq!((shown.code, shown.stderr.as_str()), (0, ""), "{input}");
        assert_eq!(subjects(&shown), [LEAF, CA], "{input}");
        assert!(!shown.stdout.contains("PRIVATE"));
    }
    let der = made.json(&["leaf.der"]);
    assert_eq!((der.code, subjects(&der)), (0, vec![LEAF.to_owned()]));
    let leaf = &der.json()["certificates"][0];
    let fingerprint = tool(
        "openssl",
        &[
            "x509",
            "-noout",
            "-fingerprint",
            "-sha256",
            "-in",
            &made.path("leaf.pem").display().to_string(),
        ],
    );
    let fingerprint = fingerprint.trim().rsplit('=').next().expect("hex").replace(':', "");
    assert_eq!(leaf["sha256"], fingerprint.to_lowercase());
    assert_eq!(leaf["san"], json!({"dns": ["db.example.com"], "ip": ["10.0.0.1"]}));
    assert_eq!(leaf["ext_key_usage"], json!(["serverAuth"]));
    assert_eq!(der.json().get("ok"), None, "nothing was asked");

    let stdin =
        run(ccx(made.home.path()).args(["cert", "inspect", "-", "-o", "json"]).write_stdin(chain));
    assert_eq!((stdin.code, subjects(&stdin)), (0, vec![LEAF.to_owned(), CA.to_owned()]));
    assert_eq!(stdin.json()["input"], "standard input");
    let yaml = made.inspect(&["leaf.pem", "-o", "yaml"]);
    assert!(yaml.code == 0 && yaml.stdout.contains("\ninput: leaf.pem\n"), "{}", yaml.stdout);
}

#[test]
fn pkcs12_store_opens_with_its_passphrase() {
    let made = Made::new();
    made.openssl(
        "pkcs12 -export -in leaf.pem -inkey leaf.key -certfile ca.pem -passout pass:x -out store.p12",
    );
    made.openssl(
        "pkcs12 -export -in leaf.pem -inkey leaf.key -passout pass:x -legacy -out old.p12",
    );
    fs::write(made.path("right"), "x\n").expect("written");
    fs::write(made.path("wrong"), "y\n").expect("written");
    let shown = made.json(&["store.p12", "--passphrase-file", "right"]);
    assert_eq!((shown.code, shown.stderr.as_str()), (0, ""));
    assert_eq!(subjects(&shown), [LEAF, CA]);
    assert!(!shown.stdout.contains("PRIVATE"));
    for (words, exit, code) in [
        (&["store.p12", "--passphrase-file", "wrong"][..], 2, "passphrase-wrong"),
        (&["store.p12", "--passphrase-file", "none"], 3, "file-missing"),
        (&["store.p12"], 2, "answer-missing"),
        (&["old.p12", "--passphrase-file", "right"], 2, "pkcs12-unsupported"),
    ] {
        let refused = made.json(words);
        assert_eq!((refused.code, refused.stdout.as_str()), (exit, ""), "{words:?}");
        assert_eq!(refused.error_code(), code, "{words:?}: {}", refused.stderr);
    }
}

#[test]
fn inputs_without_certificates_are_refused_by_name() {
    let made = Made::new();
    made.openssl("pkey -in leaf.key -outform DER -out key.der");
    fs::write(made.path("text.pem"), "hello").expect("written");
    fs::write(made.path("cut.pem"), &made.der("leaf.pem")[..200]).expect("written");
    for (input, exit, code) in [
        ("leaf.key", 2, "certificate-missing"),
        ("key.der", 2, "not-a-certificate"),
        ("text.pem", 2, "pem-empty"),
        ("cut.pem", 2, "pem-cut-short"),
        ("none.pem", 3, "file-missing"),
        ("secret/Not_A_Name", 2, "secret-name"),
        ("secret/nothing-there", 1, "secret-missing"),
        ("gopher://db:70", 2, "url"),
        ("tls://db", 2, "url"),
        ("postgresql://me:secret@db", 2, "url-password"),
    ] {
        let refused = made.json(&[input, "--store", "dir:store"]);
        assert_eq!((refused.code, refused.stdout.as_str()), (exit, ""), "{input}");
        assert_eq!(refused.error_code(), code, "{input}: {}", refused.stderr);
        assert!(refused.stderr.contains("hints"), "{input}");
    }
    let secret = made.json(&["postgresql://me:hunter2@db"]);
    assert!(!secret.stderr.contains("hunter2"), "{}", secret.stderr);
}

#[test]
fn broken_certificates_are_shown_as_far_as_they_go() {
    let made = Made::new();
    let leaf = made.der("leaf.der");
    let pem = |der: &[u8]| {
        fs::write(made.path("x.der"), der).expect("written");
        let base64 = tool("base64", &[made.path("x.der")]);
        format!("-----BEGIN CERTIFICATE-----\n{base64}-----END CERTIFICATE-----\n")
    };
    // The month of notBefore, which stands before notAfter.
    let date = leaf.windows(2).position(|two| two == [0x17, 13]).expect("a UTCTime");
    let mut month = leaf.clone();
    month[date + 4..date + 6].copy_from_slice(b"77");
    let text = [
        pem(&leaf[..leaf.len() - 40]),
        pem(&month),
        pem(&[leaf.as_slice(), &[0; 7]].concat()),
        pem(&[0x30; 64]),
        String::from_utf8(made.der("v1.pem")).expect("text"),
    ]
    .concat();
    fs::write(made.path("broken.pem"), text).expect("written");

    let shown = made.json(&["broken.pem"]);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(shown.stderr.contains("7 bytes stand behind certificate 3"), "{}", shown.stderr);
    let document = shown.json();
    let all = document["certificates"].as_array().expect("certificates");
    assert_eq!(all.len(), 5);
    assert_eq!(all[0]["error"]["code"], "certificate-damaged");
    assert_eq!(all[0]["error"]["offset"], 0);
    assert_eq!((&all[0]["subject"], &all[0]["issuer"]), (&json!(LEAF), &json!(CA)));
    assert_eq!(all[1]["error"]["field"], "notBefore");
    assert_eq!(all[1]["error"]["offset"], date);
    assert_eq!(all[1]["serial"].as_str().map(str::len), Some(40));
    assert_eq!(all[2]["subject"], LEAF);
    assert_eq!(
        (&all[3]["error"]["code"], &all[3]["subject"]),
        (&json!("certificate-damaged"), &Value::Null)
    );
    assert_eq!(all[4]["subject"], LEAF);
    assert!(all.iter().all(|one| one["sha256"].as_str().is_some_and(|hex| hex.len() == 64)));

    let text = made.inspect(&["broken.pem"]);
    let line = format!("damaged       its notBefore cannot be read, at byte {date}");
    assert!(text.stdout.contains("a UTCTime") || text.stdout.contains(&line), "{}", text.stdout);
    for question in [&["--lint"][..], &["--expires-within", "1d"]] {
        let asked = made.json(&[&["broken.pem"], question].concat());
        assert_eq!(asked.code, 1, "{question:?}");
        let found = asked.json()["certificates"][0]["findings"][0]["code"].clone();
        assert_eq!(found, "certificate-damaged");
    }
}

#[test]
fn section_that_is_not_pem_does_not_hide_the_others() {
    let made = Made::new();
    let [leaf, ca] = ["leaf.pem", "ca.pem"].map(|name| String::from_utf8(made.der(name)).unwrap());
    let broken = leaf.replacen("MII", "M?I", 1);
    let cut = &leaf[..leaf.len() / 2];
    fs::write(made.path("chain.pem"), format!("{broken}{ca}{cut}\n{leaf}")).expect("written");
    let shown = made.json(&["chain.pem"]);
    assert_eq!((shown.code, shown.stderr.as_str()), (0, ""));
    assert_eq!(subjects(&shown), ["?", CA, "?", LEAF]);
    let document = shown.json();
    let errors = [0, 2].map(|at| document["certificates"][at]["error"].clone());
    assert_eq!((&errors[0]["code"], &errors[0]["offset"]), (&json!("pem-base64"), &json!(0)));
    assert_eq!(errors[1]["offset"], broken.len() + ca.len());
    let linted = made.json(&["chain.pem", "--lint"]);
    assert_eq!(linted.code, 1, "{}", linted.stderr);
    fs::write(made.path("alone.pem"), broken).expect("written");
    let alone = made.json(&["alone.pem"]);
    assert_eq!((alone.code, alone.error_code().as_str()), (2, "pem-base64"));
}

#[test]
fn names_do_not_reach_the_terminal_as_commands() {
    let made = Made::new();
    let der = made.der("leaf.der");
    let at = der.windows(14).rposition(|name| name == b"db.example.com").expect("the name");
    let mut evil = der.clone();
    evil[at..at + 4].copy_from_slice(b"\x1b[2J");
    fs::write(made.path("evil.der"), evil).expect("written");
    for question in [&[][..], &["--lint"], &["--verify", "--ca-file", "ca.pem"]] {
        let words = [&["evil.der", "--color", "always"], question].concat();
        let shown = made.inspect(&words);
        assert!(!shown.stdout.contains("\u{1b}[2J"), "{:?}", shown.stdout);
        assert!(shown.stdout.contains("DNS:#1b5b324a78616d706c652e636f6d"), "{:?}", shown.stdout);
    }
}

#[test]
fn expiry_within_the_limit_fails() {
    let made = Made::new();
    let far = made.json(&["leaf.pem", "--expires-within", "100d"]);
    assert_eq!((far.code, &far.json()["ok"]), (0, &json!(true)));
    let near = made.json(&["leaf.pem", "--expires-within", "301d"]);
    assert_eq!((near.code, &near.json()["ok"]), (1, &json!(false)));
    assert_eq!(near.json()["certificates"][0]["findings"][0]["code"], "expires-soon");
    let later = made.json(&["leaf.pem", "--expires-within", "1d", "--at", "2126-01-01T00:00:00Z"]);
    assert_eq!(later.json()["certificates"][0]["findings"][0]["code"], "expired");
    assert_eq!(later.code, 1);
    let text = made.inspect(&["leaf.pem", "--expires-within", "301d"]);
    assert!(text.code == 1 && text.stdout.contains("error   expires-soon: "), "{}", text.stdout);
    let bad = made.json(&["leaf.pem", "--expires-within", "soon"]);
    assert_eq!((bad.code, bad.error_code().as_str()), (2, "duration"));
}

#[test]
fn secret_is_looked_into_and_its_key_is_not() {
    let home = Home::new();
    home.init();
    let shown = run(&mut home.ccx(&["cert", "inspect", "secret/ccx-ca", "--lint", "-o", "json"]));
    assert_eq!((shown.code, shown.stderr.as_str()), (0, ""), "{}", shown.stdout);
    assert_eq!(subjects(&shown), ["CN=Test CA"], "tls.crt and ca.crt are the same");
    assert_eq!(shown.json()["certificates"][0]["findings"], json!([]));
    assert!(!shown.stdout.contains("PRIVATE"));
    let bundle = run(&mut home.ccx(&["cert", "inspect", "secret/ccx-ca-bundle"]));
    assert!(bundle.code == 0 && bundle.stdout.starts_with("subject       CN=Test CA\n"));
}

#[test]
#[ignore = "needs tests/run"]
fn secret_of_a_cluster_is_looked_into_and_needs_only_get() {
    let namespace = Namespace::new();
    namespace.init();
    let shown = run(&mut namespace.ccx(&["cert", "inspect", "secret/ccx-ca-bundle", "-o", "json"]));
    assert_eq!((shown.code, shown.stderr.as_str()), (0, ""), "{}", shown.stdout);
    let place = format!("Secret {}/ccx-ca-bundle at {}", namespace.name, server());
    assert_eq!(shown.json()["input"], place);
    let missing = run(&mut namespace.ccx(&["cert", "inspect", "secret/other", "-o", "json"]));
    assert_eq!((missing.code, missing.error_code().as_str()), (1, "secret-missing"));
    let may_not = ["cert", "inspect", "secret/ccx-ca", "-o", "json"];
    let may_not = run(&mut namespace.ccx_as("limited", &may_not));
    assert_eq!((may_not.code, may_not.error_code().as_str()), (3, "kube-forbidden"));
}

#[test]
fn servers_show_their_chain_old_and_odd_ones_too() {
    let made = Made::new();
    let chain = made.path("ca.pem").display().to_string();
    for more in [
        &["-tls1_2"][..],
        &["-tls1_3"],
        &["-Verify", "1"],
        &["-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"],
    ] {
        let server = made.serve("leaf.pem", &[&["-cert_chain", &chain], more].concat());
        for scheme in ["tls", "https", "rediss", "valkeys"] {
            let shown = made.json(&[&format!("{scheme}://127.0.0.1:{}", server.port)]);
            assert_eq!((shown.code, shown.stderr.as_str()), (0, ""), "{more:?}");
            assert_eq!(subjects(&shown), [LEAF, CA], "{more:?}");
        }
    }
    let ca = SServer::new(&made.path("ca.pem"), &made.path("ca.key"), &[]);
    let shown = made.json(&[&format!("tls://localhost:{}", ca.port), "--lint"]);
    let found = shown.json()["certificates"][0]["findings"].clone();
    assert_eq!((shown.code, &found[0]["code"]), (1, &json!("is-a-ca")), "{}", shown.stderr);
    let v1 = made.serve("v1.pem", &[]);
    let shown = made.json(&[&format!("tls://localhost:{}", v1.port), "--lint"]);
    assert_eq!(shown.code, 1, "{}", shown.stderr);
    assert_eq!(shown.json()["certificates"][0]["findings"][0]["code"], "not-v3");
}

/// What a PostgreSQL or a MySQL server says before TLS, here in front of `s_server`; so that
/// each answer can be had.
fn postgresql(answer: &'static [u8], tls: u16) -> u16 {
    peer(move |mut stream| {
        assert_eq!(take::<8>(&stream), [0, 0, 0, 8, 4, 210, 22, 47]);
        let _ = stream.write_all(answer);
        if answer == b"S" {
            forward(&stream, tls);
        }
    })
}

fn mysql(capabilities: u16, tls: u16) -> u16 {
    peer(move |mut stream| {
        let mut packet = b"\x0a8.4.0\0\x01\0\0\x0012345678\0".to_vec();
        packet.extend(capabilities.to_le_bytes());
        packet.extend(
            b"\xff\x02\0\xff\xc7\x15\0\0\0\0\0\0\0\0\0\x00123456789012\0caching_sha2_password\0",
        );
        let header = [packet.len() as u8, 0, 0, 0];
        let _ = stream.write_all(&[&header[..], &packet].concat());
        let request: [u8; 36] = take(&stream);
        assert_eq!(request[..4], [32, 0, 0, 1]);
        assert_eq!(request[5] & 0x08, 0x08, "CLIENT_SSL");
        forward(&stream, tls);
    })
}

#[test]
fn databases_turn_to_tls_first() {
    let made = Made::new();
    let server = made.serve("leaf.pem", &[]);
    for url in [
        format!("postgresql://127.0.0.1:{}", postgresql(b"S", server.port)),
        format!("mysql://127.0.0.1:{}", mysql(0xffff, server.port)),
        format!("mariadb://127.0.0.1:{}", mysql(0x0800, server.port)),
    ] {
        // Who answers there knows no logins.
        let shown = made.json(&[&url, "--timeout", "2s"]);
        assert_eq!((shown.code, shown.stderr.as_str()), (0, ""), "{url}");
        assert_eq!(subjects(&shown), [LEAF], "{url}");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn real_databases_show_theirs() {
    let made = Made::new();
    let text = |name: &str| std::fs::read_to_string(made.path(name)).expect("made");
    let engines = [Engine::Mysql97, Engine::MariaDb1011, Engine::MariaDb118, Engine::Pg15];
    for engine in engines.into_iter().chain([Engine::Pg17]) {
        let bed = Bed::new(engine);
        bed.put(&text("ca.pem"), &text("leaf.pem"), &text("leaf.key"));
        let server = bed.start(&Config::tls(engine));
        let url = server.url("localhost");
        let ask = ["--verify", "--ca-file", "ca.pem", "--host", "db.example.com", "--lint"];
        let shown = made.json(&[&[url.as_str()], &ask[..]].concat());
        assert_eq!((shown.code, shown.stderr.as_str()), (0, ""), "{url}: {}", shown.stdout);
        // MySQL and MariaDB send the CA along, when it is in their ssl_ca.
        assert_eq!(subjects(&shown)[0], LEAF, "{url}");
        drop(server);

        let plain = Server::start(engine, &Config::off(engine));
        let url = plain.url("127.0.0.1");
        let failed = made.json(&[&url]);
        assert_eq!((failed.code, failed.stdout.as_str()), (3, ""), "{url}");
        assert_eq!(failed.error_code(), "server-without-tls", "{url}: {}", failed.stderr);
        let wrong = made.json(&[&url.replace(engine.kind(), "tls"), "--timeout", "2s"]);
        assert_eq!(wrong.code, 3, "{url}");
        let code = wrong.error_code();
        assert!(["tls-handshake", "server-closed"].contains(&code.as_str()), "{url}: {code}");
    }
}

#[test]
fn servers_that_show_nothing_are_told_apart() {
    let made = Made::new();
    let say = |what: &'static [u8]| {
        peer(move |mut stream| {
            let _ = stream.write_all(what);
            let _ = stream.read(&mut [0; 1024]);
        })
    };
    let hang_up = || peer(drop);
    let silent = || {
        peer(|stream| {
            thread::sleep(Duration::from_secs(110));
            drop(stream);
        })
    };
    // A record of TLS, of which byte after byte comes, so that no read is ever late.
    let drip = peer(|mut stream: TcpStream| {
        let _ = stream.write_all(b"\x16\x03\x03\x10\x00");
        while stream.write_all(b"\x00").is_ok() {
            thread::sleep(Duration::from_millis(200));
        }
    });
    for (scheme, port, code) in [
        ("tls", closed_port(), "server-refused"),
        ("postgresql", closed_port(), "server-refused"),
        ("tls", hang_up(), "server-closed"),
        ("postgresql", hang_up(), "server-closed"),
        ("mysql", hang_up(), "server-closed"),
        ("tls", silent(), "server-timeout"),
        ("postgresql", silent(), "server-timeout"),
        ("mysql", silent(), "server-timeout"),
        ("tls", drip, "server-timeout"),
        ("tls", say(b"SSH-2.0-OpenSSH_9.2\r\n"), "tls-handshake"),
        ("tls", say(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "tls-handshake"),
        ("postgresql", say(b"N"), "server-without-tls"),
        ("postgresql", say(b"E\0\0\0\x08nope"), "server-says-error"),
        ("postgresql", say(b"SSH-2.0-OpenSSH_9.2\r\n"), "tls-handshake"),
        ("postgresql", say(b"HTTP/1.1 400"), "server-protocol"),
        ("mysql", say(b"\x05\0\0\0\xff\x10\x04no"), "server-says-error"),
        ("mysql", say(b"\x05\0\0\0\x0a8.4\0"), "server-protocol"),
        ("mysql", say(b"\x0a\0\0\0\x0a8.4"), "server-timeout"),
        ("mysql", say(b"\xff\xff\xff\0\x0a8.4\0"), "server-protocol"),
        ("mysql", say(b"SSH-2.0-OpenSSH_9.2\r\n"), "server-protocol"),
        ("mysql", mysql(0xf7ff, 0), "server-without-tls"),
    ] {
        let url = format!("{scheme}://127.0.0.1:{port}");
        let start = Instant::now();
        let failed = made.json(&[&url, "--timeout", "1s"]);
        assert!(start.elapsed() < Duration::from_secs(100), "{url}");
        assert_eq!((failed.code, failed.stdout.as_str()), (3, ""), "{url}: {}", failed.stderr);
        assert_eq!(failed.error_code(), code, "{url}: {}", failed.stderr);
        assert!(failed.stderr.contains(&url), "the server is named: {}", failed.stderr);
        assert!(!failed.stderr.contains("\"hints\": []"), "{}", failed.stderr);
    }
    let old = made.serve("leaf.pem", &["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]);
    let failed = made.json(&[&format!("tls://127.0.0.1:{}", old.port)]);
    assert_eq!((failed.code, failed.error_code().as_str()), (3, "tls-handshake"));
    let unknown = made.json(&["tls://no-such-host.invalid:1", "--timeout", "5s"]);
    assert_eq!((unknown.code, unknown.error_code().as_str()), (3, "server-unknown"));
}

#[test]
fn chain_is_verified_as_a_client_would() {
    let made = Made::new();
    let ca = &["--verify", "--ca-file", "ca.pem"][..];
    let ask = |more: &[&str]| made.json(&[&["leaf.pem"], ca, more].concat());
    let answer = |run: &Run| (run.code, run.json()["verification"].clone());

    let (code, said) = answer(&ask(&[]));
    assert_eq!((code, &said["mode"], &said["fault"]), (0, &json!("VERIFY_CA"), &Value::Null));
    assert_eq!(said["path"].as_array().map(Vec::len), Some(2));
    let (code, said) = answer(&ask(&["--host", "db.example.com"]));
    assert_eq!((code, &said["mode"]), (0, &json!("VERIFY_IDENTITY")));
    assert_eq!(answer(&ask(&["--host", "10.0.0.1"])).0, 0);
    for (more, reason) in [
        (&["--host", "other.example.com"][..], "name_mismatch"),
        (&["--host", "10.0.0.2"], "name_mismatch"),
        (&["--at", "2126-01-01T00:00:00Z"], "expired"),
        (&["--at", "2001-01-01T00:00:00Z"], "not_yet_valid"),
        (&["--purpose", "client"], "wrong_purpose"),
    ] {
        let (code, said) = answer(&ask(more));
        assert_eq!((code, &said["fault"]["reason"]), (1, &json!(reason)), "{more:?}");
        assert_eq!(said["ok"], false);
    }
    let lax = ask(&["--host", "other.example.com", "--mode", "VERIFY_CA"]);
    assert_eq!(lax.code, 0, "{}", lax.stderr);
    let nameless = ask(&["--mode", "verify_identity"]);
    assert_eq!((nameless.code, nameless.error_code().as_str()), (2, "host-missing"));

    let server = made.serve("leaf.pem", &[]);
    let url = format!("tls://127.0.0.1:{}", server.port);
    let dialled = made.json(&[&[url.as_str()], ca].concat());
    let (code, said) = answer(&dialled);
    assert_eq!((code, &said["fault"]["reason"]), (1, &json!("name_mismatch")), "the URL's host");
    let named = made.inspect(&[&[url.as_str()], ca, &["--host", "db.example.com"]].concat());
    assert_eq!(named.code, 0, "{}{}", named.stdout, named.stderr);
    let line = "ok      VERIFY_IDENTITY for db.example.com: trusted through CA ";
    assert!(named.stdout.lines().any(|l| l.starts_with(line)), "{}", named.stdout);
    let failed = made.inspect(&[&["leaf.pem"], ca, &["--host", "10.0.0.2"]].concat());
    assert!(
        failed.code == 1
            && failed
                .stdout
                .contains("\nfailed  VERIFY_IDENTITY for 10.0.0.2\nerror   name_mismatch: "),
        "{}",
        failed.stdout
    );
}

#[test]
fn store_says_whom_to_trust() {
    let made = Made::new();
    let without = made.json(&["leaf.pem", "--verify", "--store", "dir:store"]);
    assert_eq!((without.code, without.error_code().as_str()), (3, "bundle-missing"));
    made.home.init();
    let other = made.json(&["leaf.pem", "--verify", "--store", "dir:store"]);
    assert_eq!(other.code, 1, "{}", other.stderr);
    assert_eq!(other.json()["verification"]["fault"]["reason"], "untrusted");
    let own = made.json(&["secret/ccx-ca", "--verify", "--store", "dir:store"]);
    assert!([0, 1].contains(&own.code), "{}", own.stderr);
    assert!(own.json()["verification"]["mode"] == "VERIFY_CA");
    let stray = made.json(&["leaf.pem", "--ca-file", "ca.pem"]);
    assert_eq!((stray.code, stray.error_code().as_str()), (2, "usage"), "without --verify");
}
