//! The verdicts of all verifiers on the questions of a matrix.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use rayon::prelude::*;

use crate::pki::certificate::Certificate;
use crate::pki::chain::{self, ChainFault, ChainRequest, Purpose, Verifier};

/// The verifiers that a simulation asks. Each is a model of a library, compared with the library
/// itself in `tests/pki/chain_matrix.rs` and `tests/rotation/plan/truth.rs`.
pub const VERIFIERS: [Verifier; 7] = [
    Verifier::OpenSsl,
    Verifier::OpenSsl102,
    Verifier::PythonStrict,
    Verifier::Go,
    Verifier::Java,
    Verifier::GnuTls,
    Verifier::Rustls,
];

/// The programs that use a verifier, for people.
#[must_use]
pub fn programs(verifier: Verifier) -> &'static str {
    match verifier {
        Verifier::OpenSsl => {
            "all servers; mysql, mariadb, psql, redis-cli, Python before 3.13, Node, PHP, Ruby"
        }
        Verifier::OpenSsl102 => "Node up to version 9, and programs of old distributions",
        Verifier::PythonStrict => "Python 3.13 and later",
        Verifier::Go => "go-sql-driver, pgx, lib/pq, go-redis",
        Verifier::Java => "Connector/J, pgjdbc, Lettuce",
        Verifier::GnuTls => "clients that are built with GnuTLS",
        Verifier::Rustls => "clients of rustls, and ccx-sec",
        Verifier::Rfc5280 => "no program",
    }
}

/// A certificate with the certificates that are sent beside it, before a trust set.
pub(super) struct Presentation<'a> {
    /// The certificate of the party.
    pub(super) leaf: &'a Certificate,
    /// The other certificates that the party sends: none, or its root.
    pub(super) sent: &'a [Certificate],
    /// The trust set.
    pub(super) anchors: &'a [Certificate],
}

/// A presentation, by numbers, at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Question {
    pub(super) class: usize,
    pub(super) trust_set: usize,
    /// The number of the list of certificates that are sent.
    pub(super) sent: usize,
    pub(super) is_server: bool,
    pub(super) at: Timestamp,
}

/// The refusals of each question; none for a pass.
pub(super) type Verdicts = HashMap<Question, Vec<(Verifier, ChainFault)>>;

/// Asks every verifier every question, with the threads of the pool that this runs in.
pub(super) fn ask_all<'a>(
    questions: &BTreeSet<Question>,
    presentation: impl Fn(&Question) -> Option<Presentation<'a>> + Sync,
) -> Verdicts {
    let questions: Vec<Question> = questions.iter().copied().collect();
    let verdict = |question: &Question| {
        let shown = presentation(question)?;
        let purpose = if question.is_server { Purpose::Server } else { Purpose::Client };
        let request =
            ChainRequest::new(shown.leaf, shown.sent, shown.anchors, question.at, purpose);
        let refusal = |verifier: Verifier| {
            let fault = chain::verify(&ChainRequest { verifier, ..request }).err()?;
            Some((verifier, fault))
        };
        Some((*question, VERIFIERS.into_iter().filter_map(refusal).collect()))
    };
    questions.par_iter().filter_map(verdict).collect()
}

/// The moments of a presentation that stand for others. A verdict depends on the time only through
/// the certificates that are valid then.
pub(super) struct MomentFinder<'a> {
    dated: Vec<(Timestamp, Timestamp)>,
    leaf: (Timestamp, Timestamp),
    times: &'a [Timestamp],
}

impl<'a> MomentFinder<'a> {
    /// `times` are all moments of the simulation.
    pub(super) fn new(shown: &Presentation<'_>, times: &'a [Timestamp]) -> Self {
        let dates = |one: &Certificate| (one.not_before(), one.not_after());
        MomentFinder {
            dated: shown.sent.iter().chain(shown.anchors).map(dates).collect(),
            leaf: dates(shown.leaf),
            times,
        }
    }

    /// A moment at which the leaf is valid, and of the CA certificates those that are valid at `at`
    /// too. A leaf that ends earlier is followed by one like it, so the verdict holds for `at`.
    /// Returns `None` if there is no such moment: all leaves of the class have ended by then.
    pub(super) fn moment(&self, at: Timestamp) -> Option<Timestamp> {
        let is_in = |(from, until): &(Timestamp, Timestamp), at| (*from..=*until).contains(&at);
        let state = |at| self.dated.iter().map(|dates| is_in(dates, at)).collect::<Vec<bool>>();
        let wanted = state(at);
        let mut moments = self.times.iter().copied().chain([self.leaf.0, self.leaf.1]);
        moments.find(|moment| is_in(&self.leaf, *moment) && state(*moment) == wanted)
    }
}
