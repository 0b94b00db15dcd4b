//! Questions to a person, on a real terminal; and that nobody is asked without one.

use std::fs;
use std::process::Command;

use crate::common::foreign::Foreign;
use crate::common::terminal::Terminal;
use crate::common::{Home, env, mode, tool};

#[test]
fn prompts_need_a_terminal() {
    for (more, subject) in [
        (&["--no-input"][..], "CN=ccx-sec CA"),
        (&[], "CN=ccx-sec CA"),
        (&["--organization", "Acme"], "CN=ccx-sec CA,O=Acme"),
    ] {
        let home = Home::new();
        let made = home.done(&[&["ca", "init", "-o", "json"], more].concat()).json();
        assert_eq!(made["subject"], subject);
    }
    let home = Home::with_ca();
    let mut terminal = home.terminal(&["cert", "inspect", "--no-input", "store.p12"]);
    terminal.expect("error: ");
    assert_ne!(terminal.end().0, 0);
}

#[test]
fn person_has_a_last_look_at_the_ca() {
    let home = Home::new();
    let mut terminal = home.terminal(&["ca", "init"]);
    let said = terminal.expect("Make it? [Y/n]");
    assert!(said.contains("subject     CN=ccx-sec CA") && !said.contains("Common name"), "{said}");
    assert!(said.contains("key type    ecdsa-p256") && said.contains("store/ccx-ca"), "{said}");
    // A refused answer is gone: what is typed next is the answer.
    terminal.send("nay\n");
    terminal.expect("answer y or n");
    terminal.expect("Make it? [Y/n]");
    terminal.send("yes\n");
    terminal.expect("subject       CN=ccx-sec CA");
    assert_eq!(terminal.end().0, 0);

    // Enter alone agrees.
    let mut terminal = home.terminal(&["ca", "init", "--ca", "b", "--organization", "Acme"]);
    terminal.expect("CN=ccx-sec CA,O=Acme");
    terminal.answer("Make it? [Y/n]", "");
    assert_eq!(terminal.end().0, 0);
    let shown = home.done(&["ca", "show", "--ca", "b", "-o", "json"]).json();
    assert_eq!(shown["subject"], "CN=ccx-sec CA,O=Acme");

    // Whoever names the CA is asked nothing.
    let (exit, said) = home.terminal(&["ca", "init", "--ca", "d", "--common-name", "D"]).end();
    assert!(exit == 0 && !said.contains("Make it?"), "{said}");
}

#[test]
fn keys_work_as_in_any_line_editor() {
    // n, by way of each key
    let left = "\u{1b}[D";
    for keys in [
        "yes\u{15}n",
        "no yes\u{17}\u{17}n",
        "nx\u{7f}",
        &format!("o{left}n"),
        &format!("xn{left}{left}\u{4}"),
    ] {
        let home = Home::new();
        let mut terminal = home.terminal(&["ca", "init"]);
        terminal.expect("Make it? [Y/n]");
        terminal.send(keys);
        terminal.send("\n");
        terminal.expect("it was not confirmed; nothing was made [not-confirmed]");
        assert_eq!(terminal.end().0, 4, "{keys:?}");
        assert!(home.snapshot().is_empty());
    }
    let home = Home::new();
    let mut terminal = home.terminal(&["ca", "init"]);
    terminal.expect("Make it? [Y/n]");
    terminal.control('d');
    terminal.expect("the question was not answered [prompt]");
    assert_eq!(terminal.end().0, 3);
    assert!(home.snapshot().is_empty());
}

#[test]
fn cancelled_prompt_creates_nothing() {
    let home = Home::new();
    let mut terminal = home.terminal(&["ca", "init"]);
    terminal.expect("Make it? [Y/n]");
    terminal.control('c');
    let (exit, said) = terminal.end();
    assert!(exit != 0, "{said}");
    assert!(home.snapshot().is_empty());
}

#[test]
#[ignore = "needs tests/run"]
fn signal_at_a_question_leaves_the_terminal_as_it_was() {
    let text = ["ca", "init", "--ca", "other"];
    let secret = ["ca", "export", "--with-key", "--yes-export-private-key", "--out", "key.pem"];
    for (words, question) in [(&text[..], "Make it?"), (&secret[..], "Passphrase for")] {
        for signal in ["INT", "TERM", "HUP", "QUIT"] {
            let home = Home::with_ca();
            let script = format!(
                "stty echo; stty -g >before
                 (until [ -e go ]; do sleep 0.1; done; pkill -{signal} -P $$ -x ccx-sec) &
                 \"$@\"; echo \"ended $?.\"; stty -g >after"
            );
            let program = home.ccx(words);
            let mut command = Command::new("sh");
            command.args(["-c", &script, "sh"]).arg(program.get_program());
            command.args(program.get_args()).env_clear().current_dir(home.path());
            command.env("PATH", env("PATH")).env("HOME", home.path()).env("TERM", "xterm");
            let mut terminal = Terminal::start(command);
            terminal.expect(question);
            home.write("go", "");
            terminal.expect("ended 1");
            assert_eq!(terminal.end().0, 0, "{signal}");
            let state = |name: &str| fs::read_to_string(home.join(name)).expect("a state");
            assert_eq!(state("before"), state("after"), "{words:?} {signal}");
        }
    }
}

