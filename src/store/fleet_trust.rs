//! The pace of a rotation, from its record in the bundle.

use jiff::Timestamp;

use crate::node::trust::{FleetTrust, RotationPace, TURNS};
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
    let is_paused = rotation.ramp.paused;
    match rotation.phase {
        RotationPhase::Staged | RotationPhase::Switching => RotationPace { permille: 0, is_paused },
        RotationPhase::Switched => {
            RotationPace { permille: rotation.ramp.permille(now), is_paused }
        }
        RotationPhase::Reissued | RotationPhase::Removed => {
            RotationPace { permille: TURNS, is_paused: false }
        }
    }
}
