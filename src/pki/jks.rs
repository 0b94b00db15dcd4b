//! Java's own trust-store format, JKS version 2, write only.
//!
//! The layout is that of `sun.security.provider.JavaKeyStore`: magic, version, number of
//! entries; for each entry tag 2, alias, date, certificate type and DER; at the end a SHA-1
//! over the password, a fixed phrase and all bytes before it. The digest protects nothing, and need
//! not: a trust store holds only public data.

use jiff::Timestamp;

use crate::error::{Code, Error, Result};
use crate::pki::certificate::Certificate;

/// Encodes a trust store of `(alias, certificate)` pairs under `password`; Java shows `now` as the
/// date of each entry.
///
/// # Errors
/// Exit 2 when an alias is longer than 65,535 bytes.
pub fn trust_store(
    entries: &[(String, &Certificate)],
    password: &str,
    now: Timestamp,
) -> Result<Vec<u8>> {
    let mut store = Vec::new();
    store.extend(0xfeed_feed_u32.to_be_bytes());
    store.extend(2_u32.to_be_bytes());
    store.extend(length(entries.len())?.to_be_bytes());
    for (alias, certificate) in entries {
        store.extend(2_u32.to_be_bytes()); // a trusted certificate
        utf(&mut store, alias)?;
        store.extend(now.as_millisecond().to_be_bytes());
        utf(&mut store, "X.509")?;
        store.extend(length(certificate.der().len())?.to_be_bytes());
        store.extend(certificate.der());
    }
    let mut digest = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY);
    password.encode_utf16().for_each(|unit| digest.update(&unit.to_be_bytes()));
    digest.update(b"Mighty Aphrodite");
    digest.update(&store);
    store.extend(digest.finish().as_ref());
    Ok(store)
}

/// Writes a string as Java's `DataOutput.writeUTF` does. The encoding equals UTF-8 for text without
/// NUL and inside the basic multilingual plane.
fn utf(store: &mut Vec<u8>, text: &str) -> Result<()> {
    let length = u16::try_from(text.len()).map_err(|_| too_long())?;
    store.extend(length.to_be_bytes());
    store.extend(text.as_bytes());
    Ok(())
}

fn length(length: usize) -> Result<u32> {
    u32::try_from(length).map_err(|_| too_long())
}

fn too_long() -> Error {
    Error::usage(Code::JksTooLong, "an entry is too long for a JKS trust store")
}
