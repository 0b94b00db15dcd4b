//! Questions of the volume commands at a terminal, and wrong answers to them.

use crate::common::Home;
use crate::common::terminal::Terminal;
use crate::common::volumes::digest;

fn at(home: &Home, arguments: &[&str]) -> Terminal {
    home.terminal(&[&["volume"], arguments, &["--journal", &home.at("journal")]].concat())
}

#[test]
#[ignore = "needs tests/run"]
fn destructive_commands_want_typed_confirmation() {
    let home = Home::new();
    home.disk("disk");
    home.volume_done(&["encrypt", "disk", "--id", "db-1"]);
    let before = home.without_journal();
    for (command, warning) in [
        (&["erase", "db-1"][..], "permanently unreadable"),
        (&["restore", "db-1"], "keys that were added since will unlock nothing"),
        (&["encrypt", "disk", "--id", "db-2", "--overwrite"], "will be destroyed: crypto_LUKS"),
    ] {
        for wrong in ["", "y", "yes", "db-1", "DISK"] {
            let mut terminal = at(&home, command);
            terminal.expect("warning: ");
            terminal.expect(warning);
            terminal.answer("Type disk to go on:", wrong);
            terminal.expect("not confirmed; nothing was done [not-confirmed]");
            assert_eq!(terminal.end().0, 4, "{command:?} {wrong:?}");
            assert_eq!(home.without_journal(), before, "{command:?} {wrong:?}");
        }
        let mut terminal = at(&home, command);
        terminal.expect("Type disk to go on:");
        terminal.control('c');
        assert_ne!(terminal.end().0, 0);
        assert_eq!(home.without_journal(), before, "{command:?}");
    }
    let mut terminal = at(&home, &["restore", "db-1"]);
    terminal.answer("Type disk to go on:", "disk");
    terminal.expect("restored: db-1");
    assert_eq!(terminal.end().0, 0);
    let mut terminal = at(&home, &["erase", "db-1"]);
    terminal.answer("Type disk to go on:", "disk");
    terminal.expect("its Secret is deleted");
    assert_eq!(terminal.end().0, 0);
    home.volume_fails(&["test-recovery", "db-1"], 1, "volume-unknown");
}

#[test]
#[ignore = "needs tests/run"]
fn passphrase_is_typed_twice_and_not_shown() {
    let home = Home::new();
    home.disk("disk");
    let blank = digest(&home.join("disk"));
    let mut terminal = at(&home, &["encrypt", "disk", "--id", "db-1", "--passphrase"]);
    terminal.answer("Passphrase for the volume db-1:", "one passphrase");
    terminal.answer("Again:", "another one");
    terminal.expect("The two entries differ.");
    assert_eq!(digest(&home.join("disk")), blank);
    terminal.answer("Passphrase for the volume db-1:", "correct horse");
    terminal.answer("Again:", "correct horse");
    let said = terminal.expect("encrypted: db-1");
    assert!(!said.contains("horse"), "{said}");
    assert_eq!(terminal.end().0, 0);
    let mut terminal = at(&home, &["test-recovery", "db-1"]);
    terminal.answer("Passphrase of the volume db-1:", "wrong");
    terminal.expect("the passphrase does not unlock the copy");
    assert_eq!(terminal.end().0, 1);
    let mut terminal = at(&home, &["test-recovery", "db-1"]);
    terminal.answer("Passphrase of the volume db-1:", "correct horse");
    terminal.expect("have the same volume key");
    assert_eq!(terminal.end().0, 0);
}

#[test]
#[ignore = "needs tests/run"]
fn encrypt_in_place_wants_typed_backup_confirmation() {
    let home = Home::new();
    home.disk("disk");
    crate::common::tool("/usr/sbin/mkfs.ext4", &["-q", &home.at("disk"), "24M"]);
    let before = digest(&home.join("disk"));
    let command = ["encrypt", "disk", "--id", "db-1", "--in-place"];
    let mut terminal = at(&home, &command);
    terminal.expect("only a backup can restore them");
    terminal.answer("Type I have a backup to go on:", "yes");
    terminal.expect("[not-confirmed]");
    assert_eq!((terminal.end().0, digest(&home.join("disk"))), (4, before));
    let mut terminal = at(&home, &command);
    terminal.answer("Type I have a backup to go on:", "I have a backup");
    terminal.expect("encrypted: db-1");
    assert_eq!(terminal.end().0, 0);
    home.volume_done(&["test-recovery", "db-1"]);
}
