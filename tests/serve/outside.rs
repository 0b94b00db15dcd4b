//! What others think of the service: a browser and axe of the page, schemathesis of the API,
//! promtool of the metrics.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::common::service::Service;
use crate::common::staged::Rotating;
use crate::common::web::{promtool_accepts, web};
use crate::common::{Home, tool};
use crate::serve::gate::{DATASTORE, FLEET};

/// A home with a CA and a fleet.
fn home() -> Home {
    let home = Home::with_ca();
    let inventory = home.write("fleet.csv", FLEET);
    home.done(&["cert", "issue", "--inventory", &inventory, "--secret", "-q"]);
    home
}

fn start(home: &Home, more: &[&str]) -> Service {
    let arguments = [&["serve", "--listen", "127.0.0.1:0", "-q"], more].concat();
    let service = Service::start(&home.ccx(&arguments), 1);
    service.until_with("/api/v1/datastores", &["-H", TOKEN], |got| got.status == 200);
    service
}

/// The header with a token, for a service with [`tokens`].
const TOKEN: &str = "Authorization: Bearer all";

/// The option that lets [`TOKEN`] in.
fn tokens(home: &Home) -> String {
    let line = format!("platform {}\n", ccx_sec::pki::sha256_hex(b"all"));
    format!("tokens:{}", home.write("tokens", line))
}

/// Has the browser look at the page, and leaves its pictures in a folder of the build.
fn look(service: &Service, folder: &str) -> (Value, PathBuf) {
    let pictures = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(folder);
    let _ = std::fs::remove_dir_all(&pictures);
    std::fs::create_dir_all(&pictures).expect("a folder");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bed/web/page.js");
    let looked = Command::new("node")
        .arg(script)
        .arg(service.urls[0].trim_end_matches('/'))
        .arg(format!("/datastores/{DATASTORE}/settings"))
        .arg(&pictures)
        .env("NODE_PATH", web("node_modules"))
        .output()
        .expect("node; run the tests with tests/run");
    let stderr = String::from_utf8_lossy(&looked.stderr);
    assert!(looked.status.success(), "{stderr}");
    (serde_json::from_slice(&looked.stdout).expect("JSON"), pictures)
}

/// The bands of a rotation, planned and not, pass the same checks as the page without them.
#[test]
#[ignore = "needs tests/run"]
fn browser_finds_the_band_of_a_rotation_that_everybody_can_use() {
    for (phase, kind) in [("staged", "planned"), ("switched", "compromised")] {
        let home = home();
        let rotating = Rotating::new(&home);
        rotating.write(phase, kind, &[]);
        let service = start(&home, &[]);
        assert!(service.get("/").text().contains("ccx-sec ca fetch URL --check ccx-ca.pem"));
        let (found, _) = look(&service, &format!("serve-page-{phase}"));
        assert_eq!(found["problems"], serde_json::json!([]), "{phase}");
        for (path, size) in found["sizes"].as_object().expect("sizes") {
            assert!(size.as_u64().expect("a number") < 50 * 1024, "{path}: {size} bytes");
        }
    }
}

/// The pictures are left in the folder of the build, to be looked at.
#[test]
#[ignore = "needs tests/run"]
fn browser_finds_a_page_that_everybody_can_use() {
    let home = home();
    let service = start(&home, &[]);
    let (found, pictures) = look(&service, "serve-page");
    assert_eq!(found["problems"], serde_json::json!([]));
    assert_eq!(found["looks"], 16, "four pages, two sizes, two schemes");
    for (path, size) in found["sizes"].as_object().expect("sizes") {
        let size = size.as_u64().expect("a number");
        assert!(size > 4_000 && size < 50 * 1024, "{path}: {size} bytes");
    }
    for (format, name) in found["downloads"].as_object().expect("downloads") {
        let name = name.as_str().expect("a name");
        let extension = name.rsplit('.').next().expect("an extension");
        let served = service.get(&format!("/api/v1/ca.{extension}")).body;
        assert_eq!(std::fs::read(pictures.join(name)).expect(name), served, "{format}");
    }
    assert_eq!(found["downloads"].as_object().map(|all| all.len()), Some(4));
    assert_eq!(
        (&found["copied"], found["focused"].as_str()),
        (&found["shown"], Some("Only this certificate"))
    );
    assert_eq!((&found["clients"], &found["filtered"]), (&12.into(), &2.into()));
    assert_eq!(found["modes"], serde_json::json!(["VERIFY_IDENTITY", "VERIFY_CA", "REQUIRED"]));
    assert_eq!((&found["buttons"], &found["unfolds"]), (&0.into(), &true.into()), "no script");
}

#[test]
#[ignore = "needs tests/run"]
fn schemathesis_finds_the_api_as_it_is_described() {
    let home = home();
    Rotating::new(&home).plan("staged");
    let service = start(&home, &["--auth", &tokens(&home)]);
    // Values that are there, so that it gets past the first look.
    let sha256 = service.get("/api/v1/ca").json()["certificates"][0]["sha256"].clone();
    let config = format!(
        "[parameters]\n\"path.sha256\" = {sha256}\n\"path.uuid\" = \"{DATASTORE}\"\n\
         [[operations]]\ninclude-operation-id = \"getSnippet\"\n\
         parameters = {{ \"path.engine\" = \"postgresql\", \"path.client\" = \"psql\", host = \"db.example.com\" }}\n"
    );
    let config = home.write("schemathesis.toml", config);
    let looked = Command::new(web("venv/bin/schemathesis"))
        .args(["--config-file", &config, "run", "--checks", "all", "--seed", "1", "--no-color"])
        .args(["--max-examples", "30", "--header", TOKEN])
        .arg(format!("{}api/openapi.json", service.urls[0]))
        .current_dir(home.path())
        .output()
        .expect("schemathesis; run the tests with tests/run");
    let said = String::from_utf8_lossy(&looked.stdout);
    assert!(looked.status.success(), "{said}");
    assert!(said.contains("Tested: 15") && !said.contains("Missing test data"), "{said}");
    assert_eq!(service.get("/readyz").status, 200);
}

#[test]
#[ignore = "needs tests/run"]
fn promtool_has_nothing_on_the_metrics() {
    let home = home();
    Rotating::new(&home).plan("staged");
    let service = start(&home, &[]);
    for path in ["/", "/nix", "/api/v1/ca.pem", "/api/v1/datastores"] {
        service.get(path);
    }
    let metrics = promtool_accepts(&home, service.get("/metrics").body);
    for begin in ["ca_not_after_timestamp_seconds{", "rotation_earliest_switch_timestamp_seconds "]
    {
        tool("grep", &["-q", &format!("^ccxsec_{begin}"), &metrics]);
    }
}
