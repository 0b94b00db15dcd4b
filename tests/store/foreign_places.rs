//! Stores, locks and directories that other users own or can swap: refused for root too, with
//! nothing written and without waiting for a FIFO.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown, symlink};
use std::path::Path;
use std::process::Command as Process;
use std::time::{Duration, Instant};

use assert_cmd::Command;

use crate::common::faults::inject_at;
use crate::common::nodes::{done, load};
use crate::common::{Home, chmod, copy_program, run, tool};

/// A user who is neither root nor anybody else here.
const STRANGER: u32 = 54_321;

/// The same command, run by that user, with a copy of the program: not everybody gets at where it
/// was built.
fn as_stranger(command: &Command) -> Command {
    let program = command.get_current_dir().expect("a home").join("ccx-sec");
    copy_program(command.get_program(), &program);
    let mut other = Process::new("setpriv");
    let user = STRANGER.to_string();
    other.args(["--reuid", &user, "--regid", &user, "--clear-groups", "--"]);
    other.arg(program).args(command.get_args());
    other.env_clear().current_dir(command.get_current_dir().expect("a home"));
    Command::from_std(other)
}

/// Fails so, and soon: whatever hangs there is not waited for.
fn refused(command: &mut Command, code: &str) {
    let begin = Instant::now();
    run(command).assert_error(4, code);
    assert!(begin.elapsed() < Duration::from_secs(60), "{code}");
}

#[test]
#[ignore = "needs tests/run"]
fn store_of_another_user() {
    let home = Home::with_ca();
    chown(home.store(), Some(STRANGER), None).expect("given away");
    home.fails(&["ca", "show"], 4, "owner-other");
    home.fails(&["ca", "init", "--common-name", "X", "--ca", "other"], 4, "owner-other");
    chown(home.store(), Some(0), None).expect("given back");
    chown(home.secret_file("ccx-ca"), Some(STRANGER), None).expect("given away");
    home.fails(&["ca", "check"], 4, "owner-other");
}

#[test]
#[ignore = "needs tests/run"]
fn lock_that_leads_elsewhere_or_hangs() {
    let home = Home::with_ca();
    let lock = home.store().join(".lock");
    let init = ["ca", "init", "--common-name", "X", "--ca", "other", "--timeout", "2s"];
    fs::remove_file(&lock).expect("removed");
    symlink(home.join("elsewhere"), &lock).expect("a link");
    refused(&mut home.ccx(&init), "lock-foreign");
    assert!(!home.join("elsewhere").exists());
    fs::remove_file(&lock).expect("removed");
    tool("mkfifo", &[&lock]);
    refused(&mut home.ccx(&init), "lock-foreign");
    // Somebody reads from it: then it opens for writing.
    let mut reader = Process::new("cat").arg(&lock).spawn().expect("cat");
    refused(&mut home.ccx(&init), "lock-foreign");
    reader.kill().and_then(|()| reader.wait()).expect("ended");
    fs::remove_file(&lock).expect("removed");
    fs::write(&lock, "").expect("a file");
    chown(&lock, Some(STRANGER), None).expect("given away");
    refused(&mut home.ccx(&init), "lock-foreign");
    fs::remove_file(&lock).expect("removed");
    home.done(&init);
}

#[test]
#[ignore = "needs tests/run"]
fn place_where_others_can_put_another_directory() {
    let home = Home::new();
    let (open, link) = (home.join("open"), home.join("link"));
    fs::create_dir_all(open.join("deep")).expect("directories");
    let at = |path: &Path| format!("dir:{}", path.join("store").display());
    let init = |path: &Path| {
        let mut command = crate::common::ccx(home.path());
        command.args(["ca", "init", "--common-name", "X", "--store", &at(path)]);
        command
    };
    let deep = open.join("deep");
    chmod(&open, 0o777);
    refused(&mut init(&deep), "directory-of-others");
    refused(&mut init(&open), "directory-of-others");
    symlink(&deep, &link).expect("a link");
    refused(&mut init(&link), "directory-of-others");
    chmod(&open, 0o775);
    chown(&open, None, Some(STRANGER)).expect("another group");
    refused(&mut init(&deep), "directory-of-others");
    chmod(&open, 0o755);
    chown(&open, Some(STRANGER), None).expect("given away");
    refused(&mut init(&deep), "directory-of-others");
    assert_eq!(fs::read_dir(&deep).expect("a directory").count(), 0);
    // As /tmp is.
    chown(&open, Some(0), None).expect("given back");
    chmod(&open, 0o1777);
    assert_eq!(run(&mut init(&deep)).code, 0);
}

