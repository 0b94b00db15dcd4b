//! The news of a rotation for clients: in the documents of the API, in a header of every bundle, and
//! on the page.

use http::HeaderName;
use jiff::Timestamp;
use serde::Serialize;

use crate::store::bundle::Bundle;
use crate::store::rotation::{Rotation, RotationPhase};

/// The header of every answer with the bundle while a rotation is under way. Its value is an item of
/// RFC 8941 with parameters.
pub(super) const ROTATION_HEADER: HeaderName = HeaderName::from_static("ccx-ca-rotation");

/// A rotation that is under way, as in documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct RotationNotice {
    pub(super) phase: &'static str,
    pub(super) kind: &'static str,
    /// The start of the phase.
    pub(super) since: Timestamp,
    /// The first moment at which the next CA may sign.
    pub(super) earliest_switch: Timestamp,
    /// SHA-256 of the CA certificate that signed before.
    pub(super) from: String,
    /// SHA-256 of the CA certificate that signs at the end.
    pub(super) target: String,
    /// Whether the target signs now.
    #[serde(skip)]
    pub(super) has_switched: bool,
}

impl RotationNotice {
    /// The notice of the rotation in a bundle, if one is under way.
    pub(super) fn of(bundle: &Bundle) -> Option<Self> {
        let Rotation { phase, kind, since, earliest_switch, from, target, .. } =
            bundle.rotation.as_ref()?;
        Some(RotationNotice {
            phase: phase.name(),
            kind: kind.name(),
            since: *since,
            earliest_switch: *earliest_switch,
            from: from.clone(),
            target: target.clone(),
            has_switched: *phase > RotationPhase::Switching,
        })
    }

    /// The value of [`ROTATION_HEADER`].
    pub(super) fn header(&self) -> String {
        let RotationNotice { phase, since, earliest_switch, has_switched, .. } = self;
        let date = match has_switched {
            true => String::new(),
            false => format!(";switch-not-before=\"{earliest_switch}\""),
        };
        format!("{phase};since=\"{since}\"{date}")
    }
}
