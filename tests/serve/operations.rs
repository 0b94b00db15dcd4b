//! The service as those who run it see it: TLS and its renewal, sockets, signals, limits.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use assert_cmd::Command;

use crate::common::pki::Pki;
use crate::common::rotations::{Ramp, Rotation};
use crate::common::service::{Service, curl, wait};
use crate::common::tls::closed_port;
use crate::common::{Home, ccx, env, run, tool};

const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

/// A server certificate in the home, and its key.
fn certificate(home: &Home, pki: &Pki, name: &str) -> [String; 2] {
    let identity = pki.server_for(&["localhost", "127.0.0.1"]);
    let certificate = home.write(&format!("{name}.crt"), identity.certificate);
    [certificate, home.write(&format!("{name}.key"), identity.key)]
}

/// The serial number of the certificate that is shown.
fn serial(service: &Service) -> String {
    let at = service.urls[0].trim_start_matches("https://").trim_end_matches('/');
    let shown = tool(
        "sh",
        &[
            "-c",
            &format!(
                "openssl s_client -connect {at} </dev/null 2>/dev/null | openssl x509 -noout -serial"
            ),
        ],
    );
    shown.trim().to_owned()
}

#[test]
#[ignore = "needs tests/run"]
fn https_with_a_certificate_that_is_renewed_while_it_runs() {
    let home = Home::with_ca();
    let pki = Pki::new();
    let pem = home.write("root.pem", pki.ca_pem());
    let [certificate_file, key_file] = certificate(&home, &pki, "tls");
    let files = ["--tls-cert", &certificate_file, "--tls-key", &key_file];
    let service = Service::start(&home.ccx(&[&SERVE[..], &files].concat()), 1);
    assert!(service.urls[0].starts_with("https://127.0.0.1:"), "{:?}", service.urls);
    let got = service.curl("/api/v1/ca.pem", &["--cacert", &pem]);
    assert_eq!((got.status, got.text()), (200, home.value("ccx-ca-bundle", "ca.crt")));
    assert_eq!(got.header("strict-transport-security"), "max-age=31536000");
    for version in ["--tlsv1.2", "--tlsv1.3"] {
        let max = version.trim_start_matches("--tlsv");
        let only = ["--cacert", &pem, version, "--tls-max", max];
        assert_eq!(service.curl("/readyz", &only).status, 200, "{version}");
    }
    let first = serial(&service);
    // A key alone does not fit; both do.
    let [next, next_key] = certificate(&home, &pki, "next");
    std::fs::copy(&next_key, &key_file).expect("replaced");
    let metric = |name: &str| {
        let text = service.curl("/metrics", &["--cacert", &pem]).text();
        text.lines().find_map(|l| l.strip_prefix(name)?.trim().parse::<f64>().ok()).unwrap_or(-1.0)
    };
    wait(|| metric("ccxsec_file_errors_total ") == 1.0);
    assert_eq!(serial(&service), first);
    assert!(service.stderr().contains("keeping the previous version in use"));
    std::fs::copy(&next, &certificate_file).expect("replaced");
    wait(|| serial(&service) != first);
    assert_eq!(service.curl("/readyz", &["--cacert", &pem]).status, 200);
}

