//! Reads and writes PEM (RFC 7468). The only user of rustls-pemfile, which is no longer
//! developed: to replace it, replace [`read`].

mod markers;

use rustls_pki_types::PrivateKeyDer;
use zeroize::Zeroizing;

use crate::error::{Code, Error, Result};
use crate::shell::{CommandLine, Placeholder};

/// The size limit of a file with certificates or keys, in bytes; a bundle of a hundred CAs has a
/// tenth of it.
pub const MAX_PEM_FILE: usize = 1024 * 1024;

const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// One section of a PEM file.
#[derive(Debug)]
pub enum PemItem {
    /// `CERTIFICATE`, DER.
    Certificate(Vec<u8>),
    /// `PRIVATE KEY`, `RSA PRIVATE KEY` or `EC PRIVATE KEY`.
    Key(PrivateKeyDer<'static>),
    /// `ENCRYPTED PRIVATE KEY`: PKCS#8 under a passphrase, DER.
    EncryptedKey(Zeroizing<Vec<u8>>),
}

/// Reads every certificate and private key in `bytes`, in order; text between them and sections of
/// other kinds are ignored. Errors call the input `name`.
///
/// # Errors
/// Exit 2: cut short, a marker that is not alone on its line, wrong base64, UTF-16, OpenSSL's own
/// key encryption, or no certificate and no key.
pub fn read(name: &str, bytes: &[u8]) -> Result<Vec<PemItem>> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Error::usage(Code::PemUtf16, format!("{name} is UTF-16 text, not PEM")).hint(
            ("convert it", CommandLine::other("iconv", "-f UTF-16 -t ASCII").argument(name)),
        ));
    }
    if find_bytes(bytes, b"Proc-Type: 4,ENCRYPTED").is_some() {
        return Err(Error::usage(
            Code::PemLegacyEncryption,
            format!("{name} holds a key in OpenSSL's own, weak encryption (DEK-Info)"),
        )
        .hint((
            "convert it to encrypted PKCS#8",
            CommandLine::other("openssl", "pkcs8 -topk8")
                .option("-in", Placeholder("FILE"))
                .option("-out", Placeholder("NEW_FILE")),
        )));
    }
    let bytes = plain(bytes);
    markers::check(name, &bytes)?;
    let mut items = Vec::new();
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        // rustls-pemfile ignores labels that it does not know, including this one.
        let encrypted = find_bytes(rest, format!("-----BEGIN {ENCRYPTED}-----").as_bytes());
        let (before, from) = rest.split_at(encrypted.unwrap_or(rest.len()));
        read_plain(name, before, &mut items)?;
        if from.is_empty() {
            break;
        }
        let end = format!("-----END {ENCRYPTED}-----");
        let length = find_bytes(from, end.as_bytes()).ok_or_else(|| cut_short(name, &end))?;
        let (section, after) = from.split_at(length + end.len());
        let section = pem::parse(section).map_err(|source| not_base64(name).because(source))?;
        items.push(PemItem::EncryptedKey(Zeroizing::new(section.into_contents())));
        rest = after;
    }
    if items.is_empty() {
        return Err(Error::usage(
            Code::PemEmpty,
            format!("{name} holds no PEM certificate and no private key"),
        )
        .hint("PEM begins with a line such as -----BEGIN CERTIFICATE-----"));
    }
    Ok(items)
}

/// Checks the markers of a PEM file that another parser reads.
///
/// # Errors
/// Exit 2: see [`read`].
pub(crate) fn check_markers(name: &str, bytes: &[u8]) -> Result<()> {
    markers::check(name, bytes)
}

/// Removes UTF-8 byte order marks, which some editors put before a marker and which would hide it,
/// and replaces OpenSSL's former label `X509 CERTIFICATE` by today's.
fn plain(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut plain = Zeroizing::new(bytes.to_vec());
    for (what, by) in [("\u{feff}", ""), ("X509 CERTIFICATE-----", "CERTIFICATE-----")] {
        let mut from = 0;
        while let Some(at) = find_bytes(plain.get(from..).unwrap_or_default(), what.as_bytes()) {
            plain.splice(from + at..from + at + what.len(), by.bytes());
            from += at + by.len();
        }
    }
    plain
}

/// Reads the certificate signing request in `bytes`, and returns its DER.
///
/// # Errors
/// Exit 2: as [`read`], and when there is no request, or more than one.
pub fn request(name: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    const LABELS: [&str; 2] = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"];
    let begins = LABELS.map(|label| format!("-----BEGIN {label}-----"));
    let begin = begins.iter().find_map(|begin| Some((find_bytes(bytes, begin.as_bytes())?, begin)));
    let Some((at, begin)) = begin else {
        match read(name, bytes) {
            Err(error) if error.code() != Code::PemEmpty => return Err(error), // cut short, UTF-16, …
            _ => {}
        }
        return Err(Error::usage(Code::CsrMissing, format!("{name} holds no certificate request"))
            .hint("it begins with the line -----BEGIN CERTIFICATE REQUEST-----"));
    };
    markers::check(name, bytes)?;
    let end = begin.replace("BEGIN", "END");
    let from = &bytes[at..];
    let length = find_bytes(from, end.as_bytes()).ok_or_else(|| cut_short(name, &end))? + end.len();
    let (section, rest) = from.split_at(length);
    if begins.iter().any(|begin| find_bytes(rest, begin.as_bytes()).is_some()) {
        return Err(Error::usage(
            Code::CsrAmbiguous,
            format!("{name} holds more than one request"),
        )
        .hint("give one request at a time"));
    }
    let section = pem::parse(section).map_err(|source| not_base64(name).because(source))?;
    Ok(section.into_contents())
}

