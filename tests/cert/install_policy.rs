//! `cert install` without --mode or --profile keeps those that were installed, so that a run from
//! cron never weakens a server.

use std::path::PathBuf;

use serde_json::Value;

use crate::common::db::{Engine, Family};
use crate::common::install::Scene;
use crate::common::official::account;
use crate::common::{Run, run};

/// The engines of each kind that takes settings in its own way.
const ENGINES: [Engine; 4] = [Engine::Mysql97, Engine::MariaDb118, Engine::Pg17, Engine::Valkey9];

/// The files with the head that names mode and profile.
fn heads(scene: &Scene) -> Vec<PathBuf> {
    let names: &[&str] = match scene.server.engine().family() {
        Family::PostgreSql => &["data/zz-ccx-sec.conf", "pg_hba.conf"],
        Family::Redis => &["ccx-sec.conf"],
        _ => &["conf.d/zz-ccx-sec.cnf"],
    };
    names.iter().map(|name| scene.server.dir().join(name)).collect()
}

fn texts(scene: &Scene) -> Vec<String> {
    heads(scene).iter().map(|path| std::fs::read_to_string(path).expect("text")).collect()
}

fn installed(run: &Run, mode: &str, profile: &str) -> Value {
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let document = run.json();
    assert_eq!(document["mode"], mode, "{document}");
    assert_eq!(document["profile"], profile, "{document}");
    document
}

/// The verdicts of the server: whether it demands client certificates, and TLS 1.3.
fn verdicts(scene: &Scene) -> (String, String) {
    let url = scene.server.url("localhost");
    let demands = ["--expect-client-cert-required", "--min-tls", "1.3", "-o", "json"];
    let verified = scene.home.run(&[&["verify", &url][..], &demands].concat()).json();
    let all = verified["endpoints"][0]["verdicts"].as_array().expect("verdicts").clone();
    let of = |mode: &str| {
        let verdict = all.iter().find(|verdict| verdict["mode"] == mode);
        verdict.unwrap_or_else(|| panic!("{mode}: {verified}"))["verdict"].to_string()
    };
    (of("MUTUAL_TLS"), of("MIN_TLS"))
}

/// MySQL and MariaDB demand certificates account by account, so that only a login tells.
fn demands(engine: Engine) -> bool {
    matches!(engine.family(), Family::PostgreSql | Family::Redis)
}

#[test]
#[ignore = "needs tests/run"]
fn plain_run_keeps_mode_and_profile() {
    for engine in ENGINES {
        let scene = Scene::new(engine);
        account(&scene.server, "app", "");
        let strong = ["--mode", "VERIFY_CA", "--profile", "modern"];
        installed(&scene.issue(&strong), "VERIFY_CA", "modern");
        let (before, judged) = (texts(&scene), verdicts(&scene));
        let pass = "\"pass\"".to_owned();
        assert_eq!(judged.1, pass, "{engine:?}");
        assert!(!demands(engine) || judged.0 == pass, "{engine:?}");

        // As from cron: no names, no mode, no profile, and nothing to read.
        let cron = run(scene.command(&[]).arg("-q"));
        assert_eq!((cron.code, cron.stdout.as_str()), (0, ""), "{engine:?}: {}", cron.stderr);
        assert_eq!(texts(&scene), before, "{engine:?}");
        assert_eq!(verdicts(&scene), judged, "{engine:?}");
        // A new certificate neither.
        installed(&scene.issue(&["--dns", "other.example.com"]), "VERIFY_CA", "modern");
        assert_eq!(texts(&scene), before, "{engine:?}");
        assert_eq!(verdicts(&scene), judged, "{engine:?}");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn weaker_mode_and_profile_are_applied_with_a_warning() {
    for engine in ENGINES {
        let scene = Scene::new(engine);
        account(&scene.server, "app", "");
        let strong = ["--mode", "VERIFY_CA", "--profile", "modern"];
        let first = installed(&scene.issue(&strong), "VERIFY_CA", "modern");
        let weaker = |document: &Value| {
            let warnings = document["warnings"].as_array().expect("warnings").clone();
            let of = |warning: &&Value| warning.as_str().is_some_and(|one| one.contains("weaker"));
            warnings.iter().filter(of).count()
        };
        assert_eq!(weaker(&first), 0, "{engine:?}: {first}");
        let one = scene.issue(&["--mode", "REQUIRED"]);
        assert_eq!(weaker(&installed(&one, "REQUIRED", "modern")), 1, "{engine:?}");
        assert!(one.stderr.contains("--mode REQUIRED is weaker"), "{engine:?}: {}", one.stderr);
        let other = scene.issue(&["--profile", "intermediate"]);
        assert_eq!(weaker(&installed(&other, "REQUIRED", "intermediate")), 1, "{engine:?}");
        assert!(other.stderr.contains("--profile intermediate is weaker"), "{}", other.stderr);
        let fail = "\"fail\"".to_owned();
        let judged = verdicts(&scene);
        assert_eq!(judged.1, fail, "{engine:?}");
        assert!(!demands(engine) || judged.0 == fail, "{engine:?}");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn unclear_mode_or_profile_is_no_default() {
    for engine in [Engine::Mysql97, Engine::Pg17, Engine::Valkey9] {
        let scene = Scene::new(engine);
        let strong = ["--mode", "VERIFY_CA", "--profile", "modern"];
        installed(&scene.issue(&strong), "VERIFY_CA", "modern");
        // A head that does not read; and, where there are two files, one that says otherwise.
        let damages: &[(usize, &str, &str)] = match engine.family() {
            Family::PostgreSql => &[(0, "TLS for", "For"), (1, "mode VERIFY_CA", "mode REQUIRED")],
            _ => &[(0, "mode VERIFY_CA", "mode OTHER")],
        };
        let files = heads(&scene);
        for (file, from, to) in damages {
            let whole = texts(&scene);
            for (at, text) in whole.iter().enumerate() {
                // Without a head in any file; or with two that differ.
                let damaged = if *from == "TLS for" || at == *file {
                    text.replacen(from, to, 1)
                } else {
                    text.clone()
                };
                std::fs::write(&files[at], damaged).expect("written");
            }
            let before = texts(&scene);
            assert_ne!(before, whole, "{engine:?}");
            let refused = scene.issue(&[]);
            refused.assert_error(4, "policy-unclear");
            assert!(refused.stderr.contains("--mode"), "{}", refused.stderr);
            assert_eq!(texts(&scene), before, "{engine:?}");
            installed(&scene.issue(&strong), "VERIFY_CA", "modern");
            assert_eq!(texts(&scene), whole, "{engine:?}");
        }
    }
}
