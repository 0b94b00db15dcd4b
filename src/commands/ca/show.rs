//! `ccx-sec ca show`: the CA, where it is, and its bundle.

use super::ca_report::CaReport;
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::shell::CommandLine;
use crate::store::Backend;
use crate::store::bundle::{Bundle, Role, load_bundle};
use crate::store::ca::{self, StoredCa};

/// Show the CA's certificate, its store and its bundle
///
/// Needs to read both Secrets; who may read the bundle alone is shown what that says.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {}

const HELP: &str = "\
EXAMPLES
  ccx-sec ca show
  ccx-sec ca show -o json | jq -r .sha256
  ccx-sec ca show --context prod --namespace dbaas

EXIT STATUS
  0  shown
  1  there is no CA
  3  the store cannot be read, or the CA in it is damaged";

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let store = context.open_store()?;
        let store = store.as_ref();
        let (certificate, bundle) = match StoredCa::read(store, &context.ca) {
            Ok(stored) => {
                let certificate = ca::certificate_of(stored.ca_secret(store)?)?;
                let bundle = stored.bundle.as_ref().map(Bundle::from_secret).transpose()?;
                (certificate, bundle)
            }
            Err(error) if error.code() == Code::KubeForbidden => {
                from_bundle(context, store, error)?
            }
            Err(error) => return Err(error),
        };
        if bundle.is_none() {
            context.output.warning(&format!(
                "the bundle is missing; this makes it: {}",
                context.completed(CommandLine::ccx_sec("ca check"))
            ));
        }
        let place = Some((store, context.ca.as_str()));
        let report = CaReport::new(&certificate, place, bundle.as_ref(), context.now);
        context.output.report(&report, || report.render_text())?;
        Ok(Exit::Done)
    }
}

fn from_bundle(
    context: &Context,
    store: &dyn Backend,
    forbidden: Error,
) -> Result<(crate::pki::certificate::Certificate, Option<Bundle>)> {
    let Ok(Some(bundle)) = load_bundle(store, &context.ca) else { return Err(forbidden) };
    let active = bundle.members.iter().find(|member| member.role == Role::Active);
    let Some(active) = active else { return Err(forbidden) };
    context.output.note("You may not read the CA's Secret; this is what its bundle says.");
    Ok((active.certificate.clone(), Some(bundle)))
}
