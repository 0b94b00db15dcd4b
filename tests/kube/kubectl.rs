//! The same kubeconfigs given to kubectl and to ccx-sec: both get in, or neither does, and by the
//! same way. kubectl is the real one, and so is the API server.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use assert_cmd::Command;
use base64::{Engine, engine::general_purpose::STANDARD};

use crate::common::kube::{Namespace, cluster_ca, kubeconfig, server};
use crate::common::relay::Relay;
use crate::common::{Run, ccx, env, run};

/// What the words in capitals of a case stand for.
struct Bed {
    namespace: Namespace,
    words: Vec<(&'static str, String)>,
}

impl Bed {
    fn new() -> Self {
        let namespace = Namespace::new();
        let text = fs::read_to_string(kubeconfig("token")).expect("read");
        let token = text.split("token: ").nth(1).and_then(|rest| rest.split('}').next());
        let token = token.expect("a token").trim().to_owned();
        let write = |name: &str, text: &str| namespace.home.write(name, text);
        write("token", &format!("{token}\n"));
        write("padded", &format!("  {token} \n\n"));
        write("wrong", "wrong\n");
        write("empty", "");
        let host = server().trim_start_matches("https://").to_owned();
        let ca = fs::read(cluster_ca()).expect("the cluster's CA");
        let words = vec![
            ("SERVER", server()),
            ("PORT", host.rsplit(':').next().expect("a port").to_owned()),
            ("HOST", host),
            // Two files put together of which the first does not end its last line.
            ("GLUED", STANDARD.encode([ca.trim_ascii_end(), &ca].concat())),
            ("CADATA", STANDARD.encode(&ca)),
            ("CA", cluster_ca().display().to_string()),
            ("TOKEN", token),
            ("HOME", namespace.home.path().display().to_string()),
        ];
        Bed { namespace, words }
    }

    fn fill(&self, text: &str) -> String {
        self.words.iter().fold(text.to_owned(), |text, (word, value)| text.replace(word, value))
    }

    fn kubeconfig(&self, cluster: &str, user: &str) -> String {
        let file = self.namespace.kubeconfig("case", &self.fill(cluster), &self.fill(user));
        file.display().to_string()
    }

    /// Whether kubectl gets in.
    fn kubectl(&self, variables: &[(&str, String)]) -> Run {
        let mut command = Command::new("kubectl");
        command.env_clear().env("PATH", env("PATH")).env("HOME", self.namespace.home.path());
        command.current_dir(self.namespace.home.path());
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        let words = ["--request-timeout", "20s", "get", "secrets", "-n", &self.namespace.name];
        run(command.args(words))
    }

    /// Whether ccx-sec gets in, and what it says where it does not.
    fn ccx(&self, variables: &[(&str, String)]) -> (bool, Run) {
        let mut command = ccx(self.namespace.home.path());
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        let words = ["ca", "check", "--ca", "no-such-ca", "--timeout", "20s", "-n"];
        let run = run(command.args(words).arg(&self.namespace.name));
        let is_in = run.code == 1 && run.stdout.contains("there is no Secret no-such-ca");
        assert!(is_in || [2, 3].contains(&run.code), "{}{}", run.stdout, run.stderr);
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
        (is_in, run)
    }

    /// Both get in, or neither; `expected` is what kubectl did when this was written.
    fn agree(&self, case: &str, variables: &[(&str, String)], expected: bool) -> Run {
        let by_kubectl = self.kubectl(variables);
        assert_eq!(by_kubectl.code == 0, expected, "kubectl, {case}: {}", by_kubectl.stderr);
        let (is_in, run) = self.ccx(variables);
        assert_eq!(is_in, expected, "{case}: {}{}", run.stdout, run.stderr);
        run
    }

