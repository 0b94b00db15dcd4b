//! `ccx-sec ca init`: makes a CA where none is.

use serde::Serialize;

use super::ca_report::CaReport;
use crate::commands::dry_run::DryRun;
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::hint::unbroken;
use crate::pki::authority::{Authority, CaRequest};
use crate::pki::constraints::{DnsSubtree, IpSubtree, NameConstraints};
use crate::pki::key::{KeyType, PrivateKey};
use crate::pki::subject::{Subject, check_attribute};
use crate::pki::validity::{Length, Validity};
use crate::prompt;
use crate::shell::CommandLine;
use crate::store::Backend;
use crate::store::bundle::{Bundle, load_bundle};
use crate::store::ca::{self, BundleRepair, Creation, ReplacementPolicy, StoredCa};

/// Create a self-signed CA and store it
///
/// Refuses if the store has a CA of this name.
///
/// Writes two Secrets: NAME with the certificate and its private key, which a cert-manager CA
/// issuer can use as it is, and NAME-bundle, public, with the certificates that clients must
/// trust. A crash between the two is mended by the next ca init or ca check: it makes the
/// bundle from the CA's certificate. Of any number of racing writers exactly one wins.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// Common name of the CA [default: ccx-sec CA]
    ///
    /// Give each CA a name of its own. Without a name, a terminal shows the CA before it is made.
    #[arg(long, value_name = "TEXT")]
    common_name: Option<String>,
    /// Organization of the CA [default: none]
    #[arg(long, value_name = "TEXT")]
    organization: Option<String>,
    /// Type of the key
    #[arg(long, value_name = "TYPE", value_enum, default_value_t = KeyType::EcdsaP256)]
    key_type: KeyType,
    /// Lifetime of the CA: 10y, 90d, 1y6mo
    #[arg(long, value_name = "TIME", default_value = "10y")]
    validity: Length,
    /// DNS domain that the CA may sign for, with its subdomains; repeatable
    ///
    /// Without any, DNS names are not constrained.
    #[arg(long, value_name = "DOMAIN")]
    permit_dns: Vec<DnsSubtree>,
    /// Address range that the CA may sign for, IPv4 or IPv6; repeatable
    ///
    /// Without any, addresses are not constrained.
    #[arg(long, value_name = "CIDR")]
    permit_ip: Vec<IpSubtree>,
    #[command(flatten)]
    dry_run: DryRun,
    /// Show an existing CA and exit with 0
    #[arg(long)]
    if_not_exists: bool,
}

const HELP: &str = "\
EXAMPLES
  In the current namespace of the current context:
    ccx-sec ca init --common-name 'Acme DB CA' --organization Acme

  In a directory, to be moved into a cluster later with kubectl apply -f ./ca:
    ccx-sec ca init --store dir:./ca --common-name 'Acme DB CA'

  A CA that may sign for one domain and one network only:
    ccx-sec ca init --common-name 'Acme DB CA' --permit-dns db.acme.example --permit-ip 10.0.0.0/8

  In a script that runs again and again:
    ccx-sec ca init --common-name 'Acme DB CA' --if-not-exists -o json

  Would it work, and what would it look like?
    ccx-sec ca init --common-name 'Acme DB CA' --dry-run=server

EXIT STATUS
  0  the CA was made (with --if-not-exists: or is there)
  2  an argument is wrong, or a missing one cannot be asked for
  3  the store cannot be reached, read or written
  4  there is a CA, or a Secret of its name that ccx-sec did not make; nothing was changed";

/// The default common name of a CA.
const COMMON_NAME: &str = "ccx-sec CA";

