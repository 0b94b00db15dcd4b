//! Remedies for a verdict.
//!
//! Each line of a remedy is one step. A text to paste ends its line, after a colon: a command for a
//! shell, a statement for the server's own client, a line of one of its files, or further options
//! for the same run. A line that begins with "or" begins an alternative.

mod command;
mod request;

pub(crate) use request::Remedy;

use self::request::again;
use crate::connection::failure::RefusalCause;
use crate::error::Reason;
use crate::hint::{Hint, Verbatim};
use crate::probe::finding::FindingDetail;
use crate::probe::mode::TlsMode;

/// Returns the steps of a remedy; `None` if none is known.
pub(crate) fn remedy_for(asked: &Remedy<'_>) -> Option<Hint> {
    command::command_for(asked).or_else(|| at_the_server(asked)).or_else(|| in_words(asked))
}

fn at_the_server(asked: &Remedy<'_>) -> Option<Hint> {
    let Remedy { reason, detail, .. } = *asked;
    let remedies = asked.engine().facts().remedies;
    Some(match reason {
        Reason::IntermediateMissing => remedies.send_intermediate(),
        Reason::NoTls => remedies.enable_tls(),
        // The server itself reported the port (CONFIG GET port).
        Reason::PlainPortOpen if detail == FindingDetail::ReportedPort => remedies.require_tls(),
        Reason::PlainPortOpen => remedies.require_tls().then(again(
            "or let an account tell whose port it is; run it again with",
            "--user NAME",
        )),
        Reason::PlainAccepted | Reason::ReplicationAccepted => remedies.require_tls(),
        Reason::TlsRefused => return remedies.admit_over_tls(),
        // pg_hba.conf refuses the account before its password is checked.
        Reason::LoginDenied if detail == FindingDetail::Refusal(RefusalCause::HostRules) => {
            return remedies.admit_over_tls();
        }
        Reason::ClientCertNotRequired | Reason::ClientCertNotChecked => {
            remedies.require_client_certificate()
        }
        Reason::WeakProtocol => remedies.limit_versions("TLSv1.2"),
        Reason::WeakProtocolAccepted => remedies.limit_versions(match detail {
            FindingDetail::Tls12BelowFloor => "TLSv1.3",
            _ => "TLSv1.2",
        }),
        Reason::WeakCipher | Reason::WeakCipherAccepted => remedies.limit_suites(),
        Reason::ServerError if detail == FindingDetail::Refusal(RefusalCause::HostBlocked) => {
            return remedies.unblock_hosts();
        }
        Reason::LoginWithheld if asked.mode == TlsMode::Plaintext => {
            let tells = "an account that logs in over TLS tells, where the server knows it then";
            Hint::from(tells).then(remedies.show_demands(false))
        }
        Reason::WeakScram => {
            Hint::from(("on PostgreSQL, in one session", Verbatim("SET scram_iterations = 4096;")))
                .then((
                    "and there set the account's password again, which is made of them",
                    Verbatim("\\password NAME"),
                ))
        }
        _ => return None,
    })
}

fn in_words(asked: &Remedy<'_>) -> Option<Hint> {
    let Remedy { reason, detail, .. } = *asked;
    let certificate = "--client-cert CERT_FILE --client-key KEY_FILE";
    Some(match reason {
        Reason::LoginDenied if detail == FindingDetail::Refusal(RefusalCause::DatabaseMissing) => {
            let mut url = asked.target.clone();
            url.database = None;
            Hint::from((
                "the database does not exist; run it again with the name of one that does",
                Verbatim(format!("{url}/DATABASE")),
            ))
        }
        Reason::LoginDenied => {
            let password =
                again("is the password right? run it again with", "--password-file FILE");
            match detail {
                FindingDetail::Refusal(RefusalCause::Password) => password,
                _ => password.then(again(
                    "or does the account need a client certificate? run it again with",
                    certificate,
                )),
            }
        }
        Reason::NotTrusted => {
            Hint::from("see VERIFY_IDENTITY: the server's certificate comes first").then(again(
                "or, if it is for another name than you dial, run it again with",
                "--server-name NAME",
            ))
        }
        Reason::GaleraPlaintext => Hint::from(
            "add socket.ssl=YES with socket.ssl_cert, socket.ssl_key and socket.ssl_ca to \
             wsrep_provider_options, as snippet server --galera prints them; then restart the nodes",
        ),
        Reason::ServerNotProved => Hint::from(
            "is something else listening there, or in between? compare with a login by the \
             server's Unix socket",
        ),
        Reason::PortsNotTold => again(
            "let an account ask that may read the setting (CONFIG GET port); run it again with",
            "--user NAME",
        ),
        Reason::NotAdmitted => again(
            "run it again as a user that pg_hba.conf names, and with a database that it names \
             (URL/DATABASE)",
            "--probe-user NAME",
        ),
        Reason::SeveralServers => Hint::from(
            "name each server behind this address, not the load balancer; or if a certificate was \
             just replaced, run it again",
        ),
        Reason::KeyNotProved => {
            Hint::from("whoever has a copy of a certificate can show it: is this your server?")
        }
        Reason::KeyUnsupported => Hint::from(
            "ask the engine's own client; or issue a certificate that every client takes: RSA of \
             2048 to 8192 bits, ECDSA on P-256 or P-384",
        ),
        Reason::ServerError if detail == FindingDetail::Refusal(RefusalCause::UnknownName) => {
            again(
                "run it again as a user that the pool knows, and with a database that it knows \
             (URL/DATABASE)",
                "--probe-user NAME",
            )
        }
        Reason::Reset | Reason::Closed if detail == FindingDetail::CertificateRequested => {
            again("show one; run it again with", certificate).then("or look into the server's log")
        }
        Reason::Reset | Reason::Closed if asked.mode == TlsMode::Plaintext => Hint::from(
            "a proxy or a firewall may have hung up: name the server behind it; or look into the \
             logs of both",
        ),
        Reason::ServerError | Reason::Reset | Reason::Closed => {
            Hint::from("look into the server's log")
        }
        Reason::NotThisProtocol => Hint::from("check the engine and the port in the URL"),
        _ => return None,
    })
}