#[test]
fn existing_ca_fails_before_any_prompt() {
    let home = Home::new();
    home.init();
    let mut terminal = home.terminal(&["ca", "init"]);
    let said = terminal.expect("[ca-exists]");
    assert!(!said.contains("Make it?"), "{said}");
    assert_eq!(terminal.end().0, 4);
}

#[test]
fn private_key_goes_out_after_the_right_word_only() {
    let home = Home::new();
    home.init();
    let before = home.snapshot();
    let export = ["ca", "export", "--with-key", "--out", "backup.pem"];
    for wrong in ["", "y", "yes", "CCX-CA", "ccx-ca ", "ccx-ca-bundle"] {
        let mut terminal = home.terminal(&export);
        terminal.expect("warning: This writes the private key of the CA ccx-ca out of the store.");
        terminal.answer("Type ccx-ca to go on:", wrong);
        terminal.expect("not confirmed; nothing was done [not-confirmed]");
        assert_eq!(terminal.end().0, 4, "{wrong:?}");
        assert_eq!(home.snapshot(), before, "{wrong:?}");
    }

    let mut terminal = home.terminal(&export);
    terminal.answer("Type ccx-ca to go on:", "ccx-ca");
    terminal.answer("Passphrase for the CA key:", "one passphrase");
    terminal.answer("Again:", "another one");
    terminal.expect("The two entries differ.");
    terminal.answer("Passphrase for the CA key:", "correct horse");
    terminal.answer("Again:", "correct horse");
    let (exit, said) = terminal.end();
    assert!(exit == 0 && said.contains("wrote  backup.pem"), "{said}");
    assert!(!said.contains("horse"), "{said}");
    assert_eq!(mode(&home.join("backup.pem")), 0o600);
    let passphrase = home.write("passphrase", "correct horse");
    let pkey = ["pkey", "-noout", "-passin", &format!("file:{passphrase}"), "-in"];
    tool("openssl", &[&pkey[..], &[&home.at("backup.pem")]].concat());

    // Said on the command line, it is not asked for; the passphrase still is.
    let flag = ["ca", "export", "--with-key", "--yes-export-private-key", "--out", "second.pem"];
    let mut terminal = home.terminal(&flag);
    let said = terminal.expect("Passphrase for the CA key:");
    assert!(!said.contains("Type"), "{said}");
    terminal.control('c');
    assert!(terminal.end().0 != 0 && !home.join("second.pem").exists());
}

#[test]
fn binary_output_to_a_terminal_is_refused_before_any_prompt() {
    let home = Home::new();
    home.init();
    for more in
        [&["--format", "der"][..], &["--format", "jks"], &["--format", "pkcs12"], &["--with-key"]]
    {
        let mut terminal = home.terminal(&[&["ca", "export"], more].concat());
        let said = terminal.expect("[not-for-a-terminal]");
        assert!(!said.contains("Type"), "{said}");
        assert_eq!(terminal.end().0, 2, "{more:?}");
    }
    let (exit, said) = home.terminal(&["ca", "export"]).end();
    assert!(exit == 0 && said.starts_with("-----BEGIN CERTIFICATE-----\n"), "{said}");
}

#[test]
fn passphrase_of_a_key_is_asked_for() {
    let home = Home::new();
    let foreign = Foreign::default().make(&home, "foreign");
    let (passphrase, sealed) = (home.write("passphrase", "correct horse\n"), home.at("sealed.key"));
    let passout = format!("file:{passphrase}");
    let seal = ["pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", &passout];
    tool("openssl", &[&seal[..], &["-in", &foreign.key, "-out", &sealed]].concat());
    let import = ["ca", "import", "--cert", &foreign.cert, "--key", &sealed];

    let told = home.fails(&import, 2, "answer-missing");
    assert!(told.stderr.contains("--passphrase-file FILE"), "{}", told.stderr);
    let mut terminal = home.terminal(&import);
    terminal.answer("Passphrase of the CA key:", "wrong");
    terminal.expect("the passphrase does not open the private key [passphrase-wrong]");
    assert!(terminal.end().0 == 2 && !home.store().exists());
    let mut terminal = home.terminal(&import);
    terminal.answer("Passphrase of the CA key:", "correct horse");
    let (exit, said) = terminal.end();
    assert!(exit == 0 && said.contains("CN=Foreign CA") && !said.contains("horse"), "{said}");
    assert_eq!(home.value("ccx-ca", "tls.crt"), fs::read_to_string(foreign.cert).expect("PEM"));
    home.done(&["ca", "check", "--strict"]);
}
