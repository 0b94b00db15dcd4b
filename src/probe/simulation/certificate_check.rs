//! A client's check of a server's certificate.

use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use x509_parser::x509::X509Version;

use super::names::{ServerNames, fits};
use super::outcome::{ClientCheck, ClientStep};
use crate::driver::behavior::{AddressCheck, ClientTrust, NameCheck, Rejection, YesNoUnknown};
use crate::error::Reason;
use crate::pki::certificate::Certificate;
use crate::pki::chain::{self, ChainFault, ChainReason, ChainRequest, Position, Purpose, Verifier};
use crate::probe::verdict::VerdictRequest;

const PASSWORD: &str = "its account has a password, of mysql_native_password, ed25519 or parsec: \
                        by that the server proves itself instead of by a CA; without a password \
                        it checks nothing";

impl ClientCheck<'_> {
    /// Checks the certificate as the client does. Returns a condition that cannot be observed from
    /// outside, or the step that ends the connection.
    pub(super) fn certificate(
        &self,
        own: &CertificateDer<'static>,
        others: &[CertificateDer<'static>],
    ) -> Result<Option<&'static str>, ClientStep> {
        if self.way.trust == ClientTrust::NoVerification {
            return Ok(None);
        }
        let leaf = Certificate::from_der(own.to_vec()).map_err(|error| {
            let message = format!("the server's certificate cannot be read: {error}");
            ClientStep::Unknown(Reason::Damaged, message)
        })?;
        let read = |der: &CertificateDer<'static>| Certificate::from_der(der.to_vec()).ok();
        let others: Vec<Certificate> = others.iter().filter_map(read).collect();
        let own = ServerLeaf::new(&leaf, self.question.at);
        match self.way.trust {
            ClientTrust::NoVerification => Ok(None),
            ClientTrust::DatesOnly => own.in_time(self.question.at).map(|()| None),
            ClientTrust::Password => self.by_password(&own, &leaf, &others),
            ClientTrust::File | ClientTrust::FileAndMachine => {
                self.chain(&leaf, &others)?;
                self.library_takes(&own)?;
                self.name(&own).map(|()| None)
            }
            ClientTrust::Machine => {
                match self.chain(&leaf, &others) {
                    // a CA of the machine may have signed it
                    Err(ClientStep::Refuses(
                        Reason::Untrusted | Reason::IntermediateMissing,
                        ..,
                    ))
                    | Ok(()) => {}
                    Err(step) => return Err(without_words(step)),
                }
                own.in_time(self.question.at).map_err(without_words)?;
                self.library_takes(&own)?;
                self.name(&own).map_err(without_words)?;
                let message = "it trusts the CAs of its machine alone: it connects if the CA of \
                               this server is one of them, and breaks off if it is not";
                Err(ClientStep::Unknown(Reason::MachineCas, message.to_owned()))
            }
        }
    }

    /// Checks as MariaDB's client does from 11.4 on without a CA.
    fn by_password(
        &self,
        own: &ServerLeaf,
        leaf: &Certificate,
        others: &[Certificate],
    ) -> Result<Option<&'static str>, ClientStep> {
        own.in_time(self.question.at)?;
        if self.target.name() == "127.0.0.1" {
            return Ok(None); // on 127.0.0.1 the client asks for no proof
        }
        if self.target.engine.facts().protocol.proves_password {
            return Ok(Some(PASSWORD));
        }
        let (reason, trouble) = match own.is_for_servers {
            false => (ChainReason::WrongPurpose, Rejection::Purpose),
            true if signs_itself(leaf) || others.iter().any(signs_itself) => {
                (ChainReason::Untrusted, Rejection::SelfSigned)
            }
            true => (ChainReason::Untrusted, Rejection::Untrusted),
        };
        let message = "no CA vouches for the server, and by caching_sha2_password a server cannot \
                       prove that it knows the password";
        Err(ClientStep::Refuses(reason.reason(), message.to_owned(), Some(trouble)))
    }

    /// Verifies the chain as the client's library does, or as each library that the client may be
    /// built on.
    fn chain(&self, leaf: &Certificate, others: &[Certificate]) -> Result<(), ClientStep> {
        let VerdictRequest { anchors, at, .. } = *self.question;
        let refusal = |verifier: &Verifier| {
            let request = ChainRequest::new(leaf, others, anchors, at, Purpose::Server);
            let fault = chain::verify(&ChainRequest { verifier: *verifier, ..request }).err()?;
            Some((*verifier, fault))
        };
        let verifiers = self.library.verifiers;
        let refusals: Vec<(Verifier, ChainFault)> = verifiers.iter().filter_map(refusal).collect();
        let Some((verifier, fault)) = refusals.first() else { return Ok(()) };
        if refusals.len() < verifiers.len() {
            let message = format!(
                "it depends on the library that it stands on: {} refuses this chain, and others \
                 do not: {}",
                verifier.name(),
                fault.message
            );
            return Err(ClientStep::Unknown(fault.reason.reason(), message));
        }
        let trouble = match fault.certificate {
            Position::Ca => Rejection::NoRoot,
            _ if signs_itself(leaf) || others.iter().any(signs_itself) => Rejection::SelfSigned,
            _ => Rejection::Untrusted,
        };
        Err(self.fault(fault.clone(), trouble))
    }

    fn fault(&self, fault: ChainFault, untrusted: Rejection) -> ClientStep {
        let trouble = match fault.reason {
            ChainReason::Untrusted | ChainReason::IntermediateMissing => Some(untrusted),
            ChainReason::Expired => Some(Rejection::Expired),
            ChainReason::NotYetValid => Some(Rejection::NotYetValid),
            ChainReason::WrongPurpose if self.library.purpose == YesNoUnknown::Yes => {
                Some(Rejection::Purpose)
            }
            // OpenSSL, GnuTLS and rustls take a CA without basicConstraints that is trusted
            ChainReason::NotACa if fault.certificate == Position::Ca => {
                return ClientStep::Unknown(fault.reason.reason(), fault.message);
            }
            ChainReason::NotACa
            | ChainReason::BadSignature
            | ChainReason::PathLength
            | ChainReason::Nonconforming => None,
            // clients differ in these faults, and no documentation describes how
            reason => return ClientStep::Unknown(reason.reason(), fault.message),
        };
        ClientStep::Refuses(fault.reason.reason(), fault.message, trouble)
    }

    /// Checks the version of the certificate, which some libraries do not accept.
    fn library_takes(&self, own: &ServerLeaf) -> Result<(), ClientStep> {
        let reason = Reason::Unsupported;
        let message = || "the server's certificate is of before X.509 version 3".to_owned();
        match self.library.version_1 {
            YesNoUnknown::No if own.is_old => Err(ClientStep::Refuses(reason, message(), None)),
            YesNoUnknown::Unknown if own.is_old => Err(ClientStep::Unknown(reason, message())),
            _ => Ok(()),
        }
    }

    fn name(&self, own: &ServerLeaf) -> Result<(), ClientStep> {
        let host = self.target.name();
        let reason = Reason::NameMismatch;
        let names = own.names.san.dns.iter().chain(&own.names.san.ip).cloned();
        let common = own.names.common.iter().map(|name| format!("common name {name}"));
        let names: Vec<String> = names.chain(common).collect();
        let names = if names.is_empty() { "no name".to_owned() } else { names.join(", ") };
        let by_text =
            matches!(self.way.name, NameCheck::Checked { address: AddressCheck::Text, .. })
                && host.parse::<std::net::IpAddr>().is_ok();
        let dials = match by_text {
            true => format!("an address, {host}, and looks at DNS names alone"),
            false => host.to_owned(),
        };
        let message =
            format!("the server's certificate is for {names}, and the client dials {dials}");
        match fits(&own.names, host, self.way.name) {
            YesNoUnknown::Yes => Ok(()),
            YesNoUnknown::No => Err(ClientStep::Refuses(reason, message, Some(Rejection::Name))),
            YesNoUnknown::Unknown => Err(ClientStep::Unknown(reason, message)),
        }
    }
}

