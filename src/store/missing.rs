//! A CA that is not where it was looked for, and what to do about that.
//!
//! It may be elsewhere, or have been lost. Another one in its place would be trusted by no
//! client, so no hint makes one.

use crate::error::Error;
use crate::hint::Hint;
use crate::shell::{CommandLine, Placeholder};
use crate::store::Backend;
use crate::store::bundle::BUNDLE_SUFFIX;
use crate::store::ca::StoredCa;
use crate::store::secret::MANAGED_BY;

/// The error of a command that needs the CA `stored`, which has no Secret in `store`.
pub(super) fn error(store: &dyn Backend, stored: &StoredCa) -> Error {
    let message = format!("there is no CA {} in {}", stored.name, store.describe());
    let mut error = Error::no("ca-missing", message);
    if stored.bundle.is_some() {
        error = error.hint(restore());
    }
    for other in others(store, &stored.name) {
        let show = CommandLine::ccx_sec("ca show").option("--ca", other);
        error = error.hint(("another CA is there; look at it", show));
    }
    error.hint(elsewhere())
}

/// The names of the other CAs in a store, as far as it can be read.
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

/// What to do about a CA that is not where it was looked for.
pub(super) fn elsewhere() -> Hint {
    Hint::from(
        "is it in another place, or has it another name? --store, --context, --namespace, --ca",
    )
    .then((
        "for the first CA of a new service, see",
        CommandLine::ccx_sec("ca init").flag("--help"),
    ))
}

/// What to do about a CA that is gone, and that clients trust.
pub(super) fn restore() -> Hint {
    let import = CommandLine::ccx_sec("ca import").option("--cert", Placeholder("FILE"));
    Hint::from(("clients trust it: restore it from the file of ca export --with-key", import))
}
