//! How a client looks at the certificate of a server.

use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use x509_parser::x509::X509Version;

use super::names::{ServerNames, fits};
use super::outcome::{Step, Visit};
use super::{Known, Trouble, Trust};
use crate::engine::Engine;
use crate::pki::certificate::Certificate;
use crate::pki::chain::{self, Fault, Position, Purpose, Reason, Request, Verifier};
use crate::probe::verdict::Question;

const PASSWORD: &str = "its account has a password, of mysql_native_password, ed25519 or parsec: \
                        by that the server proves itself instead of by a CA; without a password \
                        it checks nothing";

impl Visit<'_> {
    /// Looks at the certificate as the client does: what has to be so as well, or why it does
    /// not go on.
    pub(super) fn certificate(
        &self,
        own: &CertificateDer<'static>,
        others: &[CertificateDer<'static>],
    ) -> Result<Option<&'static str>, Step> {
        if self.way.trust == Trust::Anybody {
            return Ok(None);
        }
        let leaf = Certificate::from_der(own.to_vec()).map_err(|error| {
            let message = format!("the server's certificate cannot be read: {error}");
            Step::Unknown(Reason::Damaged.name(), message)
        })?;
        let read = |der: &CertificateDer<'static>| Certificate::from_der(der.to_vec()).ok();
        let others: Vec<Certificate> = others.iter().filter_map(read).collect();
        let own = Own::new(&leaf, self.question.at);
        match self.way.trust {
            Trust::Anybody => Ok(None),
            Trust::AnybodyInTime => own.in_time(self.question.at).map(|()| None),
            Trust::Password => self.by_password(&own, &leaf, &others),
            Trust::File | Trust::FileAndMachine => {
                self.chain(&leaf, &others)?;
                self.library_takes(&own)?;
                self.name(&own).map(|()| None)
            }
            Trust::Machine => {
                match self.chain(&leaf, &others) {
                    // others may vouch for it
                    Err(Step::Refuses("untrusted" | "intermediate_missing", ..)) | Ok(()) => {}
                    Err(step) => return Err(without_words(step)),
                }
                own.in_time(self.question.at).map_err(without_words)?;
                self.library_takes(&own)?;
                self.name(&own).map_err(without_words)?;
                let message = "it trusts the CAs of its machine alone: it connects if the CA of \
                               this server is one of them, and breaks off if it is not";
                Err(Step::Unknown("machine_cas", message.to_owned()))
            }
        }
    }

    /// What MariaDB's client from 11.4 on does without a CA.
    fn by_password(
        &self,
        own: &Own,
        leaf: &Certificate,
        others: &[Certificate],
    ) -> Result<Option<&'static str>, Step> {
        own.in_time(self.question.at)?;
        if self.target.name() == "127.0.0.1" {
            return Ok(None); // there it asks for no proof
        }
        if self.target.engine != Engine::Mysql {
            return Ok(Some(PASSWORD));
        }
        let (reason, trouble) = match own.is_for_servers {
            false => (Reason::WrongPurpose, Trouble::Purpose),
            true if signs_itself(leaf) || others.iter().any(signs_itself) => {
                (Reason::Untrusted, Trouble::SelfSigned)
            }
            true => (Reason::Untrusted, Trouble::Untrusted),
        };
        let message = "no CA vouches for the server, and by caching_sha2_password a server cannot \
                       prove that it knows the password";
        Err(Step::Refuses(reason.name(), message.to_owned(), Some(trouble)))
    }

    /// Has the chain verified as the client's library does, or as each of those that it may
    /// stand on.
    fn chain(&self, leaf: &Certificate, others: &[Certificate]) -> Result<(), Step> {
        let Question { anchors, at, .. } = *self.question;
        let refusal = |verifier: &Verifier| {
            let request = Request::new(leaf, others, anchors, at, Purpose::Server);
            let fault = chain::verify(&Request { verifier: *verifier, ..request }).err()?;
            Some((*verifier, fault))
        };
        let verifiers = self.library.verifiers;
        let refusals: Vec<(Verifier, Fault)> = verifiers.iter().filter_map(refusal).collect();
        let Some((verifier, fault)) = refusals.first() else { return Ok(()) };
        if refusals.len() < verifiers.len() {
            let message = format!(
                "it depends on the library that it stands on: {} refuses this chain, and others \
                 do not: {}",
                verifier.name(),
                fault.message
            );
            return Err(Step::Unknown(fault.reason.name(), message));
        }
        let trouble = match fault.certificate {
            Position::Ca => Trouble::NoRoot,
            _ if signs_itself(leaf) || others.iter().any(signs_itself) => Trouble::SelfSigned,
            _ => Trouble::Untrusted,
        };
        Err(self.fault(fault.clone(), trouble))
    }

    fn fault(&self, fault: Fault, untrusted: Trouble) -> Step {
        let trouble = match fault.reason {
            Reason::Untrusted | Reason::IntermediateMissing => Some(untrusted),
            Reason::Expired => Some(Trouble::Expired),
            Reason::NotYetValid => Some(Trouble::NotYetValid),
            Reason::WrongPurpose if self.library.purpose == Known::Yes => Some(Trouble::Purpose),
            // OpenSSL, GnuTLS and rustls take a CA without basicConstraints that is trusted
            Reason::NotACa if fault.certificate == Position::Ca => {
                return Step::Unknown(fault.reason.name(), fault.message);
            }
            Reason::NotACa | Reason::BadSignature | Reason::PathLength | Reason::Nonconforming => {
                None
            }
            // in these, clients differ, and no documentation says how
            reason => return Step::Unknown(reason.name(), fault.message),
        };
        Step::Refuses(fault.reason.name(), fault.message, trouble)
    }

    /// In what libraries differ.
    fn library_takes(&self, own: &Own) -> Result<(), Step> {
        let reason = Reason::Unsupported.name();
        let message = || "the server's certificate is of before X.509 version 3".to_owned();
        match self.library.version_1 {
            Known::No if own.is_old => Err(Step::Refuses(reason, message(), None)),
            Known::Unknown if own.is_old => Err(Step::Unknown(reason, message())),
            _ => Ok(()),
        }
    }

    fn name(&self, own: &Own) -> Result<(), Step> {
        let host = self.target.name();
        let reason = Reason::NameMismatch.name();
        let names = own.names.san.dns.iter().chain(&own.names.san.ip).cloned();
        let common = own.names.common.iter().map(|name| format!("common name {name}"));
        let names: Vec<String> = names.chain(common).collect();
        let names = if names.is_empty() { "no name".to_owned() } else { names.join(", ") };
        let message =
            format!("the server's certificate is for {names}, and the client dials {host}");
        match fits(&own.names, host, self.way.name) {
            Known::Yes => Ok(()),
            Known::No => Err(Step::Refuses(reason, message, Some(Trouble::Name))),
            Known::Unknown => Err(Step::Unknown(reason, message)),
        }
    }
}

