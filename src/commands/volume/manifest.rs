//! `ccx-sec volume manifest`: prints the objects for volumes that a CSI driver encrypts.

use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::{Engine, engine::general_purpose::STANDARD};
use clap::ValueEnum;
use zeroize::Zeroizing;

use crate::block::key::VolumeKey;
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::files::{self, ExistingFile, FileMode};
use crate::output;
use crate::process;
use crate::store::manifest;
use crate::store::secret::Secret;

/// Print a Secret and a StorageClass for encrypting CSI drivers
///
/// The driver encrypts the volumes that it creates with a passphrase from the Secret, which all volumes
/// of the class share. ccx-sec generates it from 64 random bytes. The Secret is immutable, so that
/// kubectl cannot overwrite it: without the passphrase, no volume of the class can be opened again. Keep a
/// copy outside of the cluster.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// The driver
    #[arg(value_name = "DRIVER", value_enum)]
    driver: CsiDriver,
    /// Name of the StorageClass; the Secret is NAME-key
    #[arg(long, value_name = "NAME", default_value = "encrypted")]
    name: String,
    /// Driver parameter, such as clusterID=… for Ceph (repeatable)
    #[arg(long, value_name = "KEY=VALUE", value_parser = parameter)]
    parameter: Vec<(String, String)>,
    /// Write to a file that only its owner can read, not to stdout
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    out: Option<PathBuf>,
}

const HELP: &str = "\
DRIVERS
  longhorn   driver.longhorn.io, 1.4 or newer
  ceph-csi   rbd.csi.ceph.com. Before you apply the Secret, add userID and userKey of the pool's
             user; clusterID and pool are parameters
  hetzner    csi.hetzner.cloud, 2 or newer

EXAMPLES
  ccx-sec volume manifest longhorn -n longhorn-system --out class.yaml && kubectl create -f class.yaml
  ccx-sec volume manifest hetzner -n kube-system | kubectl create -f -
  ccx-sec volume manifest ceph-csi -n ceph --parameter clusterID=9f07 --parameter pool=rbd --out class.yaml

EXIT STATUS
  0  printed
  2  usage error: a parameter is missing, or stdout is a terminal
  3  failed: the output could not be written
  4  refused: the file exists already, or others can read it";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CsiDriver {
    Longhorn,
    CephCsi,
    Hetzner,
}

/// The properties of a driver.
struct DriverFacts {
    provisioner: &'static str,
    /// The key of the Secret that has the passphrase.
    passphrase: &'static str,
    /// Other entries of the Secret.
    data: &'static [(&'static str, &'static str)],
    parameters: &'static [(&'static str, &'static str)],
    /// The CSI calls that get the Secret (Kubernetes CSI developer documentation, "StorageClass
    /// Secrets").
    calls: &'static [&'static str],
    /// Parameters that the user has to give.
    needs: &'static [&'static str],
}

impl CsiDriver {
    fn facts(self) -> DriverFacts {
        match self {
            // Longhorn's documentation, "Volume Encryption".
            CsiDriver::Longhorn => DriverFacts {
                provisioner: "driver.longhorn.io",
                passphrase: "CRYPTO_KEY_VALUE",
                data: &[
                    ("CRYPTO_KEY_PROVIDER", "secret"),
                    ("CRYPTO_KEY_CIPHER", "aes-xts-plain64"),
                    ("CRYPTO_KEY_HASH", "sha256"),
                    ("CRYPTO_KEY_SIZE", "512"),
                    ("CRYPTO_PBKDF", "argon2id"),
                ],
                parameters: &[("encrypted", "true")],
                calls: &["provisioner", "node-publish", "node-stage", "node-expand"],
                needs: &[],
            },
            // ceph-csi, docs/rbd/deploy.md; without encryptionKMSID, the passphrase comes from the Secret.
            CsiDriver::CephCsi => DriverFacts {
                provisioner: "rbd.csi.ceph.com",
                passphrase: "encryptionPassphrase",
                data: &[],
                parameters: &[("encrypted", "true"), ("imageFeatures", "layering")],
                calls: &["provisioner", "controller-expand", "node-stage"],
                needs: &["clusterID", "pool"],
            },
            // Hetzner's csi-driver, docs/kubernetes/README.md.
            CsiDriver::Hetzner => DriverFacts {
                provisioner: "csi.hetzner.cloud",
                passphrase: "encryption-passphrase",
                data: &[],
                parameters: &[],
                calls: &["node-publish"],
                needs: &[],
            },
        }
    }
}