#[test]
#[ignore = "needs tests/run"]
fn https_with_a_certificate_of_the_ca_that_it_serves() {
    let home = Home::with_ca();
    let pem = home.at("ca.pem");
    home.done(&["ca", "export", "--out", &pem]);
    let own = ["--tls-self", "localhost", "--tls-self", "127.0.0.1"];
    let before = home.snapshot();
    let service = Service::start(&home.ccx(&[&SERVE[..], &own].concat()), 1);
    assert_eq!(service.curl("/readyz", &["--cacert", &pem]).status, 200);
    let first = serial(&service);
    assert_eq!(home.snapshot(), before, "its key is nowhere");
    let [_, authority] = service.urls[0].split("//").collect::<Vec<_>>()[..] else { panic!() };
    let at = authority.trim_end_matches('/');
    let dates = format!(
        "openssl s_client -connect {at} </dev/null 2>/dev/null | openssl x509 -noout -checkend 90000"
    );
    let checked = std::process::Command::new("sh").args(["-c", &dates]).output().expect("openssl");
    assert_eq!(checked.status.code(), Some(1), "it is for a day");
    // Another CA: the service shows a certificate of that one.
    for name in ["ccx-ca", "ccx-ca-bundle"] {
        std::fs::remove_file(home.secret_file(name)).expect("removed");
    }
    home.init();
    wait(|| serial(&service) != first);
    home.done(&["ca", "export", "--out", &pem, "--force"]);
    service.until_with("/readyz", &["--cacert", &pem], |got| got.status == 200);
    home.fails(&[&SERVE[..], &["--tls-self", "a b"]].concat(), 2, "dns-name");
    let both = ["--tls-self", "a", "--insecure-http"];
    home.fails(&[&SERVE[..], &both].concat(), 2, "usage");
    // It needs the key of the CA, and that the CA may sign for the name.
    home.edit("ccx-ca", |secret| drop(secret["data"]["tls.key"].take()));
    let refused = home.run(&[&SERVE[..], &own].concat());
    assert_eq!(refused.code, 3, "{}", refused.stderr);
}

/// Clients that have only the old CA come to the service for the new one.
#[test]
#[ignore = "needs tests/run"]
fn own_certificate_stays_after_the_switch_and_follows_the_removal() {
    let rotation = Rotation::idle();
    let home = &rotation.home;
    let [old, new] = rotation.certificates();
    let old = ["--cacert", &home.write("old.pem", old)];
    let new = ["--cacert", &home.write("new.pem", new)];
    let own = ["--tls-self", "localhost", "--tls-self", "127.0.0.1"];
    let service = Service::start(&home.ccx(&[&SERVE[..], &own].concat()), 1);
    let first = serial(&service);
    rotation.stage();
    rotation.switch(Ramp::default());
    service.until_with("/api/v1/ca", &old, |got| got.json()["rotation"]["phase"] == "switched");
    assert_eq!(serial(&service), first);
    rotation.remove();
    wait(|| serial(&service) != first);
    service.until_with("/api/v1/ca", &new, |got| got.json()["rotation"]["phase"] == "removed");
}

#[test]
#[ignore = "needs tests/run"]
fn plain_http_goes_no_further_than_this_machine() {
    let home = Home::with_ca();
    for address in ["0.0.0.0:0", "[::]:0"] {
        home.fails(&["serve", "--listen", address], 2, "insecure-http");
    }
    let open = home.ccx(&["serve", "--listen", "0.0.0.0:0", "--insecure-http"]);
    let service = Service::start(&open, 1);
    let port = service.urls[0].trim_end_matches('/').rsplit(':').next().expect("a port").to_owned();
    let ready = curl(&format!("http://127.0.0.1:{port}/readyz"), &[]);
    assert_eq!((ready.status, ready.header("strict-transport-security")), (200, ""));
    // Everybody sees the datastores there, which nobody asked for.
    wait(|| service.stderr().contains("can list all datastores and their nodes"));
    let [certificate, key] = certificate(&home, &Pki::new(), "tls");
    let both = ["--tls-cert", &certificate, "--tls-key", &key];
    home.fails(&[&SERVE[..], &both, &["--insecure-http"]].concat(), 2, "usage");
    home.fails(&[&SERVE[..], &both[..2]].concat(), 2, "usage");
    let mixed = ["--tls-cert", &key, "--tls-key", &certificate];
    home.fails(&[&SERVE[..], &mixed].concat(), 2, "tls-files");
    home.fails(
        &[&SERVE[..], &["--tls-cert", "/nix", "--tls-key", &key]].concat(),
        3,
        "file-missing",
    );
    home.fails(&["serve", "--listen", &format!("127.0.0.1:{port}")], 3, "listen");
    home.fails(&["serve", "--listen", "localhost:1"], 2, "listen");
}

