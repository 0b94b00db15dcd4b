//! Bad input through the binary: each kind has its own exit status and code, changes nothing,
//! and is never a panic.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use crate::common::foreign::{Foreign, Pair};
use crate::common::{Home, base64, chmod, run, tool, unprivileged};

/// A home with a sound foreign CA in files, and its two PEM texts.
fn home() -> (Home, Pair, String, String) {
    let home = Home::new();
    let pair = Foreign::default().make(&home, "foreign");
    let read = |file: &str| fs::read_to_string(file).expect("PEM");
    let (cert, key) = (read(&pair.cert), read(&pair.key));
    (home, pair, cert, key)
}

fn utf16(text: &str, little: bool) -> Vec<u8> {
    let bytes = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
    format!("\u{feff}{text}").encode_utf16().flat_map(bytes).collect()
}

fn pem(label: &str, der: &[u8]) -> Vec<u8> {
    let base64 = base64(der);
    let base64 = base64.as_str().expect("text");
    format!("-----BEGIN {label}-----\n{base64}\n-----END {label}-----\n").into()
}

#[test]
fn certificates_and_keys_that_are_none() {
    let (home, pair, cert, key) = home();
    let broken = |pem: &str| pem.replacen("MI", "M!", 1);
    let cut = |pem: &str, by: usize| pem[..pem.len() - by].to_owned().into_bytes();
    let last_line = "-----END CERTIFICATE-----\n".len();
    for (bytes, of_cert, of_key) in [
        (vec![], "pem-empty", "pem-empty"),
        (b"hello".to_vec(), "pem-empty", "pem-empty"),
        (vec![0; 1000], "pem-empty", "pem-empty"),
        (vec![0xff; 1000], "pem-empty", "pem-empty"),
        (vec![0x30; 1000], "certificate-damaged", "certificate-damaged"),
        (utf16(&(cert.clone() + &key), true), "pem-utf16", "pem-utf16"),
        (utf16(&(cert.clone() + &key), false), "pem-utf16", "pem-utf16"),
        (cut(&cert, last_line), "pem-cut-short", "pem-cut-short"),
        (cut(&cert, last_line + 40), "pem-cut-short", "pem-cut-short"),
        (cut(&key, last_line), "pem-cut-short", "pem-cut-short"),
        (broken(&cert).into(), "pem-base64", "pem-base64"),
        (broken(&key).into(), "pem-base64", "pem-base64"),
        (b"-----BEGIN CERTIFICATE----\n".to_vec(), "pem-marker", "pem-marker"),
        (cert.clone().into(), "ok", "key-missing"),
        (key.clone().into(), "certificate-missing", "ok"),
        ((cert.clone() + &cert).into(), "certificate-ambiguous", "key-missing"),
        ((key.clone() + &key).into(), "certificate-missing", "key-ambiguous"),
        (pem("CERTIFICATE", b"\x30\x03\x02\x01\x01"), "certificate-damaged", "key-missing"),
        (pem("PRIVATE KEY", b"\x30\x03\x02\x01\x01"), "certificate-missing", "key-unsupported"),
        (
            pem("ENCRYPTED PRIVATE KEY", b"\x30\0"),
            "certificate-missing",
            "key-encryption-unsupported",
        ),
    ] {
        let file = home.write("input", &bytes);
        let passphrase = home.write("passphrase", "x");
        let more = ["--passphrase-file", &passphrase, "-o", "json"];
        for (cert, key, code) in [(&file, &pair.key, of_cert), (&pair.cert, &file, of_key)] {
            if code != "ok" {
                let import = ["ca", "import", "--cert", cert, "--key", key];
                home.fails(&[&import[..], &more].concat(), 2, code);
            }
        }
    }
}

