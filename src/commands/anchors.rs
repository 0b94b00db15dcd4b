//! The CAs that clients trust, for commands that verify: from a file, or from the bundle in the
//! store.

use std::path::Path;

use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::pki::certificate::Certificate;
use crate::pki::inspect;
use crate::pki::pem::MAX_PEM_FILE;
use crate::shell::{CommandLine, Placeholder};
use crate::store::bundle::{bundle_name, load_bundle};

/// Reads them.
///
/// # Errors
/// Exit 2 when the file holds something else, exit 3 when it or the store cannot be read, or
/// there is no bundle.
pub(super) fn read(context: &Context, file: Option<&Path>) -> Result<Vec<Certificate>> {
    let Some(path) = file else { return in_store(context) };
    let name = path.display().to_string();
    let bytes = files::read(path, MAX_PEM_FILE)?;
    let read = inspect::read(&name, &bytes)?;
    if Certificate::from_der(bytes.as_slice()).is_ok() {
        context.output.warning(&format!(
            "{name} is in DER, which most clients of databases do not read; this converts it: {}",
            CommandLine::other("openssl", "x509 -inform DER")
                .option("-in", path)
                .option("-out", Placeholder("NEW_FILE"))
        ));
    }
    let readable = read.into_iter().map(|one| {
        one.certificate.map_err(|damaged| {
            let what = damaged.error.message;
            Error::usage(Code::CertificateDamaged, format!("a CA in {name}: {what}"))
                .hint(("look at it", CommandLine::ccx_sec("cert inspect").argument(path)))
        })
    });
    readable.collect()
}

fn in_store(context: &Context) -> Result<Vec<Certificate>> {
    let store = context.open_store()?;
    let bundle = load_bundle(store.as_ref(), &context.ca)?.ok_or_else(|| {
        let place = store.place(&bundle_name(&context.ca));
        Error::failed(Code::BundleMissing, format!("no CA to verify with: there is no {place}"))
            .hint("give the CAs: --ca-file FILE")
            .hint(format!("or name another store: {}, --ca NAME", store.address().other_stores()))
    })?;
    Ok(bundle.members.into_iter().map(|member| member.certificate).collect())
}
