//! `ccx-sec manifests`: manifests for what runs in a cluster.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::files;
use crate::manifests::{
    self, Inventory, KubernetesVersion, LONGEST_NAME, Part, RotationGoal, Settings, access,
};
use crate::node::inventory::{self, InventoryDefaults, InventoryFormat};
use crate::output::Format;
use crate::probe::mode::TlsMode;
use crate::store::bundle::bundle_name;
use crate::store::nodes;
use crate::store::secret::Secret;
use crate::text::clip;
use crate::volume::record::VolumeId;

/// The size limit of a ConfigMap's content, with room for its metadata.
const MAX_INVENTORY: usize = 1000 * 1024;

/// Print Kubernetes manifests that run ccx-sec
///
/// Connects to no cluster, and changes nothing. Each part has its own service account, with a Role
/// in the namespace that grants only the permissions below. The pods meet the profile "restricted"
/// of Pod Security. The same arguments print the same manifests.
///
/// The service speaks HTTPS with the certificate in the Secret of --tls-secret; its pods wait until
/// that Secret exists.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// Parts to print [default: all that the other options ask for]
    ///
    /// The parts renew and verify ask for --inventory, and rotate for --rotate.
    #[arg(long, value_name = "PART", value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Image with ccx-sec as its entry point; best with its digest
    #[arg(long, value_name = "IMAGE", value_parser = image)]
    image: Option<String>,
    /// Prefix of the names of all objects
    #[arg(long, value_name = "NAME", default_value = "ccx-sec", value_parser = name)]
    name: String,
    /// Number of pods that serve
    #[arg(long, value_name = "NUMBER", default_value_t = 2,
          value_parser = clap::value_parser!(u32).range(1..=100))]
    replicas: u32,
    /// Oldest version of Kubernetes to support
    ///
    /// Below 1.21, PodDisruptionBudget and CronJob are v1beta1, which Kubernetes 1.25 removed.
    #[arg(long, value_name = "MAJOR.MINOR", default_value = "1.21", value_parser = version)]
    kubernetes: KubernetesVersion,
    /// Nodes for the jobs renew and verify
    ///
    /// The issuer may then access only their Secrets.
    ///
    /// It becomes a ConfigMap. Domain and engine of each node have to be in it. Over 200 KiB,
    /// kubectl needs --server-side to apply it.
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    inventory: Option<PathBuf>,
    /// Mode that the job verify requires; repeatable [default: all]
    #[arg(long, value_name = "MODE", value_enum, ignore_case = true, requires = "inventory")]
    mode: Vec<TlsMode>,
    /// Add the job rotate, which carries a rotation of the CA on
    ///
    /// It proves the gates, and passes none that a person confirms. Without --inventory, the nodes
    /// are those that have Secrets.
    #[arg(long)]
    rotate: bool,
    /// Phase to which the job rotate may carry the rotation
    ///
    /// Its account may then replace the CA. Give it for one rotation, and print the manifests
    /// without it afterwards.
    #[arg(long, value_name = "PHASE", requires = "confirm",
          value_parser = ["switched", "reissued", "removed"])]
    rotate_to: Option<String>,
    /// First 8 digits of the fingerprint that confirms --rotate-to; repeatable
    ///
    /// For switched, that of the new CA; for removed, also that of the old one. They count for
    /// this rotation only, and not after a rollback. ccx-sec ca rotate status prints both.
    #[arg(long, value_name = "HEX", requires = "rotate_to", value_parser = digits)]
    confirm: Vec<String>,
    /// Volume that the account for volumes may access; repeatable
    #[arg(long, value_name = "ID")]
    volume: Vec<VolumeId>,
    /// Secret with the service's certificate and key [default: NAME-tls]
    ///
    /// Its type is kubernetes.io/tls.
    #[arg(long, value_name = "NAME", value_parser = secret)]
    tls_secret: Option<String>,
    /// Serve plain HTTP, behind a proxy that speaks TLS
    #[arg(long, conflicts_with = "tls_secret")]
    insecure_http: bool,
    /// Secret with the tokens of clients, in its key tokens, as serve --auth reads them
    #[arg(long, value_name = "NAME", value_parser = secret)]
    tokens_secret: Option<String>,
    /// Keep in the store which client has which bundle, by the names of the tokens
    ///
    /// Adds 16 empty Secrets, NAME-holders-0 to NAME-holders-15, which the service fills.
    #[arg(long, requires = "tokens_secret")]
    record_holders: bool,
    /// Name of the service for clients, for --cert-manager; repeatable
    #[arg(long, value_name = "NAME", value_parser = host, requires = "cert_manager")]
    host: Vec<String>,
    /// Add a cert-manager Issuer of this CA and a Certificate for the service
    #[arg(long)]
    cert_manager: bool,
    /// Add a trust-manager Bundle, which copies the bundle to every namespace
    ///
    /// The namespace must be the one that trust-manager trusts (its --trust-namespace).
    #[arg(long)]
    trust_manager: bool,
    /// Add a ServiceMonitor of the Prometheus operator
    ///
    /// Prometheus then expects a certificate of this CA for NAME.NAMESPACE.svc, which
    /// --cert-manager requests.
    #[arg(long)]
    service_monitor: bool,
}

