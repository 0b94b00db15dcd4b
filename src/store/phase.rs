//! The agreement of a bundle's roles with the phase of its rotation.

use crate::store::bundle::{Bundle, Role};
use crate::store::rotation::RotationPhase;

/// Checks that the roles of the certificates fit the phase of the rotation.
///
/// # Errors
/// The contradiction, as a sentence without its subject.
pub fn check(bundle: &Bundle) -> Result<(), &'static str> {
    let roles = |role| {
        let of_role = bundle.members.iter().filter(move |member| member.role == role);
        of_role.map(|member| member.certificate.sha256()).collect::<Vec<_>>()
    };
    let Some(rotation) = &bundle.rotation else { return Ok(()) };
    let (active, next) = (roles(Role::Active), roles(Role::Next));
    let holds = |sha256: &String| bundle.members.iter().any(|m| m.certificate.sha256() == *sha256);
    let only = |found: &[String], wanted: &String| found == std::slice::from_ref(wanted);
    match rotation.phase {
        _ if [&rotation.from, &rotation.target].into_iter().any(|sha256| !is_sha256(sha256)) => {
            Err("names its CAs by no SHA-256")
        }
        _ if active.len() != 1 => Err("names no single active certificate"),
        _ if rotation.from == rotation.target => Err("leads from a CA to the same CA"),
        RotationPhase::Staged if !only(&next, &rotation.target) => {
            Err("is staged, and has not the one next CA")
        }
        RotationPhase::Staged if !only(&active, &rotation.from) => {
            Err("calls another certificate active than the one that it leads from")
        }
        RotationPhase::Switching if !holds(&rotation.target) || !holds(&rotation.from) => {
            Err("is switching between CAs that it does not hold")
        }
        RotationPhase::Switched | RotationPhase::Reissued | RotationPhase::Removed
            if !only(&active, &rotation.target) =>
        {
            Err("calls another certificate active than the one that was switched to")
        }
        RotationPhase::Switched | RotationPhase::Reissued if !holds(&rotation.from) => {
            Err("no longer holds the CA that it leads from")
        }
        RotationPhase::Removed if holds(&rotation.from) => {
            Err("has removed a CA that the bundle still holds")
        }
        _ => Ok(()),
    }
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
