//! The API: every format, to the byte what the commands give; what caches are told; problems;
//! and that it is all as its own description says.

use serde_json::Value;

use crate::common::foreign::Foreign;
use crate::common::service::{Answer, Service};
use crate::common::staged::Rotating;
use crate::common::{Home, fingerprint, tool};

const FORMS: [(&str, &str); 4] = [
    ("pem", "application/pem-certificate-chain"),
    ("der", "application/pkix-cert"),
    ("p12", "application/x-pkcs12"),
    ("jks", "application/x-java-keystore"),
];

fn service(home: &Home, more: &[&str]) -> Service {
    let arguments = [&["serve", "--listen", "127.0.0.1:0", "-q"], more].concat();
    Service::start(&home.ccx(&arguments), 1)
}

/// A home whose CA has as many days left in a moment as now: one of our own, just made, has a
/// day less a second later.
fn settled() -> Home {
    let home = Home::new();
    home.put(&Foreign::default().make(&home, "foreign"));
    home
}

#[test]
#[ignore = "needs tests/run"]
fn every_format_is_what_clients_take() {
    let home = settled();
    let service = service(&home, &[]);
    for (form, kind) in FORMS {
        let got = service.get(&format!("/api/v1/ca.{form}"));
        assert_eq!((got.status, got.header("content-type")), (200, kind));
        let disposition = format!("attachment; filename=\"ccx-ca.{form}\"");
        assert_eq!(got.header("content-disposition"), disposition);
        assert_eq!(got.header("content-length"), got.body.len().to_string());
        assert_eq!(got.header("x-content-type-options"), "nosniff");
        home.write(&format!("got.{form}"), &got.body);
    }
    for form in ["pem", "der"] {
        let out = home.at(&format!("out.{form}"));
        home.done(&["ca", "export", "--format", form, "--out", &out]);
        let exported = std::fs::read(out).expect("exported");
        assert_eq!(std::fs::read(home.at(&format!("got.{form}"))).expect("got"), exported);
    }
    let sha256 = fingerprint(&home.at("got.pem"));
    let listed = |store: &str, kind: &str| {
        let list = ["-list", "-rfc", "-storepass", "changeit", "-storetype", kind, "-keystore"];
        let pem = tool("keytool", &[&list[..], &[store]].concat());
        assert_eq!(pem.matches("BEGIN CERTIFICATE").count(), 1, "{pem}");
        let start = pem.find("-----BEGIN").expect("a certificate");
        fingerprint(&home.write("listed.pem", &pem[start..]))
    };
    assert_eq!(listed(&home.at("got.jks"), "JKS"), sha256);
    assert_eq!(listed(&home.at("got.p12"), "PKCS12"), sha256);
    let ca = service.get("/api/v1/ca").json();
    let shown = home.done(&["ca", "show", "-o", "json"]).json();
    let certificates = ca["certificates"].as_array().expect("certificates");
    assert_eq!(certificates.len(), 1);
    assert_eq!(
        (&certificates[0]["role"], &certificates[0]["sha256"]),
        (&"active".into(), &sha256.into())
    );
    for member in ["subject", "serial", "not_after", "days_left", "key_usage", "ski", "san"] {
        assert_eq!(certificates[0][member], shown[member], "{member}");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn matching_etag_is_answered_not_modified() {
    let home = settled();
    let service = service(&home, &[]);
    let sha256 = service.get("/api/v1/ca").json()["certificates"][0]["sha256"].clone();
    let member = format!("/api/v1/ca/{}.pem", sha256.as_str().expect("a fingerprint"));
    let mut paths: Vec<String> = FORMS.map(|(form, _)| format!("/api/v1/ca.{form}")).into();
    paths.extend(
        ["/", "/?engine=valkey", "/api/v1/ca", "/api/docs", "/style.css"].map(String::from),
    );
    paths.push(member.clone());
    for path in &paths {
        let got = service.get(path);
        let etag = got.header("etag");
        assert!(got.status == 200 && !etag.is_empty(), "{path}: {got:?}");
        let head = service.curl(path, &["--head"]);
        assert_eq!((head.status, head.header("etag"), &head.body[..]), (200, etag, &b""[..]));
        assert_eq!(head.header("content-length"), got.body.len().to_string(), "{path}");
        for known in [etag, &format!("\"x\", {etag}"), "*"] {
            let header = format!("If-None-Match: {known}");
            for more in [&["-H", &header][..], &["--head", "-H", &header]] {
                let again = service.curl(path, more);
                assert_eq!((again.status, again.body.len()), (304, 0), "{path} {known}");
                assert_eq!(again.header("etag"), etag);
                assert_eq!(again.header("cache-control"), got.header("cache-control"));
            }
        }
        let other = service.curl(path, &["-H", "If-None-Match: \"x\""]);
        assert_eq!((other.status, other.body), (200, got.body), "{path}");
    }
    assert!(service.get(&member).header("cache-control").ends_with(", immutable"));
    assert_eq!(service.get("/api/v1/ca.pem").header("cache-control"), "public, max-age=60");
    // Another process, as a second replica, says the same of the same.
    let replica = crate::serve::api::service(&home, &[]);
    for path in &paths {
        assert_eq!(replica.get(path).header("etag"), service.get(path).header("etag"), "{path}");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn type_that_is_wanted_most_is_sent() {
    let home = Home::with_ca();
    let service = service(&home, &[]);
    let accept = |kinds: &str| service.curl("/api/v1/ca", &["-H", &format!("Accept: {kinds}")]);
    for (form, kind) in FORMS {
        let got = accept(&format!("application/json;q=0.2, {kind}"));
        assert_eq!(
            (got.status, got.header("content-type"), got.header("vary")),
            (200, kind, "accept")
        );
        let own = format!("/api/v1/ca.{form}");
        assert_eq!(got.header("content-location"), own);
        assert_eq!(got.body, service.get(&own).body);
    }
    for kinds in ["*/*", "application/*", "text/html, */*;q=0.1"] {
        assert_eq!(accept(kinds).header("content-type"), "application/json", "{kinds}");
    }
    assert_eq!(accept("text/html").problem(), (406, "not-acceptable".to_owned()));
    let snippet = "/api/v1/snippets/postgresql/psql?host=db.example.com&mode=verify_ca&port=6432";
    let json = service.get(snippet).json();
    assert_eq!((&json["asked"], &json["port"]), (&"VERIFY_CA".into(), &6432.into()));
    let text = service.curl(snippet, &["-H", "Accept: text/plain"]).text();
    assert!(text.ends_with(&format!("{}\n", json["text"].as_str().expect("text"))), "{text}");
    assert!(text.contains("PGSSLMODE=verify-ca"), "{text}");
}

#[test]
#[ignore = "needs tests/run"]
fn bad_requests_get_problem_documents() {
    let home = Home::with_ca();
    let service = service(&home, &[]);
    let none = "0".repeat(64);
    let docs = service.get("/api/docs").text();
    for (path, status, code) in [
        ("/nix", 404, "not-found"),
        ("/api/v1/ca.pem/", 404, "not-found"),
        ("/api/v1/ca.txt", 404, "not-found"),
        ("/api//v1/ca.pem", 404, "not-found"),
        ("/api/v1/ca/..%2f..%2fca.pem", 404, "not-found"),
        (&format!("/api/v1/ca/{none}.pem"), 404, "not-found"),
        ("/api/v1/ca.pem?role=next", 404, "not-found"),
        ("/api/v1/ca.pem?role=boss", 400, "role"),
        ("/api/v1/ca.pem?rolle=next", 400, "query"),
        ("/api/v1/ca.p12?password=x", 400, "query"),
        ("/api/v1/ca?x", 400, "query"),
        ("/api/v1/datastores/x", 404, "datastore-unknown"),
        ("/api/v1/datastores/7f1c9d3e-5b7a-4c53-9e7d-0b7f7f6f0a01", 404, "datastore-unknown"),
        ("/api/v1/snippets/oracle/psql?host=a", 404, "engine"),
        ("/api/v1/snippets/mysql/psql?host=a", 404, "client-unknown"),
        ("/api/v1/snippets/postgresql/psql", 400, "query"),
        ("/api/v1/snippets/postgresql/psql?host=a&port=99999", 400, "query"),
        ("/api/v1/snippets/postgresql/psql?host=a&mode=NONE", 400, "mode"),
        ("/api/v1/snippets/postgresql/psql?host=a%0ab", 400, "host"),
        (
            "/api/v1/snippets/redis/redis-cli?host=a&mode=VERIFY_IDENTITY",
            422,
            "mode-not-expressible",
        ),
    ] {
        assert_eq!(
            service.curl(path, &["--path-as-is"]).problem(),
            (status, code.to_owned()),
            "{path}"
        );
        // Its type leads to where that is explained.
        assert!(docs.contains(&format!("id=\"problem-{code}\"")), "{code}");
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"] {
        let refused = service.curl("/api/v1/ca", &["-X", method]);
        assert_eq!(refused.problem(), (405, "method".to_owned()));
        assert_eq!(refused.header("allow"), "GET, HEAD");
    }
    let body = service.curl("/api/v1/ca", &["-X", "GET", "-d", "x"]);
    assert_eq!((body.problem(), body.header("connection")), ((413, "body".to_owned()), "close"));
    let long = format!("X: {}", "x".repeat(20_000));
    assert_eq!(service.curl("/api/v1/ca", &["-H", &long]).status, 431);
    assert_eq!(service.get("/api/v1/ca").status, 200);
}

/// Asks for every path of the document with values that are good, and holds what comes back
/// against what it says of it.
#[test]
#[ignore = "needs tests/run"]
fn api_matches_its_description() {
    let home = Home::with_ca();
    let inventory = home.write("fleet.csv", crate::serve::gate::FLEET);
    home.done(&["cert", "issue", "--inventory", &inventory, "--secret", "-q"]);
    // With all that only a rotation has, and all that only tokens show.
    Rotating::new(&home).plan("staged");
    let hash = ccx_sec::pki::sha256_hex(b"all");
    let tokens = home.write("tokens", format!("platform {hash}\nshop {hash}\n"));
    let service = service(&home, &["--auth", &format!("tokens:{tokens}")]);
    let authorization = "Authorization: Bearer all";
    let listed = ["-H", authorization];
    service.until_with("/api/v1/datastores", &listed, |got| got.status == 200);
    let sha256 = service.get("/api/v1/ca").json()["certificates"][0]["sha256"].clone();
    let described = service.get("/api/openapi.json").json();
    assert_eq!(described["openapi"], "3.1.0");
    let paths = described["paths"].as_object().expect("paths");
    assert!(paths.len() > 12, "{paths:?}");
    for (path, item) in paths {
        let filled = path
            .replace("{sha256}", sha256.as_str().expect("hex"))
            .replace("{uuid}", crate::serve::gate::DATASTORE)
            .replace("{engine}", "mysql")
            .replace("{client}", "mysql");
        let query = if path.contains("snippets") { "?host=db.example.com" } else { "" };
        let kinds = item["get"]["responses"]["200"]["content"].as_object().expect("types");
        for kind in kinds.keys() {
            let accept = format!("Accept: {kind}");
            let got =
                service.curl(&format!("{filled}{query}"), &["-H", &accept, "-H", authorization]);
            let sent = got.header("content-type").split(';').next().unwrap_or_default();
            assert_eq!((got.status, sent), (200, kind.as_str()), "{path}");
            if let Some(schema) =
                kinds[kind]["schema"].as_object().filter(|_| kind.contains("json"))
            {
                let name = schema["$ref"].as_str().expect("a name").rsplit('/').next();
                check(&described, name.expect("a name"), &got.json());
            }
        }
        let docs = service.get("/api/docs").text();
        assert!(docs.contains(&format!("GET {}", path.replace('/', "&#x2f;"))), "{path}: {docs}");
    }
    let problem = service.get("/api/v1/ca?x");
    check(&described, "Problem", &problem.json());
}

/// Every member is one that is described, and all that must be there are.
fn check(described: &Value, schema: &str, document: &Value) {
    let schema = &described["components"]["schemas"][schema];
    let properties = schema["properties"].as_object().expect("properties");
    let object = document.as_object().expect("an object");
    for required in schema["required"].as_array().expect("a list") {
        assert!(object.contains_key(required.as_str().expect("a name")), "{required}: {document}");
    }
    for (name, value) in object {
        let property = properties.get(name).unwrap_or_else(|| panic!("{name} is not described"));
        let inner = property["items"]["$ref"].as_str().or(property["$ref"].as_str());
        let Some(inner) = inner.and_then(|inner| inner.rsplit('/').next()) else { continue };
        match value {
            Value::Array(all) => all.iter().for_each(|one| check(described, inner, one)),
            one => check(described, inner, one),
        }
    }
}

#[test]
#[ignore = "needs tests/run"]
fn pages_are_strict_and_whole_without_a_script() {
    let home = Home::with_ca();
    let service = service(&home, &[]);
    let page = |path: &str| -> Answer { service.get(path) };
    for path in ["/", "/?engine=postgresql", "/?engine=nix", "/api/docs"] {
        let got = page(path);
        let policy = got.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'self';"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        let text = got.text();
        assert!(text.starts_with("<!doctype html>\n<html lang=\"en\">"), "{path}: {text}");
        assert!(!text.contains("://") || path == "/api/docs", "{path} names another host");
    }
    let text = page("/?engine=postgresql").text();
    let pem = home.at("ca.pem");
    home.done(&["ca", "export", "--out", &pem]);
    let openssl = tool("openssl", &["x509", "-noout", "-fingerprint", "-sha256", "-in", &pem]);
    let colons = openssl.trim_end().split_once('=').expect("a fingerprint").1;
    assert!(text.contains(colons), "{colons}: {text}");
    for (form, _) in FORMS {
        assert!(text.contains(&format!("href=\"/api/v1/ca.{form}\"")), "{form}");
    }
    let strong = text.find("VERIFY_IDENTITY</h3>").expect("the strongest mode");
    assert!(strong < text.find("REQUIRED</h3>").expect("the weakest"), "{text}");
    for asset in ["/style.css", "/script.js"] {
        assert_eq!(page(asset).status, 200);
    }
}
