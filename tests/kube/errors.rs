//! What a cluster says no with: each its own code, the object, and what to do about it.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;

use crate::common::kube::{Namespace, cluster_ca, kubeconfig, server};
use crate::common::{Run, run, tool};

/// Runs `arguments` as text and as JSON; both must tell the same error on stderr, and
/// nothing on stdout. Gives the text.
fn refused(namespace: &Namespace, by: &Path, arguments: &[&str], code: &str, exit: i32) -> String {
    let text = run(&mut namespace.ccx_by(by, arguments));
    let json = run(namespace.ccx_by(by, arguments).args(["-o", "json"]));
    for one in [&text, &json] {
        assert_eq!((one.code, one.stdout.as_str()), (exit, ""), "{arguments:?}: {}", one.stderr);
    }
    assert_eq!(json.error_code(), code, "{arguments:?}: {}", json.stderr);
    assert!(text.stderr.contains(&format!(" [{code}]\n")), "{}", text.stderr);
    assert!(text.stderr.contains("\n  hint: "), "{}", text.stderr);
    text.stderr
}

const SHOW: [&str; 2] = ["ca", "show"];
const INIT: [&str; 4] = ["ca", "init", "--common-name", "X"];
const CHECK: [&str; 2] = ["ca", "check"];

/// A kubeconfig for the real server, with one user as YAML.
fn with_user(namespace: &Namespace, user: &str) -> std::path::PathBuf {
    let cluster =
        format!("{{server: '{}', certificate-authority: {}}}", server(), cluster_ca().display());
    namespace.kubeconfig("with-user", &cluster, user)
}

/// A server on loopback that says `bytes` to every connection, or nothing at all.
fn serving(namespace: &Namespace, bytes: Option<&'static [u8]>) -> std::path::PathBuf {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                if let Some(bytes) = bytes {
                    let _ = stream.read(&mut [0; 4096]);
                    let _ = stream.write_all(bytes);
                } else {
                    let _ = stream.read_to_end(&mut Vec::new()); // until the client gives up
                }
            });
        }
    });
    namespace.kubeconfig("serving", &format!("{{server: 'http://127.0.0.1:{port}'}}"), "{}")
}

#[test]
fn port_where_nothing_listens() {
    let namespace = Namespace::absent();
    let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("it").port();
    let cluster = format!("{{server: 'https://127.0.0.1:{port}'}}");
    let closed = namespace.kubeconfig("closed", &cluster, "{}");
    for arguments in [&SHOW[..], &INIT, &CHECK, &["ca", "export", "--out", "ca.pem"]] {
        let arguments = [arguments, &["--timeout", "3s"]].concat();
        let told = refused(&namespace, &closed, &arguments, "kube-unreachable", 3);
        let name = if arguments[1] == "export" { "ccx-ca-bundle" } else { "ccx-ca" };
        let first = format!("error: get secrets/{name} at https://127.0.0.1:{port}: the API ");
        assert!(told.contains(&first), "{told}");
        assert!(told.contains("\n  hint: nothing listens there: is the API server up?\n"));
    }
}

#[test]
#[ignore = "needs tests/run"]
fn token_that_the_server_does_not_know() {
    let namespace = Namespace::new();
    let by = with_user(&namespace, "{token: hunter2hunter2}");
    for arguments in [&SHOW[..], &INIT, &CHECK] {
        let told = refused(&namespace, &by, arguments, "kube-unauthorized", 3);
        assert!(told.starts_with(&format!("error: {} does not accept these cred", server())));
        assert!(!told.contains("hunter2"), "{told}");
    }
    let told = refused(&namespace, &with_user(&namespace, "{}"), &SHOW, "kube-unauthorized", 3);
    assert!(told.contains("(401)"), "{told}");
}

/// The `kubectl create …` lines of a hint.
fn printed_commands(told: &str) -> Vec<Vec<String>> {
    let lines = told.lines().map(str::trim).filter(|line| line.starts_with("kubectl create "));
    lines.map(|line| line.split(' ').skip(1).map(str::to_owned).collect()).collect()
}

