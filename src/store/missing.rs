//! The error and the hints for a CA that is not found.
//!
//! The CA may be in another store, or lost. No hint creates a new CA: no client would trust it.

use crate::error::{Code, Error};
use crate::hint::Hint;
use crate::shell::{CommandLine, Placeholder};
use crate::store::bundle::BUNDLE_SUFFIX;
use crate::store::secret::MANAGED_BY;
use crate::store::{Backend, StoreAddress};

/// The error of a command that needs the CA `name`, if `store` has no Secret of it; `has_bundle`
/// tells whether the bundle exists. Hints at other CAs in the store.
pub(super) fn error(store: &dyn Backend, name: &str, has_bundle: bool) -> Error {
    let message = format!("there is no CA {name} in {}", store.describe());
    let mut error = Error::no(Code::CaMissing, message);
    if has_bundle {
        error = error.hint(restore());
    }
    for other in others(store, name) {
        let show = CommandLine::ccx_sec("ca show").option("--ca", other);
        error = error.hint(("the store has another CA; show it", show));
    }
    error.hint(elsewhere(&store.address()))
}

/// Returns the names of the other CAs in a store; empty if the store cannot be read.
fn others(store: &dyn Backend, name: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let _ = store.labels(MANAGED_BY.0, &mut |secret, labels| {
        let is_ours = labels.get(MANAGED_BY.0).is_some_and(|value| value == MANAGED_BY.1);
        let ca = secret.strip_suffix(BUNDLE_SUFFIX).filter(|ca| is_ours && *ca != name);
        names.extend(ca.map(str::to_owned));
    });
    names.sort();
    names
}

/// The hint for a CA that is not found.
pub(super) fn elsewhere(store: &StoreAddress) -> Hint {
    let options = store.other_stores();
    Hint::from(format!("if it is in another store or has another name, give {options} or --ca"))
        .then((
            "for the first CA of a new service, see",
            CommandLine::ccx_sec("ca init").flag("--help"),
        ))
}

/// The hint for a lost CA that clients trust.
pub(super) fn restore() -> Hint {
    let import = CommandLine::ccx_sec("ca import").option("--cert", Placeholder("FILE"));
    Hint::from(("clients trust it: restore it from the file of ca export --with-key", import))
}