fn signs_itself(one: &Certificate) -> bool {
    one.is_signed_by(one)
}

/// Drops the message: a client with unknown CAs may report another fault first.
fn without_words(step: ClientStep) -> ClientStep {
    match step {
        ClientStep::Refuses(reason, message, _) => ClientStep::Refuses(reason, message, None),
        other => other,
    }
}

/// The parts of the server's own certificate that a client checks.
struct ServerLeaf {
    names: ServerNames,
    is_old: bool,
    is_for_servers: bool,
    not_before: Timestamp,
    not_after: Timestamp,
}

impl ServerLeaf {
    fn new(leaf: &Certificate, at: Timestamp) -> Self {
        let described = leaf.describe(at);
        let usages = &described.ext_key_usage;
        let servers = |usage: &String| usage == "serverAuth" || usage == "anyExtendedKeyUsage";
        ServerLeaf {
            is_for_servers: usages.is_empty() || usages.iter().any(servers),
            names: ServerNames { san: described.san, common: leaf.common_name() },
            is_old: leaf.parsed().version() != X509Version::V3,
            not_before: described.not_before,
            not_after: described.not_after,
        }
    }

    fn in_time(&self, at: Timestamp) -> Result<(), ClientStep> {
        let bad = |reason: ChainReason, trouble, what: String| {
            let message = format!("the server's certificate {what}");
            Err(ClientStep::Refuses(reason.reason(), message, Some(trouble)))
        };
        if at > self.not_after {
            let what = format!("expired at {}", self.not_after);
            return bad(ChainReason::Expired, Rejection::Expired, what);
        }
        if at < self.not_before {
            let what = format!("is not valid before {}", self.not_before);
            return bad(ChainReason::NotYetValid, Rejection::NotYetValid, what);
        }
        Ok(())
    }
}