#[test]
#[ignore = "needs tests/run"]
fn grants_named_by_a_forbidden_error_suffice() {
    let namespace = Namespace::new();
    let limited = kubeconfig("limited");
    for arguments in [&SHOW[..], &INIT, &CHECK] {
        let told = refused(&namespace, &limited, arguments, "kube-forbidden", 3);
        let first = format!(
            "error: the user limited may not get secrets ccx-ca in the namespace {} at ",
            namespace.name
        );
        assert!(told.starts_with(&first), "{told}");
        let rule = "- apiGroups: [\"\"]\n          resources: [secrets]\n          \
                    resourceNames: [ccx-ca]\n          verbs: [get]\n";
        assert!(told.contains(rule), "{told}");
    }
    // Each grants one thing, and that is enough for it: the next that is missing is another.
    let mut granted = Vec::new();
    while run(&mut namespace.ccx_by(&limited, &INIT)).code != 0 {
        let told = refused(&namespace, &limited, &INIT, "kube-forbidden", 3);
        let commands = printed_commands(&told);
        assert_eq!(commands.len(), 2, "{told}");
        assert!(!granted.contains(&commands[0]), "{told}");
        for command in &commands {
            let admin = ["--kubeconfig".to_owned(), kubeconfig("admin").display().to_string()];
            tool("kubectl", &[&admin[..], command].concat());
        }
        granted.push(commands[0].clone());
    }
    namespace.kubectl(&["delete", "secret", "ccx-ca", "ccx-ca-bundle"]);
    let init = run(&mut namespace.ccx_by(&limited, &INIT));
    assert_eq!(init.code, 0, "{}", init.stderr);
    namespace.kubectl(&["delete", "secret", "ccx-ca-bundle"]);
    let check = run(&mut namespace.ccx_by(&limited, &CHECK));
    assert_eq!((check.code, check.stderr.as_str()), (0, ""), "{}", check.stdout);
    assert!(check.stdout.starts_with("warning bundle-repaired: "), "{}", check.stdout);
}

#[test]
#[ignore = "needs tests/run"]
fn account_with_get_only_checks_and_cannot_repair() {
    let namespace = Namespace::new();
    let limited = kubeconfig("limited");
    namespace.allow_limited("get");
    let told = refused(&namespace, &limited, &INIT, "kube-forbidden", 3);
    assert!(told.starts_with("error: the user limited may not create secrets in "), "{told}");
    assert!(told.contains("\n          verbs: [create]\n"), "{told}");
    assert!(told.contains(" --user=limited -n "), "{told}");
    assert!(namespace.secrets().is_empty());

    namespace.init();
    let check = run(&mut namespace.ccx_by(&limited, &["ca", "check", "--strict"]));
    assert_eq!((check.code, check.stderr.as_str()), (0, ""), "{}", check.stdout);

    namespace.kubectl(&["delete", "secret", "ccx-ca-bundle"]);
    let check = run(&mut namespace.ccx_by(&limited, &CHECK));
    assert_eq!((check.code, check.stderr.as_str()), (1, ""), "{}", check.stdout);
    assert!(check.stdout.starts_with("error   bundle-missing: "), "{}", check.stdout);
    let why =
        "warning kube-forbidden: the bundle was not repaired: the user limited may not create";
    assert!(check.stdout.contains(why), "{}", check.stdout);
    let last = format!("not ok  Secret {}/ccx-ca at {}\n", namespace.name, server());
    assert!(check.stdout.ends_with(&last), "{}", check.stdout);
    // Lines of a hint are set in, so that every other line begins with its level.
    let levels = ["error ", "warning ", "not ok ", "        "];
    let other = check.stdout.lines().find(|line| !levels.iter().any(|l| line.starts_with(l)));
    assert_eq!(other, None);
    assert_eq!(namespace.secrets(), ["ccx-ca"]);
}

