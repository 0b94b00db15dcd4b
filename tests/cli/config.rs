//! Defaults of options from files and variables: which one holds, and what is refused.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::Value;

use crate::common::{Home, Run, ccx, chmod, run, unprivileged};

const FILE: &str = ".config/ccx-sec/config.toml";
const DATASTORE: &str = "5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10";

/// A home with a CA, and a file of settings.
fn home(settings: &str) -> Home {
    let home = Home::with_ca();
    fs::create_dir_all(home.join(".config/ccx-sec")).expect("a directory");
    let store = home.store().display().to_string();
    home.write(FILE, settings.replace("STORE", &format!("dir:{store}")));
    home
}

/// A setting in the document of `config show`.
fn setting(shown: &Run, name: &str) -> Value {
    let document = shown.json();
    let all = document["settings"].as_array().expect("settings");
    all.iter().find(|one| one["name"] == name).expect("the setting").clone()
}

fn show(home: &Home, variables: &[(&str, &str)], more: &[&str]) -> Run {
    let mut command = ccx(home.path());
    command.envs(variables.iter().copied());
    run(command.args(["config", "show", "-o", "json"]).args(more))
}

#[test]
fn config_option_wins_over_variable_over_file() {
    let home = home("# mine\nnamespace = \"file\"\nca = \"file-ca\"\nquiet = true\n");
    let file = home.at(FILE);
    let shown = show(&home, &[], &[]);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    let namespace = setting(&shown, "namespace");
    assert_eq!((&namespace["value"], &namespace["from"]), (&"file".into(), &"file".into()));
    assert_eq!((&namespace["file"], &namespace["line"]), (&file.as_str().into(), &2.into()));
    assert_eq!(setting(&shown, "quiet")["value"], true);
    assert_eq!(setting(&shown, "timeout")["from"], "default");
    assert_eq!(shown.json()["files"][0]["found"], true);

    let variables = [("CCX_SEC_NAMESPACE", "variable"), ("CCX_SEC_QUIET", "0"), ("CCX_SEC_CA", "")];
    let shown = show(&home, &variables, &[]);
    let namespace = setting(&shown, "namespace");
    assert_eq!(namespace["value"], "variable");
    assert_eq!(namespace["variable"], "CCX_SEC_NAMESPACE");
    assert_eq!(setting(&shown, "quiet")["value"], false);
    assert_eq!(setting(&shown, "ca")["value"], "file-ca");

    let shown = show(&home, &variables, &["--namespace", "option", "--verbose"]);
    let namespace = setting(&shown, "namespace");
    assert_eq!((&namespace["value"], &namespace["from"]), (&"option".into(), &"option".into()));
    let text = run(ccx(home.path()).args(["config", "show"]));
    let row = format!("namespace   file     {file}:2");
    assert!(text.stdout.contains(&row), "{}", text.stdout);
}

#[test]
fn config_verbose_option_ends_a_quiet_file() {
    let home = home("store = \"STORE\"\nquiet = true\n");
    let list = |more: &[&str]| run(ccx(home.path()).args(["cert", "list"]).args(more)).stderr;
    assert_eq!(list(&[]), "");
    assert!(list(&["--verbose"]).contains("store: "));
}

