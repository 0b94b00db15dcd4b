//! Quoting, read back by those who read it: a shell, Python, Node, libpq, PHP, Ruby, Go, Rust; and
//! what we write of accounts by what we read of them.

use std::fs;
use std::path::Path;
use std::process::Command;

use ccx_sec::engine::Engine;
use ccx_sec::engine::accounts::Account;
use ccx_sec::engine::quote as server_quote;
use ccx_sec::snippet::quote;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::common::{Home, env, tool};

/// Texts that mean something to a reader, or to several; none has the character 0, which ends
/// each when it is printed.
fn texts() -> Vec<String> {
    #[rustfmt::skip]
    let word = prop_oneof![
        4 => select(vec!["'", "\"", "\\", "$HOME", "$(id)", "`id`", "\n", "\r", "\t", " ", "%s", "%41",
            "${", "}", "{", "#", ";", "&", "=", "\\u0041", "\\n", "\u{2028}", "\u{85}", "\u{feff}", "\u{202e}", "é", "😀", "//",
            "!", "*", "~", "\u{1b}[", "a", "0"]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    let text = vec(word, 0..8).prop_map(|words| words.concat().replace('\0', ""));
    let mut runner = TestRunner::deterministic();
    (0..400).map(|_| text.new_tree(&mut runner).expect("a text").current()).collect()
}

fn assert_read_back(reader: &str, said: &str, texts: &[String]) {
    let said: Vec<&str> = said.strip_suffix('\0').expect("an end").split('\0').collect();
    assert_eq!(said.len(), texts.len(), "{reader}");
    for (said, text) in said.iter().zip(texts) {
        assert_eq!(said, text, "{reader}");
    }
}

fn joined(texts: &[String], quote: impl Fn(&str) -> String, between: &str) -> String {
    texts.iter().map(|text| quote(text)).collect::<Vec<_>>().join(between)
}

#[test]
#[ignore = "needs tests/run"]
fn quoted_text_is_read_back() {
    let (home, texts) = (Home::new(), texts());
    let python = Path::new(&env("CCX_TEST_DRIVERS")).join("venv/bin/python").display().to_string();

    let shell = format!("printf '%s\\0' {}", joined(&texts, ccx_sec::shell::quote, " "));
    assert_read_back("sh", &tool("sh", &[home.write("a.sh", shell)]), &texts);

    let literals = joined(&texts, quote::literal, ", ");
    let script =
        format!("const all = [{literals}];\nall.forEach((t) => process.stdout.write(t + '\\0'));");
    assert_read_back("node", &tool("node", &[home.write("a.js", script)]), &texts);

    let print = "for text in texts: sys.stdout.buffer.write(text.encode() + b'\\0')";
    let script = format!("import sys\ntexts = [{literals}]\n{print}\n");
    assert_read_back("python", &tool(&python, &[home.write("a.py", script)]), &texts);

    let inside = joined(&texts, |text| format!("\"{}\"", quote::inside_literal(text)), ", ");
    assert_eq!(inside, literals);

    let urls = joined(&texts, |text| quote::literal(&quote::url(text)), ", ");
    let script = format!(
        "import sys\nfrom urllib.parse import unquote, quote\ntexts = [unquote(u) for u in [{urls}]]\n\
         assert all(quote(t, safe='') == u for t, u in zip(texts, [{urls}]))\n{print}\n"
    );
    assert_read_back("a URL", &tool(&python, &[home.write("a.py", script)]), &texts);

    let conninfo = |text: &str| quote::literal(&format!("user=x dbname={}", quote::conninfo(text)));
    let script = format!(
        "import sys\nfrom psycopg.conninfo import conninfo_to_dict\n\
         texts = [conninfo_to_dict(c).get('dbname', '') for c in [{}]]\n{print}\n",
        joined(&texts, conninfo, ", ")
    );
    assert_read_back("libpq", &tool(&python, &[home.write("a.py", script)]), &texts);
}

#[test]
#[ignore = "needs tests/run"]
fn quoted_text_is_read_back_by_php_ruby_go_and_rust() {
    let (home, texts) = (Home::new(), texts());
    let bin = |name: &str| Path::new(&env("CCX_TEST_DRIVERS")).join("bin").join(name);
    let bin = |name: &str| bin(name).display().to_string();

    let singles = joined(&texts, quote::single, ",\n");
    let script = format!("<?php\nforeach ([{singles}] as $text) {{ echo $text, \"\\0\"; }}\n");
    assert_read_back("php", &tool(&bin("php"), &[home.write("a.php", script)]), &texts);

    let literals = joined(&texts, quote::ruby, ",\n");
    let script = format!("[{literals}].each {{ |text| print text, \"\\0\" }}\n");
    assert_read_back("ruby", &tool(&bin("ruby"), &[home.write("a.rb", script)]), &texts);

    let literals = joined(&texts, quote::literal, ",\n");
    let source = format!(
        "package main\n\nimport \"fmt\"\n\nfunc main() {{\n\
         for _, text := range []string{{{literals}}} {{ fmt.Print(text, \"\\x00\") }}\n}}\n"
    );
    fs::create_dir_all(home.join("src/snippet")).expect("a folder");
    home.write("src/snippet/main.go", source);
    tool(&bin("go-build"), &[home.path()]);
    assert_read_back("go", &tool::<&str>(&home.at("program"), &[]), &texts);

    let literals = joined(&texts, quote::rust, ",\n");
    let source =
        format!("fn main() {{ for text in [{literals}] {{ print!(\"{{text}}\\0\"); }} }}\n");
    let main = home.write("main.rs", source);
    tool(&bin("rust-build"), &[main, home.at("main")]);
    assert_read_back("rust", &tool::<&str>(&home.at("main"), &[]), &texts);
}

/// Java's, as java.util.Properties describes what it reads.
#[test]
fn properties_hold_no_line_of_their_own_and_nothing_but_ascii() {
    for text in texts() {
        let property = quote::property(&text);
        assert!(property.chars().all(|c| (' '..='~').contains(&c)), "{property:?}");
        assert!(!property.starts_with(' '), "{property:?}");
        let mut units = Vec::new();
        let mut rest = property.chars();
        while let Some(c) = rest.next() {
            match c {
                '\\' => match rest.next().expect("something after a backslash") {
                    'u' => {
                        let digits: String = rest.by_ref().take(4).collect();
                        units.push(u16::from_str_radix(&digits, 16).expect("four digits"));
                    }
                    other => units.push(u16::try_from(u32::from(other)).expect("ASCII")),
                },
                c => units.push(u16::try_from(u32::from(c)).expect("ASCII")),
            }
        }
        assert_eq!(String::from_utf16(&units).expect("UTF-16"), text);
    }
}

/// What the option files of MySQL and MariaDB hold, as their clients read it.
#[test]
#[ignore = "needs tests/run"]
fn option_files_are_read_back_by_the_programs_that_read_them() {
    use crate::common::db::Engine as Real;
    let home = Home::new();
    for engine in [Real::Mysql97, Real::MariaDb1011, Real::MariaDb118] {
        // what is printed is one line for all, so lines and what ends one stay out of it here
        let texts = texts().into_iter().filter(|text| !text.contains(['\n', '\r']));
        for text in texts.filter(|text| !text.is_empty() && text.len() < 400).take(60) {
            let file = home.write(
                "my.cnf",
                format!("[client]\nuser = {}\n", server_quote::mysql_option(&text)),
            );
            let mut client = Command::new(engine.client());
            client.arg(format!("--defaults-file={file}")).arg("--print-defaults");
            let printed = client.output().expect("it runs").stdout;
            let expected = format!("--user={text}");
            let printed = String::from_utf8_lossy(&printed).into_owned();
            assert!(printed.contains(&expected), "{engine:?}: {text:?}: {printed:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn accounts_that_we_write_we_read(user: String, host: String) {
        let written = format!("{}@{}", server_quote::sql(&user), server_quote::sql(&host));
        let read = Engine::Mysql.facts().accounts.parse(&format!("{written}\n'a'@b\n")).expect("accounts");
        prop_assert_eq!(&read[0], &Account { user, host });
        prop_assert_eq!(read.len(), 2);
    }

    #[test]
    fn any_text_is_accounts_or_is_told(text: String, odd in "['\"`@a\\\\\n ]{0,12}") {
        for engine in Engine::ALL {
            for text in [&text, &odd] {
                if let Err(error) = engine.facts().accounts.parse(text) {
                    prop_assert_eq!((error.code().name(), error.exit().code()), ("account", 2));
                }
            }
        }
    }
}