#[test]
#[ignore = "needs tests/run"]
fn account_with_the_bundle_only_sees_the_bundle() {
    let namespace = Namespace::new();
    namespace.init();
    let role = ["create", "role", "r", "--verb=get", "--resource=secrets"];
    namespace.kubectl(&[&role[..], &["--resource-name=ccx-ca-bundle"]].concat());
    namespace.kubectl(&["create", "rolebinding", "r", "--role=r", "--user=limited"]);
    let shown = run(&mut namespace.ccx_as("limited", &["ca", "show"]));
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(shown.stdout.starts_with("subject       CN=Test CA\n"), "{}", shown.stdout);
    assert!(shown.stderr.starts_with("You may not read the CA's Secret;"), "{}", shown.stderr);
    let exported = run(&mut namespace.ccx_as("limited", &["ca", "export"]));
    assert_eq!((exported.code, exported.stderr.as_str()), (0, ""));
    assert_eq!(exported.stdout, namespace.value("ccx-ca-bundle", "ca.crt"));
    let with_key = ["ca", "export", "--with-key", "--yes-export-private-key", "--no-passphrase"];
    let with_key = [&with_key[..], &["--out", "ca.pem"]].concat();
    refused(&namespace, &kubeconfig("limited"), &with_key, "kube-forbidden", 3);
}

