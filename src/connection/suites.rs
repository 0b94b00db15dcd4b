//! Cipher suites and key exchange groups, by their numbers and names at IANA ("Transport Layer
//! Security (TLS) Parameters").

use std::sync::LazyLock;

use rustls::CipherSuite;

/// An IANA number and its name.
pub(crate) type NumberAndName = (u16, &'static str);

/// The cipher suites of TLS 1.3 (RFC 8446, appendix B.4).
pub(crate) const TLS13: [NumberAndName; 5] = [
    (0x1301, "TLS_AES_128_GCM_SHA256"),
    (0x1302, "TLS_AES_256_GCM_SHA384"),
    (0x1303, "TLS_CHACHA20_POLY1305_SHA256"),
    (0x1304, "TLS_AES_128_CCM_SHA256"),
    (0x1305, "TLS_AES_128_CCM_8_SHA256"),
];

/// The cipher suites of TLS 1.2 and older, as rustls names them: IANA's registry before 2018, which
/// contains everything that OpenSSL 3 implements. Without SRP: a server answers it only for an
/// account, and may prefer it to others.
pub(crate) static OLDER: LazyLock<Vec<NumberAndName>> = LazyLock::new(|| {
    let named = |number| Some((number, CipherSuite::from(number).as_str()?));
    let is_suite = |(_, name): &NumberAndName| {
        name.starts_with("TLS_")
            && !name.ends_with("_SCSV")
            && !name.contains("_SRP_")
            && *name != "TLS_NULL_WITH_NULL_NULL"
    };
    (1..=0xfeff).filter_map(named).filter(is_suite).collect()
});

/// Key exchange groups: hybrids with ML-KEM first, then curves, then finite fields (RFC 7919).
pub(crate) const GROUPS: [NumberAndName; 15] = [
    (0x11ec, "X25519MLKEM768"),
    (0x11eb, "SecP256r1MLKEM768"),
    (0x11ed, "SecP384r1MLKEM1024"),
    (0x0200, "MLKEM512"),
    (0x0201, "MLKEM768"),
    (0x0202, "MLKEM1024"),
    (0x001d, "x25519"),
    (0x0017, "secp256r1"),
    (0x0018, "secp384r1"),
    (0x0019, "secp521r1"),
    (0x001e, "x448"),
    (0x0100, "ffdhe2048"),
    (0x0101, "ffdhe3072"),
    (0x0102, "ffdhe4096"),
    (0x0103, "ffdhe6144"),
];

/// The name of a cipher suite.
pub(crate) fn suite_name(number: u16) -> String {
    name(number, TLS13.iter().chain(OLDER.iter()))
}

/// The name of a group.
pub(crate) fn group_name(number: u16) -> String {
    name(number, GROUPS.iter())
}

fn name<'a>(number: u16, mut all: impl Iterator<Item = &'a NumberAndName>) -> String {
    let known = all.find(|(one, _)| *one == number);
    known.map_or_else(|| format!("0x{number:04x}"), |(_, name)| (*name).to_owned())
}

/// Whether TLS 1.0 and 1.1 have the suite: suites with another hash or an AEAD need TLS 1.2.
pub(crate) fn is_old(name: &str) -> bool {
    name.ends_with("_SHA") || name.ends_with("_MD5")
}

/// Whether a suite should not be negotiated (RFC 9325, section 4.1): it has no forward secrecy (the
/// certificate's key or a pre-shared key decrypts recorded traffic), no encryption, no proof of the
/// server's identity, or a cipher that is broken or whose key is too short.
#[must_use]
pub fn is_weak(name: &str) -> bool {
    let exchanges = ["TLS_RSA_", "TLS_DH_", "TLS_ECDH_", "TLS_PSK_", "TLS_KRB5_"];
    let parts = ["_NULL_", "_anon_", "_EXPORT", "_RC2_", "_RC4_", "_DES_", "_3DES_", "_IDEA_"];
    exchanges.iter().any(|exchange| name.starts_with(exchange))
        || parts.iter().any(|part| name.contains(part))
}

/// Whether the key exchange uses a curve.
pub(crate) fn has_curve(name: &str) -> bool {
    name.starts_with("TLS_ECDHE_")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_known_once() {
        let all: Vec<_> = TLS13.iter().chain(OLDER.iter()).collect();
        let numbers: BTreeSet<_> = all.iter().map(|(number, _)| number).collect();
        let names: BTreeSet<_> = all.iter().map(|(_, name)| name).collect();
        assert_eq!((numbers.len(), names.len()), (all.len(), all.len()));
        assert_eq!(suite_name(0xc02f), "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
        assert_eq!(
            (suite_name(0xfefe).as_str(), group_name(0x11ec).as_str()),
            ("0xfefe", "X25519MLKEM768")
        );
    }

    #[test]
    fn weak_is_what_has_no_forward_secrecy_or_no_encryption() {
        for weak in [
            "TLS_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_DH_anon_WITH_AES_128_CBC_SHA",
            "TLS_ECDHE_RSA_WITH_NULL_SHA",
            "TLS_RSA_WITH_ARIA_128_GCM_SHA256",
            "TLS_RSA_PSK_WITH_AES_128_GCM_SHA256",
            "TLS_PSK_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_DHE_RSA_WITH_DES_CBC_SHA",
        ] {
            assert!(is_weak(weak), "{weak}");
        }
        for good in ["TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"] {
            assert!(!is_weak(good), "{good}");
        }
    }
}