#[test]
#[ignore = "needs tests/run"]
fn user_works_in_what_is_theirs_or_their_groups() {
    let home = Home::new();
    chmod(home.path(), 0o755);
    let theirs = home.join("theirs");
    fs::create_dir(&theirs).expect("a directory");
    chown(&theirs, Some(0), Some(STRANGER)).expect("as a volume with fsGroup");
    chmod(&theirs, 0o2775);
    let store = format!("dir:{}", theirs.join("store").display());
    let mut command = crate::common::ccx(home.path());
    command.args(["--store", &store, "ca", "init", "--common-name", "X"]);
    let made = run(&mut as_stranger(&command));
    assert_eq!(made.code, 0, "{}", made.stderr);
    // And root does not use it.
    let mut root = crate::common::ccx(home.path());
    refused(root.args(["--store", &store, "ca", "show"]), "owner-other");
}

#[test]
#[ignore = "needs tests/run"]
fn root_writes_credentials_where_nobody_else_can_swap_the_directory() {
    let home = Home::with_ca();
    let open = home.join("open");
    fs::create_dir(&open).expect("a directory");
    chmod(&open, 0o777);
    let words = |out: &str| {
        let mut command = home.ccx(&["cert", "issue", "--client", "--common-name", "app"]);
        command.args(["--out", out]);
        command
    };
    refused(&mut words("open"), "directory-of-others");
    refused(&mut words("open/tls"), "directory-of-others");
    refused(&mut home.ccx(&["ca", "export", "--out", "open/ca.pem"]), "directory-of-others");
    assert_eq!(fs::read_dir(&open).expect("a directory").count(), 0);
    // The directory of a service, below root's, may be the service's.
    chmod(&open, 0o755);
    chown(&open, Some(STRANGER), None).expect("given away");
    assert_eq!(run(&mut words("open")).code, 0);
    // But what root has below it can be swapped.
    fs::create_dir(open.join("roots")).expect("a directory");
    refused(&mut words("open/roots"), "directory-of-others");
    let sudo = run(words("open/roots").env("SUDO_UID", STRANGER.to_string()));
    assert_eq!(sudo.code, 0, "{}", sudo.stderr);
    // Given to the service as the hint says, it is the service's.
    let hint = run(&mut words("open/roots")).stderr;
    assert!(hint.contains(&format!("chown {STRANGER} open/roots")), "{hint}");
    chown(open.join("roots"), Some(STRANGER), None).expect("given away");
    assert_eq!(run(&mut words("open/roots")).code, 0);
}

/// What is made for a server in its own directory is the server's, so that each later run, by cron
/// for years, finds what the first one would have made.
#[test]
#[ignore = "needs tests/run"]
fn first_run_below_a_directory_of_a_server_and_the_later_ones_agree() {
    let home = Home::with_ca();
    let theirs = home.join("theirs");
    fs::create_dir(&theirs).expect("a directory");
    chown(&theirs, Some(STRANGER), Some(STRANGER)).expect("given away");
    // Made by the run, and there before it.
    let there = theirs.join("there");
    fs::create_dir(&there).expect("a directory");
    chown(&there, Some(STRANGER), Some(STRANGER)).expect("given away");
    for out in ["theirs/deep/tls", "theirs/there"] {
        let issue = |more: &[&str]| {
            let words = ["cert", "issue", "--client", "--common-name", "app", "--out", out];
            run(&mut home.ccx(&[&words[..], more].concat()))
        };
        for more in [&[][..], &[], &["--force"]] {
            let made = issue(more);
            assert_eq!(made.code, 0, "{out}: {}", made.stderr);
        }
        for more in [&[][..], &["--force"], &["--force", "--exec", "true"], &[]] {
            let words = ["cert", "renew", "--dir", out];
            let renewed = run(&mut home.ccx(&[&words[..], more].concat()));
            assert_eq!(renewed.code, 0, "{out} {more:?}: {}", renewed.stderr);
        }
        let owner = |path: &Path| path.metadata().expect("metadata").uid();
        assert_eq!(owner(&home.join(out)), STRANGER);
        assert_eq!(owner(home.join(out).parent().expect("above")), STRANGER);
        assert_eq!(fs::read_dir(home.join(out)).expect("files").count(), 5, "nothing is left");
    }
    // No link of that user's leads elsewhere.
    let roots = home.join("roots");
    fs::create_dir(&roots).expect("a directory");
    symlink(&roots, theirs.join("link")).expect("a link");
    let words = ["cert", "issue", "--client", "--common-name", "app", "--out", "theirs/link"];
    refused(&mut home.ccx(&words), "directory-of-others");
    assert_eq!(fs::read_dir(&roots).expect("files").count(), 0);
}

