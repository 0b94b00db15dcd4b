//! Snippets compiled: those of a client together, each a function; the program's first argument
//! says which is to run.

use std::fs;
use std::path::Path;

use super::{Runner, driver};
use crate::common::{Home, tool};

/// In the home: what Java trusts, where the system trusts the CA.
pub const TRUST_STORE: &str = "trust.p12";

/// `Connect`, which takes a properties file, and the trust store.
pub fn java(home: &Home, system: &str) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/common/drivers/Connect.java");
    let (folder, store) = (home.path().display().to_string(), home.at(TRUST_STORE));
    tool("javac", &["-d", &folder, &source.display().to_string()]);
    let fixed = ["-importcert", "-noprompt", "-storetype", "PKCS12", "-storepass", "changeit"];
    tool("keytool", &[&fixed[..], &["-file", system, "-keystore", &store]].concat());
}

pub fn go(home: &Home, runner: &Runner, texts: &[String]) {
    let Runner { client, before, after, .. } = runner;
    let functions =
        each(texts, |case, text| format!("func case{case}() {{\n{text}\n{after}\n}}\n\n"));
    let cases = each(texts, |case, _| format!("\"{case}\": case{case}, "));
    let main = format!("func main() {{ map[string]func(){{{cases}}}[os.Args[1]]() }}\n");
    let folder = home.join(client);
    fs::create_dir_all(folder.join("src/snippet")).expect("a folder");
    let source = format!("package main\n\nimport (\n{before}\n)\n\n{functions}{main}");
    fs::write(folder.join("src/snippet/main.go"), source).expect("written");
    tool(&driver("bin/go-build").display().to_string(), &[folder]);
}

pub fn rust(home: &Home, runner: &Runner, texts: &[String]) {
    let Runner { client, before, after, .. } = runner;
    let functions = each(texts, |case, text| {
        format!("async fn case{case}() -> Answer {{\n{text}\n{after}\nOk(())\n}}\n\n")
    });
    let cases = each(texts, |case, _| format!("\"{case}\" => case{case}().await,\n"));
    let folder = home.join(client);
    fs::create_dir_all(&folder).expect("a folder");
    let (main, program) = (folder.join("main.rs"), folder.join("program"));
    let source = format!(
        "#![allow(unused)]\n{before}\n\
         type Answer = Result<(), Box<dyn std::error::Error>>;\n\n{functions}\
         #[tokio::main(flavor = \"current_thread\")]\nasync fn main() -> Answer {{\n\
         match std::env::args().nth(1).unwrap().as_str() {{\n{cases}_ => panic!(),\n}}\n}}\n"
    );
    fs::write(&main, source).expect("written");
    tool(&driver("bin/rust-build").display().to_string(), &[main, program]);
}

fn each(texts: &[String], form: impl Fn(usize, &str) -> String) -> String {
    texts.iter().enumerate().map(|(case, text)| form(case, text)).collect()
}
