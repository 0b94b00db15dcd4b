//! `cert renew` and `cert needs-renewal`: when a certificate is due, what the new one says,
//! reloads that fail, and runs that are killed.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value, json};

use crate::common::db::{Bed, Config, Engine, Server};
use crate::common::kill::{self, kill, time_to_end, undisturbed, wait_for};
use crate::common::nodes::{HOST, action, certificate, done, fault, load};
use crate::common::random::{Random, say};
use crate::common::{Home, run, tool, unprivileged};

const KILLS: u32 = 200;

/// A home with a CA and a certificate of this validity in `tls`.
fn home(validity: &str) -> Home {
    let home = Home::with_ca();
    done(&mut home.issue("mysql", &["--validity", validity, "--ip", "10.0.0.7"]));
    home
}

fn renew(home: &Home, more: &[&str]) -> Command {
    home.ccx(&[&["cert", "renew", "--dir", "tls"][..], more].concat())
}

fn needs_renewal(home: &Home, more: &[&str]) -> (i32, Value) {
    let mut command =
        home.ccx(&[&["cert", "needs-renewal", "--dir", "tls", "-o", "json"][..], more].concat());
    let said = run(&mut command);
    assert_eq!(said.stderr, "");
    (said.code, said.json()["certificates"][0].take())
}

/// The files as they are.
fn bytes(tls: &Path) -> [Vec<u8>; 3] {
    ["ca.pem", "server-cert.pem", "server-key.pem"]
        .map(|name| fs::read(tls.join(name)).expect(name))
}

#[test]
fn certificate_is_due_in_the_last_third_or_as_configured() {
    // A validity begins five minutes before. A third of the life, and up to a fifteenth more:
    // due is what has 2 of 7 minutes left, and not what has 4 of 9.
    for (validity, code, reason) in [
        ("1y", 1, None),
        ("15m", 1, None),
        ("4m", 1, None),
        ("2m", 0, Some("due")),
        ("1s", 0, Some("expired")),
    ] {
        let home = home(validity);
        if validity == "1s" {
            std::thread::sleep(std::time::Duration::from_millis(2100));
        }
        let (exit, told) = needs_renewal(&home, &[]);
        assert_eq!((exit, told["reason"].as_str()), (code, reason), "{validity}: {told}");
        let old = certificate(&home.join("tls/server-cert.pem"));
        let life = old.not_after().duration_since(old.not_before()).as_secs();
        let from: jiff::Timestamp =
            told["due_from"].as_str().and_then(|at| at.parse().ok()).expect("a time");
        let left = old.not_after().duration_since(from).as_secs();
        assert!(
            left * 1000 >= life / 1000 * 333 * 1000 && left <= life * 401 / 1000 + 1,
            "{left} of {life}"
        );
        let before = bytes(&home.join("tls"));
        let made = done(&mut renew(&home, &[]));
        assert_eq!(action(&made), if code == 1 { ("kept", None) } else { ("renewed", reason) });
        assert_eq!(bytes(&home.join("tls")) == before, code == 1, "{validity}");
    }
    let home = home("10d");
    assert_eq!(
        (needs_renewal(&home, &["--before", "9d"]).0, needs_renewal(&home, &["--before", "11d"]).0),
        (1, 0)
    );
    assert_eq!(action(&done(&mut renew(&home, &["--before", "9d"]))).0, "kept");
    assert_eq!(action(&done(&mut renew(&home, &["--before", "11d"]))), ("renewed", Some("due")));
}

