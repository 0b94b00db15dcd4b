//! Nodes and their certificates: the commands that make them, and what outside tools and
//! libraries say of the files.

use std::path::Path;
use std::sync::Arc;

use assert_cmd::Command;
use ccx_sec::pki::certificate::Certificate;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use serde_json::Value;

use super::{Home, run, tool};

pub const DATASTORE: &str = "5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10";
pub const DOMAIN: &str = "ccx.example.com";
/// The name of the node that most tests are about.
pub const HOST: &str = "db-1.5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10.ccx.example.com";

impl Home {
    /// `cert issue` for that node and an engine, into `HOME/tls`, with `more`.
    pub fn issue(&self, engine: &str, more: &[&str]) -> Command {
        let node = ["--datastore", DATASTORE, "--node", "db-1", "--engine", engine];
        let place = ["--domain", DOMAIN, "--out", "tls"];
        self.ccx(&[&["cert", "issue"][..], &node, &place, more].concat())
    }
}

/// A run that must succeed without a word on stderr, and its document.
pub fn done(command: &mut Command) -> Value {
    let run = run(command.args(["-o", "json", "--quiet"]));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    run.json()
}

/// What was done, and why.
pub fn action(document: &Value) -> (&str, Option<&str>) {
    (document["action"].as_str().expect("an action"), document["reason"].as_str())
}

/// Of a fleet, how many were issued, renewed, refreshed and kept.
pub fn summary(document: &Value) -> [u64; 4] {
    ["issued", "renewed", "refreshed", "kept"]
        .map(|what| document["summary"][what].as_u64().expect(what))
}

/// A run that must fail: its exit status and the code of its error. Nothing is on stdout.
pub fn fault(command: &mut Command) -> (i32, String) {
    let run = run(command.args(["-o", "json"]));
    assert_eq!(run.stdout, "", "{}", run.stderr);
    (run.code, run.error_code())
}

/// The first certificate of a file.
pub fn certificate(path: &Path) -> Certificate {
    let text = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Certificate::from_pem("the file", &text).expect("certificates").remove(0)
}

/// What rustls loads as a server would: a chain and its key, which must fit. The SHA-256 of
/// the certificate, or what is wrong.
pub fn load(directory: &Path) -> Result<String, String> {
    let chain = CertificateDer::pem_file_iter(directory.join("server-cert.pem"))
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| format!("certificate: {error}"))?;
    let key = PrivateKeyDer::from_pem_file(directory.join("server-key.pem"))
        .map_err(|error| format!("key: {error}"))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let first = chain.first().map(|der| Certificate::from_der(der.to_vec()));
    CertifiedKey::from_der(chain, key, &provider).map_err(|error| error.to_string())?;
    Ok(first.expect("a certificate").expect("it reads").sha256())
}

/// `openssl verify -x509_strict`, which must say that all is well.
pub fn openssl_verify(directory: &Path, certificate: &str, options: &[&str]) {
    let path = |name: &str| directory.join(name).display().to_string();
    let (ca, leaf) = (path("ca.pem"), path(certificate));
    let verify = ["verify", "-x509_strict", "-no-CApath", "-no-CAstore", "-CAfile", &ca];
    let said = tool("openssl", &[&verify[..], options, &[&leaf]].concat());
    assert_eq!(said, format!("{leaf}: OK\n"));
}
