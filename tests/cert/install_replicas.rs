//! `cert install` beside replicas that are connected: those that the new settings would refuse
//! at their next connection are reported before anything is changed.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::db::{Config, Engine, Server};
use crate::common::install::Scene;
use crate::common::official::{PASSWORD, account};
use crate::common::pki::{Client, Kind, Pki};
use crate::common::{Run, env};

/// A standby as far as the primary sees one: pg_receivewal, which streams until it is dropped.
struct Standby(Child);

impl Standby {
    /// One that connects with these parts of a connection string.
    fn connect(server: &Server, options: &str) -> Self {
        let tree = PathBuf::from(env("CCX_TEST_DB")).join("trixie/usr/lib");
        let libraries = tree.join(format!("{}-linux-gnu", std::env::consts::ARCH));
        let loader = std::fs::read_dir(&libraries)
            .expect("the libraries")
            .map(|entry| entry.expect("an entry").path())
            .find(|path| {
                path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("ld-linux"))
            })
            .expect("the loader of that suite");
        let folder = tempfile::tempdir().expect("a folder").keep();
        let string = format!(
            "host=127.0.0.1 port={} user=repl application_name=db-2 {options}",
            server.port()
        );
        let child = Command::new(loader)
            .arg("--library-path")
            .arg(&libraries)
            .arg(tree.join("postgresql/17/bin/pg_receivewal"))
            .args(["--no-loop", "--directory"])
            .arg(folder)
            .args(["--dbname", &string])
            .env("PGPASSWORD", PASSWORD)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("pg_receivewal");
        let standby = Standby(child);
        until(|| server.admin("SELECT count(*) FROM pg_stat_replication").trim() == "1");
        standby
    }

    fn leave(self, server: &Server) {
        drop(self);
        until(|| server.admin("SELECT count(*) FROM pg_stat_replication").trim() == "0");
    }
}