const HELP: &str = "\
WHAT EACH PART MAY DO
  check    get the Secrets of the CA, of its bundle, and of the keys of a rotation
  server   get and watch the bundle, and nothing else; with --record-holders also get and patch
           the Secrets NAME-holders-0 to NAME-holders-15
  verify   get the bundle
  issuer   with --inventory: get the CA and the bundle, get and patch the Secrets of the nodes,
           create Secrets; without it: get, list, create and patch all Secrets of the namespace
  volume   with --volume: get, patch and delete the Secrets of these volumes, create Secrets;
           without it: all Secrets of the namespace, also the CA's key, so keep volumes in another
           namespace than the CA
  renew    runs with the account of issuer
  rotate   get the CA, the bundle, and the keys and the list of nodes of a rotation; list all
           Secrets of the namespace, also their values; patch the bundle and that list. With
           --rotate-to: patch the CA too, create Secrets

WHAT HAPPENS
  Apply everything once, in any order. The service answers 503 until the CA exists, and is ready
  seconds later. Every ten minutes, renew issues missing certificates and renews due ones; check
  and verify run every hour, and so does rotate: without a rotation it does nothing.
  The next Job repeats the work of a failed one. To repeat it at once:
  kubectl create job check-now --from=cronjob/ccx-sec-check

EXAMPLES
  ccx-sec manifests -n ccx --image REGISTRY/ccx-sec@sha256:… --inventory nodes.yaml | kubectl apply -f -
  kubectl create job -n ccx --from=cronjob/ccx-sec-check check-now
  kubectl wait -n ccx --for=condition=complete --timeout=2m job/check-now

  With a certificate from cert-manager, and scraped by Prometheus:
    ccx-sec manifests -n ccx --image REGISTRY/ccx-sec@sha256:… --only check,server \\
      --cert-manager --host ca.example.com --service-monitor | kubectl apply -f -

  A job that carries a rotation on, and leaves its confirmations to a person:
    ccx-sec manifests -n ccx --image REGISTRY/ccx-sec@sha256:… --only rotate \\
      --inventory nodes.yaml | kubectl apply -f -

  Only the account for volumes on nodes:
    ccx-sec manifests -n volumes --only volume --volume db-6ae82 | kubectl apply -f -

JSON
  One List: {\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": […]}; the same with -o yaml

EXIT STATUS
  0  printed
  2  an argument or the inventory is wrong or missing
  3  the inventory cannot be read";

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let settings = self.settings(context)?;
        for part in settings.parts.iter().filter(|part| access::is_wide(&settings, **part)) {
            let (word, option) = match part {
                Part::Issuer => ("issuer", "name its nodes: --inventory FILE"),
                Part::Rotate => ("rotate", "keep what it should not read in another namespace"),
                _ => ("volume", "name its volumes: --volume ID; or give it another namespace"),
            };
            context.output.warning(&format!(
                "the account {}-{word} may read every Secret of {}; {option}",
                settings.name, settings.namespace
            ));
        }
        let objects = manifests::objects(&settings);
        match context.output.format {
            Format::Json | Format::Yaml => {
                context.output.report(&manifests::list(&objects), String::new)?;
            }
            _ => context.output.raw(manifests::yaml(&objects)?.as_bytes())?,
        }
        Ok(Exit::Done)
    }

    fn settings(self, context: &Context) -> Result<Settings> {
        let parts = self.parts();
        let pods = parts.iter().any(|part| part.has_pod());
        let image = match self.image {
            None if pods => {
                return Err(Error::usage(Code::ImageMissing, "the image of the pods is not known")
                    .hint("give --image REGISTRY/ccx-sec@sha256:…, or --only issuer,volume"));
            }
            image => image.unwrap_or_default(),
        };
        let namespace = context.store.namespace.clone().ok_or_else(|| {
            Error::usage(Code::NamespaceMissing, "the namespace is not known").hint(
                "give --namespace NAME: a RoleBinding names its accounts with their namespace",
            )
        })?;
        check_label(Code::Namespace, &namespace)?;
        let inventory = match &self.inventory {
            Some(path) => Some(read(path, parts.iter().any(|part| part.needs_inventory()))?),
            None => match parts.iter().find(|part| part.needs_inventory()) {
                Some(part) => {
                    let message = format!("{} does not know the nodes", part.word());
                    return Err(
                        Error::usage(Code::InventoryMissing, message).hint("give --inventory FILE")
                    );
                }
                None => None,
            },
        };
        let rotation_goal =
            self.rotate_to.map(|phase| RotationGoal { phase, confirmed: self.confirm });
        let secret = self.tls_secret.unwrap_or_else(|| format!("{}-tls", self.name));
        Ok(Settings {
            tls: (!self.insecure_http).then_some(secret),
            name: self.name,
            namespace,
            parts,
            ca: context.ca.clone(),
            bundle: bundle_name(&context.ca),
            image,
            replicas: self.replicas,
            kubernetes: self.kubernetes,
            inventory,
            modes: self.mode,
            rotation_goal,
            volumes: self.volume.iter().map(VolumeId::secret_name).collect(),
            tokens: self.tokens_secret,
            record_holders: self.record_holders,
            hosts: self.host,
            service_monitor: self.service_monitor,
            cert_manager: self.cert_manager,
            trust_manager: self.trust_manager,
        })
    }

    fn parts(&self) -> BTreeSet<Part> {
        if !self.only.is_empty() {
            return self.only.iter().copied().collect();
        }
        let is_wanted = |part: &Part| match part {
            Part::Rotate => self.rotate || self.rotate_to.is_some(),
            part => self.inventory.is_some() || !part.needs_inventory(),
        };
        Part::ALL.into_iter().filter(is_wanted).collect()
    }
}

