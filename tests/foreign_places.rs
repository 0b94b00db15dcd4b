//! Stores, locks and directories that other users own or can swap: refused for root too, with
//! nothing written and without waiting for a FIFO.

use std::fs;
use std::os::unix::fs::{chown, symlink};
use std::path::Path;
use std::process::Command as Process;
use std::time::{Duration, Instant};

use assert_cmd::Command;

use crate::common::nodes::{done, load};
use crate::common::{Home, chmod, run, tool};

/// A user who is neither root nor anybody else here.
const STRANGER: u32 = 54_321;

/// The same command, run by that user, with a copy of the program: not everybody gets at where it
/// was built.
fn as_stranger(command: &Command) -> Command {
    let program = command.get_current_dir().expect("a home").join("ccx-sec");
    fs::copy(command.get_program(), &program).expect("copied");
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
fn a_store_of_another_user() {
    let home = Home::with_ca();
    chown(home.store(), Some(STRANGER), None).expect("given away");
    home.fails(&["ca", "show"], 4, "owner-other");
    home.fails(&["ca", "init", "--common-name", "X", "--ca", "other"], 4, "owner-other");
    chown(home.store(), Some(0), None).expect("given back");
    chown(home.secret_file("ccx-ca"), Some(STRANGER), None).expect("given away");
    home.fails(&["ca", "check"], 4, "owner-other");
}

#[test]
fn a_lock_that_leads_elsewhere_or_hangs() {
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
fn a_place_where_others_can_put_another_directory() {
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
fn a_user_works_in_what_is_theirs_or_their_groups() {
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
}

#[test]
fn a_fifo_in_the_place_of_a_key() {
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
fn what_a_shell_pipes_in_is_waited_for() {
    let home = Home::with_ca();
    home.done(&["ca", "export", "--out", "ca.pem"]);
    let program = home.ccx(&[]).get_program().to_owned();
    let script = r#""$0" cert inspect <(sleep 0.3; cat ca.pem)"#;
    let mut shell = Command::new("bash");
    shell.args(["-c", script]).arg(program).current_dir(home.path());
    let shown = run(&mut shell);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
}
