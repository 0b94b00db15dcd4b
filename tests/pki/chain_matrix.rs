//! Odd chains before those who verify them in the field, in real handshakes. Who refuses which was
//! measured, and is in `fixtures/odd-chains.toml`; `UPDATE=1` measures anew. What we say must be
//! what was measured, but for the few chains in which we refuse more.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use ccx_sec::pki::chain::{self, ChainFault, ChainRequest, Purpose, Verifier as Judge};
use jiff::Timestamp;
use serde::Deserialize;

use crate::common::chains::HOST;
use crate::common::db::Engine;
use crate::common::odd_chains::{self, OddChain};
use crate::common::verifiers::{Servers, Verifier};

/// Chains that we refuse whatever the verifier, and some verifiers take.
const STRICTER: [(&str, &str); 3] = [
    ("leaf: addresses of a CA that holds none", "RFC 3779, section 2.3: not looked at here"),
    ("CA: no basicConstraints", "RFC 5280, section 6.1.4 (k): such a certificate is no CA"),
    ("constraints: with a minimum", "RFC 5280, section 4.2.1.10: the bounds are not used"),
];

/// Chains that rustls-webpki refuses, and that pass here for OpenSSL, on which the official clients
/// stand: it refuses by design every leaf that is a CA.
const LAXER: [&str; 3] = [
    "constraints: permits an empty list, leaf a CA",
    "leaf: a CA",
    "trusted: the server's own, a CA",
];

/// Further chains that pass for other verifiers, as measured: Go, Java and GnuTLS accept other
/// extended key usages, and some end a path at any trusted certificate.
const LAXER_ELSEWHERE: [&str; 4] = [
    "intermediate: for any use",
    "intermediate: for clients",
    "leaf: for any use",
    "trusted: the server's own",
];

/// What is said of a chain.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
struct Row {
    /// By us, for the official clients.
    ours: String,
    /// By those who refuse it.
    refused: Vec<String>,
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/odd-chains.toml")
}

fn request(chain: &OddChain) -> ChainRequest<'_> {
    let (leaf, sent) = chain.sent.split_first().unwrap();
    ChainRequest::new(leaf, sent, &chain.anchors, Timestamp::now(), Purpose::Server)
}

/// Our name for what a verifier stands on.
pub fn judge(verifier: Verifier) -> Judge {
    match verifier {
        Verifier::Python313 => Judge::PythonStrict,
        Verifier::Go => Judge::Go,
        Verifier::Java => Judge::Java,
        Verifier::GnuTls => Judge::GnuTls,
        Verifier::Rustls => Judge::Rustls,
        Verifier::Node8 => Judge::OpenSsl102,
        Verifier::OpenSsl | Verifier::Python311 | Verifier::Node | Verifier::Client(_) => {
            Judge::OpenSsl
        }
    }
}

#[test]
#[ignore = "needs tests/run"]
fn chain_verdicts_are_those_of_the_verifiers_in_the_field() {
    let chains = odd_chains::all();
    let servers = Servers::new(&chains);
    let identity = chain::identity(HOST).unwrap();
    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    for chain in &chains {
        let verdict = chain::verify(&request(chain));
        let ours = verdict.map_or_else(|fault| fault.reason.name(), |_| "ok").to_owned();
        assert!(rows.insert(chain.name, Row { ours, refused: Vec::new() }).is_none());
    }
    let mut wrong = String::new();
    for verifier in Verifier::all() {
        for (chain, said) in chains.iter().zip(servers.ask(verifier)) {
            let verifier_takes = said == "ok";
            let mut request = request(chain);
            // The clients among them are told not to look at the name.
            request.identity = (!matches!(verifier, Verifier::Client(_))).then_some(&identity);
            request.verifier = judge(verifier);
            let we_say = chain::verify(&request);
            let stricter = STRICTER.iter().any(|(name, _)| *name == chain.name);
            if verifier_takes != we_say.is_ok() && !(verifier_takes && stricter) {
                let name = chain.name;
                writeln!(wrong, "{name}: {verifier:?} says {said}; we say {we_say:?}").unwrap();
            }
            if !verifier_takes {
                rows.get_mut(chain.name).unwrap().refused.push(verifier.name());
            }
        }
    }
    assert_eq!(wrong, "");
    if std::env::var_os("UPDATE").is_some() {
        let row = |(name, row): (&&str, &Row)| {
            format!("[{name:?}]\nours = {:?}\nrefused = {:?}\n\n", row.ours, row.refused)
        };
        let text: String = rows.iter().map(row).collect();
        let head = "# Odd chains, and who refuses them: measured by the test chain_matrix.\n\n";
        std::fs::write(fixture(), head.to_owned() + text.trim_end() + "\n").unwrap();
    }
    let text = std::fs::read_to_string(fixture()).unwrap();
    let expected: BTreeMap<&str, Row> = toml::from_str(&text).unwrap();
    assert_eq!(rows, expected);
}