/// Two files joined where the first lacks its last line end: nobody else reads such a file, and
/// the second certificate is not passed over.
#[test]
fn joined_certificates_are_refused_wherever_pem_is_read() {
    let (home, pair, cert, _) = home();
    let joined = home.write("joined.pem", format!("{}{cert}", cert.trim_end()));
    let line = cert.lines().count();
    let port = crate::common::tls::closed_port();
    let server = format!("postgresql://127.0.0.1:{port}");
    for arguments in [
        vec!["cert", "inspect", &joined, "--expires-within", "30d"],
        vec!["cert", "inspect", &pair.cert, "--verify", "--ca-file", &joined],
        vec!["verify", &server, "--ca-file", &joined],
        vec!["ca", "import", "--cert", &joined, "--key", &pair.key],
    ] {
        let failed = home.fails(&[&arguments[..], &["-o", "json"]].concat(), 2, "pem-marker");
        let place =
            format!("joined.pem is damaged: line {line} holds -----END, but is not a marker");
        assert!(failed.stderr.contains(&place), "{arguments:?}: {}", failed.stderr);
    }
}

#[test]
fn windows_editors_leave_a_mark_and_other_line_ends() {
    let (home, _, cert, key) = home();
    let both = format!("\u{feff}{}", (cert + &key).replace('\n', "\r\n"));
    let file = home.write("both.pem", both);
    home.done(&["ca", "import", "--cert", &file]);
    home.done(&["ca", "check", "--strict"]);
}

#[test]
fn bytes_behind_a_certificate() {
    let (home, pair, ..) = home();
    let der = home.at("cert.der");
    tool("openssl", &["x509", "-in", &pair.cert, "-outform", "DER", "-out", &der]);
    let mut bytes = fs::read(&der).expect("DER");
    bytes.push(0);
    home.write("cert.der", &bytes);
    let import = ["ca", "import", "--cert", &der, "--key", &pair.key];
    home.fails(&import, 2, "certificate-damaged");
    home.write("cert.der", &bytes[..bytes.len() - 20]);
    home.fails(&import, 2, "certificate-damaged");
}

#[test]
fn files_that_cannot_be_read() {
    let (home, pair, ..) = home();
    let huge = home.write("huge", "");
    let open = fs::File::options().write(true).open(&huge).expect("open");
    open.set_len(2 << 30).expect("a sparse file");
    let (closed, fifo, directory) =
        (home.write("closed", "x"), home.at("fifo"), home.at("directory"));
    chmod(closed.as_ref(), 0);
    tool("mkfifo", &[&fifo]);
    fs::create_dir(&directory).expect("made");
    symlink(home.join("loop"), home.join("loop")).expect("made");
    let sealed = home.write("sealed", pem("ENCRYPTED PRIVATE KEY", &[0x30, 0]));
    let before = home.snapshot();
    for (file, exit, code) in [
        (huge.as_str(), 2, "file-too-large"),
        ("/dev/zero", 2, "file-not-regular"),
        (&fifo, 2, "file-not-regular"),
        (&directory, 2, "file-is-directory"),
        (&home.at("absent"), 3, "file-missing"),
        (&home.at("loop"), 3, "file-loop"),
        (&format!("{}/x", pair.cert), 3, "file-unreadable"),
        (&closed, 3, "file-permission"),
    ] {
        for arguments in [
            &["--cert", file, "--key", &pair.key][..],
            &["--cert", &pair.cert, "--key", file],
            &["--cert", &pair.cert, "--key", &sealed, "--passphrase-file", file],
        ] {
            let command = home.ccx(&[&["ca", "import"], arguments].concat());
            run(&mut unprivileged(&command)).assert_error(exit, code);
        }
    }
    let mut import = home.ccx(&["ca", "import", "--cert", "-"]);
    run(import.write_stdin(vec![b'x'; 2 << 20])).assert_error(2, "file-too-large");
    assert_eq!(home.snapshot(), before);
}