#[test]
fn new_one_says_what_the_old_one_said_for_a_new_key() {
    let home = home("30d");
    let tls = home.join("tls");
    let public = || certificate(&tls.join("server-cert.pem")).public_key_info();
    let old = certificate(&tls.join("server-cert.pem")).describe(jiff::Timestamp::now());
    let (key, old) = (public(), serde_json::to_value(old).expect("JSON"));
    let made = done(&mut renew(&home, &["--force"]));
    assert_eq!(action(&made), ("renewed", Some("asked")));
    for same in ["subject", "issuer", "san", "key_type", "key_usage", "ext_key_usage", "aki"] {
        assert_eq!(made[same], old[same], "{same}");
    }
    assert_ne!(made["serial"], old["serial"]);
    assert_ne!(public(), key);
    let days = |made: &Value| made["days_left"].as_i64().expect("days");
    assert!((29..=30).contains(&days(&made)), "{made}");
    let key = public();
    let made = done(&mut renew(&home, &["--force", "--reuse-key", "--validity", "90d"]));
    assert_eq!((public(), days(&made) >= 89), (key, true));
    load(&tls).expect("a pair");
    let dry = done(&mut renew(&home, &["--force", "--dry-run"]));
    assert_eq!((action(&dry).0, &dry["dry_run"]), ("renewed", &json!(true)));
    assert_eq!(certificate(&tls.join("server-cert.pem")).sha256(), made["sha256"]);
    // A client's.
    done(
        home.ccx(&["cert", "issue", "--client", "--common-name", "app1", "--out", "app1"])
            .args(["--key-type", "rsa-2048"]),
    );
    let made = done(&mut home.ccx(&["cert", "renew", "--dir", "app1", "--force"]));
    assert_eq!((&made["subject"], &made["key_type"]), (&json!("CN=app1"), &json!("rsa-2048")));
    assert_eq!(certificate(&home.join("app1/client-cert.pem")).sha256(), made["sha256"]);
    assert!(!home.join("app1/server-cert.pem").exists());
    let listed = run(&mut home.ccx(&["cert", "list", "--dir", "."])).stdout;
    assert!(listed.contains(&format!("  {HOST}  ")) && listed.contains("  CN=app1  "), "{listed}");
}

#[test]
fn unrenewable_certificates_are_reported() {
    let home = home("1y");
    let at = |arguments: &[&str]| fault(&mut home.ccx(&[&["cert"][..], arguments].concat()));
    for command in ["renew", "needs-renewal"] {
        assert_eq!(at(&[command, "--dir", "not-there"]), (3, "certificate-missing".into()));
        assert_eq!(at(&[command]), (2, "usage".into()));
        assert_eq!(at(&[command, "--secret"]), (2, "secret-name".into()));
        assert_eq!(at(&[command, "--secret", "not-there"]), (3, "certificate-missing".into()));
        assert_eq!(
            at(&[command, "--inventory", "not-there", "--out", "x"]),
            (3, "file-missing".into())
        );
    }
    let key = home.join("tls/server-key.pem");
    let good = fs::read(&key).expect("a key");
    fs::write(&key, tool("openssl", &["genpkey", "-algorithm", "ED25519"])).expect("written");
    assert_eq!(
        needs_renewal(&home, &[]),
        (
            0,
            json!({"name": "tls", "needs_renewal": true, "reason": "damaged", "due_from": null, "not_after": null})
        )
    );
    assert_eq!(at(&["renew", "--dir", "tls"]), (3, "certificate-damaged".into()));
    fs::write(&key, good).expect("written");
    fs::set_permissions(home.join("tls"), fs::Permissions::from_mode(0o000)).expect("closed");
    for command in ["renew", "needs-renewal"] {
        let told =
            run(&mut unprivileged(&home.ccx(&["cert", command, "--dir", "tls", "-o", "json"])));
        assert_eq!((told.code, told.error_code()), (3, "file-permission".into()), "{command}");
    }
    fs::set_permissions(home.join("tls"), fs::Permissions::from_mode(0o755)).expect("opened");
    home.ccx(&["ca", "init", "--common-name", "Other", "--ca", "other"]).assert().success();
    // The question and what renewing does agree; without a CA there is no answer but the dates'.
    assert_eq!(needs_renewal(&home, &[]).0, 1);
    let (exit, told) = needs_renewal(&home, &["--ca", "other"]);
    assert_eq!((exit, &told["reason"]), (0, &json!("other-ca")));
    assert_eq!(needs_renewal(&home, &["--ca", "other", "--dates-only"]).0, 1);
    assert_eq!(
        at(&["needs-renewal", "--dir", "tls", "--ca", "none"]),
        (3, "bundle-missing".into())
    );
    assert_eq!(needs_renewal(&home, &["--ca", "none", "--dates-only"]).0, 1);
    assert_eq!(needs_renewal(&home, &["--ca", "none", "--before", "2y"]).0, 0);
    assert_eq!(
        action(&done(&mut renew(&home, &["--ca", "other", "--force"]))),
        ("renewed", Some("other-ca"))
    );
    assert_eq!(fault(&mut renew(&home, &["--ca", "none"])).0, 1);
}

