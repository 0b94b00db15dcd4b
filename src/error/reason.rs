//! The stable reasons of verdicts about TLS, with what each means.

use super::code_table;

code_table! {
    /// The reason of a verdict other than pass, of `verify` or `cert inspect --verify`.
    ///
    /// Chain, connection and probe each give some of these reasons: so the table is in a room below
    /// all three.
    pub enum Reason {
        "The server and TLS":
            PlainAccepted "plain_accepted" "The server accepts clients without TLS.";
            ReplicationAccepted "replication_accepted" "The server accepts replication without TLS.";
            PlainPortOpen "plain_port_open" "Redis and Valkey: another port accepts clients without TLS. A failure if the server names that port as its own (`CONFIG GET port`, with an account of `--user` that may read it); else unknown.";
            GaleraPlaintext "galera_plaintext" "MariaDB: the nodes of a Galera cluster replicate without TLS (`socket.ssl`). An account of `--user` asks; state transfers (SST) are not checked.";
            SeveralServers "several_servers" "Connections to one address reached servers that differ: in certificates, versions, refusals, numbers of connections, or salts.";
            NoTls "no_tls" "The server offers no TLS.";
            TlsRefused "tls_refused" "The server refuses clients with TLS.";
            WeakProtocol "weak_protocol" "The server supports neither TLS 1.2 nor TLS 1.3.";
            WeakCipher "weak_cipher" "TLS 1.2 only with cipher suites that many clients refuse: static RSA, or Diffie-Hellman over finite fields.";
            WeakProtocolAccepted "weak_protocol_accepted" "`--min-tls`: the server accepts a version of TLS below the minimum.";
            WeakCipherAccepted "weak_cipher_accepted" "`--min-tls`: the server accepts a cipher suite below the minimum.";
            TlsAlert "tls_alert" "The server ended the handshake with a TLS alert.";
            TlsFailed "tls_failed" "The answer was not TLS, or broke its rules.";
            KeyNotProved "key_not_proved" "The server does not prove that it holds the key of its certificate.";
            KeyUnsupported "key_unsupported" "The certificate has a key that clients may accept and this program cannot use for a handshake: RSA below 2048 bits, Ed448, RSA-PSS. Nothing more is known.";
            PlaintextInjected "plaintext_injected" "Data in clear came between the request for TLS and the handshake, as in CVE-2021-23222.";
        "The stored certificate (--dir, --expect-loaded)":
            NotLoaded "not_loaded" "The server serves another certificate than the stored one.";
            FilesDamaged "files_damaged" "A server would refuse the stored files.";
            FilesNotRead "files_not_read" "The stored files are missing or cannot be read.";
        "Client certificates":
            ClientCertRequired "client_cert_required" "The server demands a client certificate.";
            ClientCertRejected "client_cert_rejected" "The server rejects the client certificate.";
            ClientCertNotRequired "client_cert_not_required" "The server accepts clients without a certificate.";
            ClientCertNotChecked "client_cert_not_checked" "The server accepts a client certificate of an unknown CA.";
        "Accounts":
            LoginDenied "login_denied" "The server denies the login of an account.";
            LoginWithheld "login_withheld" "ccx-sec stopped the login, because the next message could expose the password.";
            NotTrusted "not_trusted" "The server is not trusted with the login of an account.";
            WeakScram "weak_scram" "The server asks for SCRAM with too few iterations, and gets no answer.";
            ServerNotProved "server_not_proved" "The server accepts a login without proof that it knows the password.";
        "The answer is unknown":
            NeedsLogin "needs_login" "The server enforces this only after a successful login.";
            NotAdmitted "not_admitted" "The server refuses the user of the probe both with TLS and without.";
            NotTried "not_tried" "The check was not made.";
            PortsNotTold "ports_not_told" "Redis and Valkey: the accounts of `--user` asked for the port without TLS (`CONFIG GET port`), and the server did not say: no right to read it, or `CONFIG` is renamed.";
            NameUnknown "name_unknown" "The host name of the server has no address.";
            Unreachable "unreachable" "The network has no way to the server.";
            Refused "refused" "Nothing listens on the port of the server.";
            Reset "reset" "The connection was reset.";
            Closed "closed" "The server closed the connection.";
            Timeout "timeout" "The server did not answer in time.";
            NotThisProtocol "not_this_protocol" "The server speaks another protocol.";
            ServerError "server_error" "The server answered with an error.";
        "Clients (--simulate)":
            PlainRefused "plain_refused" "The server accepts no client without TLS.";
            MachineCas "machine_cas" "The client trusts the CAs of its machine, which are not known here.";
        "The certificate":
            Damaged "damaged" "A certificate breaks the rules of its encoding.";
            Unsupported "unsupported" "A certificate has a critical extension, or a version, that cannot be checked.";
            Untrusted "untrusted" "No path leads to a trusted CA.";
            IntermediateMissing "intermediate_missing" "No path leads to a trusted CA, because the peer does not send an intermediate CA.";
            BadSignature "bad_signature" "A signature does not fit the key that should have made it.";
            WeakKey "weak_key" "A key is too short, or of a kind that is not safe or not known.";
            WeakSignature "weak_signature" "A signature is made with MD5 or SHA-1, or of a kind that is not known.";
            Expired "expired" "The certificate, or a CA above it, has expired.";
            NotYetValid "not_yet_valid" "The certificate, or a CA above it, is not valid yet.";
            Revoked "revoked" "The CA revoked the certificate.";
            BadCrl "bad_crl" "A revocation list that covers the certificate is invalid.";
            NotACa "not_a_ca" "The issuer is not a CA.";
            PathLength "path_length" "The path has more CA certificates than a pathLenConstraint allows.";
            NameConstraint "name_constraint" "A name lies outside the name constraints of a CA above.";
            WrongPurpose "wrong_purpose" "keyUsage or extendedKeyUsage does not allow this use.";
            NameMismatch "name_mismatch" "The certificate is for another name than the one that clients dial.";
            Nonconforming "nonconforming" "The chain breaks a rule that most peers do not enforce.";
            TooComplex "too_complex" "Checking the chain would exceed the limits on work.";
    }
}
