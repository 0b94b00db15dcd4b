//! The oldest TLS that a server may accept: offers older versions and weaker suites, and judges the
//! answers.

use crate::connection::failure::FailureKind;
use crate::connection::hello::{Acceptance, TlsVersion};
use crate::connection::suites::{self, GROUPS, OLDER};
use crate::error::Reason;
use crate::probe::finding::{FindingDetail, ModeFinding};
use crate::probe::mode::Answer;
use crate::probe::observation::{Floor, FloorViolation, Observation};
use crate::probe::observe::client::ProbeClient;
use crate::probe::offers::{Enumeration, numbers};

/// Offers TLS versions and cipher suites below the floor, and returns the server's answers.
pub(super) async fn ask(client: &ProbeClient<'_>, floor: Floor) -> Vec<FloorViolation> {
    let mut look = Enumeration::new(client);
    let old: Vec<u16> = numbers(OLDER.iter().filter(|(_, name)| suites::is_old(name)));
    let weak: Vec<u16> = numbers(OLDER.iter().filter(|(_, name)| suites::is_weak(name)));
    let good: Vec<u16> = numbers(OLDER.iter().filter(|(_, name)| !suites::is_weak(name)));
    let (protocol, cipher) = (Reason::WeakProtocolAccepted, Reason::WeakCipherAccepted);
    let mut asked = vec![
        // The server answers with the highest version that it accepts, which may be TLS 1.0.
        (protocol, "TLS 1.1 or older", TlsVersion::Tls11, old),
        (cipher, "TLS 1.2 with a weak cipher suite", TlsVersion::Tls12, weak),
    ];
    if floor == Floor::Tls13 {
        asked.push((protocol, "TLS 1.2", TlsVersion::Tls12, good));
    }
    let mut found = Vec::new();
    for (reason, what, offered, suites) in asked {
        let (offer, what) = match look.ask(offered, &suites, &numbers(&GROUPS)).await {
            Ok(Some(chosen)) => {
                let suite = suites::suite_name(chosen.suite);
                (Acceptance::Taken, format!("{} with {suite}", chosen.version.name()))
            }
            Ok(None) => (Acceptance::Refused, what.to_owned()),
            Err(failure) => (Acceptance::Unknown(failure.message), what.to_owned()),
        };
        found.push(FloorViolation { reason, offered, what, offer });
    }
    found
}

/// Judges the offers below the floor. Pure.
pub(super) fn judge(seen: &Observation) -> Option<ModeFinding> {
    let first = |is: fn(&Acceptance) -> bool| seen.below.iter().find(|below| is(&below.offer));
    if let Some(below) = first(|offer| *offer == Acceptance::Taken) {
        let taken = || seen.below.iter().filter(|below| below.offer == Acceptance::Taken);
        let names: Vec<&str> = taken().map(|below| below.what.as_str()).collect();
        let finding =
            ModeFinding::fail(below.reason, format!("the server takes {}", names.join(", and ")));
        let is_tls12 = taken().any(|below| below.offered == TlsVersion::Tls12);
        return Some(match is_tls12 {
            true => finding.with_detail(FindingDetail::Tls12BelowFloor),
            false => finding,
        });
    }
    if let Some(FloorViolation { what, offer: Acceptance::Unknown(why), .. }) =
        first(|offer| matches!(offer, Acceptance::Unknown(_)))
    {
        let message = format!("whether the server takes {what} was not to be found out: {why}");
        return Some(ModeFinding::unknown(Reason::NotTried, message));
    }
    match &seen.secured.outcome {
        _ if !seen.below.is_empty() => None,
        Err(failure) => {
            let no_tls = failure.kind == FailureKind::NoTls;
            let answer = if no_tls { Answer::Fail } else { Answer::Unknown };
            Some(ModeFinding::of_failure(failure).with_answer(answer))
        }
        Ok(_) => Some(ModeFinding::unknown(Reason::NotTried, "nobody asked".to_owned())),
    }
}
