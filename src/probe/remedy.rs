//! What to do about a verdict.
//!
//! Each line of a remedy is one step. What is to be pasted ends its line, after a colon: a
//! command for a shell, a statement for the server's own client, a line of one of its files, or
//! more options for the same run. A line that begins with "or" begins another way to do it.

mod command;
mod request;

pub(crate) use request::Remedy;

use self::request::again;
use crate::hint::{Hint, Verbatim};
use crate::probe::mode::TlsMode;

/// Returns the steps; nothing where nobody can say.
pub(crate) fn remedy_for(asked: &Remedy<'_>) -> Option<Hint> {
    command::command_for(asked).or_else(|| at_the_server(asked)).or_else(|| in_words(asked))
}

fn at_the_server(asked: &Remedy<'_>) -> Option<Hint> {
    let Remedy { reason, target, message, .. } = *asked;
    let remedies = target.engine.facts().remedies;
    Some(match reason {
        "intermediate_missing" => remedies.send_intermediate(),
        "no_tls" => remedies.enable_tls(),
        // The server named the port as its own.
        "plain_port_open" if message.contains(" at its port ") => remedies.require_tls(),
        "plain_port_open" => remedies.require_tls().then(again(
            "or let an account tell whose port it is; run it again with",
            "--user NAME",
        )),
        "plain_accepted" | "replication_accepted" => remedies.require_tls(),
        "tls_refused" => return remedies.admit_over_tls(),
        // The rules turn it away, whatever its password is.
        "login_denied" if message.contains("pg_hba.conf") => return remedies.admit_over_tls(),
        "client_cert_not_required" | "client_cert_not_checked" => {
            remedies.require_client_certificate()
        }
        "weak_protocol" => remedies.limit_versions("TLSv1.2"),
        // What was taken is below the floor that was asked for.
        "weak_protocol_accepted" => {
            let newest = message.contains("TLSv1.2 with ");
            remedies.limit_versions(if newest { "TLSv1.3" } else { "TLSv1.2" })
        }
        "weak_cipher" | "weak_cipher_accepted" => remedies.limit_suites(),
        "server_error" if message.contains("error 1129") => return remedies.unblock_hosts(),
        "login_withheld" if asked.mode == TlsMode::Plaintext => {
            let tells = "an account that logs in over TLS tells, where the server knows it then";
            Hint::from(tells).then(remedies.show_demands(false))
        }
        "weak_scram" => {
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
    let Remedy { reason, message, .. } = *asked;
    let certificate = "--client-cert CERT_FILE --client-key KEY_FILE";
    Some(match reason {
        "login_denied" => {
            let password =
                again("is the password right? run it again with", "--password-file FILE");
            match message.contains("[28P01]") {
                true => password,
                false => password.then(again(
                    "or does the account need a client certificate? run it again with",
                    certificate,
                )),
            }
        }
        "not_trusted" => Hint::from("see VERIFY_IDENTITY: the server's certificate comes first")
            .then(again(
                "or, if it is for another name than you dial, run it again with",
                "--server-name NAME",
            )),
        "galera_plaintext" => Hint::from(
            "add socket.ssl=YES with socket.ssl_cert, socket.ssl_key and socket.ssl_ca to \
             wsrep_provider_options, as snippet server --galera prints them; then restart the nodes",
        ),
        "server_not_proved" => Hint::from(
            "is something else listening there, or in between? compare with a login by the \
             server's Unix socket",
        ),
        "ports_not_told" => again(
            "let an account ask that may read the setting (CONFIG GET port); run it again with",
            "--user NAME",
        ),
        "not_admitted" => again(
            "run it again as a user that pg_hba.conf names, and with a database that it names \
             (URL/DATABASE)",
            "--probe-user NAME",
        ),
        "several_servers" => Hint::from(
            "name each server behind this address, not the load balancer; or if a certificate was \
             just replaced, run it again",
        ),
        "key_not_proved" => {
            Hint::from("whoever has a copy of a certificate can show it: is this your server?")
        }
        "key_unsupported" => Hint::from(
            "ask the engine's own client; or issue a certificate that every client takes: RSA of \
             2048 to 8192 bits, ECDSA on P-256 or P-384",
        ),
        "server_error" if message.contains("no such ") => again(
            "run it again as a user that the pool knows, and with a database that it knows \
             (URL/DATABASE)",
            "--probe-user NAME",
        ),
        "reset" | "closed" if message.contains("client certificate") => {
            again("show one; run it again with", certificate).then("or look into the server's log")
        }
        "reset" | "closed" if asked.mode == TlsMode::Plaintext => Hint::from(
            "a proxy or a firewall may have hung up: name the server behind it; or look into the \
             logs of both",
        ),
        "server_error" | "reset" | "closed" => Hint::from("look into the server's log"),
        "not_this_protocol" => Hint::from("check the engine and the port in the URL"),
        _ => return None,
    })
}
