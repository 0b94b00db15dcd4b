//! The clients that still lack the new CA: `ca rotate advance` and `ca rotate status` ask the records of
//! `serve --record-holders`.

use ccx_sec::pki::sha256_hex;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use ccx_sec::store::dir::DirStore;
use ccx_sec::store::holder_shards::{SHARDS, merge_into_shard, shard_of};
use ccx_sec::store::holders::{Holder, HolderRecord, HolderTable};

use crate::common::nodes::DATASTORE;
use crate::common::{Home, Run};

/// Records clients with a bundle of these certificates.
fn record(home: &Home, clients: &[&str], certificates: &[&str], days_ago: i64) {
    let store = DirStore::open(&home.store(), std::time::Duration::from_secs(60)).expect("it");
    let now = Timestamp::now();
    let at = now - SignedDuration::from_hours(24 * days_ago);
    let bundle = sha256_hex(certificates.concat().as_bytes());
    let mut table = HolderTable::begun(now);
    let listed = certificates.iter().map(|one| (*one).to_owned()).collect();
    table.bundles.insert(bundle.clone(), listed);
    for name in clients {
        let bundle = bundle.clone();
        let record = HolderRecord { bundle, format: "pem", is_confirmed: true, at };
        table.records.insert(Holder::token(name), record);
    }
    for shard in 0..SHARDS {
        let mut part = table.clone();
        part.records.retain(|holder, _| shard_of(holder) == shard);
        merge_into_shard(&store, "ccx-ca", shard, &part, now).expect("written");
    }
}

/// Writes the Secrets of records that began before the rotation.
fn begin_records(home: &Home, days_ago: i64) {
    let store = DirStore::open(&home.store(), std::time::Duration::from_secs(60)).expect("it");
    let since = Timestamp::now() - SignedDuration::from_hours(24 * days_ago);
    for shard in 0..SHARDS {
        let empty = HolderTable::begun(since);
        merge_into_shard(&store, "ccx-ca", shard, &empty, since).expect("written");
    }
}

/// Asks the gate into switched. Nothing listens at the node, so it never opens here.
fn ask(home: &Home, more: &[&str]) -> (Run, Value, Vec<String>) {
    let node = format!("{{datastore: {DATASTORE}, node: db-1, engine: valkey, port: 1}}");
    let nodes = format!("defaults: {{domain: localhost}}\nnodes: [{node}]\n");
    let inventory = home.write("nodes.yaml", nodes);
    let advance = ["ca", "rotate", "advance", "--to", "switched", "--inventory", &inventory];
    let run = home.run(&[&advance[..], &["--dry-run", "-o", "json"], more].concat());
    let gate = run.json()["gate"].clone();
    let lacks = gate["lacks"].as_array().expect("gaps").iter();
    let of_clients =
        lacks.filter(|gap| gap["code"].as_str().expect("a code").starts_with("holder"));
    let messages = of_clients.map(|gap| gap["message"].as_str().expect("text").to_owned());
    let messages = messages.collect();
    (run, gate["holders"].clone(), messages)
}