#[derive(Serialize)]
struct CaInitDocument {
    created: bool,
    dry_run: bool,
    #[serde(flatten)]
    ca: CaReport,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let validity = Validity::starting(context.now, &self.validity)?;
        // Check the options before any question is asked or any store is opened.
        for (what, value) in
            [("common name", &self.common_name), ("organization", &self.organization)]
        {
            value.as_deref().map_or(Ok(()), |value| check_attribute(what, value))?;
        }
        let store = match self.dry_run.is_without_store() {
            true => None,
            false => Some(context.open_store()?),
        };
        if let Some(store) = &store {
            let stored = StoredCa::read(store.as_ref(), &context.ca)?;
            if ca::refuse_foreign(store.as_ref(), &stored, None)? {
                return self.existing(context, store.as_ref());
            }
        }
        let request = CaRequest {
            subject: self.subject()?,
            validity,
            constraints: NameConstraints {
                dns: self.permit_dns.clone(),
                ip: self.permit_ip.clone(),
            },
        };
        self.confirm(context, store.as_deref(), &request)?;
        let authority = {
            let _progress = context.output.progress(&format!("making an {} key", self.key_type));
            Authority::create(&request, PrivateKey::generate(self.key_type)?)?
        };
        let dry_run = self.dry_run.is_on();
        if let Some(store) = &store {
            let _progress = context.output.progress("storing the CA");
            if ca::create(store.as_ref(), &context.ca, &authority, dry_run)? == Creation::Exists {
                return self.existing(context, store.as_ref());
            }
        }
        let certificate = authority.certificate();
        let stored = store.as_ref().map(|store| (store.as_ref(), context.ca.as_str()));
        let bundle = Bundle::from_certificate(certificate);
        let ca = CaReport::new(certificate, stored, Some(&bundle), context.now);
        let outcome = CaInitDocument { created: !dry_run, dry_run, ca };
        context.output.outcome(&outcome, || outcome.ca.render_text())?;
        if dry_run {
            context.output.note(
                "dry run: nothing was stored. Key, serial and fingerprint are of this run only.",
            );
        } else {
            let check = context.completed(CommandLine::ccx_sec("ca check"));
            let export = CommandLine::ccx_sec("ca export").option("--out", "ca.pem");
            let export = context.completed(export);
            context.output.note(&format!(
                "The CA was made. Next:\n  {}\n  {}",
                unbroken(&check),
                unbroken(&export)
            ));
        }
        Ok(Exit::Done)
    }

    fn subject(&self) -> Result<Subject> {
        let common_name = self.common_name.as_deref().unwrap_or(COMMON_NAME);
        Subject::new(common_name, self.organization.as_deref())
    }

    /// Shows what is going to be made, and asks once, where a person is there and named no CA.
    fn confirm(
        &self,
        context: &Context,
        store: Option<&dyn Backend>,
        request: &CaRequest,
    ) -> Result<()> {
        let Some(store) = store.filter(|_| !self.dry_run.is_on() && self.common_name.is_none())
        else {
            return Ok(());
        };
        if !context.can_ask() {
            return Ok(());
        }
        let any = |list: Vec<String>| match list.is_empty() {
            true => "any".to_owned(),
            false => list.join(", "),
        };
        let CaRequest { subject, validity, constraints } = request;
        context.output.message(&format!(
            "The CA to be made:\n  subject     {subject}\n  key type    {}\n  not after   {}\n  \
             DNS names   {}\n  addresses   {}\n  stored in   {}",
            self.key_type,
            validity.not_after,
            any(constraints.dns.iter().map(ToString::to_string).collect()),
            any(constraints.ip.iter().map(ToString::to_string).collect()),
            store.place(&context.ca),
        ));
        if prompt::agrees(context, "Make it?")? {
            return Ok(());
        }
        Err(Error::refused(Code::NotConfirmed, "it was not confirmed; nothing was made")
            .hint(("say what is to be made, see", CommandLine::ccx_sec("ca init").flag("--help"))))
    }

    /// There is a CA. Its bundle is made whole, should a crash have kept it from being.
    fn existing(&self, context: &Context, store: &dyn Backend) -> Result<Exit> {
        let stored = StoredCa::read(store, &context.ca)?;
        let certificate = ca::certificate_of(stored.ca_secret(store)?)?;
        if !self.dry_run.is_on() {
            report_mended(
                context,
                ca::repair_bundle(store, &context.ca, &certificate, ReplacementPolicy::Refuse)?,
            );
        }
        if self.if_not_exists {
            let bundle = load_bundle(store, &context.ca)?;
            let place = Some((store, context.ca.as_str()));
            let ca = CaReport::new(&certificate, place, bundle.as_ref(), context.now);
            let outcome = CaInitDocument { created: false, dry_run: self.dry_run.is_on(), ca };
            context.output.outcome(&outcome, || outcome.ca.render_text())?;
            context.output.note("The CA was there already; nothing was changed.");
            return Ok(Exit::Done);
        }
        Err(Error::refused(
            Code::CaExists,
            format!("there is a CA in {}", store.place(&context.ca)),
        )
        .hint(("look at it", CommandLine::ccx_sec("ca show")))
        .hint("to have one or the other, give --if-not-exists; for a second CA, --ca NAME"))
    }
}

fn report_mended(context: &Context, mended: BundleRepair) {
    match mended {
        BundleRepair::Made => {
            context.output.warning("the bundle was missing; it was made from the CA")
        }
        BundleRepair::Whole | BundleRepair::Added => {}
    }
}