#[test]
fn config_defaults_reach_the_options_of_nodes_and_no_filter() {
    let settings = "store = \"STORE\"\ndomain = \"db.example.com\"\nengine = \"postgresql\"\n";
    let home = home(&format!("{settings}datastore = \"{DATASTORE}\"\n"));
    let done = |words: &[&str]| {
        let done = run(ccx(home.path()).args(words));
        assert_eq!(done.code, 0, "{words:?}: {}{}", done.stdout, done.stderr);
        done
    };
    done(&["cert", "issue", "--node", "db-1", "--secret"]);
    let other = ["--datastore", "11111111-2222-4333-8444-555555555555", "--engine", "redis"];
    done(&[&["cert", "issue", "--node", "db-2", "--secret"][..], &other].concat());
    let list = done(&["cert", "list", "-o", "json"]).json();
    let rows = list["certificates"].as_array().expect("certificates");
    assert_eq!(rows.len(), 2, "a default is no filter: {list}");
    let of = |node: &str| rows.iter().find(|row| row["node"] == node).expect("the node");
    assert_eq!(of("db-1")["datastore"], DATASTORE);
    assert_eq!(of("db-1")["engine"], "postgresql");
    assert_eq!(of("db-2")["engine"], "redis");
    let names = of("db-1")["san"]["dns"].to_string();
    assert!(names.contains(&format!("db-1.{DATASTORE}.db.example.com")), "{names}");
    let ca = done(&["ca", "export"]).stdout;
    home.write("ca.pem", ca);
    let client = ["snippet", "client", "--client", "psql", "--host", "localhost"];
    done(&[&client[..], &["--ca-file", "ca.pem"]].concat());
    done(&["snippet", "server", "--engine-version", "17", "--dir", "/tls"]);
    // Not an inventory: there a domain on the command line would be an error.
    let url = run(ccx(home.path()).args(["verify", "--mode", "REQUIRED", "redis://localhost:1"]));
    assert_eq!(url.code, 3, "{}", url.stderr);
    // The group of options that only --engine is in.
    let install = ["cert", "install", "--dir", "tls", "--socket", "/nowhere", "--node", "db-1"];
    let install = run(ccx(home.path()).args(install));
    assert!(!install.stderr.contains("required"), "{}", install.stderr);
    let issue = run(ccx(home.path()).args(["cert", "issue", "--secret"]));
    issue.assert_error(2, "node-missing");
    assert!(issue.stderr.contains("give --node NAME ["), "{}", issue.stderr);
}

#[test]
fn config_errors_name_file_line_and_nearest_key() {
    for (settings, code, line, word) in [
        ("# a\nnamspace = \"x\"\n", "setting-unknown", 2, "the nearest is namespace"),
        ("no_input = true\n", "setting-unknown", 1, "the nearest is no-input"),
        ("store = \"k8s\"\n\npassword = \"x\"\n", "setting-unknown", 3, "no secrets"),
        ("timeout = 30\n", "setting-type", 1, "timeout = \"30\""),
        ("quiet = \"yes\"\n", "setting-type", 1, "quiet = true"),
        ("timeout = \"soon\"\n", "setting-value", 1, "30s or 2m"),
        ("\nengine = \"mysq\"\n", "setting-value", 2, "mysql, mariadb"),
        ("datastore = \"x\"\n", "setting-value", 1, "UUID"),
        ("namespace = \"\"\n", "setting-value", 1, "empty"),
        ("store = \"dir:ca\"\n", "setting-value", 1, "absolute"),
        ("kubeconfig = \"~/.kube/config\"\n", "setting-value", 1, "absolute"),
        ("output = \"junit\"\n", "setting-value", 1, "--output junit"),
        ("quiet = true\nverbose = true\n", "setting-conflict", 2, "remove one"),
        ("ca = \"a\"\nca = \"b\"\n", "settings-syntax", 2, "duplicate"),
        ("store = \n", "settings-syntax", 1, "TOML"),
    ] {
        let home = home(settings);
        let told = run(ccx(home.path()).args(["cert", "list"]));
        told.assert_error(2, code);
        assert!(told.stderr.contains(&format!("{}:{line}", home.at(FILE))), "{}", told.stderr);
        assert!(told.stderr.contains(word), "{settings}: {}", told.stderr);
    }
    let home = home("");
    home.write(FILE, b"ca = \"a\"\n# \xff\n");
    let told = run(ccx(home.path()).args(["cert", "list"]));
    told.assert_error(2, "settings-syntax");
    assert!(told.stderr.contains("config.toml:2"), "{}", told.stderr);
    home.write(FILE, "");
    for (name, value) in
        [("CCX_SEC_ENGINE", "mysq"), ("CCX_SEC_NO_INPUT", "maybe"), ("CCX_SEC_TIMEOUT", "soon")]
    {
        let told = run(ccx(home.path()).args(["cert", "list"]).env(name, value));
        told.assert_error(2, "setting-value");
        assert!(told.stderr.contains(name), "{}", told.stderr);
    }
}

