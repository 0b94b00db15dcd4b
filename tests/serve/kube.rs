//! `serve` in front of the real API server: by an account that may get and watch the bundle and
//! nothing else, and while the API server is not there.

use std::path::PathBuf;
use std::process::Command as Process;

use crate::common::fault::{Fault, Proxy, Rule};
use crate::common::kube::{Namespace, cluster_ca, kubeconfig, kubectl, server};
use crate::common::run;
use crate::common::service::{Service, wait};
use crate::common::tls::closed_port;
use crate::serve::gate::{DATASTORE, FLEET};

const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

/// A kubeconfig of a service account that may do `verbs` with the bundle alone.
fn account(namespace: &Namespace, verbs: &str) -> PathBuf {
    let verbs = format!("--verb={verbs}");
    let bundle = "--resource-name=ccx-ca-bundle";
    namespace.kubectl(&["create", "serviceaccount", "serve"]);
    namespace.kubectl(&["create", "role", "serve", &verbs, "--resource=secrets", bundle]);
    let who = format!("--serviceaccount={}:serve", namespace.name);
    namespace.kubectl(&["create", "rolebinding", "serve", "--role=serve", &who]);
    let token = namespace.kubectl(&["create", "token", "serve"]);
    let cluster =
        format!("{{server: '{}', certificate-authority: '{}'}}", server(), cluster_ca().display());
    namespace.kubeconfig("serve", &cluster, &format!("{{token: {}}}", token.trim()))
}

#[test]
#[ignore = "needs tests/run"]
fn account_that_may_get_and_watch_the_bundle_alone_serves_it() {
    let namespace = Namespace::new();
    let kubeconfig = account(&namespace, "get,watch");
    let missing = run(&mut namespace.ccx_by(&kubeconfig, &SERVE));
    missing.assert_error(1, "bundle-missing");
    namespace.init();
    let denied = run(&mut namespace.ccx_by(&kubeconfig, &["ca", "check", "-o", "json"]));
    assert_eq!((denied.code, denied.error_code().as_str()), (3, "kube-forbidden"));

    let service = Service::start(&namespace.ccx_by(&kubeconfig, &SERVE), 1);
    assert_eq!(service.get("/readyz").text(), "ok\n");
    assert_eq!(service.get("/api/v1/ca.pem").text(), namespace.value("ccx-ca-bundle", "ca.crt"));
    let hidden = service.get("/api/v1/datastores");
    assert_eq!(hidden.problem(), (501, "datastores-hidden".to_owned()));
    wait(|| {
        service
            .stderr()
            .contains("The right to list Secrets is missing, so no datastores are shown.")
    });

    // Gone, and another one made; both are seen.
    namespace.kubectl(&["delete", "secret", "ccx-ca", "ccx-ca-bundle"]);
    let shut = service.until("/api/v1/ca.pem", |got| got.status == 503);
    assert_eq!(shut.problem(), (503, "ca-unavailable".to_owned()));
    assert_eq!(service.get("/readyz").status, 503);
    namespace.init();
    service.until("/readyz", |got| got.status == 200);
    assert_eq!(service.get("/api/v1/ca.pem").text(), namespace.value("ccx-ca-bundle", "ca.crt"));
    assert_eq!(service.metric("ccxsec_store_errors_total"), 0.0);
    service.terminate();
    let (code, more, stderr) = service.ended();
    assert_eq!((code, more.as_str()), (0, ""), "{stderr}");
}

