//! The CA of another key: named as the present one, with its generation at the end.

use jiff::Timestamp;

use crate::error::{Code, Error, Result};
use crate::pki::authority::{Authority, CaRequest};
use crate::pki::certificate::Certificate;
use crate::pki::constraints::NameConstraints;
use crate::pki::key::{KeyType, PrivateKey};
use crate::pki::subject::Subject;
use crate::pki::validity::{Length, Validity};

/// The wishes for the next CA; what is missing is as in the present one.
#[derive(Debug, Clone)]
pub struct NextCaRequest {
    /// The common name.
    pub common_name: Option<String>,
    /// The type of the key.
    pub key_type: Option<KeyType>,
    /// The lifetime.
    pub validity: Length,
    /// The names that the CA may sign for.
    pub constraints: Option<NameConstraints>,
}

impl NextCaRequest {
    /// Makes the CA that follows `active` as generation `generation`.
    ///
    /// # Errors
    /// Exit 2 when the name is too long or the dates are out of range; exit 4 when the present CA
    /// has a subject or name constraints that ccx-sec cannot write; exit 3 when the key cannot be
    /// made.
    pub fn make(&self, active: &Certificate, generation: u32, now: Timestamp) -> Result<Authority> {
        let request = CaRequest {
            subject: self.subject(active, generation)?,
            validity: Validity::starting(now, &self.validity)?,
            constraints: self.constraints(active)?,
        };
        let key_type = match self.key_type {
            Some(key_type) => key_type,
            None => key_type_of(active, now)?,
        };
        Authority::create(&request, PrivateKey::generate(key_type)?)
    }

    /// The given constraints; a kind of name for which none are given keeps those of the present CA.
    fn constraints(&self, active: &Certificate) -> Result<NameConstraints> {
        let Some(mut given) = self.constraints.clone() else { return constraints_of(active) };
        if given.dns.is_empty() || given.ip.is_empty() {
            let present = constraints_of(active)?;
            if given.dns.is_empty() {
                given.dns = present.dns;
            }
            if given.ip.is_empty() {
                given.ip = present.ip;
            }
        }
        Ok(given)
    }

    fn subject(&self, active: &Certificate, generation: u32) -> Result<Subject> {
        let present = Subject::from_name(active.parsed().subject()).ok_or_else(|| {
            let message = format!("the CA {} has a subject of other parts than ", active.subject());
            Error::refused(Code::NextCa, message + "common name and organization")
                .hint("have the next CA made where this one was made, and give it: --cert FILE")
        })?;
        let name = match &self.common_name {
            Some(name) => name.clone(),
            None => successor_name(present.common_name(), generation),
        };
        Subject::new(&name, present.organization()).map_err(|error| match self.common_name {
            Some(_) => error,
            None => error.hint(format!(
                "it is the name of the present CA with G{generation} at its end; give another: \
                 --common-name TEXT"
            )),
        })
    }
}

/// The type of a CA's key; of RSA, the next larger one that ccx-sec makes.
fn key_type_of(active: &Certificate, now: Timestamp) -> Result<KeyType> {
    let present = active.describe(now).key_type;
    let same = KeyType::ALL.into_iter().find(|kind| kind.name() == present);
    let bits = |name: &str| name.strip_prefix("rsa-")?.parse::<u32>().ok();
    let is_enough = |kind: &KeyType| bits(kind.name()) >= bits(&present);
    let larger = KeyType::ALL.into_iter().filter(|kind| kind.is_rsa()).find(is_enough);
    same.or(larger.filter(|_| bits(&present).is_some())).ok_or_else(|| {
        let message =
            format!("ccx-sec makes no key of type {present}, as {} has", active.subject());
        Error::refused(Code::NextCa, message).hint("name the type of the next one: --key-type TYPE")
    })
}

/// The name of generation `generation` of the CA line `name`: `Acme DB CA G2`.
#[must_use]
pub fn successor_name(name: &str, generation: u32) -> String {
    let is_generation = |end: &str| !end.is_empty() && end.bytes().all(|b| b.is_ascii_digit());
    let line = match name.rsplit_once(" G") {
        Some((line, end)) if is_generation(end) => line,
        _ => name,
    };
    format!("{line} G{generation}")
}

/// The name constraints of a CA that ccx-sec can write again.
fn constraints_of(ca: &Certificate) -> Result<NameConstraints> {
    let unreadable = || {
        let message =
            format!("the CA {} has name constraints that ccx-sec cannot write", ca.subject());
        Error::refused(Code::NextCa, message)
            .hint("give those of the next CA: --permit-dns DOMAIN, --permit-ip CIDR")
    };
    let x509 = ca.parsed();
    if x509.name_constraints().map_err(|_| unreadable())?.is_none() {
        return Ok(NameConstraints::default());
    }
    let found = ca.describe(Timestamp::UNIX_EPOCH).name_constraints.ok_or_else(unreadable)?;
    let read = NameConstraints {
        dns: found
            .permitted
            .dns
            .iter()
            .map(|name| name.parse())
            .collect::<Result<_>>()
            .map_err(|_| unreadable())?,
        ip: found
            .permitted
            .ip
            .iter()
            .map(|range| range.parse())
            .collect::<Result<_>>()
            .map_err(|_| unreadable())?,
    };
    // Constraints of other kinds are not in the description.
    let is_whole = found.excluded == crate::pki::certificate::Names::default()
        && x509.name_constraints().ok().flatten().is_some_and(|parsed| {
            let permitted = parsed.value.permitted_subtrees.as_ref().map_or(0, Vec::len);
            permitted == read.dns.len() + read.ip.len() && parsed.value.excluded_subtrees.is_none()
        });
    if is_whole { Ok(read) } else { Err(unreadable()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn successor_is_named_after_the_line_and_its_generation() {
        for (name, generation, successor) in [
            ("Acme DB CA", 2, "Acme DB CA G2"),
            ("Acme DB CA G2", 3, "Acme DB CA G3"),
            ("Acme DB CA G12", 13, "Acme DB CA G13"),
            ("Acme Group", 2, "Acme Group G2"),
            ("Acme G2 CA", 2, "Acme G2 CA G2"),
        ] {
            assert_eq!(successor_name(name, generation), successor);
        }
    }
}
