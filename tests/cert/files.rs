//! The files of `cert issue`: who they belong to, who may read them, what becomes of those of
//! others; and that nothing else ever shows a key.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use serde_json::json;

use crate::common::nodes::{DATASTORE, DOMAIN, HOST, action, done, fault, load, openssl_verify};
use crate::common::{Home, run, unprivileged};

#[test]
fn dry_run_says_what_would_be_and_nothing_shows_a_key() {
    let home = Home::with_ca();
    let dry = done(&mut home.issue("mysql", &["--dry-run", "--secret"]));
    assert_eq!((action(&dry), &dry["dry_run"]), (("issued", Some("missing")), &json!(true)));
    assert!(!home.join("tls").exists());
    assert_eq!(
        fs::read_dir(home.store())
            .expect("a store")
            .filter(|e| e.as_ref().is_ok_and(|e| e.file_name().to_string_lossy().contains("node")))
            .count(),
        0
    );
    for format in ["text", "wide", "json", "yaml"] {
        let made = run(home
            .issue("mysql", &["--secret", "-v", "-o", format, "--dns"])
            .arg(format!("{format}.example.com")));
        assert_eq!(made.code, 0, "{}", made.stderr);
        let key = fs::read_to_string(home.join("tls/server-key.pem")).expect("a key");
        let secret = key.lines().nth(1).expect("its first line");
        for said in [&made.stdout, &made.stderr] {
            assert!(!said.contains("PRIVATE") && !said.contains(secret), "{said}");
        }
        assert!(
            made.stdout.contains("issued") || made.stdout.contains("renewed"),
            "{}",
            made.stdout
        );
    }
    let kept = done(&mut home.issue("mysql", &["--dns", "yaml.example.com", "--secret"]));
    for field in [
        "action",
        "dry_run",
        "directory",
        "secret",
        "subject",
        "issuer",
        "serial",
        "sha256",
        "key_type",
        "not_before",
        "not_after",
        "days_left",
        "san",
        "key_usage",
        "ext_key_usage",
    ] {
        assert!(!kept[field].is_null(), "{field}: {kept}");
    }
    assert_eq!(
        fault(&mut home.ccx(&[
            "cert",
            "issue",
            "--datastore",
            DATASTORE,
            "--node",
            "db-1",
            "--engine",
            "mysql",
            "--domain",
            DOMAIN
        ])),
        (2, "usage".into())
    );
}

#[test]
fn owners_and_modes() {
    let home = Home::with_ca();
    let tls = home.join("tls");
    let of = |name: &str| {
        let metadata = fs::metadata(tls.join(name)).expect(name);
        (metadata.permissions().mode() & 0o777, metadata.uid(), metadata.gid())
    };
    done(&mut home.issue("postgresql", &[]));
    let (uid, gid) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    let modes = || ["ca.pem", "server-cert.pem", "server-key.pem"].map(|name| of(name).0);
    assert_eq!(modes(), [0o644, 0o644, 0o600]);
    assert_eq!(of("server-key.pem"), (0o600, uid, gid));
    // A key that others could read is closed again.
    fs::set_permissions(tls.join("server-key.pem"), fs::Permissions::from_mode(0o644))
        .expect("opened");
    assert_eq!(action(&done(&mut home.issue("postgresql", &[]))).0, "refreshed");
    assert_eq!(modes(), [0o644, 0o644, 0o600]);
    for owner in ["1234:5678", "root:root"] {
        let told = fault(&mut home.issue("postgresql", &["--owner", owner, "--key-mode", "0640"]));
        assert_eq!(told, (4, "key-mode".into()), "{owner}");
    }
    assert_eq!(
        fault(&mut home.issue("postgresql", &["--owner", "no-such-user"])),
        (2, "owner-unknown".into())
    );
    assert_eq!(
        fault(&mut home.issue("postgresql", &["--owner", "0:1", "--key-mode", "0644"])).0,
        2
    );
    let node = [
        "cert",
        "issue",
        "--datastore",
        DATASTORE,
        "--node",
        "db-1",
        "--engine",
        "postgresql",
        "--domain",
        DOMAIN,
        "--out",
        "tls",
        "--owner",
        "1234:5678",
        "-o",
        "json",
    ];
    let told = run(&mut unprivileged(&home.ccx(&node)));
    assert_eq!((told.code, told.error_code()), (3, "file-unwritable".into()));
    assert!(told.stderr.contains("only root may change owners"), "{}", told.stderr);
    load(&tls).expect("the old pair");
    if !rustix::process::geteuid().is_root() {
        return; // who is not root gives nothing away
    }
    assert_eq!(
        action(&done(&mut home.issue("postgresql", &["--owner", "1234:5678"]))).0,
        "refreshed"
    );
    assert_eq!(of("server-key.pem"), (0o600, 1234, 5678));
    assert_eq!(of("server-cert.pem"), (0o644, 1234, 5678));
    assert_eq!(action(&done(&mut home.issue("postgresql", &["--owner", "1234:5678"]))).0, "kept");
    // Whoever the files belong to keeps them.
    done(&mut home.issue("postgresql", &["--key-type", "ed25519"]));
    assert_eq!(of("server-key.pem"), (0o600, 1234, 5678));
    done(&mut home.issue("postgresql", &["--owner", "0:5678", "--key-mode", "0640"]));
    assert_eq!(of("server-key.pem"), (0o640, 0, 5678));
    done(&mut home.issue("postgresql", &[]));
    assert_eq!(of("server-key.pem"), (0o640, 0, 5678));
    done(&mut home.issue("postgresql", &["--owner", "1234:5678"]));
    assert_eq!(of("server-key.pem"), (0o600, 1234, 5678));
}

#[test]
fn files_of_others_are_left_alone_unless_told() {
    for file in ["ca.pem", "server-cert.pem", "server-key.pem"] {
        let home = Home::with_ca();
        let tls = home.join("tls");
        fs::create_dir(&tls).expect("made");
        fs::write(tls.join(file), "theirs").expect("written");
        fs::write(tls.join("dh.pem"), "theirs").expect("written");
        assert_eq!(fault(&mut home.issue("mysql", &[])), (4, "file-foreign".into()), "{file}");
        assert_eq!(fs::read_to_string(tls.join(file)).expect("a file"), "theirs");
        assert_eq!(fs::read_dir(&tls).expect("a directory").count(), 2, "{file}");
        done(&mut home.issue("mysql", &["--force"]));
        load(&tls).expect("a pair");
        openssl_verify(&tls, "server-cert.pem", &["-verify_hostname", HOST]);
        assert_eq!(fs::read_to_string(tls.join("dh.pem")).expect("a file"), "theirs");
        assert_eq!(action(&done(&mut home.issue("mysql", &[]))).0, "kept");
    }
}
