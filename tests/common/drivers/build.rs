//! What is compiled to run snippets.

use std::path::Path;

use crate::common::{Home, tool};

/// In the home: what Java trusts, where the system trusts the CA.
pub const TRUST_STORE: &str = "trust.p12";

/// `Connect`, which takes a properties file, and the trust store.
pub fn java(home: &Home, system: &str) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/common/drivers/Connect.java");
    let (folder, store) = (home.path().display().to_string(), home.at(TRUST_STORE));
    tool("javac", &["-d", &folder, &source.display().to_string()]);
    let fixed = ["-importcert", "-noprompt", "-storetype", "PKCS12", "-storepass", "changeit"];
    tool("keytool", &[&fixed[..], &["-file", system, "-keystore", &store]].concat());
}