fn read_plain(name: &str, bytes: &[u8], items: &mut Vec<PemItem>) -> Result<()> {
    use rustls_pemfile::{Error as Pem, Item as Plain};
    let mut rest = bytes;
    loop {
        let (item, after) = match rustls_pemfile::read_one_from_slice(rest) {
            Ok(None) => return Ok(()),
            Ok(Some(found)) => found,
            // If line ends were lost, marker and key are one line: print nothing of it.
            Err(Pem::MissingSectionEnd { end_marker: label }) if is_label(&label) => {
                let label = String::from_utf8_lossy(&label).into_owned();
                return Err(cut_short(name, &format!("-----END {label}-----")));
            }
            Err(Pem::MissingSectionEnd { .. } | Pem::IllegalSectionStart { .. }) => {
                return Err(Error::usage(
                    Code::PemMarker,
                    format!(
                        "{name} is not PEM: a line begins with -----BEGIN, but is not a marker"
                    ),
                )
                .hint("a marker such as -----BEGIN CERTIFICATE----- is a line of its own")
                .hint("copy the file again, with its line ends"));
            }
            Err(Pem::Base64Decode(_)) => return Err(not_base64(name)),
        };
        match item {
            Plain::X509Certificate(der) => items.push(PemItem::Certificate(der.to_vec())),
            Plain::Pkcs1Key(key) => items.push(PemItem::Key(key.into())),
            Plain::Pkcs8Key(key) => items.push(PemItem::Key(key.into())),
            Plain::Sec1Key(key) => items.push(PemItem::Key(key.into())),
            _ => {} // a public key, CRL or CSR
        }
        rest = after;
    }
}

/// Reads a private key as DER, in any of the encodings that have a PEM label; `None` for other
/// content. Unencrypted encodings are told apart by the version number at their beginning.
#[must_use]
pub fn key_from_der(der: &[u8]) -> Option<PemItem> {
    use ::pkcs8::der::Decode;
    if ::pkcs8::EncryptedPrivateKeyInfoRef::from_der(der).is_ok() {
        return Some(PemItem::EncryptedKey(Zeroizing::new(der.to_vec())));
    }
    PrivateKeyDer::try_from(der).ok().map(|key| PemItem::Key(key.clone_key()))
}

/// Whether `label` may stand in a marker (RFC 7468, section 3). Only capitals, digits and blanks,
/// at most 40 bytes: all labels in use are like that, and a line of base64 is not.
fn is_label(label: &[u8]) -> bool {
    label.len() <= 40 && label.iter().all(|b| matches!(b, b'A'..=b'Z' | b'0'..=b'9' | b' '))
}

fn cut_short(name: &str, end: &str) -> Error {
    Error::usage(Code::PemCutShort, format!("{name} is cut short: {end} is missing"))
        .hint("copy the whole file again, with its last line")
}

fn not_base64(name: &str) -> Error {
    Error::usage(
        Code::PemBase64,
        format!("{name} is damaged: the text between the PEM markers is not base64"),
    )
    .hint("copy the file again; mail programs and editors break such lines")
}