    fn case(&self, cluster: &str, user: &str, expected: bool) -> Run {
        let file = self.kubeconfig(cluster, user);
        self.agree(&format!("{cluster} {user}"), &[("KUBECONFIG", file)], expected)
    }
}

#[test]
#[ignore = "needs tests/run"]
fn kubectl_and_ccx_take_the_same_clusters() {
    let bed = Bed::new();
    for (cluster, expected) in [
        ("{server: 'SERVER', certificate-authority: 'CA'}", true),
        ("{server: 'SERVER/', certificate-authority: 'CA'}", true),
        ("{server: 'SERVER//', certificate-authority: 'CA'}", true),
        ("{server: 'SERVER/?a=b', certificate-authority: 'CA'}", true),
        ("{server: 'HTTPS://HOST', certificate-authority: 'CA'}", true),
        ("{server: 'SERVER/path', certificate-authority: 'CA'}", false),
        ("{server: 'HOST', certificate-authority: 'CA'}", false),
        ("{server: 'localhost:PORT', certificate-authority: 'CA'}", false),
        ("{server: 'http://HOST', certificate-authority: 'CA'}", false),
        ("{server: ' SERVER', certificate-authority: 'CA'}", false),
        ("{server: 'ftp://HOST', certificate-authority: 'CA'}", false),
        ("{server: 'https://a:b@HOST', certificate-authority: 'CA'}", false),
        ("{server: '', certificate-authority: 'CA'}", false),
        ("{certificate-authority: 'CA'}", false),
        ("{server: 'SERVER', certificate-authority-data: CADATA}", true),
        ("{server: 'SERVER', certificate-authority: '', certificate-authority-data: CADATA}", true),
        ("{server: 'SERVER', certificate-authority: 'CA', certificate-authority-data: ''}", true),
        ("{server: 'SERVER', certificate-authority: x, certificate-authority-data: CADATA}", false),
        ("{server: 'SERVER', certificate-authority-data: aGVsbG8K}", false),
        ("{server: 'SERVER', certificate-authority-data: GLUED}", false),
        ("{server: 'SERVER', certificate-authority: x}", false),
        ("{server: 'SERVER'}", false),
        ("{server: 'SERVER', insecure-skip-tls-verify: true}", true),
        ("{server: 'SERVER', insecure-skip-tls-verify: true, certificate-authority: 'CA'}", false),
        ("{server: 'SERVER', tls-server-name: kubernetes, certificate-authority: 'CA'}", true),
        ("{server: 'SERVER', tls-server-name: other.example, certificate-authority: 'CA'}", false),
        ("{server: 'SERVER', tls-server-name: '', certificate-authority: 'CA'}", true),
        ("{server: 'SERVER', proxy-url: '', certificate-authority: 'CA', more: x}", true),
    ] {
        let run = bed.case(cluster, "{token: TOKEN}", expected);
        let warns = run.stderr.contains("the kubeconfig has insecure-skip-tls-verify");
        assert_eq!(warns, expected && cluster.contains("insecure"), "{cluster}: {}", run.stderr);
    }
    let bare = bed.case("{server: 'HOST', certificate-authority: 'CA'}", "{token: TOKEN}", false);
    assert!(bare.stderr.contains("hint: begin the server's address"), "{}", bare.stderr);
}

#[test]
#[ignore = "needs tests/run"]
fn kubectl_and_ccx_take_the_same_credentials() {
    let bed = Bed::new();
    for (user, expected) in [
        ("{tokenFile: 'HOME/token'}", true),
        ("{tokenFile: token}", true),
        ("{tokenFile: 'HOME/padded'}", true),
        ("{tokenFile: 'HOME/empty'}", false),
        ("{tokenFile: 'HOME/none'}", false),
        ("{tokenFile: 'HOME/wrong', token: TOKEN}", false),
        ("{tokenFile: 'HOME/token', token: wrong}", true),
        ("{tokenFile: 'HOME/none', token: TOKEN}", true),
        ("{tokenFile: 'HOME/empty', token: TOKEN}", true),
        ("{tokenFile: 'HOME/token', token: ''}", true),
        ("{token: ''}", false),
        ("{token: \"TOKEN\\n\"}", false),
        ("{token: \" TOKEN \"}", false),
        ("{username: a, password: b}", false),
        ("{username: a, token: TOKEN}", false),
        ("{token: TOKEN, as: limited}", false),
        ("{token: TOKEN, as: x, as-groups: ['system:masters']}", true),
        (
            "{token: TOKEN, as: x, as-groups: ['system:masters'], as-user-extra: {a: [b, c d]}}",
            true,
        ),
        ("{token: TOKEN, as-groups: ['system:masters']}", false),
        ("{token: TOKEN, as: ''}", true),
        ("{token: TOKEN, auth-provider: {name: gcp}}", false),
        ("{auth-provider: {name: azure, config: {}}}", false),
        ("{client-certificate: 'CA'}", false),
        ("{client-certificate: none, client-key: none, token: TOKEN}", false),
        ("{client-key: none, token: TOKEN}", true),
        ("{token: TOKEN, tokenFile: null, more: x}", true),
    ] {
        bed.case("{server: 'SERVER', certificate-authority: 'CA'}", user, expected);
    }
}

const V1: &str = "client.authentication.k8s.io/v1";

/// A login helper's answer.
fn credential(version: &str, kind: &str, status: &str) -> String {
    format!("{{\"apiVersion\":\"{version}\",\"kind\":\"{kind}\",\"status\":{{{status}}}}}")
}

#[test]
#[ignore = "needs tests/run"]
fn kubectl_and_ccx_take_the_same_login_helpers() {
    let bed = Bed::new();
    let beta = format!("{V1}beta1");
    let never = "interactiveMode: Never";
    let token = "\"token\":\"TOKEN\"";
    let good = credential(V1, "ExecCredential", token);
    let with = |more: &str| credential(V1, "ExecCredential", &format!("{token},{more}"));
    let until = |text: &str| with(&format!("\"expirationTimestamp\":\"{text}\""));
    let print = |text: &str| format!("cat <<'END'\n{text}\nEND");
    let check = |condition: &str| format!("{condition} || exit 5\n{}", print(&good));
    let helper = |script: &str, version: &str, more: &str, expected: bool| {
        let file = bed.namespace.home.write("helper", bed.fill(&format!("#!/bin/sh\n{script}\n")));
        fs::set_permissions(Path::new(&file), fs::Permissions::from_mode(0o755)).expect("0755");
        let user = match more.split_once(';') {
            Some((more, beside)) => {
                format!(
                    "{{exec: {{command: ./helper, apiVersion: '{version}', {more}}}, {beside}}}"
                )
            }
            None => format!("{{exec: {{command: ./helper, apiVersion: '{version}', {more}}}}}"),
        };
        bed.case("{server: 'SERVER', certificate-authority: 'CA'}", &user, expected)
    };
    for (script, version, more, expected) in [
        (print(&good), V1, never, true),
        (print(&good), V1, "interactiveMode: IfAvailable", true),
        (print(&good), V1, "interactiveMode: Always", false),
        (print(&good), V1, "interactiveMode: Sometimes", false),
        (print(&good), V1, "args: []", false),
        (print(&good), V1, "interactiveMode: Never, args: null, env: null", true),
        (print(&credential(&beta, "ExecCredential", token)), &*beta, "args: []", true),
        (print(&credential(&beta, "ExecCredential", token)), V1, never, false),
        (print(&good), "client.authentication.k8s.io/v1alpha1", never, false),
        (print(&good), "", never, false),
        (print(&credential(V1, "Other", token)), V1, never, false),
        (print(&credential(V1, "ExecCredential", "")), V1, never, false),
        (print(&credential(V1, "ExecCredential", "\"token\":\"\"")), V1, never, false),
        (print(&with("\"clientCertificateData\":\"x\"")), V1, never, false),
        (print(&with("\"more\":\"x\"")), V1, never, true),
        (print(&until("2001-01-01T00:00:00Z")), V1, never, true),
        (print(&until("2101-01-01T00:00:00Z")), V1, never, true),
        (print(&until("tomorrow")), V1, never, false),
        (print(&format!("{good}\nmore")), V1, never, false),
        (
            print("apiVersion: V1\nkind: ExecCredential\nstatus: {token: TOKEN}").replace("V1", V1),
            V1,
            never,
            true,
        ),
        (check("[ \"$A\" = b ]"), V1, "interactiveMode: Never, env: [{name: A, value: b}]", true),
        (check("[ \"$2\" = 'b c' ]"), V1, "interactiveMode: Never, args: [a, b c]", true),
        (check("[ -z \"$(cat)\" ]"), V1, never, true),
        (
            check("echo \"$KUBERNETES_EXEC_INFO\" | grep -q '\"interactive\":false'"),
            V1,
            never,
            true,
        ),
        (
            check("echo \"$KUBERNETES_EXEC_INFO\" | grep -q '\"server\":\"SERVER\"'"),
            V1,
            "interactiveMode: Never, provideClusterInfo: true",
            true,
        ),
        ("echo session expired >&2; exit 7".to_owned(), V1, never, false),
        ("exit 5".to_owned(), V1, "interactiveMode: Never; token: TOKEN", true),
        (print(&good), V1, "interactiveMode: Never; token: wrong", false),
        (print(&good), V1, "interactiveMode: Never; as: limited", false),
        (print(&good), V1, "interactiveMode: Never; auth-provider: {name: oidc}", false),
    ] {
        helper(&script, version, more, expected);
    }
    let missing = "{exec: {command: no-such-helper, apiVersion: V1, interactiveMode: Never, \
                   installHint: apt-get install it}}";
    let missing = missing.replace("V1", V1);
    let run = bed.case("{server: 'SERVER', certificate-authority: 'CA'}", &missing, false);
    assert!(run.stderr.contains("has a hint for it: apt-get install it"), "{}", run.stderr);
}

#[test]
#[ignore = "needs tests/run"]
fn login_helper_that_hangs_ends_with_the_timeout() {
    let bed = Bed::new();
    let user = format!(
        "{{exec: {{command: sleep, args: ['600'], apiVersion: {V1}, interactiveMode: Never}}}}"
    );
    let file = bed.kubeconfig("{server: 'SERVER', certificate-authority: 'CA'}", &user);
    let mut command = ccx(bed.namespace.home.path());
    let words = ["ca", "show", "--timeout", "1s", "-o", "json", "--kubeconfig", &file];
    let told = run(command.args(words));
    assert_eq!((told.code, told.error_code().as_str()), (3, "kube-credentials"), "{}", told.stderr);
    assert!(told.stderr.contains("timed out after 1 s"), "{}", told.stderr);
}

/// The cluster, the variables, whether both get in, and whether through the proxy.
type ProxyCase<'a> = (&'a str, &'a [(&'a str, &'a str)], bool, bool);

#[test]
#[ignore = "needs tests/run"]
fn kubectl_and_ccx_go_through_the_same_proxies() {
    let bed = Bed::new();
    let api = server().trim_start_matches("https://").parse().expect("an address");
    let relay = Relay::new(api);
    let port = relay.port;
    // Names that nobody resolves but the proxy, and addresses that only the proxy reaches.
    let named = "{server: 'https://kubernetes.default.svc:PORT', certificate-authority: 'CA'}";
    let by_address = "{server: 'https://198.51.100.7:PORT', tls-server-name: kubernetes, \
                      certificate-authority: 'CA'}";
    let here = "{server: 'SERVER', certificate-authority: 'CA'}";
    let http = format!("http://127.0.0.1:{port}");
    let cases: &[ProxyCase] = &[
        (named, &[("HTTPS_PROXY", &http)], true, true),
        (named, &[("https_proxy", &http)], true, true),
        (named, &[("HTTPS_PROXY", &http[7..])], true, true),
        (named, &[("HTTPS_PROXY", &http.replace("http", "socks5"))], true, true),
        (named, &[("HTTPS_PROXY", &http.replace("http", "socks5h"))], true, true),
        (named, &[("HTTP_PROXY", &http)], false, false),
        (named, &[("HTTPS_PROXY", &http), ("NO_PROXY", "svc")], false, false),
        (named, &[("HTTPS_PROXY", &http), ("NO_PROXY", ".svc")], false, false),
        (named, &[("HTTPS_PROXY", &http), ("NO_PROXY", "*.svc")], false, false),
        (named, &[("HTTPS_PROXY", &http), ("no_proxy", "*")], false, false),
        (named, &[("HTTPS_PROXY", &http), ("NO_PROXY", "default.svc:PORT")], false, false),
        (named, &[("HTTPS_PROXY", &http), ("NO_PROXY", "default.svc:1")], true, true),
        (named, &[("HTTPS_PROXY", &http), ("NO_PROXY", "127.0.0.1")], true, true),
        (named, &[("HTTPS_PROXY", &http), ("NO_PROXY", "127.0.0.0/8,localhost")], true, true),
        (named, &[("HTTPS_PROXY", &http), ("NO_PROXY", "vc")], true, true),
        (named, &[("HTTPS_PROXY", &http), ("NO_PROXY", ",, /var/run/docker.sock,")], true, true),
        (by_address, &[("HTTPS_PROXY", &http), ("NO_PROXY", "198.51.100.0/33")], true, true),
        (by_address, &[("HTTPS_PROXY", &http), ("NO_PROXY", "198.51.101.0/24")], true, true),
        (here, &[("HTTPS_PROXY", &http)], true, false),
        (here, &[("HTTPS_PROXY", "http://127.0.0.1:1"), ("NO_PROXY", "/x/y")], true, false),
    ];
    for (cluster, variables, expected, is_proxied) in cases {
        let mut all = vec![("KUBECONFIG", bed.kubeconfig(cluster, "{token: TOKEN}"))];
        all.extend(variables.iter().map(|(name, value)| (*name, bed.fill(value))));
        let by_kubectl = bed.kubectl(&all);
        let served = relay.served() > 0;
        assert_eq!((by_kubectl.code == 0, served), (*expected, *is_proxied), "kubectl {all:?}");
        let (is_in, run) = bed.ccx(&all);
        let served = relay.served() > 0;
        assert_eq!((is_in, served), (*expected, *is_proxied), "{all:?}: {}", run.stderr);
    }
    // The kubeconfig's own proxy is for this machine too, and NO_PROXY is not for it.
    for scheme in ["http", "socks5"] {
        let cluster = here.replace('}', &format!(", proxy-url: '{scheme}://127.0.0.1:{port}'}}"));
        let variables = [
            ("KUBECONFIG", bed.kubeconfig(&cluster, "{token: TOKEN}")),
            ("NO_PROXY", "*".to_owned()),
        ];
        assert_eq!((bed.kubectl(&variables).code, relay.served() > 0), (0, true), "{scheme}");
        assert_eq!((bed.ccx(&variables).0, relay.served() > 0), (true, true), "{scheme}");
    }
    for wrong in ["127.0.0.1:1", "ftp://127.0.0.1:1", "socks5h://127.0.0.1:1"] {
        bed.case(&here.replace('}', &format!(", proxy-url: '{wrong}'}}")), "{token: TOKEN}", false);
    }
    let closed = here.replace('}', ", proxy-url: 'http://127.0.0.1:1'}");
    let file = bed.kubeconfig(&closed, "{token: TOKEN}");
    let mut command = ccx(bed.namespace.home.path());
    let told = run(command.args(["ca", "show", "--timeout", "3s", "--kubeconfig", &file]));
    assert!(told.stderr.contains("uses the proxy http://127.0.0.1:1:"), "{}", told.stderr);
}

#[test]
#[ignore = "needs tests/run"]
fn kubectl_and_ccx_merge_the_same_files() {
    let bed = Bed::new();
    let home = &bed.namespace.home;
    let whole = "apiVersion: v1\nkind: Config\ncurrent-context: 'NAME'\n\
        clusters: [{name: c, cluster: {server: 'SERVER', certificate-authority: 'CA'}}]\n\
        users: [{name: u, user: {token: TOKEN}}]\n\
        contexts: [{name: good, context: {cluster: c, user: u, namespace: ''}}, \
        {name: no-user, context: {cluster: c, user: x}}, \
        {name: no-cluster, context: {cluster: x, user: u}}]\n";
    let file = |name: &str, text: &str| home.write(name, bed.fill(text));
    let good = file("good", &whole.replace("NAME", "good"));
    let none = file("none", &whole.replace("NAME", ""));
    let other = file("other", "users: [{name: u, user: {token: wrong}}]\n");
    let current = file("current", "current-context: good\n");
    let empty = file("nothing", "");
    let broken = file("broken", "users: [}\n");
    let no_user = file("no-user", &whole.replace("NAME", "no-user"));
    let no_cluster = file("no-cluster", &whole.replace("NAME", "no-cluster"));
    let nulls = file(
        "nulls",
        &whole.replace("NAME", "good").replace("users:", "preferences: null\nusers:"),
    );
    let missing = home.at("missing");
    for (list, expected) in [
        (good.clone(), true),
        (nulls, true),
        (none.clone(), false),
        (no_user, false),
        (no_cluster, false),
        (missing.clone(), false),
        (empty.clone(), false),
        (broken.clone(), false),
        (format!("{missing}::{empty}:{good}"), true),
        (format!("{none}:{current}"), true),
        (format!("{other}:{good}"), false),
        (format!("{good}:{other}"), true),
        (format!("{good}:{broken}"), false),
        ("good".to_owned(), true),
    ] {
        bed.agree(&list, &[("KUBECONFIG", list.clone())], expected);
    }
}
