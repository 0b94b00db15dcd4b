//! Checks the markers of a PEM file (RFC 7468, section 2) before the file is parsed: parsers ignore
//! a marker that is not alone on its line, and with it a whole certificate.

use crate::error::{Code, Error, Result};
use crate::shell::{CommandLine, Placeholder};

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

/// Checks that every marker stands alone on its line, and that every section begins and ends.
/// Blanks behind a marker do no harm. Errors quote no content of a line: it may be a key.
///
/// # Errors
/// Exit 2, with the line: `pem-marker`, `pem-cut-short`, and `pem-trusted` for OpenSSL's
/// `TRUSTED CERTIFICATE`.
pub(super) fn check(name: &str, bytes: &[u8]) -> Result<()> {
    let mut open: Option<(usize, &[u8])> = None;
    for (number, line) in lines(bytes) {
        let is_end = contains(line, END);
        if !is_end && !contains(line, BEGIN) {
            continue;
        }
        let kind = if is_end { END } else { BEGIN };
        let Some(label) = label(line, kind) else {
            return Err(not_alone(name, number, line, kind));
        };
        open = match (open, is_end) {
            (None, false) if label == b"TRUSTED CERTIFICATE" => return Err(trusted(name, number)),
            (None, false) => Some((number, label)),
            (Some((_, begun)), true) if begun == label => None,
            (Some((from, begun)), false) => return Err(cut_short(name, from, begun)),
            (Some((from, begun)), true) => {
                return Err(damaged(
                    name,
                    number,
                    &format!(
                        "ends a section of another kind than {} of line {from}",
                        printable_label(begun)
                    ),
                ));
            }
            (None, true) => {
                return Err(damaged(
                    name,
                    number,
                    &format!(
                        "is -----END {}-----, and no line begins that section",
                        printable_label(label)
                    ),
                ));
            }
        };
    }
    match open {
        Some((from, begun)) => Err(cut_short(name, from, begun)),
        None => Ok(()),
    }
}

/// Splits at LF, CR or CR LF, and numbers the lines from 1.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let by_lf = bytes.split(|byte| *byte == b'\n');
    let lines = by_lf
        .flat_map(|line| line.strip_suffix(b"\r").unwrap_or(line).split(|byte| *byte == b'\r'));
    lines.enumerate().map(|(at, line)| (at + 1, line))
}

fn contains(line: &[u8], what: &[u8]) -> bool {
    line.windows(what.len()).any(|window| window == what)
}

/// The label of a line that holds only a marker.
fn label<'a>(line: &'a [u8], kind: &[u8]) -> Option<&'a [u8]> {
    let label = line.trim_ascii_end().strip_prefix(kind)?.strip_suffix(DASHES)?;
    super::is_label(label).then_some(label)
}

fn printable_label(label: &[u8]) -> String {
    String::from_utf8_lossy(label).into_owned()
}

fn not_alone(name: &str, number: usize, line: &[u8], kind: &[u8]) -> Error {
    let is_indented = label(line.trim_ascii_start(), kind).is_some();
    let hint = "a marker such as -----BEGIN CERTIFICATE----- is a line of its own";
    if is_indented {
        return damaged(name, number, "is a marker with blanks in front of it")
            .hint("remove the blanks: sed 's/^[ \\t]*//'");
    }
    let kind = String::from_utf8_lossy(kind.trim_ascii_end()).into_owned();
    damaged(name, number, &format!("holds {kind}, but is not a marker")).hint(hint)
}

fn damaged(name: &str, number: usize, what: &str) -> Error {
    Error::usage(Code::PemMarker, format!("{name} is damaged: line {number} {what}")).hint(
        "copy the file again, with its line ends; between two files that are joined, one is needed",
    )
}

fn cut_short(name: &str, from: usize, label: &[u8]) -> Error {
    let label = printable_label(label);
    Error::usage(
        Code::PemCutShort,
        format!("{name} is cut short: -----END {label}----- is missing for line {from}"),
    )
    .hint("copy the whole file again, with its last line")
}

fn trusted(name: &str, number: usize) -> Error {
    let what = "begins a certificate in OpenSSL's own format, with trust settings";
    Error::usage(Code::PemTrusted, format!("{name} cannot be used: line {number} {what}")).hint((
        "write it without that",
        CommandLine::other("openssl", "x509")
            .option("-in", Placeholder("FILE"))
            .option("-out", Placeholder("NEW_FILE")),
    ))
}
