//! Authorities that others made: with openssl, and with whatever is wrong about them that a
//! test wants.

use std::fs;

use serde_json::json;

use super::{Home, base64, fingerprint, tool};

/// Arguments of `openssl genpkey`.
pub const P256: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
pub const P521: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"];
pub const RSA_1024: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"];
pub const RSA_2048: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
pub const RSA_2560: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2560"];

/// The extensions of a CA that keeps our profile.
pub const SOUND: &str = "basicConstraints=critical,CA:TRUE,pathlen:0
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash";

/// What a foreign CA shall be like. The default keeps our profile.
#[derive(Clone, Copy)]
pub struct Foreign<'a> {
    pub key: &'a [&'a str],
    pub subject: &'a str,
    pub digest: &'a str,
    /// Hex.
    pub serial: &'a str,
    /// `YYYYMMDDHHMMSSZ`, the first and the last moment.
    pub dates: [&'a str; 2],
    /// As openssl's configuration has them; none at all makes version 1.
    pub extensions: &'a str,
    /// Who signs; itself when nobody.
    pub issuer: Option<&'a Pair>,
}

impl Default for Foreign<'_> {
    fn default() -> Self {
        Foreign {
            key: P256,
            subject: "/CN=Foreign CA",
            digest: "sha256",
            serial: "5d2f1c0a9b8e7d6c5b4a39281706f5e4",
            dates: ["20200101000000Z", "21000101000000Z"],
            extensions: SOUND,
            issuer: None,
        }
    }
}

/// Paths of a certificate and its key, both PEM, the key PKCS#8.
#[derive(Clone)]
pub struct Pair {
    pub cert: String,
    pub key: String,
}

impl Foreign<'_> {
    /// Makes it, as `NAME.crt` and `NAME.key` in a home.
    pub fn make(&self, home: &Home, name: &str) -> Pair {
        let at = |ending: &str| home.at(&format!("{name}.{ending}"));
        let (cert, key, csr, directory) = (at("crt"), at("key"), at("csr"), at("openssl"));
        tool("openssl", &[&["genpkey", "-quiet", "-out", &key], self.key].concat());
        let request = ["req", "-new", "-utf8", "-subj", self.subject, "-key", &key, "-out", &csr];
        tool("openssl", &request);
        fs::create_dir(&directory).expect("made");
        let config = format!(
            "[ca]\ndefault_ca=this\n[this]\ndatabase={directory}/index\nserial={directory}/serial\n\
             new_certs_dir={directory}\npolicy=any\ndefault_md={}\n\
             [any]\ncommonName=optional\n",
            self.digest
        );
        for (file, text) in [
            ("config", config.as_str()),
            ("index", ""),
            ("serial", self.serial),
            ("extensions", self.extensions),
        ] {
            fs::write(format!("{directory}/{file}"), text).expect("written");
        }
        let (config, extensions) =
            (format!("{directory}/config"), format!("{directory}/extensions"));
        let [start, end] = self.dates;
        let mut sign =
            vec!["ca", "-batch", "-notext", "-preserveDN", "-config", &config, "-in", &csr];
        sign.extend(["-out", &cert, "-startdate", start, "-enddate", end]);
        match self.issuer {
            Some(issuer) => sign.extend(["-cert", &issuer.cert, "-keyfile", &issuer.key]),
            None => sign.extend(["-selfsign", "-keyfile", &key]),
        }
        if !self.extensions.is_empty() {
            sign.extend(["-extfile", &extensions]);
        }
        tool("openssl", &sign);
        fs::remove_dir_all(&directory).expect("removed");
        fs::remove_file(&csr).expect("removed");
        Pair { cert, key }
    }
}

impl Pair {
    /// Replaces bytes of the certificate by as many others, and signs it again. For RSA-2048
    /// alone, whose signatures are all of one length.
    pub fn alter(&self, from: &[u8], to: &[u8]) {
        const SIGNATURE: usize = 256;
        let (der_file, body_file) = (format!("{}.der", self.cert), format!("{}.body", self.cert));
        tool("openssl", &["x509", "-in", &self.cert, "-outform", "DER", "-out", &der_file]);
        let mut der = fs::read(&der_file).expect("DER");
        let found: Vec<usize> = (0..der.len()).filter(|at| der[*at..].starts_with(from)).collect();
        let [at] = found[..] else { panic!("{from:x?} is there {} times", found.len()) };
        der[at..at + to.len()].copy_from_slice(to);
        // Outer and inner SEQUENCE have headers of four bytes: both are longer than 255.
        let body = 4 + 4 + usize::from(u16::from_be_bytes([der[6], der[7]]));
        fs::write(&body_file, &der[4..body]).expect("written");
        let signature = format!("{}.sig", self.cert);
        tool("openssl", &["dgst", "-sha256", "-sign", &self.key, "-out", &signature, &body_file]);
        der.truncate(der.len() - SIGNATURE);
        der.extend(fs::read(&signature).expect("a signature"));
        fs::write(&der_file, der).expect("written");
        tool("openssl", &["x509", "-inform", "DER", "-in", &der_file, "-out", &self.cert]);
        for file in [der_file, body_file, signature] {
            fs::remove_file(file).expect("removed");
        }
    }
}

impl Home {
    /// Puts a foreign CA into the store, as if it were ours, in the place of what is there.
    pub fn put(&self, pair: &Pair) {
        self.init();
        let read = |file: &str| fs::read(file).expect("PEM");
        let (cert, key) = (base64(read(&pair.cert)), base64(read(&pair.key)));
        let index =
            json!({"certificates": [{"role": "active", "sha256": fingerprint(&pair.cert)}]});
        self.edit("ccx-ca", |secret| {
            secret["data"] = json!({"ca.crt": cert, "tls.crt": cert, "tls.key": key});
        });
        self.edit("ccx-ca-bundle", |secret| {
            secret["data"] = json!({"ca.crt": cert, "bundle.json": base64(index.to_string())});
        });
    }
}
