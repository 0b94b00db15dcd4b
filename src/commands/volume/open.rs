//! `ccx-sec volume open`: opens a volume and optionally mounts it.

use std::path::PathBuf;
use std::time::Duration;

use super::selector::{VolumeSelector, VolumeSession, check_not_erased};
use super::status_document::{JSON, VolumeStatus, warn_of_pending};
use crate::block::device_guard::DeviceIdentity;
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::shell::CommandLine;
use crate::store::Backend;
use crate::volume::kind::OperationKind;
use crate::volume::locate;
use crate::volume::mount::{self, Effect};
use crate::volume::record::VolumeId;
use crate::volume::stored::{StoredVolume, with_record};

/// Open a volume with its key, and optionally mount it
///
/// The device is found by the header of the volume, whatever its name is now. Opening an open volume
/// changes nothing.
#[derive(Debug, clap::Args)]
#[command(after_long_help = help())]
pub(crate) struct Args {
    /// The volume
    #[arg(value_name = "ID")]
    id: VolumeId,
    /// Mount it on PATH, or on the recorded mount point
    #[arg(long, value_name = "PATH", num_args = 0..=1, value_hint = clap::ValueHint::DirPath)]
    mount: Option<Option<PathBuf>>,
    /// Open it read-only
    #[arg(long)]
    read_only: bool,
    /// Retry every 5 seconds until store and device are available
    ///
    /// There is no time limit, and --timeout is none. For a systemd unit: at boot, store and device may become available late. An unknown volume is
    /// retried too, because a store directory that is not mounted yet is empty. A refusal (exit 4) is
    /// not retried.
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    pub(super) selector: VolumeSelector,
}

/// The time between two attempts.
const PAUSE: Duration = Duration::from_secs(5);

fn help() -> String {
    format!(
        "\
{JSON}

EXAMPLES
  ccx-sec volume open db-6ae82
  ccx-sec volume open db-6ae82 --mount
  ccx-sec volume open db-6ae82 --device /dev/sdc --read-only --mount /mnt

EXIT STATUS
  0  the volume is open
  1  no such volume
  2  usage error
  3  failed: no device has its header, or the key does not unlock it
  4  refused: the volume is erased, an operation is pending, or its name or mount point is taken"
    )
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let mut last = String::new();
        loop {
            let error = match self.attempt(context) {
                Err(error) if self.wait && matches!(error.exit(), Exit::Failed | Exit::No) => {
                    error.to_string()
                }
                done => return done,
            };
            if error != last {
                context.output.warning(&format!("{error}; retrying"));
                last = error;
            }
            std::thread::sleep(PAUSE);
        }
    }

    fn attempt(&self, context: &Context) -> Result<Exit> {
        let session = VolumeSession::open(context, &self.id, &self.selector.journals)?;
        let stored = session.volume(&self.id)?;
        let record = &stored.record;
        check_not_erased(record)?;
        match record.pending.as_ref().map(|pending| &pending.kind) {
            // The volume is incomplete, or about to be destroyed.
            Some(
                OperationKind::Encrypt(_) | OperationKind::Erase { .. } | OperationKind::Restore,
            ) => record.check_settled()?,
            _ => warn_of_pending(context, record, &self.selector.journals.directory()?)?,
        }
        let device = locate::with_header(record, self.selector.device())?;
        let key = self.selector.key(context, &stored)?;
        let progress = context.output.progress(&format!("opening {}", self.id));
        let (mapping, change) =
            mount::open(session.cryptsetup(), record, &device, &key, self.read_only)?;
        drop(progress);
        match (mapping.is_read_only, self.read_only) {
            (true, false) => {
                context.output.warning(&format!("the volume {} is open read-only", self.id));
            }
            (false, true) => return Err(writable(&self.id)),
            _ => {}
        }
        if let Some(point) = &self.mount {
            let point = point.as_ref().or(record.mount.as_ref()).ok_or_else(|| {
                let message = format!("the record of the volume {} has no mount point", self.id);
                Error::usage(Code::MountPoint, message).hint("name the mount point: --mount PATH")
            })?;
            mount::mount(&mapping, point)?;
        }
        let happened = match change {
            Effect::Done => "open",
            Effect::Already => "already open",
        };
        if !self.read_only {
            follow(context, session.store(), &stored, device.identity());
        }
        let status = VolumeStatus::from_record(record, session.store(), context.now)
            .with_device(device.path());
        status.print(context, happened)?;
        Ok(Exit::Done)
    }
}

/// Records in the store on which device the volume is, which helps to restore a lost header. A failure
/// is only a warning, because the volume is open.
fn follow(context: &Context, store: &dyn Backend, stored: &StoredVolume, device: &DeviceIdentity) {
    let mut record = stored.record.clone();
    if record.pending.is_some() || !record.follow(device) {
        return;
    }
    let written =
        with_record(stored.secret.clone(), &record).and_then(|secret| store.replace(&secret));
    let why = match written {
        Ok(true) => return,
        Ok(false) => "another process changed its Secret in the meantime".to_owned(),
        Err(error) => error.to_string(),
    };
    let id = &record.id;
    context.output.warning(&format!("the device of {id} could not be recorded: {why}"));
}

/// The error for a writable volume that should be read-only. Programs may be writing to it, so it is
/// left as it is.
fn writable(id: &VolumeId) -> Error {
    let message = format!("the volume {id} is already open and writable");
    Error::refused(Code::VolumeOpen, message).hint((
        "close it first",
        CommandLine::ccx_sec("volume close").argument(id.to_string()).flag("--unmount"),
    ))
}