#[test]
fn config_file_that_cannot_be_read_is_no_absence() {
    let told = |home: &Home| run(ccx(home.path()).args(["cert", "list"]));
    let home = home("");
    let file = home.join(FILE);
    fs::remove_file(&file).expect("removed");
    assert_eq!(told(&home).code, 0);
    fs::create_dir(&file).expect("a directory");
    told(&home).assert_error(2, "file-is-directory");
    fs::remove_dir(&file).expect("removed");
    symlink("nowhere", &file).expect("a link");
    told(&home).assert_error(3, "file-missing");
    fs::remove_file(&file).expect("removed");
    symlink("config.toml", &file).expect("a link to itself");
    told(&home).assert_error(3, "file-loop");
    fs::remove_dir_all(home.join(".config")).expect("removed");
    // There is nothing below a file.
    home.write(".config", "");
    assert_eq!(told(&home).code, 0);
    // A file that was named has to be there; without HOME there is none.
    let list = |name: &str, value: &str| {
        run(ccx(home.path()).args(["config", "show"]).env(name, value).env_remove("HOME"))
    };
    list("CCX_SEC_CONFIG", "nowhere").assert_error(3, "file-missing");
    assert_eq!(list("CCX_SEC_CONFIG", "/dev/null").code, 0);
    // A relative directory is ignored, as the specification of these variables says.
    fs::create_dir_all(home.join("ccx-sec")).expect("a directory");
    home.write("ccx-sec/config.toml", "namspace = 1\n");
    assert_eq!(list("XDG_CONFIG_HOME", ".").code, 0);
    list("XDG_CONFIG_HOME", &home.path().display().to_string()).assert_error(2, "setting-unknown");
}

/// As after `runuser`, which keeps HOME of the user before.
#[test]
fn config_of_a_home_without_access_is_ignored_with_a_warning_and_a_named_file_is_not() {
    let home = home("ca = \"from-file\"");
    let closed = home.join("closed");
    fs::create_dir_all(closed.join(".config/ccx-sec")).expect("made");
    chmod(&closed, 0o000);
    let show = |variables: &[(&str, &str)]| {
        let mut command = unprivileged(&ccx(home.path()));
        command.args(["config", "show"]).env("HOME", &closed).envs(variables.iter().copied());
        run(&mut command)
    };
    let shown = show(&[]);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(shown.stderr.contains("is ignored: this user has no access"), "{}", shown.stderr);
    assert!(shown.stdout.contains("(no access)"), "{}", shown.stdout);
    let named = closed.join("x.toml").display().to_string();
    show(&[("CCX_SEC_CONFIG", &named)]).assert_error(3, "file-permission");
    chmod(&closed, 0o700);
}

#[test]
fn config_file_that_others_can_write_is_refused() {
    let home = home("ca = \"other\"\n");
    let told = || run(ccx(home.path()).args(["cert", "list"]));
    assert_eq!(told().code, 0);
    chmod(&home.join(FILE), 0o646);
    told().assert_error(4, "permissions-too-wide");
    chmod(&home.join(FILE), 0o644);
    chmod(&home.join(".config"), 0o757);
    told().assert_error(4, "directory-of-others");
    chmod(&home.join(".config"), 0o755);
    assert_eq!(told().code, 0);
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(home.join(FILE), Some(65534), None).expect("given away");
        let told = told();
        told.assert_error(4, "owner-other");
        assert!(told.stderr.contains("sudo -H"), "{}", told.stderr);
    }
}

#[test]
fn config_that_is_wrong_stops_neither_help_nor_doctor() {
    let home = home("namspace = \"x\"\n");
    for words in [&["--help"][..], &["verify", "-h"], &["version"], &["completion", "bash"]] {
        let told = run(ccx(home.path()).args(words));
        assert_eq!((told.code, told.stderr.as_str()), (0, ""), "{words:?}");
    }
    let doctor = run(ccx(home.path()).args(["doctor", "-o", "json"]));
    assert_eq!(doctor.code, 1, "{}", doctor.stderr);
    let document = doctor.json();
    let checks = document["checks"].as_array().expect("checks");
    let named = |name: &str| checks.iter().find(|check| check["name"] == name);
    assert_eq!(named("config").expect("the check")["code"], "setting-unknown");
    assert!(named("store").is_none(), "the store of other commands is not known: {document}");
    let wrong = run(ccx(home.path()).args(["no-such-command"]));
    wrong.assert_error(2, "setting-unknown");
}