/// Returns the offset of the first occurrence of `what` in `bytes`.
pub(super) fn find_bytes(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// Encodes certificates, given as DER, as one PEM section each.
#[must_use]
pub fn certificates(certificates: impl IntoIterator<Item = impl AsRef<[u8]>>) -> String {
    certificates.into_iter().map(|der| encode("CERTIFICATE", der.as_ref())).collect()
}

/// Encodes a PKCS#8 key as a `PRIVATE KEY` section.
#[must_use]
pub fn private_key(pkcs8: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(encode("PRIVATE KEY", pkcs8))
}

/// Encodes an encrypted PKCS#8 key as an `ENCRYPTED PRIVATE KEY` section.
#[must_use]
pub fn encrypted_private_key(der: &[u8]) -> String {
    encode(ENCRYPTED, der)
}

fn encode(label: &str, der: &[u8]) -> String {
    let lf = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    pem::encode_config(&pem::Pem::new(label, der), lf)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: impl AsRef<[u8]>) -> &'static str {
        read("x.pem", text.as_ref()).map_or_else(|error| error.code().name(), |_| "ok")
    }

    #[test]
    fn each_fault_has_its_own_code() {
        let good = encode("CERTIFICATE", &[0x30; 100]);
        assert_eq!(code(&good), "ok");
        assert_eq!(code(&good[..good.len() - 30]), "pem-cut-short");
        assert_eq!(code(good.replace("MDAw", "M?!w")), "pem-base64");
        assert_eq!(code(""), "pem-empty");
        assert_eq!(code("hello"), "pem-empty");
        assert_eq!(code(encode("PUBLIC KEY", &[1])), "pem-empty");
        assert_eq!(code("-----BEGIN CERTIFICATE\n"), "pem-marker");
        let utf16: Vec<u8> =
            "\u{feff}-----BEGIN".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(code(utf16), "pem-utf16");
        let legacy = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n";
        assert_eq!(code(legacy), "pem-legacy-encryption");
        let encrypted = encrypted_private_key(&[0x30; 100]);
        assert_eq!(code(&encrypted), "ok");
        assert_eq!(code(&encrypted[..encrypted.len() - 30]), "pem-cut-short");
        assert_eq!(code(encrypted.replace("MDAw", "M?!w")), "pem-base64");
    }

    #[test]
    fn no_certificate_is_lost_without_a_word() {
        let (a, b) = (encode("CERTIFICATE", &[1; 60]), encode("CERTIFICATE", &[2; 60]));
        let indented =
            |text: &str| -> String { text.lines().map(|line| format!("  {line}\n")).collect() };
        let relabelled = b.replace("CERTIFICATE", "X509 CERTIFICATE");
        let (code_of, lines) = ("pem-marker", a.lines().count());
        for (text, line) in [
            (format!("{}{b}", a.trim_end()), lines),
            (format!("{} text\n{b}", a.trim_end()), lines),
            (format!("{a}text{b}"), lines + 1),
            (format!("{a}{}", b.replace("-----BEGIN CERTIFICATE-----\n", "")), 2 * lines - 1),
            (format!("{a}{}", b.replace("-----BEGIN", "----BEGIN")), 2 * lines),
            (format!("{a}{}", b.replace("END CERTIFICATE", "END X")), 2 * lines),
            (format!("{a}{}", b.replace('\n', "")), lines + 1),
            (a.clone() + &indented(&b), lines + 1),
            (indented(&a), 1),
        ] {
            for text in [text.clone(), text.replace('\n', "\r\n")] {
                let error = read("x.pem", text.as_bytes()).expect_err("damaged");
                assert_eq!(error.code().name(), code_of, "{text}");
                let place = format!("x.pem is damaged: line {line} ");
                assert!(error.to_string().starts_with(&place), "{error}: {text}");
            }
        }
        let no_end = b.replace("-----END CERTIFICATE-----\n", "");
        for text in [format!("{a}{no_end}"), format!("{no_end}{a}")] {
            assert_eq!(code(&text), "pem-cut-short", "{text}");
        }
        assert_eq!(code(b.replace("CERTIFICATE", "TRUSTED CERTIFICATE") + &a), "pem-trusted");
        for text in [
            format!("{a}{}", b.trim_end()),
            format!("{a}text\n{b}"),
            format!("{a}\u{feff}{b}"),
            format!("{a}{relabelled}"),
            format!("{a}{}", b.replace("-----\n", "----- \n")),
            format!("{a}{b}").replace('\n', "\r\n"),
            format!("{a}{b}").replace('\n', "\r"),
        ] {
            assert_eq!(read("x.pem", text.as_bytes()).expect("two").len(), 2, "{text}");
        }
    }

    #[test]
    fn no_error_shows_a_key_whose_line_ends_were_lost() {
        for (label, line_end) in
            [("PRIVATE KEY", ""), ("PRIVATE KEY", " "), ("EC PRIVATE KEY", ""), (ENCRYPTED, "")]
        {
            let line = encode(label, b"hunter2, hunter2, hunter2").replace('\n', line_end);
            let end = line.find("-----END").expect("a marker");
            for text in [line.as_str(), &line[..end], &format!("{line}\n{line}")] {
                let told = format!("{:?}", read("x.pem", text.as_bytes()).map(|items| items.len()));
                assert!(!told.contains("aHVudGVyM"), "{told}");
                assert!(label == ENCRYPTED || told.contains("pem-marker"), "{told}");
            }
        }
    }

    #[test]
    fn order_is_kept_and_text_between_is_passed_over() {
        let text = format!(
            "subject=x\n{}{}note\r\n{}",
            encode("CERTIFICATE", &[1]),
            encrypted_private_key(&[2]),
            encode("PRIVATE KEY", &[3]),
        );
        let items = read("x", text.as_bytes()).expect("three items");
        assert!(matches!(&items[0], PemItem::Certificate(der) if der == &[1]));
        assert!(matches!(&items[1], PemItem::EncryptedKey(der) if der.as_slice() == [2]));
        assert!(matches!(&items[2], PemItem::Key(PrivateKeyDer::Pkcs8(_))));
        let marked = format!("\u{feff}{}", encode("CERTIFICATE", &[1]));
        assert!(matches!(
            &read("x", marked.as_bytes()).expect("one")[..],
            [PemItem::Certificate(_)]
        ));
    }
}