/// An extension that cannot be read is in the way of OpenSSL even where its content does not matter
/// to it: no chain passes that it refuses.
#[test]
#[ignore = "needs tests/run"]
fn chain_extensions_that_cannot_be_read_pass_only_where_they_pass_openssl() {
    let chains = odd_chains::damaged_extensions();
    let servers = Servers::new(&chains);
    let (mut refused, mut wrong) = (0, String::new());
    for verifier in [Verifier::OpenSsl, Verifier::Client(Engine::Redis7)] {
        for (chain, said) in chains.iter().zip(servers.ask(verifier)) {
            let we_say = chain::verify(&request(chain));
            refused += usize::from(said != "ok");
            if said != "ok" && we_say.is_ok() {
                writeln!(wrong, "{}: {verifier:?} says {said}; we pass it", chain.name).unwrap();
            }
        }
    }
    assert_eq!(wrong, "");
    assert!(refused > 100, "{refused} of {}", chains.len());
}

/// Who refuses what we pass is named, and nobody else.
#[test]
fn chain_refusals_name_who_refuses() {
    let text = std::fs::read_to_string(fixture()).unwrap();
    let measured: BTreeMap<&str, Row> = toml::from_str(&text).unwrap();
    let others =
        [Verifier::Python313, Verifier::Go, Verifier::Java, Verifier::GnuTls, Verifier::Rustls];
    for chain in odd_chains::all() {
        let row = &measured[chain.name];
        if row.ours != "ok" {
            continue;
        }
        assert!(!row.refused.iter().any(|one| one.starts_with("client")), "{}", chain.name);
        let refused = |one: &&Verifier| row.refused.contains(&one.name());
        let expected: Vec<_> = others.iter().filter(refused).map(|one| Some(judge(*one))).collect();
        let told: Vec<ChainFault> = chain::refusals(&request(&chain));
        let named: Vec<_> = told.iter().map(|fault| fault.refused_by).collect();
        assert_eq!(named, expected, "{}: {told:?}", chain.name);
        for fault in told {
            let name = fault.refused_by.unwrap().name();
            let head = format!("{name} refuses this chain: the ");
            assert!(fault.message.starts_with(&head), "{fault}");
        }
    }
}

/// rustls-webpki decides, and our own rules only refuse more: no chain passes that rustls-webpki
/// refuses on its own, except those that [`LAXER`] and [`LAXER_ELSEWHERE`] name.
#[test]
fn chain_passes_only_if_rustls_webpki_accepts_it() {
    let others = [Judge::Rfc5280, Judge::PythonStrict, Judge::Go, Judge::Java, Judge::GnuTls];
    let (mut laxer, mut elsewhere, mut refused) = (BTreeMap::new(), BTreeMap::new(), 0);
    for chain in odd_chains::all() {
        let ask = |verifier| chain::verify(&ChainRequest { verifier, ..request(&chain) });
        let Err(fault) = ask(Judge::Rustls) else { continue };
        refused += 1;
        let passing: Vec<_> = others.into_iter().filter(|judge| ask(*judge).is_ok()).collect();
        if ask(Judge::OpenSsl).is_ok() {
            laxer.insert(chain.name, fault);
        } else if !passing.is_empty() {
            elsewhere.insert(chain.name, (passing, fault));
        }
    }
    assert_eq!(laxer.keys().copied().collect::<Vec<_>>(), LAXER, "{laxer:#?}");
    let names: Vec<_> = elsewhere.keys().copied().collect();
    assert_eq!(names, LAXER_ELSEWHERE, "{elsewhere:#?}");
    assert!(refused > 20, "{refused}");
}
