//! `cert inspect --lint`: each rule by a certificate of OpenSSL's that breaks it, and pkilint's
//! opinion beside ours.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::common::{Home, Run, ccx, env, run, tool};

struct Bench {
    home: Home,
}

const SOUND: &str = "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\n\
    extendedKeyUsage=serverAuth\nsubjectAltName=DNS:db.example.com\n\
    subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n";

impl Bench {
    /// With a CA that may sign for `example.com` and `10.0.0.0/8`.
    fn new() -> Self {
        let bench = Bench { home: Home::new() };
        bench.openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout FILE/ca.key -out FILE/ca.pem \
             -days 7300 -subj /CN=Lint-CA -addext basicConstraints=critical,CA:TRUE,pathlen:0 \
             -addext keyUsage=critical,keyCertSign,cRLSign -addext \
             nameConstraints=critical,permitted;DNS:example.com,permitted;IP:10.0.0.0/255.0.0.0",
        );
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.join(name)
    }

    fn openssl(&self, arguments: &str) {
        let home = self.home.path().display().to_string();
        let words = arguments.split_whitespace().map(|word| word.replace("FILE", &home));
        tool("openssl", &words.collect::<Vec<_>>());
    }

    /// A leaf with that key, those extensions, signed by the CA with those options.
    fn leaf(&self, key: &str, extensions: &str, options: &str) {
        fs::write(self.path("leaf.ext"), extensions).expect("written");
        self.openssl(&format!(
            "req -newkey {key} -nodes -keyout FILE/leaf.key -out FILE/leaf.csr -subj /CN=db.example.com"
        ));
        self.openssl(&format!(
            "x509 -req -in FILE/leaf.csr -CA FILE/ca.pem -CAkey FILE/ca.key -extfile FILE/leaf.ext \
             -out FILE/leaf.pem {options}"
        ));
        let chain =
            [self.path("leaf.pem"), self.path("ca.pem")].map(|path| fs::read(path).expect("it"));
        fs::write(self.path("chain.pem"), chain.concat()).expect("written");
    }

    fn lint(&self) -> Run {
        run(ccx(self.home.path()).args(["cert", "inspect", "--lint", "-o", "json", "chain.pem"]))
    }
}

/// The codes of the first certificate, errors first; `!` marks those.
fn codes(run: &Run) -> Vec<String> {
    let document = run.json();
    let findings = document["certificates"][0]["findings"].as_array().expect("findings").clone();
    let code = |finding: &Value| {
        let mark = if finding["level"] == "error" { "!" } else { "" };
        format!("{mark}{}", finding["code"].as_str().expect("a code"))
    };
    findings.iter().map(code).collect()
}

const EC: &str = "ec -pkeyopt ec_paramgen_curve:P-256";
const DAYS: &str = "-days 300";

#[test]
fn lint_finds_each_broken_rule() {
    let bench = Bench::new();
    bench.leaf(EC, SOUND, DAYS);
    let sound = bench.lint();
    assert_eq!((sound.code, codes(&sound)), (0, vec![]), "{}", sound.stdout);
    let without = |line: &str| {
        SOUND.lines().filter(|l| !l.starts_with(line)).fold(String::new(), |all, l| all + l + "\n")
    };
    let instead = |line: &str| without(line.split('=').next().expect("a name")) + line + "\n";
    for (key, extensions, options, expected) in [
        ("rsa:1024", SOUND.to_owned(), DAYS, "!weak-key"),
        ("ec -pkeyopt ec_paramgen_curve:P-521", SOUND.to_owned(), DAYS, "!key-unsupported"),
        (EC, SOUND.to_owned(), "-days 300 -sha1", "!weak-signature"),
        (EC, SOUND.to_owned(), "-days 300 -set_serial 1", "serial-short"),
        (
            EC,
            SOUND.to_owned(),
            "-days 300 -set_serial -77777777777777777777777",
            "serial-not-positive",
        ),
        (
            EC,
            SOUND.to_owned(),
            "-days 300 -set_serial 0x7bcdef0123456789abcdef0123456789abcdef012345",
            "serial-too-long",
        ),
        (EC, SOUND.to_owned(), "-days 5000", "validity-long"),
        (EC, SOUND.to_owned(), "-days 36500", "outlives-issuer"),
        (EC, SOUND.to_owned(), "-days -1", "!dates-reversed"),
        (
            EC,
            instead("keyUsage=critical,digitalSignature,keyEncipherment"),
            DAYS,
            "key-usage-encipherment",
        ),
        (EC, instead("keyUsage=digitalSignature"), DAYS, "key-usage-not-critical"),
        (EC, without("keyUsage"), DAYS, "key-usage-missing"),
        (EC, without("subjectAltName"), DAYS, "!cn-only"),
        (EC, instead("subjectAltName=DNS:a.example.com"), DAYS, "cn-not-in-san"),
        (EC, instead("subjectAltName=critical,DNS:db.example.com"), DAYS, "san-critical"),
        (
            EC,
            instead("subjectAltName=DNS:db.example.com,DNS:db.example.org"),
            DAYS,
            "!outside-constraints",
        ),
        (
            EC,
            instead("subjectAltName=DNS:db.example.com,IP:192.168.0.1"),
            DAYS,
            "!outside-constraints",
        ),
        (
            EC,
            instead("subjectAltName=DNS:db.example.com,DNS:a_b.example.com"),
            DAYS,
            "dns-name-underscore",
        ),
        (
            EC,
            instead("subjectAltName=DNS:db.example.com,DNS:a*.example.com"),
            DAYS,
            "!dns-name-wildcard",
        ),
        (EC, instead("basicConstraints=CA:TRUE"), DAYS, "path-length"),
        (EC, instead("extendedKeyUsage=codeSigning"), DAYS, "!ext-key-usage-lacks"),
        (EC, instead("authorityKeyIdentifier=none"), DAYS, "aki-missing"),
        (EC, format!("{SOUND}1.2.3.4=critical,DER:0500\n"), DAYS, "!extension-unknown"),
        (EC, format!("{SOUND}1.2.3.4=DER:0101\n"), DAYS, "encoding"),
    ] {
        bench.leaf(key, &extensions, options);
        let linted = bench.lint();
        let found = codes(&linted);
        assert!(found.iter().any(|code| code == expected), "{expected}: {found:?}");
        assert!(found.len() <= 6, "{expected}: {found:?}");
        let is_error = found.iter().any(|code| code.starts_with('!'));
        assert_eq!(linted.code, i32::from(is_error), "{expected}: {found:?}");
        for finding in linted.json()["certificates"][0]["findings"].as_array().expect("findings") {
            let rule = finding["rule"].as_str().unwrap_or("RFC");
            assert!(rule.starts_with("RFC"), "{finding}");
        }
    }
}