#[test]
fn clients_that_lack_the_new_ca_are_listed_by_gate_and_status() {
    let home = Home::with_ca();
    home.done(&["ca", "rotate", "start", "--client-max-age", "0", "--validity", "11y"]);
    let status = |more: &[&str]| home.done(&[&["ca", "rotate", "status"], more].concat());
    let (_, holders, gaps) = ask(&home, &[]);
    assert_eq!((holders["records"].as_str(), gaps.len()), (Some("none"), 0), "{holders}");
    assert!(!status(&[]).stdout.contains("clients"));
    assert!(status(&["--holders"]).stdout.contains("none is recorded"));

    let document = status(&["-o", "json"]).json();
    let [from, target] =
        ["from", "target"].map(|side| document[side]["sha256"].as_str().expect("hex").to_owned());
    begin_records(&home, 30);
    record(&home, &["fresh"], &[&from, &target], 1);
    record(&home, &["shop", "till"], &[&from], 2);
    record(&home, &["gone"], &[&from], 91);
    let (_, holders, gaps) = ask(&home, &[]);
    assert_eq!((&holders["count"], holders["records"].as_str()), (&3.into(), Some("read")));
    assert_eq!(gaps.len(), 2, "{gaps:?}");
    assert!(gaps[0].starts_with("token shop has a bundle without the new CA"), "{gaps:?}");
    assert_eq!(ask(&home, &["--accept-holders", "1"]).2.len(), 2);
    assert_eq!(ask(&home, &["--accept-holders", "2"]).2.len(), 0);
    let text = status(&[]).stdout;
    assert!(text.contains("3 recorded since ") && text.contains(", 2 lack the new CA"), "{text}");
    assert!(!text.contains("token shop"), "{text}");
    let text = status(&["--holders"]).stdout;
    assert!(text.contains("token shop since ") && !text.contains("token fresh"), "{text}");
    let document = status(&["--holders", "-o", "json"]).json();
    assert_eq!(document["clients"]["lacking"], 2);
    assert_eq!(document["holders"]["lacking"][1]["name"], "till");

    // They take the bundle.
    record(&home, &["shop", "till"], &[&from, &target], 0);
    assert_eq!(ask(&home, &[]).2.len(), 0);
    // A lost record is no proof of anything.
    std::fs::remove_file(home.secret_file("ccx-ca-holders-7")).expect("it was there");
    let (run, holders, gaps) = ask(&home, &["--accept-holders", "1000"]);
    assert_eq!((run.code, holders["records"].as_str()), (3, Some("unreadable")), "{holders}");
    assert!(gaps[0].contains("1 of the 16 Secrets"), "{gaps:?}");
    assert_eq!(home.run(&["ca", "rotate", "status", "--holders"]).code, 3);
    assert_eq!(status(&[]).code, 0);
}

#[test]
fn clients_that_the_rotation_knew_are_missed_when_their_records_are_lost() {
    let home = Home::with_ca();
    begin_records(&home, 30);
    record(&home, &["shop", "till", "bar"], &["old"], 1);
    let start = ["ca", "rotate", "start", "--compromised", "--validity", "11y"];
    let warned = home.done(&start).stderr;
    assert!(warned.contains("3 recorded clients lack the next CA"), "{warned}");
    let status = || home.done(&["ca", "rotate", "status", "--holders"]).stdout;
    let shop = format!("ccx-ca-holders-{}", shard_of(&Holder::token("shop")));
    // A Secret that was lost and written anew knows fewer clients, and begins later.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    std::fs::remove_file(home.secret_file(&shop)).expect("it was there");
    record(&home, &[], &["old"], 0);
    let (_, holders, gaps) = ask(&home, &["--accept-holders", "2"]);
    let lost = holders["missing"].as_u64().expect("missing clients");
    assert!(lost >= 1 && holders["later_than"].is_string(), "{holders}");
    assert!(gaps.iter().any(|gap| gap.contains("begin only at")), "{gaps:?}");
    assert!(gaps.iter().any(|gap| gap.contains("are not recorded now")), "{gaps:?}");
    assert_eq!(ask(&home, &["--accept-holders", "3"]).2, [""; 0]);
    assert!(status().contains("more were recorded before, and are not now"));
    // All are lost.
    for shard in 0..SHARDS {
        let file = home.secret_file(&format!("ccx-ca-holders-{shard}"));
        std::fs::remove_file(file).expect("it was there");
    }
    let (run, holders, gaps) = ask(&home, &["--accept-holders", "2"]);
    assert_eq!((run.code, holders["records"].as_str()), (3, Some("lost")), "{holders}");
    assert!(gaps[0].starts_with("3 clients were recorded"), "{gaps:?}");
    assert_eq!(ask(&home, &["--accept-holders", "3"]).2, [""; 0]);
    assert!(status().contains("unknown: 3 were recorded before, and none is now"));
}
