//! Where keys may appear, concurrent operations, and the rights that a cluster must grant.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::common::kube::{Namespace, kubeconfig};
use crate::common::volumes::digest;
use crate::common::{Home, Run, run};

const YES: [&str; 2] = ["--confirm", "disk"];

fn key_of(home: &Home, name: &str) -> Vec<u8> {
    let text = fs::read_to_string(home.secret_file("ccx-volume-db-1")).expect("a manifest");
    let secret: Value = serde_saphyr::from_str(&text).expect("YAML");
    STANDARD.decode(secret["data"][name].as_str().expect("a key")).expect("base64")
}

/// A key appears in no argument, file or message, except in the store, as strace shows for ccx-sec and
/// its child programs.
#[test]
#[ignore = "needs tests/run"]
fn key_goes_through_pipes_and_nowhere_else() {
    let home = Home::new();
    home.disk("disk");
    let mut keys = Vec::new();
    let mut traces = Vec::new();
    let mut trace = |arguments: &[&str]| {
        let command = home.volume_command(arguments);
        let file = home.at(&format!("trace-{}", traces.len()));
        let calls = "trace=execve,execveat,write,pwrite64,writev,sendto,sendmsg,memfd_create";
        let status = Command::new("strace")
            .args(["-f", "-v", "-y", "-xx", "-s", "65536", "-e", calls, "-o", &file])
            .arg(command.get_program())
            .args(command.get_args())
            .env_clear()
            .env("CCX_SEC_JOURNAL", home.join("journal"))
            .current_dir(home.path())
            .stdout(Stdio::null())
            .status()
            .expect("strace; run the tests with tests/run");
        assert!(status.success(), "{arguments:?}");
        let text = fs::read_to_string(&file).expect("a trace");
        fs::remove_file(file).expect("removed");
        traces.push(text);
    };
    for words in [
        &["encrypt", "disk", "--id", "db-1"][..],
        &["rekey", "db-1"],
        &["backup", "db-1", "--out", "header"],
        &["test-recovery", "db-1"],
        &["rekey", "db-1", "--volume-key"],
        &["erase", "db-1", YES[0], YES[1], "--keep-secret"],
        &["restore", "db-1", YES[0], YES[1]],
    ] {
        trace(words);
        keys.push(key_of(&home, "key"));
    }
    keys.dedup();
    assert_eq!(keys.len(), 2);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect::<String>();
    let mut piped = 0;
    for key in &keys {
        let plain = key.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let text = STANDARD.encode(key);
        let forms = [hex(key), hex(plain.as_bytes()), hex(text.as_bytes()), hex(&key[..16])];
        for line in traces.iter().flat_map(|trace| trace.lines()) {
            if !forms.iter().any(|form| line.contains(form)) {
                continue;
            }
            let call = line.split_once(' ').expect("a number").1.trim_start();
            let into = call.split_once('<').map_or("", |(_, rest)| rest);
            // The store is a directory here, so its files contain the Secret.
            let is_store = into.starts_with(&hex(home.store().display().to_string().as_bytes()))
                || into.starts_with(&format!("{}/", home.store().display()));
            let is_pipe = into.starts_with("pipe:") || into.starts_with(&hex(b"pipe:"));
            assert!(is_store || is_pipe, "{}", &call[..call.len().min(300)]);
            piped += usize::from(is_pipe);
        }
    }
    assert!(piped > 10, "{piped}");
    let started: BTreeSet<&str> = traces
        .iter()
        .flat_map(|trace| trace.lines())
        .filter(|line| line.contains("execve("))
        .collect();
    assert!(started.len() > 10, "{started:?}");
    // No file except the store has it.
    for (path, (_, bytes)) in home.snapshot() {
        let has = |form: &[u8]| bytes.windows(form.len()).any(|window| window == form);
        let found = keys.iter().any(|key| has(key) || has(STANDARD.encode(key).as_bytes()));
        assert!(!found || path.starts_with(home.store()), "{}", path.display());
    }
}