/// Reads an inventory, and sees that the jobs can: they need the domain and the engine of each
/// node.
fn read(path: &Path, whole: bool) -> Result<Inventory> {
    let bytes = files::read(path, inventory::MAX_BYTES)?;
    let name = path.display().to_string();
    if bytes.len() > MAX_INVENTORY {
        let message = format!("{name} has {} bytes, and a ConfigMap holds 1 MiB", bytes.len());
        return Err(Error::usage(Code::InventoryTooLarge, message)
            .hint("install once for each part of the fleet, with --name and --only"));
    }
    let notation = InventoryFormat::from_path(path);
    let ids = inventory::read_ids(&name, &bytes, notation)?;
    if whole {
        inventory::read(&name, &bytes, notation, &InventoryDefaults::default())?;
    }
    Ok(Inventory {
        file: if notation == InventoryFormat::Csv { "nodes.csv" } else { "nodes.yaml" },
        // The bytes were read as UTF-8 before.
        text: String::from_utf8_lossy(&bytes).into_owned(),
        secrets: ids.iter().map(nodes::secret_name).collect(),
    })
}

/// Names of Services and namespaces: a DNS label (RFC 1035), which begins with a letter.
fn check_label(code: Code, text: &str) -> Result<()> {
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=63).contains(&text.len())
        && text.bytes().all(good)
        && !text.starts_with('-')
        && !text.ends_with('-')
    {
        return Ok(());
    }
    let shown = clip(text, 64);
    Err(Error::usage(code, format!("{shown:?} is not a valid name in Kubernetes"))
        .hint("use lower-case letters, digits and '-', such as ccx-sec"))
}

fn name(text: &str) -> Result<String> {
    check_label(Code::Name, text)?;
    if text.len() > LONGEST_NAME || !text.starts_with(|first: char| first.is_ascii_lowercase()) {
        return Err(Error::usage(Code::Name, format!("{text:?} is not a valid name of a Service"))
            .hint(format!("begin with a letter, and use at most {LONGEST_NAME} characters")));
    }
    Ok(text.to_owned())
}

fn secret(text: &str) -> Result<String> {
    Secret::check_name(text)?;
    Ok(text.to_owned())
}

fn digits(text: &str) -> std::result::Result<String, String> {
    match text.len() == 8 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        true => Ok(text.to_owned()),
        false => Err("give 8 hexadecimal digits in lower case".to_owned()),
    }
}

fn host(text: &str) -> Result<String> {
    let host: crate::pki::san::DnsName = text.parse()?;
    Ok(host.as_str().to_owned())
}

fn image(text: &str) -> Result<String> {
    if text.is_empty() || text.contains(|sign: char| sign.is_whitespace() || sign.is_control()) {
        return Err(Error::usage(Code::Image, format!("{text:?} is no image"))
            .hint("give REGISTRY/ccx-sec:TAG or REGISTRY/ccx-sec@sha256:…"));
    }
    Ok(text.to_owned())
}

fn version(text: &str) -> Result<KubernetesVersion> {
    let parsed = text.split_once('.').and_then(|(major, minor)| {
        Some(KubernetesVersion { major: major.parse().ok()?, minor: minor.parse().ok()? })
    });
    match parsed {
        Some(version) if version >= KubernetesVersion { major: 1, minor: 20 } => Ok(version),
        Some(_) => Err(Error::usage(Code::Kubernetes, format!("Kubernetes {text} is too old"))
            .hint("1.20 is the oldest that takes this")),
        None => {
            Err(Error::usage(Code::Kubernetes, format!("{text:?} is no version of Kubernetes"))
                .hint("give it as MAJOR.MINOR, such as 1.20"))
        }
    }
}
