//! Remedies that are commands to paste.

use super::request::{Remedy, again};
use crate::connection::target::DatabaseTarget;
use crate::error::Reason;
use crate::hint::{Hint, Verbatim};
use crate::node::{NodeId, issue_command};
use crate::pki::certificate::Certificate;
use crate::pki::san::DnsName;
use crate::probe::loaded::{self, StoredIn};
use crate::probe::mode::TlsMode;
use crate::shell::{CommandLine, Placeholder, Word};

/// Returns the remedy that is a command, with its further steps; `None` if no command helps.
pub(super) fn command_for(asked: &Remedy<'_>) -> Option<Hint> {
    let Remedy { reason, target, stored, .. } = *asked;
    let engine = asked.engine();
    let remedies = engine.facts().remedies;
    let reload = |prose: &str| Hint::from((prose, Verbatim(loaded::reload_from(engine, stored))));
    let url = target.to_string();
    let issue = || issue_command(None, Some(engine));
    let directory = || match stored {
        Some(StoredIn::Directory(path)) => Word::from(path),
        _ => Word::from(Placeholder("DIR")),
    };
    let compare = || {
        let verify = CommandLine::ccx_sec("verify");
        match stored {
            Some(StoredIn::Secret(_)) => verify.flag("--from-secrets").flag("--expect-loaded"),
            _ => verify
                .option("--dir", directory())
                .option_if("--server-name", target.known_as.as_ref())
                .argument(&url),
        }
    };
    let to_directory = |what: &str, issue: CommandLine| {
        let issue = issue.option("--out", directory()).option("--owner", Placeholder("OWNER"));
        Hint::from((what, issue)).then(reload("then let the server read it"))
    };
    let replace = || {
        let issue = issue().option(name_option(target), target.name()).flag("--force");
        let what =
            "on the server, issue a certificate for files of the user that the server runs as";
        to_directory(what, issue)
    };
    Some(match reason {
        Reason::Untrusted if is_self_made(asked) && install(asked).is_some() => {
            let what = "the server made this certificate itself; on the server, install one of \
                        your CA";
            Hint::from((what, install(asked)?))
        }
        Reason::Untrusted | Reason::BadSignature => {
            let inspect = CommandLine::ccx_sec("cert inspect").argument(url);
            Hint::from(("see who issued it", inspect)).then(again(
                "then run it again with the file of that CA (an intermediate CA's certificate the \
                 server has to send)",
                "--ca-file FILE",
            ))
        }
        Reason::NotLoaded => loaded::load(target, engine, stored),
        Reason::Expired => Hint::from(("on the server, renew it where it is due", renew(stored)))
            .then(reload("then, in any case, let the server read the files"))
            .then(("then compare what it serves with the files", compare())),
        Reason::FilesDamaged => match stored {
            Some(StoredIn::Secret(_)) => Hint::from(("issue it anew", issue().flag("--secret"))),
            _ => replace().then(("then look again", compare())),
        },
        Reason::FilesNotRead => Hint::from(match stored {
            Some(StoredIn::Secret(_)) => "issue it, or look with the rights of cert list",
            _ => {
                return Some(again(
                    "as a user who may read the key, run it again with the directory of the files",
                    "--dir DIR",
                ));
            }
        }),
        Reason::NameMismatch => {
            let other = match name_option(target) == "--ip" {
                true => {
                    "or dial a name of its certificate, or run it again with the one clients dial"
                }
                false => "or, if clients dial another name, run it again with",
            };
            let by_hand =
                |what| to_directory(what, named(CommandLine::ccx_sec("cert issue"), asked));
            let what = "on the server, install a certificate that also has this name";
            let hint = match install(asked) {
                Some(install) => Hint::from((what, install)).then(by_hand(
                    "or issue it by hand, for files of the user that the server runs as",
                )),
                None => by_hand("on the server, issue a certificate that also has this name"),
            };
            hint.then(again(other, "--server-name NAME"))
        }
        Reason::WrongPurpose
        | Reason::WeakKey
        | Reason::WeakSignature
        | Reason::Damaged
        | Reason::Unsupported => replace(),
        Reason::NameConstraint | Reason::PathLength | Reason::NotACa => {
            let inspect = CommandLine::ccx_sec("cert inspect").flag("--lint").argument(url);
            Hint::from(("see which certificate is at fault", inspect))
        }
        Reason::NoTls => {
            let install = install(asked)?;
            Hint::from(("on the server", install)).then(remedies.enable_tls())
        }
        Reason::NeedsLogin => login(asked),
        Reason::ClientCertRequired => client_certificate("issue one for an application"),
        Reason::ClientCertRejected => {
            client_certificate("issue one for clients, of the CA that the server trusts")
        }
        Reason::NotYetValid => {
            let date = CommandLine::other("date", "-u");
            Hint::from(("compare the clocks, here and where it was issued", date))
        }
        Reason::TlsAlert | Reason::TlsFailed => {
            let log = Hint::from("look into the server's log");
            match handshake(target) {
                Some(openssl) => log.then(("and at what it shows", openssl)),
                None => log,
            }
        }
        Reason::PlaintextInjected => Hint::from((
            "compare with a connection from the server's own machine",
            CommandLine::ccx_sec("verify").argument(url),
        )),
        Reason::NameUnknown => {
            let getent = CommandLine::other("getent", "hosts").argument(&target.host);
            Hint::from(("see what this machine's resolver knows", getent))
        }
        Reason::Unreachable | Reason::Timeout => {
            let longer = CommandLine::ccx_sec("verify").option("--timeout", "30s").argument(url);
            Hint::from(("is a firewall in between? wait longer", longer))
        }
        Reason::Refused => Hint::from((
            format!("is the server running, and does it listen on port {}? there", target.port),
            CommandLine::other("ss", "-ltn"),
        )),
        _ => return None,
    })
}