#[test]
fn config_of_a_cluster_gives_way_to_a_directory() {
    let home = home("context = \"prod\"\nnamespace = \"db\"\n");
    let store = format!("dir:{}", home.store().display());
    let given = |more: &[&str]| run(ccx(home.path()).args(["ca", "show"]).args(more));
    assert_eq!(given(&["--store", &store]).code, 0);
    assert_eq!(given(&[]).code, 3, "a context means Kubernetes");
    given(&["--store", &store, "--context", "other"]).assert_error(2, "store-conflict");
    home.write(FILE, format!("store = \"{store}\"\n"));
    let told = given(&["--context", "other"]);
    told.assert_error(2, "store-conflict");
    assert!(told.stderr.contains("config.toml:1 is dir:"), "{}", told.stderr);
    // kubectl's own variable comes before the file.
    home.write(FILE, "kubeconfig = \"/nowhere\"\ncolor = \"always\"\n");
    let shown = show(&home, &[("KUBECONFIG", "/mine"), ("NO_COLOR", "1")], &[]);
    assert_eq!(setting(&shown, "kubeconfig")["value"], "/mine");
    assert_eq!(setting(&shown, "color")["variable"], "NO_COLOR");
}

#[test]
fn config_values_are_in_hints_for_users_without_the_file() {
    let home = home("store = \"STORE\"\nca = \"missing-ca\"\ntimeout = \"7s\"\n");
    let told = run(ccx(home.path()).args(["cert", "issue", "--secret", "--node", "a"]));
    let store = format!("--store dir:{}", home.store().display());
    assert!(told.stderr.contains(&store), "{}", told.stderr);
    assert!(told.stderr.contains("--ca missing-ca"), "{}", told.stderr);
    assert!(!told.stderr.contains("--timeout"), "{}", told.stderr);
}

#[test]
fn config_values_complete_the_command_line() {
    let home = home("store = \"STORE\"\nengine = \"postgresql\"\n");
    let complete =
        |words: &[&str]| run(ccx(home.path()).args(["__complete", "--"]).args(words)).stdout;
    assert!(complete(&["ca", "show", "--ca", ""]).contains("ccx-ca\t"));
    let clients = complete(&["snippet", "client", "--client", ""]);
    assert!(clients.contains("psql\t") && !clients.contains("redis-cli"), "{clients}");
    let clients = complete(&["snippet", "client", "--engine", "redis", "--client", ""]);
    assert!(clients.contains("redis-cli\t") && !clients.contains("psql"), "{clients}");
    home.write(FILE, "namspace = \"x\"\n");
    let told = run(ccx(home.path()).args(["__complete", "--", "ca", ""]));
    assert!(told.stdout.contains("init\t") && told.stderr.is_empty(), "{}", told.stderr);
}

/// The guide lists the settings that the command line declares, and none holds a secret.
#[test]
fn config_settings_are_the_options_that_the_guide_lists() {
    let home = Home::new();
    let shown = show(&home, &[], &[]).json();
    let names = shown["settings"].as_array().expect("settings").iter();
    let names: Vec<&str> = names.map(|one| one["name"].as_str().expect("a name")).collect();
    let guide = include_str!("../../man/guide/config.md");
    let rows: Vec<Vec<&str>> = guide
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.split('`').skip(1).step_by(2).take(2).collect())
        .collect();
    let expected: Vec<Vec<String>> = names
        .iter()
        .map(|name| {
            let variable = name.replace('-', "_").to_uppercase();
            vec![(*name).to_owned(), format!("CCX_SEC_{variable}")]
        })
        .collect();
    assert_eq!(rows, expected);
    for part in ["pass", "secret", "token", "key"] {
        assert!(!names.iter().any(|name| name.contains(part)), "{part}: {names:?}");
    }
    let help = run(ccx(home.path()).arg("--help")).stdout;
    let globals = &help[help.find("Global options:").expect("the options")..];
    let is_option = |line: &&str| line.trim_start().starts_with('-') && line.contains("--");
    let options = globals.lines().filter(is_option).map(|line| {
        let long = &line[line.find("--").expect("long") + 2..];
        long.split([' ', '<']).next().expect("a name").to_owned()
    });
    let options: Vec<String> = options.filter(|one| one != "help" && one != "version").collect();
    assert_eq!(options, names[..options.len()], "a global option without a setting");
    assert_eq!(names[options.len()..], ["datastore", "domain", "engine"]);
    // A Service named ccx-sec gives pods variables of these names.
    assert!(!names.iter().any(|name| *name == "port" || name.starts_with("service")));
}