#[test]
fn directory_in_the_place_of_our_link_is_named() {
    let home = Home::with_ca();
    fs::create_dir_all(home.join("tls/..data")).expect("a directory");
    for more in [&[][..], &["--force"]] {
        let said = run(&mut home.issue("mysql", more));
        said.assert_error(4, "file-foreign");
        assert!(said.stderr.contains("tls/..data"), "{}", said.stderr);
    }
    assert_eq!(fs::read_dir(home.join("tls")).expect("files").count(), 1, "nothing is left");
}

/// As cp -L, rsync -L or a restore from a backup leave it.
#[test]
fn plain_copies_are_renewed() {
    let home = Home::with_ca();
    done(&mut home.issue("mysql", &[]));
    let before = load(&home.join("tls")).expect("credentials");
    tool("cp", &["-rL", &home.at("tls"), &home.at("copy")]);
    fs::remove_dir_all(home.join("copy/..data")).expect("the copy of the link");
    let renew = |more: &[&str]| {
        let words = ["cert", "renew", "--dir", "copy"];
        run(&mut home.ccx(&[&words[..], more].concat()))
    };
    assert_eq!(renew(&[]).code, 0, "not due");
    assert_eq!(load(&home.join("copy")), Ok(before.clone()));
    // What its reload fails with brings them back.
    assert_eq!(renew(&["--force", "--exec", "false"]).code, 3);
    assert_eq!(load(&home.join("copy")), Ok(before.clone()));
    let renewed = renew(&["--force"]);
    assert_eq!(renewed.code, 0, "{}", renewed.stderr);
    assert_ne!(load(&home.join("copy")), Ok(before));
}

/// As some network file systems do.
#[test]
#[ignore = "needs tests/run"]
fn directory_that_does_not_close_is_no_panic() {
    let home = Home::with_ca();
    done(&mut home.issue("mysql", &[]));
    let command = home.ccx(&["cert", "renew", "--dir", "tls", "--force"]);
    for nth in 1..40 {
        let run = inject_at(&command, "close", "error=EIO", &nth.to_string());
        assert!(
            (0..=4).contains(&run.code) || run.code == 127,
            "{nth}: {} {}",
            run.code,
            run.stderr
        );
        load(&home.join("tls")).expect("credentials");
    }
}

#[test]
fn fifo_in_the_place_of_a_key() {
    let home = Home::with_ca();
    done(&mut home.issue("mysql", &[]));
    let key = home.join("tls/server-key.pem");
    fs::remove_file(&key).expect("removed");
    tool("mkfifo", &[&key]);
    refused(&mut home.issue("mysql", &["--force"]), "file-foreign");
    refused(&mut home.issue("mysql", &[]), "file-foreign");
    let renewed = run(&mut home.ccx(&["cert", "renew", "--dir", "tls", "--force"]));
    assert_ne!(renewed.code, 0);
    fs::remove_file(&key).expect("removed");
    done(&mut home.issue("mysql", &[]));
    load(&home.join("tls")).expect("credentials");
}

/// What a shell opens for its `<(…)` is no FIFO of somebody else's, and is waited for.
#[test]
fn piped_input_is_waited_for() {
    let home = Home::with_ca();
    home.done(&["ca", "export", "--out", "ca.pem"]);
    let program = home.ccx(&[]).get_program().to_owned();
    let script = r#""$0" cert inspect <(sleep 0.3; cat ca.pem)"#;
    let mut shell = Command::new("bash");
    shell.args(["-c", script]).arg(program).current_dir(home.path());
    let shown = run(&mut shell);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
}