/// Installs a certificate on the server, which keeps the names of the present one and also gets
/// the one that is dialled; `None` where the engine does not support it.
fn install(asked: &Remedy<'_>) -> Option<CommandLine> {
    let facts = asked.engine().facts();
    let first_restart = facts.install.as_ref()?.first_restart;
    let tls_port = facts.server.has_tls_port.then_some(Placeholder("PORT"));
    let directory = match asked.stored {
        Some(StoredIn::Directory(path)) => Word::from(path),
        _ => Word::from(Placeholder("DIR")),
    };
    let install = named(CommandLine::ccx_sec("cert install"), asked)
        .option("--dir", directory)
        .option("--socket", Placeholder("SOCKET"))
        .option_if("--tls-port", tls_port)
        .option_if("--restart-command", first_restart);
    Some(install)
}

/// Adds the engine, the node and the names of a server's certificate: the name that is dialled and,
/// where only that one is missing, those of the present certificate.
fn named(command: CommandLine, asked: &Remedy<'_>) -> CommandLine {
    // Names are compared after the chain is verified: a trusted CA signed the present ones.
    let present = asked.leaf.filter(|_| asked.reason == Reason::NameMismatch);
    let present = present.map(Certificate::names).unwrap_or_default();
    let host = present.dns.iter().find(|name| NodeId::from_host(name).is_some());
    let node = host.and_then(|host| NodeId::from_host(host));
    let word = |known: Option<String>, name| {
        known.map_or_else(|| Word::from(Placeholder(name)), Word::from)
    };
    let id = node.as_ref().map(|(id, _)| id);
    let command = command
        .option("--engine", asked.engine().to_string())
        .option("--datastore", word(id.map(|id| id.datastore.to_string()), "DATASTORE"))
        .option("--node", word(id.map(|id| id.name.to_string()), "NODE"))
        .option("--domain", word(node.as_ref().map(|(_, domain)| domain.to_string()), "DOMAIN"));
    // A foreign certificate can have an address among its DNS names, which no option takes.
    let is_other = |name: &&String| Some(*name) != host && name.parse::<DnsName>().is_ok();
    let dns = present.dns.iter().filter(is_other).map(|name| ("--dns", name));
    let is_address = |ip: &&String| ip.parse::<std::net::IpAddr>().is_ok();
    let names = dns.chain(present.ip.iter().filter(is_address).map(|ip| ("--ip", ip)));
    let command = names.fold(command, |command, (option, name)| command.option(option, name));
    command.option(name_option(asked.target), asked.target.name())
}

/// Whether the server, or its installation, made its certificate, so that no CA can be trusted for
/// it.
fn is_self_made(asked: &Remedy<'_>) -> bool {
    // MySQL's own certificate is signed by a CA that the same server made.
    let is_of_mysql = |name: String| name.contains("_Auto_Generated_");
    asked
        .leaf
        .is_some_and(|leaf| leaf.is_signed_by(leaf) || leaf.common_name().is_some_and(is_of_mysql))
}

/// The option of `cert issue` that adds the dialed name: `--ip` for an address, or `--dns`.
fn name_option(target: &DatabaseTarget) -> &'static str {
    let is_address = target.name().parse::<std::net::IpAddr>().is_ok();
    if is_address { "--ip" } else { "--dns" }
}

/// The command that renews a stored certificate.
fn renew(stored: Option<&StoredIn>) -> CommandLine {
    match stored {
        Some(StoredIn::Secret(name)) => CommandLine::ccx_sec("cert renew").option("--secret", name),
        Some(StoredIn::Directory(path)) => CommandLine::ccx_sec("cert renew").option("--dir", path),
        None => CommandLine::ccx_sec("cert renew").option("--dir", Placeholder("DIR")),
    }
}

/// The remedy for a verdict that needs a login: give an account, or read the server's settings, or
/// leave the mode out.
fn login(asked: &Remedy<'_>) -> Hint {
    let Remedy { target, mode, modes, .. } = *asked;
    let settings = target.engine.facts().remedies.show_demands(mode == TlsMode::MutualTls);
    let hint = again("have an account log in; run it again with", "--user NAME").then(settings);
    // The other modes of the run. Modes that `--mode` does not have are set by options of their
    // own, and are left out here.
    let by_mode = |one: &&TlsMode| **one != mode && TlsMode::DEFAULT.contains(*one);
    let rest: Vec<&TlsMode> = modes.iter().filter(by_mode).collect();
    if rest.is_empty() {
        return hint;
    }
    let verify = rest
        .iter()
        .fold(CommandLine::ccx_sec("verify"), |verify, one| verify.option("--mode", one.name()));
    hint.then((format!("or leave {} out", mode.name()), verify.argument(target.to_string())))
}

/// The steps that issue a client certificate, and run `verify` again with it.
fn client_certificate(why: &str) -> Hint {
    let issue = CommandLine::ccx_sec("cert issue")
        .flag("--client")
        .option("--common-name", Placeholder("NAME"))
        .option("--out", Placeholder("DIR"));
    let files = "--client-cert DIR/client-cert.pem --client-key DIR/client-key.pem";
    Hint::from((why, issue)).then(again("then run it again with", files))
}

/// The command for a handshake by OpenSSL's client; `None` if it does not speak the protocol.
fn handshake(target: &DatabaseTarget) -> Option<CommandLine> {
    let DatabaseTarget { host, port, .. } = target;
    let place =
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    target.engine.facts().remedies.handshake(&place)
}