#[test]
fn signing_ca_counts_among_two_of_one_name() {
    let (bench, other) = (Bench::new(), Bench::new());
    bench.leaf(EC, SOUND, DAYS);
    let read = |path: PathBuf| fs::read(path).expect("a file");
    let chain = [bench.path("leaf.pem"), other.path("ca.pem"), bench.path("ca.pem")].map(read);
    fs::write(bench.path("chain.pem"), chain.concat()).expect("written");
    assert_eq!(codes(&bench.lint()), Vec::<String>::new());
    let chain = [bench.path("leaf.pem"), other.path("ca.pem")].map(read);
    fs::write(bench.path("chain.pem"), chain.concat()).expect("written");
    assert_eq!(codes(&bench.lint()), ["!aki-differs", "!bad-signature"]);
}

#[test]
fn trusted_ca_counts_as_the_issuer() {
    let bench = Bench::new();
    bench.leaf(EC, &SOUND.replace("DNS:db.example.com", "DNS:db.example.org"), DAYS);
    let lint = |more: &[&str]| {
        let words = [&["cert", "inspect", "leaf.pem", "--lint", "-o", "json"], more].concat();
        run(ccx(bench.home.path()).args(words))
    };
    assert_eq!(codes(&lint(&[])), ["cn-not-in-san"]);
    let verified = lint(&["--verify", "--ca-file", "ca.pem"]);
    assert_eq!(codes(&verified), ["!outside-constraints", "cn-not-in-san"]);
    assert_eq!(verified.json()["verification"]["fault"]["reason"], "name_constraint");
    assert_eq!((verified.code, &verified.json()["ok"]), (1, &Value::Bool(false)));
}

#[test]
fn approaching_expiry_is_reported() {
    let bench = Bench::new();
    bench.leaf(EC, SOUND, DAYS);
    let at = |moment: &str| {
        let mut command = ccx(bench.home.path());
        run(command.args(["cert", "inspect", "leaf.pem", "--lint", "-o", "json", "--at", moment]))
    };
    let sound = bench.lint().json()["certificates"][0].clone();
    let end: jiff::Timestamp = sound["not_after"].as_str().expect("it").parse().expect("a date");
    let days = |days: i64| (end - jiff::SignedDuration::from_hours(24 * days)).to_string();
    assert_eq!(codes(&at(&days(110))), Vec::<String>::new());
    assert_eq!((at(&days(90)).code, codes(&at(&days(90)))), (0, vec!["expiring".to_owned()]));
    assert_eq!((at(&days(-1)).code, codes(&at(&days(-1)))), (1, vec!["!expired".to_owned()]));
    assert_eq!(codes(&at(&days(301))), ["!not-yet-valid"]);
}

#[test]
#[ignore = "needs tests/run"]
fn pkilint_finds_no_more_in_what_we_call_sound() {
    let bench = Bench::new();
    for (key, usage) in [(EC, "digitalSignature"), ("rsa:2048", "digitalSignature,keyEncipherment")]
    {
        let extensions = SOUND.replace("digitalSignature", usage);
        bench.leaf(key, &extensions, DAYS);
        let ours = bench.lint();
        assert_eq!((ours.code, codes(&ours)), (0, vec![]), "{}", ours.stdout);
        let leaf = bench.path("leaf.pem").display().to_string();
        let theirs = tool(&env("CCX_TEST_PKILINT"), &["lint", "-s", "WARNING", leaf.as_str()]);
        assert_eq!(theirs.trim(), "");
    }
}