#[test]
#[ignore = "needs tests/run"]
fn namespace_that_is_not_there() {
    let namespace = Namespace::absent();
    for arguments in [&SHOW[..], &INIT, &CHECK, &["ca", "export", "--out", "ca.pem"]] {
        let told = refused(&namespace, &kubeconfig("admin"), arguments, "namespace-missing", 3);
        let first = format!("error: there is no namespace {} at {}", namespace.name, server());
        assert!(told.starts_with(&first), "{told}");
        let hint = format!("make it: kubectl create namespace {} --kubeconfig ", namespace.name);
        assert!(told.contains(&hint), "{told}");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn another_ca_than_the_clusters() {
    let namespace = Namespace::new();
    namespace.init();
    let other = namespace.value_file("ccx-ca", "ca.crt");
    for ca in ["", &format!(", certificate-authority: {}", other.display())] {
        let cluster = format!("{{server: '{}'{ca}}}", server());
        let by = namespace.kubeconfig("wrong-ca", &cluster, "{token: hunter2}");
        let told = refused(&namespace, &by, &SHOW, "kube-tls", 3);
        assert!(told.contains("\n  because: invalid peer certificate: "), "{told}");
        assert!(!told.contains("trying again"), "this does not pass by itself: {told}");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn servers_that_are_no_kubernetes() {
    let namespace = Namespace::absent();
    let html = b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<html>it works\n";
    let by = serving(&namespace, Some(html));
    refused(&namespace, &by, &SHOW, "kube-answer", 3);
    let missing = b"HTTP/1.1 404 X\r\nContent-Length: 15\r\n\r\n<html>not found";
    refused(&namespace, &serving(&namespace, Some(missing)), &SHOW, "kube-not-found", 3);
    let ssh = serving(&namespace, Some(b"SSH-2.0-OpenSSH_9.2p1\r\n"));
    let told = refused(&namespace, &ssh, &SHOW, "kube-unreachable", 3);
    assert!(!told.contains("trying again"), "{told}");
    // The real server, spoken to without TLS.
    let plain = format!("{{server: '{}'}}", server().replace("https", "http"));
    let by = namespace.kubeconfig("plain", &plain, "{}");
    let told = refused(&namespace, &by, &SHOW, "kube-answer", 3);
    assert!(told.contains("Client sent an HTTP request to an HTTPS server."), "{told}");
}

#[test]
fn server_that_speaks_no_tls() {
    let namespace = Namespace::absent();
    let by = serving(&namespace, Some(b"SSH-2.0-OpenSSH_9.2p1\r\n"));
    let text = fs::read_to_string(&by).expect("read").replace("http:", "https:");
    fs::write(&by, text).expect("written");
    let told = refused(&namespace, &by, &SHOW, "kube-tls", 3);
    assert!(told.contains("\n  because: received corrupt message"), "{told}");
    assert!(!told.contains("trying again"), "{told}");
}

#[test]
fn server_that_never_answers() {
    let namespace = Namespace::absent();
    let by = serving(&namespace, None);
    let show = ["ca", "show", "--timeout", "1s"];
    let told = refused(&namespace, &by, &show, "kube-timeout", 3);
    assert!(told.starts_with("error: get secrets/ccx-ca at http://127.0.0.1:"), "{told}");
    assert!(told.contains(": no answer within 1 s "), "{told}");
}

#[test]
fn kubeconfigs_that_cannot_be_used_and_do_not_spill_what_is_in_them() {
    let namespace = Namespace::absent();
    let file = namespace.home.join("broken");
    for text in [
        "apiVersion: v1\nkind: Config\nusers: [{name: x, user: {token: HUNTER2, broken\n",
        "users: HUNTER2\n",
        "clusters: [{name: x, cluster: {server: 'https://127.0.0.1:1'}, HUNTER2: [}]\n",
        "HUNTER2",
        "\u{0}",
    ] {
        fs::write(&file, text).expect("written");
        let told = refused(&namespace, &file, &SHOW, "kubeconfig", 3);
        assert!(told.contains(&format!("the kubeconfig {} ", file.display())), "{text:?}: {told}");
        assert!(!told.contains("HUNTER2"), "{text:?}: {told}");
    }
    let none = namespace.home.join("none");
    let told = refused(&namespace, &none, &SHOW, "kubeconfig", 3);
    assert!(told.contains("No such file or directory"), "{told}");
    let bad = namespace.kubeconfig(
        "bad",
        "{server: 'https://127.0.0.1:1', certificate-authority-data: '*'}",
        "{}",
    );
    refused(&namespace, &bad, &SHOW, "kubeconfig", 3);
}

#[test]
#[ignore = "needs tests/run"]
fn token_that_no_header_can_hold() {
    let namespace = Namespace::new();
    for token in ["HUNTER2\\n", "HUNTER2\\r\\nX: y", "\\u0000HUNTER2"] {
        let by = with_user(&namespace, &format!("{{token: \"{token}\"}}"));
        let told = refused(&namespace, &by, &SHOW, "kubeconfig", 3);
        assert!(told.contains("control character"), "{told}");
        assert!(!told.contains("HUNTER2"), "{told}");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn login_helper_that_fails() {
    let namespace = Namespace::new();
    let helper = |script: &str| {
        let exec = format!(
            "{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: sh, \
             args: ['-c', '{script}'], interactiveMode: Never}}}}"
        );
        with_user(&namespace, &exec)
    };
    let told = |script: &str| {
        let told = refused(&namespace, &helper(script), &SHOW, "kube-credentials", 3);
        assert!(
            told.starts_with(&format!("error: cannot get credentials for {}", server())),
            "{told}"
        );
        assert!(!told.contains("HUNTER2"), "{told}");
        told
    };
    let failed = told("echo HUNTER2; echo session expired >&2; exit 7");
    assert!(failed.contains("exit status: 7: session expired\n"), "{failed}");
    told("echo HUNTER2");
    told("echo \"{HUNTER2\"");
    let token = fs::read_to_string(kubeconfig("token")).expect("read");
    let token = token.split("token: ").nth(1).and_then(|rest| rest.split('}').next());
    let good = format!(
        "echo \"{{\\\"apiVersion\\\":\\\"client.authentication.k8s.io/v1\\\",\
         \\\"kind\\\":\\\"ExecCredential\\\",\\\"status\\\":{{\\\"token\\\":\\\"{}\\\"}}}}\"",
        token.expect("a token")
    );
    let Run { code, stderr, .. } = run(&mut namespace.ccx_by(&helper(&good), &INIT));
    assert_eq!(code, 0, "{stderr}");
}

#[test]
#[ignore = "needs tests/run"]
fn quota_is_no_matter_of_roles() {
    let namespace = Namespace::new();
    namespace.kubectl(&["create", "quota", "q", "--hard=secrets=0"]);
    // No controller runs here that would fill in what is used.
    let used = r#"{"status": {"hard": {"secrets": "0"}, "used": {"secrets": "0"}}}"#;
    let patch = ["patch", "quota", "q", "--subresource=status", "--type=merge", "-p", used];
    namespace.kubectl(&patch);
    let told = refused(&namespace, &kubeconfig("admin"), &INIT, "kube-refused", 3);
    assert!(told.contains("exceeded quota: q"), "{told}");
    assert!(!told.contains("kubectl create role"), "{told}");
    assert!(namespace.secrets().is_empty());
}
