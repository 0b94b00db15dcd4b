//! The least that a server may take of TLS: what is below it, asked for and judged.

use crate::probe::failure::Kind;
use crate::probe::hello::{Offer, Version};
use crate::probe::observe::{Client, Observation};
use crate::probe::offers::{Look, numbers};
use crate::probe::suites::{self, GROUPS, OLDER};
use crate::probe::verdict::{Answer, Found};

/// The least that a server may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Floor {
    /// TLS 1.2, and of its cipher suites only those with forward secrecy
    #[value(name = "1.2")]
    Tls12,
    /// TLS 1.3
    #[value(name = "1.3")]
    Tls13,
}

/// Something below the floor, and what the server does with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Below {
    /// Why it fails where it is taken: `weak_protocol_accepted`, `weak_cipher_accepted`.
    pub reason: &'static str,
    /// What was taken, or was asked for.
    pub what: String,
    /// What the server does with it.
    pub offer: Offer,
}

/// Asks for what is below the floor.
pub(super) async fn ask(client: &Client<'_>, floor: Floor) -> Vec<Below> {
    let mut look = Look::new(client);
    let old: Vec<u16> = numbers(OLDER.iter().filter(|(_, name)| suites::is_old(name)));
    let weak: Vec<u16> = numbers(OLDER.iter().filter(|(_, name)| suites::is_weak(name)));
    let good: Vec<u16> = numbers(OLDER.iter().filter(|(_, name)| !suites::is_weak(name)));
    let (protocol, cipher) = ("weak_protocol_accepted", "weak_cipher_accepted");
    let mut asked = vec![
        // The server answers with the highest that it takes, which may be TLS 1.0.
        (protocol, "TLS 1.1 or older", Version::Tls11, old),
        (cipher, "TLS 1.2 with a weak cipher suite", Version::Tls12, weak),
    ];
    if floor == Floor::Tls13 {
        asked.push((protocol, "TLS 1.2", Version::Tls12, good));
    }
    let mut found = Vec::new();
    for (reason, what, version, suites) in asked {
        let (offer, what) = match look.ask(version, &suites, &numbers(&GROUPS)).await {
            Ok(Some(chosen)) => {
                let suite = suites::suite_name(chosen.suite);
                (Offer::Taken, format!("{} with {suite}", chosen.version.name()))
            }
            Ok(None) => (Offer::Refused, what.to_owned()),
            Err(failure) => (Offer::Unknown(failure.message), what.to_owned()),
        };
        found.push(Below { reason, what, offer });
    }
    found
}

/// Says what the server takes below the floor, if it does; pure.
pub(super) fn judge(seen: &Observation) -> Option<Found> {
    let first = |is: fn(&Offer) -> bool| seen.below.iter().find(|below| is(&below.offer));
    if let Some(below) = first(|offer| *offer == Offer::Taken) {
        let taken = seen.below.iter().filter(|below| below.offer == Offer::Taken);
        let taken: Vec<&str> = taken.map(|below| below.what.as_str()).collect();
        let message = format!("the server takes {}", taken.join(", and "));
        return Some(Found(Answer::Fail, below.reason, message));
    }
    if let Some(Below { what, offer: Offer::Unknown(why), .. }) =
        first(|offer| matches!(offer, Offer::Unknown(_)))
    {
        let message = format!("whether the server takes {what} was not to be found out: {why}");
        return Some(Found(Answer::Unknown, "not_tried", message));
    }
    match &seen.secured.outcome {
        _ if !seen.below.is_empty() => None,
        Err(failure) => {
            let no_tls = failure.kind == Kind::NoTls;
            let answer = if no_tls { Answer::Fail } else { Answer::Unknown };
            Some(Found(answer, failure.kind.name(), failure.message.clone()))
        }
        Ok(_) => Some(Found(Answer::Unknown, "not_tried", "nobody asked".to_owned())),
    }
}
