//! Servers whose certificates have keys that real clients take and rustls does not verify: what is
//! said of them is that it is not known, and for the sake of which kind of key.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::common::{Home, run};

/// The files of a certificate signed by its own key of this kind, and of the key.
fn self_signed(home: &Home, kind: &[&str]) -> (PathBuf, PathBuf) {
    let (key, certificate) = (home.join("key.pem"), home.join("cert.pem"));
    let run = |arguments: &[&str]| {
        let done = Command::new("openssl").args(arguments).output().expect("openssl runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    let path = |path: &std::path::Path| path.to_str().expect("a path").to_owned();
    run(&[&["genpkey", "-out", &path(&key), "-algorithm"], kind].concat());
    let names = ["-subj", "/CN=db-1", "-addext", "subjectAltName=IP:127.0.0.1"];
    let request = ["req", "-x509", "-days", "30", "-key", &path(&key), "-out", &path(&certificate)];
    run(&[&request[..], &names].concat());
    (certificate, key)
}

#[test]
fn keys_that_are_not_verified_here_accuse_nobody() {
    const LEVEL: [&str; 2] = ["-cipher", "DEFAULT:@SECLEVEL=0"];
    for (kind, name) in [
        (&["RSA", "-pkeyopt", "rsa_keygen_bits:2047"][..], "rsa-2047"),
        (&["RSA", "-pkeyopt", "rsa_keygen_bits:1024"], "rsa-1024"),
        (&["ED448"], "ed448"),
        (&["RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"], "1.2.840.113549.1.1.10"),
    ] {
        let home = Home::new();
        let (certificate, key) = self_signed(&home, kind);
        let mut server = Command::new("openssl")
            .args(["s_server", "-accept", "127.0.0.1:0", "-www", "-cert"])
            .arg(certificate)
            .arg("-key")
            .arg(key)
            .args(LEVEL)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl runs");
        let mut lines = BufReader::new(server.stdout.take().expect("piped")).lines();
        let place = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("ACCEPT ").map(str::to_owned));
        let place = place.expect("a port");
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        let client = Command::new("openssl")
            .args(["s_client", "-connect", &place])
            .args(LEVEL)
            .stdin(Stdio::null())
            .output()
            .expect("openssl runs");
        let client = String::from_utf8_lossy(&client.stdout).into_owned();
        let run = run(&mut home.ccx(&[
            "verify",
            "-o",
            "json",
            "--mode",
            "REQUIRED",
            &format!("rediss://{place}"),
        ]));
        server.kill().expect("it ran");
        server.wait().expect("it ended");
        assert!(client.contains("New, TLSv1.3"), "{kind:?}: {client}");
        let verdict = run.json()["endpoints"][0]["verdicts"][0].take();
        assert_eq!(verdict["verdict"], "unknown", "{kind:?}: {verdict}");
        assert_eq!(verdict["reason"], "key_unsupported", "{kind:?}: {verdict}");
        let message = verdict["message"].as_str().expect("a message");
        assert!(message.contains(name), "{kind:?}: {message}");
    }
}