fn signs_itself(one: &Certificate) -> bool {
    one.is_signed_by(one)
}

/// It may find other faults first, where its CAs are not known.
fn without_words(step: Step) -> Step {
    match step {
        Step::Refuses(reason, message, _) => Step::Refuses(reason, message, None),
        other => other,
    }
}

/// What a client looks at in the server's own certificate.
struct Own {
    names: ServerNames,
    is_old: bool,
    is_for_servers: bool,
    not_before: Timestamp,
    not_after: Timestamp,
}

impl Own {
    fn new(leaf: &Certificate, at: Timestamp) -> Self {
        let described = leaf.describe(at);
        let usages = &described.ext_key_usage;
        let servers = |usage: &String| usage == "serverAuth" || usage == "anyExtendedKeyUsage";
        Own {
            is_for_servers: usages.is_empty() || usages.iter().any(servers),
            names: ServerNames { san: described.san, common: leaf.common_name() },
            is_old: leaf.parsed().version() != X509Version::V3,
            not_before: described.not_before,
            not_after: described.not_after,
        }
    }

    fn in_time(&self, at: Timestamp) -> Result<(), Step> {
        let bad = |reason: Reason, trouble, what: String| {
            let message = format!("the server's certificate {what}");
            Err(Step::Refuses(reason.name(), message, Some(trouble)))
        };
        if at > self.not_after {
            let what = format!("expired at {}", self.not_after);
            return bad(Reason::Expired, Trouble::Expired, what);
        }
        if at < self.not_before {
            let what = format!("is not valid before {}", self.not_before);
            return bad(Reason::NotYetValid, Trouble::NotYetValid, what);
        }
        Ok(())
    }
}