#[test]
#[ignore = "needs tests/run"]
fn service_holds_no_ca_key() {
    let namespace = Namespace::new();
    namespace.init();
    let key = namespace.value("ccx-ca", "tls.key");
    // As the cluster's admin, who may read everything: it does not.
    let proxy = Proxy::with("nothing", 0, Fault::Close);
    let service = Service::start(&namespace.ccx_by(&proxy.kubeconfig(&namespace), &SERVE), 1);
    service.until("/api/v1/datastores", |got| got.status == 200);
    let log = proxy.log();
    let secret = |name: &str| format!("GET /api/v1/namespaces/{}/secrets{name}", namespace.name);
    assert!(log.iter().any(|line| line.starts_with(&secret("/ccx-ca-bundle"))), "{log:?}");
    assert!(!log.iter().any(|line| line.starts_with(&secret("/ccx-ca "))), "{log:?}");
    assert!(!log.iter().any(|line| line.starts_with(&secret("/ccx-ca?"))), "{log:?}");
    let text = key.lines().nth(1).expect("base64");
    for path in ["/", "/api/v1/ca", "/api/v1/ca.pem", "/metrics", "/api/v1/datastores"] {
        assert!(!service.get(path).text().contains(text), "{path}");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn account_without_rights_is_told_what_it_needs_and_no_more() {
    let namespace = Namespace::new();
    namespace.init();
    let refused = run(&mut namespace.ccx_by(&kubeconfig("limited"), &SERVE));
    refused.assert_error(3, "kube-forbidden");
    let grant = "kubectl create role ccx-serve --verb=get,watch --resource=secrets \
        --resource-name=ccx-ca-bundle";
    assert!(refused.stderr.contains(grant), "{}", refused.stderr);
    // That command is enough.
    let mut words: Vec<&str> = grant.split_whitespace().skip(1).collect();
    words.extend(["-n", &namespace.name]);
    kubectl(&words);
    namespace.kubectl(&["create", "rolebinding", "r", "--role=ccx-serve", "--user=limited"]);
    let service = Service::start(&namespace.ccx_by(&kubeconfig("limited"), &SERVE), 1);
    assert_eq!(service.get("/readyz").status, 200);
}

/// Objects of the whole cluster, which go with a test.
struct ClusterWide(Vec<(&'static str, String)>);

impl ClusterWide {
    fn make(&mut self, kind: &'static str, name: &str, arguments: &[&str]) {
        kubectl(&[&["create", kind, name], arguments].concat());
        self.0.push((kind, name.to_owned()));
    }
}

impl Drop for ClusterWide {
    fn drop(&mut self) {
        for (kind, name) in &self.0 {
            kubectl(&["delete", kind, name]);
        }
    }
}

#[test]
#[ignore = "needs tests/run"]
fn cluster_says_who_may_see_a_datastore() {
    let namespace = Namespace::new();
    namespace.init();
    let inventory = namespace.home.write("fleet.csv", FLEET);
    let issue = ["cert", "issue", "--inventory", &inventory, "--secret", "-q"];
    namespace.ccx(&issue).assert().success();
    let kubeconfig = account(&namespace, "get,watch");
    namespace.kubectl(&["create", "role", "list", "--verb=list", "--resource=secrets"]);
    let who = format!("--serviceaccount={}:serve", namespace.name);
    namespace.kubectl(&["create", "rolebinding", "list", "--role=list", &who]);
    let serve = [&SERVE[..], &["--auth", "kubernetes"]].concat();
    let refused = run(&mut namespace.ccx_by(&kubeconfig, &serve));
    refused.assert_error(3, "kube-forbidden");
    assert!(refused.stderr.contains("--clusterrole=system:auth-delegator"), "{}", refused.stderr);

    let mut wide = ClusterWide(Vec::new());
    let name = |what: &str| format!("{}-{what}", namespace.name);
    wide.make("clusterrolebinding", &name("asks"), &["--clusterrole=system:auth-delegator", &who]);
    let path = format!("/api/v1/datastores/{DATASTORE}");
    let urls = format!("--non-resource-url=/ccx-sec/datastores/{DATASTORE}");
    wide.make("clusterrole", &name("sees"), &["--verb=get", &urls]);
    let token = |name: &str| {
        namespace.kubectl(&["create", "serviceaccount", name]);
        namespace.kubectl(&["create", "token", name]).trim().to_owned()
    };
    let (reader, stranger) = (token("reader"), token("stranger"));
    let role = format!("--clusterrole={}", name("sees"));
    let who = format!("--serviceaccount={}:reader", namespace.name);
    wide.make("clusterrolebinding", &name("sees"), &[&role, &who]);

    let service = Service::start(&namespace.ccx_by(&kubeconfig, &serve), 1);
    let with = |path: &str, token: &str| {
        service.curl(path, &["-H", &format!("Authorization: Bearer {token}")])
    };
    wait(|| with(&path, &reader).status == 200);
    assert_eq!(with(&format!("{path}/ca.pem"), &reader).body, service.get("/api/v1/ca.pem").body);
    let settings = format!("/datastores/{DATASTORE}/settings");
    assert_eq!(with(&settings, &reader).status, 200);
    // The cluster names no token: the datastore in the address stands for its clients. The list is
    // for accounts that may get all datastores.
    assert_eq!(with("/api/v1/holders", &reader).problem(), (403, "forbidden".to_owned()));
    let overseer = token("overseer");
    wide.make(
        "clusterrole",
        &name("all"),
        &["--verb=get", "--non-resource-url=/ccx-sec/datastores"],
    );
    let role = format!("--clusterrole={}", name("all"));
    let who = format!("--serviceaccount={}:overseer", namespace.name);
    wide.make("clusterrolebinding", &name("all"), &[&role, &who]);
    wait(|| with("/api/v1/holders", &overseer).status == 200);
    let holders = with("/api/v1/holders", &overseer).json()["holders"].clone();
    assert_eq!(holders.as_array().map(Vec::len), Some(1), "{holders}");
    assert_eq!(
        (&holders[0]["kind"], &holders[0]["name"]),
        (&"datastore".into(), &DATASTORE.into())
    );
    assert_eq!(holders[0]["current"], true);
    let other = "/api/v1/datastores/0d2f3c5a-9f0e-4d60-8a57-3e6a1d2b4c02";
    // Everybody in a cluster may get what is below /api there; here that lets nobody in.
    for (path, token) in [
        ("/api/v1/datastores", &reader),
        (other, &reader),
        (&path, &stranger),
        (&settings, &stranger),
        ("/api/v1/datastores", &stranger),
    ] {
        assert_eq!(with(path, token).problem(), (403, "forbidden".to_owned()), "{path}");
    }
    assert_eq!(service.get(&path).problem(), (401, "unauthorized".to_owned()));
    wait(|| with(&path, "guess").status == 429);
    assert_eq!(with(&path, &reader).status, 200, "it is behind the same proxy, and was right");
    assert_eq!(service.get("/api/v1/ca.pem").status, 200);
    let stderr = service.stderr();
    assert!(!stderr.contains(&reader) && !stderr.contains(&stranger), "{stderr}");
}

#[test]
#[ignore = "needs tests/run"]
fn service_without_watch_polls_and_says_so() {
    let namespace = Namespace::new();
    namespace.init();
    let kubeconfig = account(&namespace, "get");
    let service = Service::start(&namespace.ccx_by(&kubeconfig, &SERVE), 1);
    wait(|| service.stderr().contains(" may not watch secrets"));
    namespace.kubectl(&["delete", "secret", "ccx-ca", "ccx-ca-bundle"]);
    service.until("/readyz", |got| got.status == 503);
    assert!(service.metric("ccxsec_store_errors_total") > 0.0);
    assert_eq!(service.stderr().matches(" may not watch secrets").count(), 1, "it is said once");
}

#[test]
#[ignore = "needs tests/run"]
fn store_that_is_not_there_is_waited_for_if_that_is_asked() {
    let namespace = Namespace::new();
    namespace.init();
    let closed = namespace.kubeconfig("closed", "{server: 'https://127.0.0.1:1'}", "{}");
    let quick = [&SERVE[..], &["--timeout", "1s"]].concat();
    let gone = run(&mut namespace.ccx_by(&closed, &quick));
    gone.assert_error(3, "kube-unreachable");
    let waited = run(namespace.ccx_by(&closed, &quick).args(["--wait", "2s", "-v"]));
    waited.assert_error(3, "kube-unreachable");
    assert!(waited.stderr.contains("waiting: "), "{}", waited.stderr);
    // The first tries fail, more of them than one run of requests makes.
    let rule = Rule { request: "GET ".to_owned(), times: 7, fault: Fault::Close };
    let proxy = Proxy::new(vec![rule]);
    let patient = [&quick[..], &["--wait", "60s"]].concat();
    let service = Service::start(&namespace.ccx_by(&proxy.kubeconfig(&namespace), &patient), 1);
    assert_eq!(service.get("/readyz").status, 200);
}

#[test]
#[ignore = "needs tests/run"]
fn last_bundle_is_served_while_the_store_is_away() {
    let namespace = Namespace::new();
    namespace.init();
    let mut proxy = Process::new("kubectl");
    proxy.arg("--kubeconfig").arg(kubeconfig("admin"));
    let port = closed_port();
    let start = |proxy: &mut Process| {
        proxy.args(["proxy", &format!("--port={port}")]).stdout(std::process::Stdio::null());
        let child = proxy.spawn().expect("kubectl");
        wait(|| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        child
    };
    let mut away = start(&mut proxy);
    let cluster = format!("{{server: 'http://127.0.0.1:{port}'}}");
    let config = namespace.kubeconfig("through", &cluster, "{}");
    let quick = [&SERVE[..], &["--timeout", "2s"]].concat();
    let service = Service::start(&namespace.ccx_by(&config, &quick), 1);
    let pem = service.get("/api/v1/ca.pem").text();
    away.kill().expect("ended");
    away.wait().expect("ended");
    wait(|| service.metric("ccxsec_store_up") == 0.0);
    assert_eq!((service.get("/readyz").status, service.get("/api/v1/ca.pem").text()), (200, pem));
    namespace.kubectl(&["delete", "secret", "ccx-ca", "ccx-ca-bundle"]);
    let mut proxy = Process::new("kubectl");
    proxy.arg("--kubeconfig").arg(kubeconfig("admin"));
    let mut back = start(&mut proxy);
    service.until("/readyz", |got| got.status == 503);
    wait(|| service.metric("ccxsec_store_up") == 1.0);
    assert!(service.stderr().contains("The store can be read again."), "{}", service.stderr());
    back.kill().expect("ended");
    back.wait().expect("ended");
}