#[test]
#[ignore = "needs tests/run"]
fn ipv6_and_a_unix_socket_which_is_gone_afterwards() {
    let home = Home::with_ca();
    let socket = home.at("s.sock");
    let unix = format!("unix:{socket}");
    let listen = ["serve", "--listen", "[::1]:0", "--listen", &unix, "-o", "json"];
    // One that a crash left is taken over.
    drop(std::os::unix::net::UnixListener::bind(&socket).expect("a socket"));
    let mut text = listen.to_vec();
    text.truncate(5);
    let service = Service::start(&home.ccx(&text), 2);
    assert_eq!(service.get("/readyz").status, 200);
    let by_socket = ["--unix-socket", &socket];
    assert_eq!(curl("http://localhost/api/v1/ca.pem", &by_socket).status, 200);
    home.fails(&["serve", "--listen", &unix], 3, "listen"); // in use
    service.terminate();
    assert_eq!(service.ended().0, 0);
    assert!(!std::path::Path::new(&socket).exists());
    let file = home.write("file", "mine");
    home.fails(&["serve", "--listen", &format!("unix:{file}")], 3, "listen");
}

#[test]
#[ignore = "needs tests/run"]
fn systemd_hands_sockets_over_and_is_told_when_it_is_ready() {
    let home = Home::with_ca();
    let told = UnixDatagram::bind(home.join("notify")).expect("a socket");
    told.set_read_timeout(Some(Duration::from_secs(60))).expect("set");
    let port = closed_port();
    let serve = home.ccx(&["serve", "--listen", "systemd"]);
    let mut activate = Command::new("systemd-socket-activate");
    activate
        .arg("-l")
        .arg(format!("127.0.0.1:{port}"))
        .arg(format!("-ENOTIFY_SOCKET={}", home.at("notify")));
    activate.arg("--").arg(serve.get_program()).args(serve.get_args());
    activate.env_clear().env("PATH", env("PATH")).env("HOME", home.path()).current_dir(home.path());
    let asked = std::thread::spawn(move || {
        // The first connection is what starts it.
        wait(|| TcpStream::connect(("127.0.0.1", port)).is_ok());
        curl(&format!("http://127.0.0.1:{port}/readyz"), &[])
    });
    let service = Service::start(&activate, 1);
    assert_eq!(service.urls, [format!("http://127.0.0.1:{port}/")]);
    assert_eq!(asked.join().expect("an answer").status, 200);
    let mut message = [0; 64];
    let hear = |message: &mut [u8; 64]| {
        let length = told.recv(message).expect("a message");
        String::from_utf8_lossy(&message[..length]).trim().to_owned()
    };
    assert_eq!(hear(&mut message), "READY=1");
    service.terminate();
    assert_eq!(hear(&mut message), "STOPPING=1");
    assert_eq!(service.ended().0, 0);
    home.fails(&["serve", "--listen", "systemd"], 3, "listen"); // nothing was handed over
}

#[test]
fn slow_clients_are_cut() {
    let home = Home::with_ca();
    let arguments = [&SERVE[..], &["--client-timeout", "1s"]].concat();
    let service = Service::start(&home.ccx(&arguments), 1);
    let address = service.urls[0].trim_start_matches("http://").trim_end_matches('/').to_owned();
    let connect = || {
        let stream = TcpStream::connect(&address).expect("connected");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("set");
        stream
    };
    // Nothing, and half a request: both are closed, without our doing more.
    for said in ["", "GET /readyz HTTP/1.1\r\nHost: x\r\nX: "] {
        let mut slow = connect();
        slow.write_all(said.as_bytes()).expect("said");
        let mut heard = Vec::new();
        slow.read_to_end(&mut heard).expect("closed, and not by the time-out of this test");
        assert!(!String::from_utf8_lossy(&heard).contains("200 OK"));
    }
    let mut garbage = connect();
    garbage.write_all(b"\x16\x03\x01\x00\xa5\x01\x00\r\n\r\n").expect("said");
    let mut heard = Vec::new();
    garbage.read_to_end(&mut heard).expect("closed");
    assert!(heard.is_empty() || heard.starts_with(b"HTTP/1.1 400 "), "{heard:?}");
    service.terminate();
    let (code, more, stderr) = service.ended();
    assert_eq!((code, more.as_str(), stderr.as_str()), (0, "", ""));
}

