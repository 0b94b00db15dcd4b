//! The pace of a rotation, from its record in the bundle.

use jiff::Timestamp;

use crate::node::trust::{FleetTrust, PresentRound, RotationPace};
use crate::pki::certificate::Certificate;
use crate::store::bundle::Bundle;
use crate::store::rotation::{Rotation, RotationPhase};

/// Returns the trust of a fleet at `now`: `signer` signs, with this bundle.
#[must_use]
pub fn fleet_trust(bundle: &Bundle, signer: &Certificate, now: Timestamp) -> FleetTrust {
    let members = bundle.members.iter().map(|member| &member.certificate);
    let pace = bundle.rotation.as_ref().map(|rotation| pace(rotation, now));
    FleetTrust::new(signer, members, bundle.pem(), pace)
}

/// The pace in each phase. While the signing CA is being exchanged, nobody follows: the exchange may
/// be rolled back.
fn pace(rotation: &Rotation, now: Timestamp) -> RotationPace {
    let ramp = &rotation.ramp;
    let is_paused = ramp.paused;
    match rotation.phase {
        RotationPhase::Staged | RotationPhase::Switching => {
            RotationPace { permille: 0, is_paused, ..RotationPace::unlimited() }
        }
        RotationPhase::Switched => RotationPace {
            permille: ramp.permille(now),
            is_paused,
            rise: ramp.rise(),
            present: ramp.order.clone().map(|order| PresentRound { order, round: ramp.round }),
        },
        RotationPhase::Reissued | RotationPhase::Removed => RotationPace::unlimited(),
    }
}
