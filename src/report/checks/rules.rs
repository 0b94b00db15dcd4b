//! What each reason of `verify` and `volume check` means in general, whatever the subject.

/// The meaning of `code` in a sentence without a full stop. Codes that are not in the table
/// are spelled out.
pub(super) fn description(code: &str) -> String {
    match DESCRIPTIONS.iter().find(|(known, _)| *known == code) {
        Some((_, text)) => (*text).to_owned(),
        None => format!("Finding: {}", code.replace(['-', '_'], " ")),
    }
}

const DESCRIPTIONS: [(&str, &str); 49] = [
    ("plain_accepted", "The server accepts clients without TLS"),
    ("replication_accepted", "The server accepts replication without TLS"),
    ("galera_plaintext", "The nodes of a Galera cluster replicate without TLS"),
    ("several_servers", "Connections to one address met different servers"),
    ("no_tls", "The server offers no TLS"),
    ("tls_refused", "The server refuses clients with TLS"),
    ("weak_protocol", "The server supports neither TLS 1.2 nor TLS 1.3"),
    ("weak_cipher", "The server supports only cipher suites without forward secrecy"),
    ("tls_alert", "The server ended the handshake with a TLS alert"),
    ("tls_failed", "The TLS handshake failed"),
    ("key_not_proved", "The server does not prove that it holds the key of its certificate"),
    (
        "plaintext_injected",
        "The server sent data in clear between the request for TLS and the handshake (CVE-2021-23222)",
    ),
    ("client_cert_required", "The server demands a client certificate"),
    ("client_cert_rejected", "The server rejects the client certificate"),
    ("client_cert_not_required", "The server accepts clients without a certificate"),
    ("client_cert_not_checked", "The server accepts a client certificate of an unknown CA"),
    ("login_denied", "The server denies the login of an account"),
    ("login_withheld", "The login would have sent more than is safe, and was broken off"),
    ("not_trusted", "The server is not trusted with the login of an account"),
    ("not_admitted", "The server admits the user of the probe neither with TLS nor without"),
    ("needs_login", "The server enforces this only after a successful login"),
    ("ports_not_told", "The server did not say which ports without TLS it has"),
    ("not_tried", "The check was not made"),
    ("name_unknown", "The host name of the server has no address"),
    ("unreachable", "The server cannot be reached"),
    ("refused", "Nothing listens on the port of the server"),
    ("reset", "The connection was reset"),
    ("closed", "The server closed the connection"),
    ("timeout", "The server did not answer in time"),
    ("not_this_protocol", "The server speaks another protocol"),
    ("server_error", "The server answered with an error"),
    ("untrusted", "The certificate is not signed by a trusted CA"),
    ("expired", "The certificate has expired"),
    ("not_yet_valid", "The certificate is not valid yet"),
    ("name_mismatch", "The certificate is for another name"),
    ("expires-soon", "The certificate expires soon"),
    ("unreadable", "The data cannot be read"),
    ("not_encrypted", "The data lies on a device without encryption"),
    ("luks1", "The device is encrypted with LUKS1 instead of LUKS2"),
    ("not_luks2", "The device is encrypted in another format than LUKS2"),
    ("no_volume", "The data lies in memory, not on a volume"),
    ("cipher", "The volume uses another cipher than aes-xts-plain64"),
    ("key_size", "The volume key does not have 512 bits"),
    ("no_keyslot", "The LUKS2 header has no key slot"),
    ("reencryption_pending", "The reencryption of the volume is not complete"),
    ("no_header", "The device of the volume has no LUKS2 header"),
    ("header_damaged", "The LUKS2 header is damaged"),
    ("header_other", "The LUKS2 header belongs to another volume"),
    ("missing", "There is no such path"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_words() {
        assert_eq!(description("plain_accepted"), "The server accepts clients without TLS");
        assert_eq!(description("weak-key"), "Finding: weak key");
    }
}