impl Drop for Standby {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn until(mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(120);
    while !holds() {
        assert!(Instant::now() < end, "it does not come");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Every file of the server's folder that an installation may write.
fn settings(scene: &Scene) -> Vec<Option<Vec<u8>>> {
    let files = [
        "pg_hba.conf",
        "data/postgresql.conf",
        "data/zz-ccx-sec.conf",
        "tls/server-cert.pem",
        "conf.d/zz-ccx-sec.cnf",
    ];
    files.iter().map(|name| std::fs::read(scene.server.dir().join(name)).ok()).collect()
}

#[track_caller]
fn assert_refused(refused: &Run, parts: &[&str]) {
    assert_eq!((refused.code, refused.error_code().as_str()), (4, "replicas-refused"));
    parts
        .iter()
        .for_each(|part| assert!(refused.stderr.contains(part), "{part}: {}", refused.stderr));
}

#[test]
#[ignore = "needs tests/run"]
fn standbys_of_postgresql_without_certificate_stop_verify_ca() {
    let pki = Pki::new();
    let hba = "local all all trust\nlocal replication all trust\n\
               host all all 127.0.0.0/8 scram-sha-256\n\
               host replication all 127.0.0.0/8 scram-sha-256";
    let scene = Scene::with(Engine::Pg17, &Config::off(Engine::Pg17).hba(hba));
    scene.server.admin(&format!("CREATE USER repl REPLICATION PASSWORD '{PASSWORD}'"));
    let ca = scene.home.write("ca.pem", pki.ca_pem());
    let given = pki.server(Kind::Good);
    let certificate = scene.home.write("given.pem", &given.certificate);
    let key = scene.home.write("given-key.pem", &given.key);
    let given = ["--certificate", &certificate, "--key", &key, "--ca-file", &ca];
    let install = |more: &[&str]| scene.install(&[&given[..], more].concat());

    // The server has no TLS yet: what the standby does then is not known.
    let plain = Standby::connect(&scene.server, "");
    let made = install(&[]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    assert!(made.stderr.contains("not known whether they use TLS"), "{}", made.stderr);
    assert!(made.stderr.contains("db-2 of user repl at 127.0.0.1"), "{}", made.stderr);
    plain.leave(&scene.server);

    // It has TLS, and has asked nobody for a certificate.
    let with_tls = Standby::connect(&scene.server, "sslmode=require");
    let made = install(&[]);
    assert!(made.code == 0 && !made.stderr.contains("replicas"), "{}", made.stderr);
    let before = settings(&scene);
    let name = "db-2 of user repl at 127.0.0.1";
    let verify_ca = ["--mode", "VERIFY_CA"];
    for more in [&verify_ca[..], &["--mode", "VERIFY_CA", "--dry-run"]] {
        let parts = [
            "has not asked for client certificates",
            name,
            "sslcert and sslkey",
            "--ignore-replicas",
        ];
        assert_refused(&install(more), &parts);
    }
    assert_eq!(settings(&scene), before);
    let made = install(&["--mode", "VERIFY_CA", "--ignore-replicas"]);
    assert_eq!(made.code, 0, "{}", made.stderr);

    // Now it asks: whoever is there without one is still there, and would be refused.
    assert_refused(&install(&verify_ca), &["connected without a client certificate", name]);
    with_tls.leave(&scene.server);
    let client = pki.client(Client::Good);
    let certificate = scene.home.write("client.pem", &client.certificate);
    let key = scene.home.write("client-key.pem", &client.key);
    let options = format!("sslmode=verify-ca sslrootcert={ca} sslcert={certificate} sslkey={key}");
    let with_certificate = Standby::connect(&scene.server, &options);
    let made = install(&verify_ca);
    assert!(made.code == 0 && !made.stderr.contains("replicas"), "{}", made.stderr);
    with_certificate.leave(&scene.server);
}

/// Has `replica` replicate from `primary`; `more` is part of the statement that says how.
fn replicate(primary: &Server, replica: &Server, more: &str) {
    let port = primary.port();
    let statements = match replica.engine() {
        Engine::Mysql97 => [
            "STOP REPLICA".to_owned(),
            format!(
                "CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT={port}, \
                 SOURCE_USER='repl', SOURCE_PASSWORD='{PASSWORD}', GET_SOURCE_PUBLIC_KEY=1, \
                 SOURCE_{more}"
            ),
            "START REPLICA".to_owned(),
        ],
        _ => [
            "STOP SLAVE".to_owned(),
            format!(
                "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={port}, \
                 MASTER_USER='repl', MASTER_PASSWORD='{PASSWORD}', MASTER_{more}"
            ),
            "START SLAVE".to_owned(),
        ],
    };
    let connections = || {
        primary.admin("SELECT coalesce(max(ID), 0) FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%'")
    };
    let before = connections();
    statements.iter().for_each(|statement| drop(replica.admin(statement)));
    until(|| connections() != before && connections().trim() != "0");
}

fn check_replicas(engine: Engine, is_visible: bool) {
    let schema = if is_visible { "ON" } else { "OFF" };
    let lines = format!("log_bin=bin\nserver_id=1\nperformance_schema={schema}");
    let scene = Scene::with(engine, &Config::off(engine).and(&lines));
    scene.home.ccx(&["ca", "show"]).assert().success();
    account(&scene.server, "repl", "");
    scene.server.admin("GRANT REPLICATION SLAVE ON *.* TO repl");
    let mut replica = Server::start(engine, &Config::off(engine).and("[mysqld]\nserver_id=2"));
    if engine == Engine::Mysql97 {
        std::fs::remove_file(replica.dir().join("data/auto.cnf")).expect("its UUID");
        replica.restart();
    }
    replicate(&scene.server, &replica, "SSL=0");
    let before = settings(&scene);
    if is_visible {
        let refused = scene.issue(&[]);
        assert_refused(
            &refused,
            &["without TLS", "user repl at ", "SOURCE_SSL=1", "--ignore-replicas"],
        );
        assert_eq!(settings(&scene), before);
        let made = scene.issue(&["--ignore-replicas"]);
        assert_eq!(made.code, 0, "{}", made.stderr);
        // And now it would be refused, as was said.
        replica.admin("STOP REPLICA");
        replica.admin("START REPLICA");
        until(|| {
            replica.admin("SELECT LAST_ERROR_NUMBER FROM performance_schema.replication_connection_status").trim() != "0"
        });
    } else {
        let made = scene.issue(&[]);
        assert_eq!(made.code, 0, "{}", made.stderr);
        assert!(made.stderr.contains("not known whether they use TLS"), "{}", made.stderr);
        assert!(made.stderr.contains("user repl at "), "{}", made.stderr);
    }
    if is_visible {
        replicate(&scene.server, &replica, "SSL=1");
        let made = scene.issue(&[]);
        assert!(made.code == 0 && !made.stderr.contains("replicas"), "{}", made.stderr);
    }
}

#[test]
#[ignore = "needs tests/run"]
fn replicas_of_mysql_without_tls_stop_it() {
    check_replicas(Engine::Mysql97, true);
}

#[test]
#[ignore = "needs tests/run"]
fn replicas_of_mariadb_whose_tls_nobody_sees_are_reported() {
    check_replicas(Engine::MariaDb118, false);
}