fn parameter(text: &str) -> std::result::Result<(String, String), String> {
    let split = text.split_once('=').filter(|(key, _)| !key.is_empty());
    let (key, value) = split.ok_or_else(|| "give KEY=VALUE".to_owned())?;
    Ok((key.to_owned(), value.to_owned()))
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        process::keep_memory_off_disk();
        let facts = self.driver.facts();
        let missing = |need: &&&str| !self.parameter.iter().any(|(key, _)| key == **need);
        if let Some(need) = facts.needs.iter().find(missing) {
            return Err(Error::usage(
                Code::ParameterMissing,
                format!("the driver needs the parameter {need}"),
            )
            .hint(format!("give it: --parameter {need}=…")));
        }
        let secret_name = format!("{}-key", self.name);
        Secret::check_name(&self.name)?;
        let text = self.render_manifest(context, &facts, &secret_name)?;
        match &self.out {
            Some(path) => {
                if !files::write(path, text.as_bytes(), FileMode::Private, ExistingFile::Keep)? {
                    let message = format!("{} exists already", path.display());
                    return Err(Error::refused(Code::FileExists, message)
                        .hint("it may hold the only key of some volumes; move it away first"));
                }
                context.output.note(&format!("written: {}", path.display()));
            }
            None if output::stdout_is_terminal() => {
                return Err(Error::usage(
                    Code::NotForATerminal,
                    "refusing to print a key to a terminal",
                )
                .hint("write it to a file: --out FILE; or pipe it: | kubectl create -f -"));
            }
            None => {
                files::check_stdout_private()?;
                context.output.raw(text.as_bytes())?;
            }
        }
        if self.driver == CsiDriver::CephCsi {
            let note =
                format!("add userID and userKey to the Secret {secret_name} before it is applied");
            context.output.warning(&note);
        }
        Ok(Exit::Done)
    }

    fn render_manifest(
        &self,
        context: &Context,
        facts: &DriverFacts,
        secret_name: &str,
    ) -> Result<Zeroizing<String>> {
        // Drivers pass the text to cryptsetup unchanged.
        let key = VolumeKey::generate()?;
        let passphrase = Zeroizing::new(STANDARD.encode(key.bytes()));
        let secret =
            Secret::new(secret_name, "Opaque").with(facts.passphrase, passphrase.as_bytes());
        let mut secret =
            facts.data.iter().fold(secret, |secret, (key, value)| secret.with(key, *value));
        secret.immutable = self.driver != CsiDriver::CephCsi; // the user has to add entries
        let namespace = context.store.namespace.clone().unwrap_or_else(|| "default".to_owned());
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        let mut parameters: BTreeMap<String, String> = facts.parameters.iter().map(owned).collect();
        for call in facts.calls {
            let key = format!("csi.storage.k8s.io/{call}-secret");
            parameters.insert(format!("{key}-name"), secret_name.to_owned());
            parameters.insert(format!("{key}-namespace"), namespace.clone());
        }
        parameters.extend(self.parameter.iter().cloned());
        let class = manifest::storage_class_to_yaml(&self.name, facts.provisioner, &parameters)?;
        let secret = manifest::secret_to_yaml(&secret)?;
        // The class names this namespace for the Secret.
        let placed =
            secret.replacen("metadata:\n", &format!("metadata:\n  namespace: {namespace}\n"), 1);
        let secret = Zeroizing::new(placed);
        Ok(Zeroizing::new(format!("{}---\n{}", secret.as_str(), class.as_str())))
    }
}