#[test]
fn answer_that_was_begun_is_given_whole_before_the_end() {
    let home = Home::with_ca();
    let service = Service::start(&home.ccx(&[&SERVE[..], &["--access-log", "off"]].concat()), 1);
    let address = service.urls[0].trim_start_matches("http://").trim_end_matches('/').to_owned();
    let mut stream = TcpStream::connect(&address).expect("connected");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("set");
    // The answers are more than the sockets hold, so that it is in the middle of one when it is
    // told to end; the requests are no more than it reads at once, for what is left unread when
    // it closes would reset the connection.
    let requests = "GET /?engine=postgresql HTTP/1.1\r\n\r\n".repeat(220);
    assert!(requests.len() < 8192);
    stream.write_all(requests.as_bytes()).expect("asked");
    let mut heard = vec![0; 4096];
    stream.read_exact(&mut heard).expect("the first of it");
    service.terminate();
    // It takes no more connections: so it has heard.
    wait(|| TcpStream::connect(&address).is_err());
    stream.read_to_end(&mut heard).expect("all of it");
    let text = String::from_utf8_lossy(&heard);
    let heads: Vec<&str> = text.split("HTTP/1.1 200 OK\r\n").skip(1).collect();
    assert!(!heads.is_empty());
    for answer in heads {
        assert!(answer.ends_with("</html>"), "it was cut after {} bytes", answer.len());
    }
    assert_eq!(service.ended().0, 0);
}

#[test]
fn connections_over_the_limit_wait() {
    let home = Home::with_ca();
    let arguments = [&SERVE[..], &["--max-connections", "2"]].concat();
    let service = Service::start(&home.ccx(&arguments), 1);
    let address = service.urls[0].trim_start_matches("http://").trim_end_matches('/').to_owned();
    let held = [(); 2].map(|()| TcpStream::connect(&address).expect("connected"));
    let mut waiting = TcpStream::connect(&address).expect("in the queue");
    waiting
        .write_all(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .expect("asked");
    waiting.set_read_timeout(Some(Duration::from_millis(300))).expect("set");
    let mut byte = [0];
    assert!(waiting.read(&mut byte).is_err(), "both places are taken");
    drop(held);
    waiting.set_read_timeout(Some(Duration::from_secs(60))).expect("set");
    let mut answer = String::new();
    waiting.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}

#[test]
#[ignore = "needs tests/run"]
fn access_log_has_a_line_a_request_and_the_metrics_count_them() {
    let home = Home::with_ca();
    let service = Service::start(&home.ccx(&[&SERVE[..], &["--access-log", "json"]].concat()), 1);
    let agent = ["-A", "x\"é"];
    service.curl("/api/v1/snippets/mysql/mysql?host=private.example.com", &agent);
    service.get("/api/v1/ca.p12");
    service.get("/nix");
    wait(|| service.stderr().lines().count() == 3);
    let stderr = service.stderr();
    let lines: Vec<serde_json::Value> =
        stderr.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let shown: Vec<_> = lines.iter().map(|l| (l["path"].as_str(), l["status"].as_u64())).collect();
    assert_eq!(shown[0], (Some("/api/v1/snippets/mysql/mysql"), Some(200)));
    assert_eq!(shown[1..], [(Some("/api/v1/ca.p12"), Some(200)), (Some("/nix"), Some(404))]);
    assert_eq!((&lines[1]["method"], &lines[1]["peer"]), (&"GET".into(), &"127.0.0.1".into()));
    assert!(!stderr.contains("private.example.com"), "{stderr}");
    let metrics = service.get("/metrics").text();
    for line in [
        "ccxsec_downloads_total{format=\"p12\"} 1",
        "ccxsec_http_requests_total{code=\"404\",route=\"unknown\"} 1",
        "ccxsec_http_requests_total{code=\"200\",route=\"snippet\"} 1",
        "ccxsec_http_request_duration_seconds_count{route=\"ca\"} 1",
        "ccxsec_ready 1",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line}: {metrics}");
    }
    let off = Service::start(&home.ccx(&[&SERVE[..], &["--access-log", "off"]].concat()), 1);
    off.get("/nix");
    off.terminate();
    assert_eq!(off.ended().2, "");
}