#[test]
fn owner_and_mode_stay() {
    let home = home("1y");
    let of = |name: &str| {
        let metadata = fs::metadata(home.join("tls").join(name)).expect(name);
        (metadata.permissions().mode() & 0o777, metadata.uid(), metadata.gid())
    };
    if rustix::process::geteuid().is_root() {
        done(
            &mut home
                .issue("mysql", &["--ip", "10.0.0.7", "--owner", "0:1234", "--key-mode", "0640"]),
        );
        assert_eq!(of("server-key.pem"), (0o640, 0, 1234));
    }
    let before = ["ca.pem", "server-cert.pem", "server-key.pem"].map(of);
    done(&mut renew(&home, &["--force"]));
    assert_eq!(["ca.pem", "server-cert.pem", "server-key.pem"].map(of), before);
}

#[test]
fn reload_that_fails_brings_the_old_files_back() {
    let home = home("1y");
    let tls = home.join("tls");
    let before = bytes(&tls);
    let told = run(&mut renew(
        &home,
        &["--force", "--exec", "echo to stdout; cat < $CCX_SEC_DIR/server-cert.pem > seen; exit 7"],
    ));
    assert_eq!((told.code, told.stdout.as_str()), (3, ""));
    assert!(told.stderr.starts_with("to stdout\n"), "{}", told.stderr);
    assert!(
        told.stderr.contains("[command-failed]")
            && told.stderr.contains("the old files in tls were restored"),
        "{}",
        told.stderr
    );
    assert_eq!(bytes(&tls), before);
    assert_ne!(fs::read(home.join("seen")).expect("what was in force"), before[1]);
    // Not due: the command does not run.
    done(&mut renew(&home, &["--exec", "false"]));
    assert_eq!(fs::read_dir(&tls).expect("a directory").count(), 5); // three names, ..data, the set
    let made =
        done(&mut renew(&home, &["--force", "--exec", "cp $CCX_SEC_DIR/server-key.pem seen"]));
    assert_eq!(load(&tls).as_ref().ok(), made["sha256"].as_str().map(str::to_owned).as_ref());
    assert_eq!(fs::read(home.join("seen")).expect("a key"), bytes(&tls)[2]);
    assert_eq!(
        fault(&mut renew(&home, &["--force", "--exec", "kill -9 $$"])),
        (3, "command-failed".into())
    );
}

/// Changes the files and is killed while the command runs.
fn killed_in_the_reload(home: &Home) {
    let store = format!("dir:{}", home.store().display());
    let exec = "touch started; exec sleep 3";
    let mut child = kill::start(
        home.path(),
        &["--store", &store, "cert", "renew", "--dir", "tls", "--force", "--exec", exec],
    );
    wait_for(|| home.join("started").exists(), &mut child);
    child.kill().expect("killed");
    child.wait().expect("gone");
    fs::remove_file(home.join("started")).expect("it was started");
    assert!(home.join("tls/..previous").is_symlink());
}

#[test]
fn run_that_was_killed_in_the_reload_is_made_good_by_the_next() {
    let home = home("1y");
    let tls = home.join("tls");
    let old = load(&tls);
    killed_in_the_reload(&home);
    let new = load(&tls);
    assert_ne!(old, new);
    let made = done(&mut renew(&home, &["--exec", "echo x >> loaded"]));
    assert_eq!((action(&made), load(&tls)), (("refreshed", None), new.clone()));
    assert_eq!(action(&done(&mut renew(&home, &["--exec", "echo x >> loaded"]))).0, "kept");
    assert_eq!(fs::read_to_string(home.join("loaded")).expect("loaded once"), "x\n");
    killed_in_the_reload(&home);
    assert_eq!(fault(&mut renew(&home, &["--exec", "false"])), (3, "command-failed".into()));
    assert_eq!(load(&tls), new);
    assert_eq!(action(&done(&mut renew(&home, &["--exec", "false"]))).0, "kept");
}

