//! Classes of leaves: leaves of one form, signed by one key.
//!
//! Each leaf is parsed once, and its own signature and dates are checked once. The verdict on a class
//! is that on one example, the leaf that is valid longest.

use std::collections::HashMap;

use jiff::Timestamp;
use rayon::prelude::*;
use x509_parser::certificate::X509Certificate;

use super::form::{NameRules, form_of};
use super::leaf::SimulatedLeaf;
use crate::error::Code;
use crate::pki::certificate::Certificate;
use crate::pki::chain;
use crate::pki::profile::IssuerRules;

/// The largest number of classes. A fleet of ccx-sec has fewer than ten.
const MOST_CLASSES: usize = 500;

/// The number of parties that a list of examples names.
pub(super) const EXAMPLES: usize = 10;

/// Leaves of one form that one key signed.
pub(super) struct LeafClass<'a> {
    /// The leaf that is valid longest.
    pub(super) example: &'a SimulatedLeaf,
    /// The number of leaves.
    pub(super) leaves: usize,
    /// The CA whose key signed them, by its number among the authorities; `None` if it is unknown.
    pub(super) signer: Option<usize>,
}

/// A list of parties: how many, and the first few.
#[derive(Debug, Default)]
pub(super) struct PartyList {
    pub(super) count: usize,
    /// Each with its number, for a stable order, and a remark.
    examples: Vec<(usize, String)>,
}

impl PartyList {
    fn add(&mut self, number: usize, text: impl FnOnce() -> String) {
        self.count += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push((number, text()));
        }
    }

    fn merge(&mut self, other: PartyList) {
        self.count += other.count;
        self.examples.extend(other.examples);
        self.examples.sort();
        self.examples.truncate(EXAMPLES);
    }

    /// The examples, separated by commas, and the number of the others.
    pub(super) fn text(&self) -> String {
        let names: Vec<&str> = self.examples.iter().map(|(_, text)| text.as_str()).collect();
        let more = self.count.saturating_sub(names.len());
        let names = names.join(", ");
        if more == 0 { names } else { format!("{names} and {more} more") }
    }
}

/// All leaves, sorted.
#[derive(Default)]
pub(super) struct ClassifiedLeaves<'a> {
    /// The classes, in the order of their first leaves.
    pub(super) classes: Vec<LeafClass<'a>>,
    /// Leaves that are not valid now, whatever the CA.
    pub(super) invalid: PartyList,
    /// Leaves whose names the next CA may not sign for.
    pub(super) outside: PartyList,
    /// Leaves that are in no class, since there are too many forms.
    pub(super) unsorted: PartyList,
}

/// A class while leaves are added.
struct GrowingClass<'a> {
    first: usize,
    longest: (i64, usize),
    class: LeafClass<'a>,
}

type ClassKey = (Option<usize>, Vec<u8>);

#[derive(Default)]
struct Partial<'a> {
    classes: HashMap<ClassKey, GrowingClass<'a>>,
    invalid: PartyList,
    outside: PartyList,
}

/// The properties of the CAs that leaves are compared with.
pub(super) struct Authorities<'a> {
    /// One certificate for each name and key.
    pub(super) certificates: &'a [Certificate],
    names: NameRules,
    /// The demands of the next CA.
    target: IssuerRules,
    now: i64,
}

impl<'a> Authorities<'a> {
    /// `all` are the CA certificates that can be the issuer of a leaf or limit its names.
    pub(super) fn new(
        certificates: &'a [Certificate],
        all: &[Certificate],
        target: &Certificate,
        now: Timestamp,
    ) -> Self {
        Authorities {
            certificates,
            names: NameRules::new(all),
            target: IssuerRules::new(target),
            now: now.as_second(),
        }
    }

    /// The form of a leaf, by which it belongs to a class.
    pub(super) fn form(&self, leaf: &SimulatedLeaf) -> Vec<u8> {
        form_of(&leaf.certificate, &leaf.certificate.parsed(), leaf.purposes, &self.names)
    }