#[test]
#[ignore = "needs tests/run"]
fn health_checks_are_counted_and_not_logged_and_lost_lines_are_counted() {
    let home = Home::with_ca();
    let service = Service::start(&home.ccx(&SERVE), 1);
    assert_eq!((service.get("/healthz").status, service.get("/readyz").status), (200, 200));
    service.get("/nix");
    wait(|| service.stderr().contains(" /nix 404 "));
    assert_eq!(service.stderr().lines().count(), 1, "{}", service.stderr());
    let metrics = service.get("/metrics").text();
    let counted = "ccxsec_http_requests_total{code=\"200\",route=\"health\"} 2";
    assert!(metrics.contains(counted), "{metrics}");
    assert_eq!(service.metric("ccxsec_access_log_lost_total"), 0.0);

    let full = Service::start_with_full_stderr(&home.ccx(&SERVE));
    full.get("/nix");
    wait(|| full.metric("ccxsec_access_log_lost_total") >= 1.0);
}

#[test]
#[ignore = "needs tests/run"]
fn hangup_has_the_files_read_again_and_ends_nothing() {
    let home = Home::with_ca();
    let hash = ccx_sec::pki::sha256_hex(b"one");
    let tokens = home.write("tokens", format!("one {hash}\n"));
    let auth = format!("tokens:{tokens}");
    let service = Service::start(&home.ccx(&[&SERVE[..], &["--auth", &auth]].concat()), 1);
    service.send(rustix::process::Signal::HUP);
    wait(|| service.stderr().contains("SIGHUP: "));
    let list = |token: &str| {
        let header = format!("Authorization: Bearer {token}");
        service.curl("/api/v1/datastores", &["-H", &header]).status
    };
    assert_eq!(list("one"), 200);
    // What cannot be read is said, and what was read before stays.
    home.write("tokens", "broken\n");
    service.send(rustix::process::Signal::HUP);
    wait(|| service.stderr().contains("keeping the previous version in use"));
    assert_eq!(list("one"), 200);
    service.terminate();
    assert_eq!(service.ended().0, 0);
}

#[test]
#[ignore = "needs tests/run"]
fn snippet_parameters_refuse_invisible_characters() {
    let home = Home::with_ca();
    let service = Service::start(&home.ccx(&SERVE), 1);
    for query in [
        "host=a%0Ab",
        "host=a&user=a%0Arm+-rf",
        "host=a&user=a%1B%5B2J",
        "host=a&database=a%00",
        "host=a&database=a%E2%80%AEb",
        "host=a&ca_file=a%0D",
    ] {
        let refused = service.get(&format!("/api/v1/snippets/postgresql/psql?{query}"));
        assert_eq!(refused.status, 400, "{query}: {}", refused.text());
        refused.problem();
    }
    let taken = service.get("/api/v1/snippets/postgresql/psql?host=a&user=J%C3%B6rg+%27x%27");
    assert_eq!(taken.status, 200, "{}", taken.text());
}

#[test]
fn serve_help_has_its_sections() {
    let home = Home::new();
    let help = run(ccx(home.path()).args(["serve", "--help"]));
    assert_eq!(help.code, 0);
    for words in ["--insecure-http", "EXIT STATUS", "EXAMPLES", "changeit"] {
        assert!(help.stdout.contains(words), "{words}");
    }
}