#[test]
fn passphrase_files_that_hold_none() {
    let (home, pair, ..) = home();
    let sealed = home.write("sealed", pem("ENCRYPTED PRIVATE KEY", &[0x30, 0]));
    for (bytes, code) in [
        (vec![], "passphrase-file"),
        (b"\nsecond line".to_vec(), "passphrase-file"),
        (b"\r\n".to_vec(), "passphrase-file"),
        (vec![0xff, 0xfe, b'x', 0], "passphrase-file"),
        (vec![b'x'; 5000], "file-too-large"),
    ] {
        let file = home.write("passphrase", bytes);
        let import = ["ca", "import", "--cert", &pair.cert, "--key", &sealed];
        home.fails(&[&import[..], &["--passphrase-file", &file]].concat(), 2, code);
    }
}

#[test]
fn arguments() {
    let home = Home::new();
    let long = "x".repeat(10_000);
    let fails = |option: &str, value: &str, code: &str| {
        let given = format!("{option}={value}");
        let mut init = vec!["ca", "init", "-o", "json", &given];
        if option != "--common-name" {
            init.extend(["--common-name", "X"]);
        }
        home.fails(&init, 2, code);
    };
    for option in ["--common-name", "--organization"] {
        for (value, code) in [
            ("", "subject-empty"),
            (" \t ", "subject-empty"),
            (&long, "subject-too-long"),
            (&"é".repeat(65), "subject-too-long"),
            ("a\nb", "subject-control-character"),
            ("a\u{1b}[31mb", "subject-control-character"),
            ("a\u{202e}b", "subject-control-character"),
            ("a\u{85}b", "subject-control-character"),
            ("a ", "subject-white-space"),
        ] {
            fails(option, value, code);
        }
    }
    for (option, value, code) in [
        ("--validity", "8000y", "date-past-9999"),
        ("--validity", "100000mo", "date-past-9999"),
        ("--validity", "0d", "duration"),
        ("--validity", "-1y", "duration"),
        ("--validity", "10x", "duration"),
        ("--validity", "99999999999999999999y", "duration"),
        ("--validity", &long, "duration"),
        ("--permit-ip", "10.0.0.1/8", "constraint-host-bits"),
        ("--permit-ip", "fd00::1/64", "constraint-host-bits"),
        ("--permit-ip", "10.0.0.0/33", "constraint-cidr"),
        ("--permit-ip", "10.0.0.0", "constraint-cidr"),
        ("--permit-ip", &long, "constraint-cidr"),
        ("--permit-dns", "", "constraint-dns"),
        ("--permit-dns", "a..b", "constraint-dns"),
        ("--permit-dns", "b\u{fc}cher.example", "constraint-dns"),
        ("--permit-dns", &long, "constraint-dns"),
        ("--ca", "", "secret-name"),
        ("--ca", "../x", "secret-name"),
        ("--ca", "UPPER", "secret-name"),
        ("--ca", &"x".repeat(250), "secret-name"), // its bundle's name would be too long
        ("--ca", &long, "secret-name"),
        ("--timeout", "0", "usage"),
        ("--key-type", "dsa", "usage"),
        ("--dry-run", "maybe", "usage"),
    ] {
        fails(option, value, code);
    }
    let mut not_utf8 = home.ccx(&["ca", "init", "-o", "json", "--common-name"]);
    run(not_utf8.arg(OsStr::from_bytes(b"a\xffb"))).assert_error(2, "usage");
    assert!(home.snapshot().is_empty());
}

#[test]
fn certificate_without_an_end() {
    // RFC 5280, section 4.1.2.5: this date says that it never expires.
    let home = Home::new();
    let dates = ["20200101000000Z", "99991231235959Z"];
    let pair = Foreign { dates, ..Foreign::default() }.make(&home, "foreign");
    home.done(&["ca", "import", "--cert", &pair.cert, "--key", &pair.key]);
    home.done(&["ca", "check", "--strict", "--expires-within", "1000y"]);
    let shown = home.done(&["ca", "show", "-o", "json"]).json();
    assert!(shown["not_after"].as_str().expect("a date").starts_with("9999-12-3"), "{shown}");
}