/// Puts a copy of the files where the server may read them, who is somebody else.
fn put(bed: &Bed, tls: &Path) {
    let [ca, certificate, key] = bytes(tls).map(|pem| String::from_utf8(pem).expect("PEM"));
    bed.put(&ca, &certificate, &key);
}

/// What `openssl s_client` says of the server, which must verify for [`HOST`].
fn handshake(server: &Server, tls: &Path) -> String {
    let (to, ca) = (format!("127.0.0.1:{}", server.tls_port()), tls.join("ca.pem"));
    let connect = ["s_client", "-connect", &to, "-CAfile", &ca.display().to_string()];
    tool("openssl", &[&connect[..], &["-verify_return_error", "-verify_hostname", HOST]].concat())
}

#[test]
#[ignore = "needs tests/run"]
fn renew_killed_anywhere_leaves_a_valid_pair() {
    let mut random = Random::new("cert_renew");
    let home = home("1y");
    let tls = home.join("tls");
    let bed = Bed::new(Engine::Redis7);
    put(&bed, &tls);
    let redis = bed.start(&Config::tls(Engine::Redis7));
    let first = fs::read_to_string(tls.join("server-key.pem")).expect("a key");
    let store = format!("dir:{}", home.store().display());
    let start = || {
        kill::start(home.path(), &["--store", &store, "cert", "renew", "--dir", "tls", "--force"])
    };
    let names = || -> BTreeSet<_> {
        let entries = fs::read_dir(&tls).expect("a directory");
        entries.map(|entry| entry.expect("an entry").file_name()).collect()
    };
    let usual = undisturbed(|_| time_to_end(start()));
    let usual_write = undisturbed(|_| {
        let before = names();
        let mut child = start();
        wait_for(|| !names().is_subset(&before), &mut child);
        time_to_end(child)
    });
    let (mut old_ones, mut new_ones, mut unconfirmed, mut done_before) = (0, 0, 0, 0);
    for n in 0..KILLS {
        let old = load(&tls).expect("a pair");
        let before = names();
        let mut child = start();
        let within = if n % 2 == 0 { usual } else { usual_write };
        if n % 2 == 1 {
            wait_for(|| !names().is_subset(&before), &mut child);
        }
        done_before += u32::from(!kill(child, n, KILLS, within, &mut random));
        let now = load(&tls).expect("a pair");
        *(if now == old { &mut old_ones } else { &mut new_ones }) += 1;
        unconfirmed += u32::from(tls.join("..previous").is_symlink());
        if n % 10 == 0 {
            put(&redis, &tls);
            assert_eq!(redis.reload(), Ok(()));
            let shown = handshake(&redis, &tls);
            let certificate = fs::read_to_string(tls.join("server-cert.pem")).expect("PEM");
            assert!(shown.contains(certificate.trim()), "{shown}");
        }
    }
    say(
        "cert_renew",
        &format!(
            "{KILLS} kills within {usual:?}, {usual_write:?}: {old_ones} old, {new_ones} new ({unconfirmed} unconfirmed), {done_before} too late"
        ),
    );
    assert!(old_ones > 0 && new_ones > done_before, "{old_ones} {new_ones} {done_before}");
    // It would tell us if it were not so.
    tool("cp", &["-rL", &tls.display().to_string(), &home.join("torn").display().to_string()]);
    fs::write(home.join("torn/server-key.pem"), first).expect("written");
    assert!(load(&home.join("torn")).is_err());
    put(&redis, &home.join("torn"));
    assert!(redis.reload().is_err_and(|said| said.contains("ERR")));
    done(&mut renew(&home, &["--force"]));
    done(&mut renew(&home, &[]));
    assert_eq!(names().len(), 5);
}