    /// Sorts leaves into classes, with the threads of the pool that this runs in.
    pub(super) fn classify<'l>(&self, leaves: &'l [SimulatedLeaf]) -> ClassifiedLeaves<'l> {
        let parsed: Vec<X509Certificate<'_>> =
            self.certificates.iter().map(Certificate::parsed).collect();
        let partial = leaves
            .par_iter()
            .enumerate()
            .fold(Partial::default, |mut partial, (number, leaf)| {
                self.add(&mut partial, &parsed, number, leaf);
                partial
            })
            .reduce(Partial::default, merge);
        finish(partial)
    }

    fn add<'l>(
        &self,
        partial: &mut Partial<'l>,
        authorities: &[X509Certificate<'_>],
        number: usize,
        leaf: &'l SimulatedLeaf,
    ) {
        let x509 = leaf.certificate.parsed();
        let validity = &x509.validity;
        let (from, until) = (validity.not_before.timestamp(), validity.not_after.timestamp());
        if !(from..=until).contains(&self.now) {
            partial.invalid.add(number, || leaf.party.clone());
            return;
        }
        let mut found = Vec::new();
        self.target.check_parsed(&x509, &mut found);
        if found.iter().any(|finding| finding.code == Code::OutsideConstraints) {
            partial.outside.add(number, || leaf.party.clone());
        }
        let signer = self.signer(&leaf.certificate, &x509, authorities);
        let form = form_of(&leaf.certificate, &x509, leaf.purposes, &self.names);
        let class = LeafClass { example: leaf, leaves: 0, signer };
        let growing = partial.classes.entry((signer, form)).or_insert(GrowingClass {
            first: number,
            longest: (until, usize::MAX - number),
            class,
        });
        growing.class.leaves += 1;
        growing.take_example((until, usize::MAX - number), leaf);
    }

    /// The authority whose key made the signature.
    fn signer(
        &self,
        leaf: &Certificate,
        x509: &X509Certificate<'_>,
        authorities: &[X509Certificate<'_>],
    ) -> Option<usize> {
        authorities.iter().enumerate().position(|(number, ca)| {
            x509.issuer().as_raw() == ca.subject().as_raw()
                // The second knows more algorithms, and parses both certificates again.
                && (x509.verify_signature(Some(ca.public_key())).is_ok()
                    || chain::is_signed_by(leaf, &self.certificates[number]))
        })
    }
}

impl<'a> GrowingClass<'a> {
    /// Makes `leaf` the example if it is valid longer than the present one. `life` is its end, then
    /// its place from behind, so that of several the first one is the example.
    fn take_example(&mut self, life: (i64, usize), leaf: &'a SimulatedLeaf) {
        if life > self.longest {
            self.longest = life;
            self.class.example = leaf;
        }
    }
}

fn merge<'a>(mut one: Partial<'a>, other: Partial<'a>) -> Partial<'a> {
    one.invalid.merge(other.invalid);
    one.outside.merge(other.outside);
    for (key, grown) in other.classes {
        match one.classes.get_mut(&key) {
            None => drop(one.classes.insert(key, grown)),
            Some(present) => {
                present.first = present.first.min(grown.first);
                present.class.leaves += grown.class.leaves;
                present.take_example(grown.longest, grown.class.example);
            }
        }
    }
    one
}

fn finish(partial: Partial<'_>) -> ClassifiedLeaves<'_> {
    let mut grown: Vec<GrowingClass<'_>> = partial.classes.into_values().collect();
    grown.sort_by_key(|class| class.first);
    let excess = grown.split_off(grown.len().min(MOST_CLASSES));
    let mut unsorted = PartyList::default();
    for class in excess {
        let mut of_class = PartyList::default();
        of_class.add(class.first, || class.class.example.party.clone());
        of_class.count = class.class.leaves;
        unsorted.merge(of_class);
    }
    ClassifiedLeaves {
        classes: grown.into_iter().map(|class| class.class).collect(),
        invalid: partial.invalid,
        outside: partial.outside,
        unsorted,
    }
}