/// A process that holds the lock of a volume.
fn holding(home: &Home) -> Child {
    let lock = home.join("journal/db-1/.lock");
    let mut child = Command::new("flock")
        .arg(lock)
        .args(["sh", "-c", "echo held; exec cat"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("flock");
    let mut line = String::new();
    let out = child.stdout.as_mut().expect("stdout");
    std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).expect("a line");
    child
}

#[test]
#[ignore = "needs tests/run"]
fn operations_exclude_each_other_and_lock_their_memory() {
    let home = Home::new();
    home.disk("disk");
    home.volume_done(&["encrypt", "disk", "--id", "db-1"]);
    let mut holder = holding(&home);
    for words in
        [&["rekey", "db-1"][..], &["backup", "db-1"], &["close", "db-1"], &["resume", "db-1"]]
    {
        home.volume_fails(&[words, &["--timeout", "1"]].concat(), 3, "volume-locked");
    }
    // Commands that only read do not wait for the lock.
    home.volume_done(&["status", "db-1", "--timeout", "1"]);
    home.volume_done(&["test-recovery", "db-1", "--timeout", "1"]);
    let command = home.volume_command(&["rekey", "db-1"]);
    let mut waiting = Command::new(command.get_program())
        .args(command.get_args())
        .env_clear()
        .env("CCX_SEC_JOURNAL", home.join("journal"))
        .current_dir(home.path())
        .stdout(Stdio::null())
        .spawn()
        .expect("started");
    let at = format!("/proc/{}", waiting.id());
    let lock = home.join("journal/db-1/.lock");
    let has_open = |at: &str| {
        let open = fs::read_dir(format!("{at}/fd")).into_iter().flatten().flatten();
        open.filter_map(|file| fs::read_link(file.path()).ok()).any(|file| file == lock)
    };
    while !has_open(&at) {
        assert!(waiting.try_wait().expect("a child").is_none());
    }
    let limits = fs::read_to_string(format!("{at}/limits")).expect("limits");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("it");
    assert_eq!(core.split_whitespace().collect::<Vec<_>>()[4..6], ["0", "0"]);
    if rustix::process::geteuid().is_root() {
        let status = fs::read_to_string(format!("{at}/status")).expect("status");
        let locked = status.lines().find_map(|line| line.strip_prefix("VmLck:")).expect("it");
        assert!(!locked.trim().starts_with("0 "), "{locked}");
    }
    drop(holder.stdin.take());
    holder.wait().expect("gone");
    assert!(waiting.wait().expect("an end").success(), "it has its turn");
    home.volume_done(&["test-recovery", "db-1"]);
}

/// Several operations begin at the same moment.
fn at_once(commands: Vec<assert_cmd::Command>) -> Vec<Run> {
    let threads =
        commands.into_iter().map(|mut command| std::thread::spawn(move || run(&mut command)));
    let threads: Vec<_> = threads.collect();
    threads.into_iter().map(|thread| thread.join().expect("a run")).collect()
}

#[test]
#[ignore = "needs tests/run"]
fn racing_machines_have_one_winner() {
    let namespace = Namespace::new();
    let homes: Vec<Home> = (0..4).map(|_| Home::new()).collect();
    let encrypt = |home: &Home| {
        home.disk("disk");
        let disk = home.at("disk");
        let mut command =
            namespace.ccx(&["volume", "encrypt", &disk, "--id", "db-1", "-o", "json"]);
        command.env("CCX_SEC_JOURNAL", home.join("journal"));
        command
    };
    let runs = at_once(homes.iter().map(encrypt).collect());
    let won: Vec<&Run> = runs.iter().filter(|run| run.code == 0).collect();
    assert_eq!(won.len(), 1, "{:?}", runs.iter().map(|run| &run.stderr).collect::<Vec<_>>());
    let disk = won[0].json()["device"].as_str().expect("a device").to_owned();
    for (home, run) in homes.iter().zip(&runs) {
        if run.code == 0 {
            continue;
        }
        assert!(run.code == 4, "{}", run.stderr);
        assert!(
            ["volume-exists", "secret-exists", "volume-pending"]
                .contains(&run.error_code().as_str()),
            "{}",
            run.stderr
        );
        assert!(!home.join("journal/db-1/pending.json").exists(), "{}", run.stderr);
        assert!(fs::read(home.join("disk")).expect("read").iter().all(|byte| *byte == 0));
    }
    let mut drill = namespace.ccx(&["volume", "test-recovery", "db-1", "-o", "json"]);
    let drilled = run(drill.env("CCX_SEC_JOURNAL", Path::new(&disk).with_file_name("journal")));
    assert_eq!((drilled.code, drilled.json()["verdict"].clone()), (0, json!("pass")));
}

/// The rights to get, create, patch and delete Secrets are enough; list is not needed.
#[test]
#[ignore = "needs tests/run"]
fn cluster_gives_what_it_takes_and_no_more() {
    let namespace = Namespace::new();
    namespace.allow_limited("get,create,patch,delete");
    let home = &namespace.home;
    home.disk("disk");
    let volume = |words: &[&str]| {
        let mut command = namespace.ccx_as("limited", &[&["volume"], words].concat());
        run(command.args(["-o", "json"]).env("CCX_SEC_JOURNAL", home.join("journal")))
    };
    let done = |words: &[&str]| {
        let run = volume(words);
        assert_eq!(run.code, 0, "{words:?}: {}", run.stderr);
        run.json()
    };
    done(&["encrypt", "disk", "--id", "db-1"]);
    let secret = namespace.secret("ccx-volume-db-1");
    assert_eq!(secret["metadata"]["labels"]["ccx-sec/volume"], "db-1");
    for words in [
        &["status", "db-1"][..],
        &["rekey", "db-1"],
        &["backup", "db-1"],
        &["test-recovery", "db-1"],
    ] {
        done(words);
    }
    done(&["rekey", "db-1", "--volume-key"]);
    done(&["erase", "db-1", YES[0], YES[1], "--keep-secret"]);
    done(&["restore", "db-1", YES[0], YES[1]]);
    volume(&["list"]).assert_error(3, "kube-forbidden");
    // A Secret that another program made, and one that changed in the meantime.
    namespace.kubectl(&["create", "secret", "generic", "ccx-volume-db-2"]);
    home.disk("other");
    let before = digest(&home.join("other"));
    volume(&["encrypt", "other", "--id", "db-2"]).assert_error(4, "secret-foreign");
    assert_eq!(digest(&home.join("other")), before);
    done(&["erase", "db-1", YES[0], YES[1]]);
    assert_eq!(namespace.secrets(), ["ccx-volume-db-2"]);
    // Without one of the rights nothing begins, or the operation can be resumed with it.
    let (ours, theirs) = (kubeconfig("admin"), kubeconfig("limited"));
    for verb in ["get", "create", "patch", "delete"] {
        let verbs: Vec<&str> =
            ["get", "create", "patch", "delete"].into_iter().filter(|one| *one != verb).collect();
        let patch =
            json!([{"op": "replace", "path": "/rules/0/verbs", "value": verbs}]).to_string();
        namespace.kubectl(&["patch", "role", "r", "--type=json", "-p", &patch]);
        let id = format!("no-{verb}");
        home.disk(&id);
        let blank = digest(&home.join(&id));
        let by = |who: &Path, words: &[&str]| {
            let mut command = namespace.ccx_by(who, &[&["volume"], words].concat());
            run(command.args(["-o", "json"]).env("CCX_SEC_JOURNAL", home.join("journal")))
        };
        let encrypted = by(&theirs, &["encrypt", &id, "--id", &id]);
        match verb {
            "get" | "create" => {
                encrypted.assert_error(3, "kube-forbidden");
                assert_eq!(digest(&home.join(&id)), blank, "{verb}");
            }
            "patch" => {
                encrypted.assert_error(3, "kube-forbidden");
                assert_eq!(by(&ours, &["resume", &id]).code, 0);
                assert_eq!(by(&ours, &["test-recovery", &id]).code, 0);
            }
            _ => {
                assert_eq!(encrypted.code, 0, "{}", encrypted.stderr);
                by(&theirs, &["erase", &id, "--confirm", &id]).assert_error(3, "kube-forbidden");
                let receipt = by(&ours, &["resume", &id]);
                assert_eq!(
                    (receipt.code, receipt.json()["secret_deleted"].clone()),
                    (0, json!(true))
                );
                by(&ours, &["test-recovery", &id]).assert_error(1, "volume-unknown");
            }
        }
    }
}

/// The help describes every field of the documents.
#[test]
#[ignore = "needs tests/run"]
fn documents_have_what_the_help_says() {
    let home = Home::new();
    home.disk("disk");
    let yes = [YES[0], YES[1]];
    let list = home.volume(&["list", "--help"]).stdout;
    for words in [
        &["encrypt", "disk", "--id", "db-1", "--dry-run"][..],
        &["encrypt", "disk", "--id", "db-1", "--label", "a label"],
        &["status", "db-1"],
        &["status", "disk"],
        &["list"],
        &["rekey", "db-1"],
        &["backup", "db-1"],
        &["test-recovery", "db-1"],
        &["close", "db-1"],
        &["resume", "db-1"],
        &["rollback", "db-1"],
        &["restore", "db-1", yes[0], yes[1]],
        &["erase", "db-1", yes[0], yes[1]],
    ] {
        let told = home.volume_done(words);
        let help = home.volume(&[words[0], "--help"]).stdout;
        let (_, json) = help.split_once("\nJSON").unwrap_or_else(|| panic!("{}", words[0]));
        let json = json.replace("as in volume list", &list);
        // Every document has this field.
        for name in names(&told).into_iter().filter(|name| name != "format_version") {
            assert!(json.contains(&format!("\"{name}\"")), "{words:?}: {name}: {told}");
        }
        let yaml = home.volume(&["list", "-o", "yaml"]).stdout;
        assert!(yaml.contains("\nvolumes:"), "{yaml}");
    }
}

fn names(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| names(value).into_iter().chain([name.clone()]))
            .collect(),
        Value::Array(values) => values.iter().flat_map(names).collect(),
        _ => BTreeSet::new(),
    }
}

/// A directory store and a cluster keep the same Secret.
#[test]
#[ignore = "needs tests/run"]
fn store_moves_into_a_cluster() {
    let namespace = Namespace::new();
    let home = Home::new();
    home.disk("disk");
    home.volume_done(&["encrypt", "disk", "--id", "db-1"]);
    namespace.kubectl(&["apply", "--server-side", "-f", &home.store().display().to_string()]);
    let mut drill = namespace.ccx(&["volume", "test-recovery", "db-1"]);
    let drilled = run(drill.env("CCX_SEC_JOURNAL", home.join("journal")));
    assert_eq!(drilled.code, 0, "{}{}", drilled.stdout, drilled.stderr);
}
