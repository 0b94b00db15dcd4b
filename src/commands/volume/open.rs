//! `ccx-sec volume open`: what is on a volume can be read and written.

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
use crate::volume::record::{StoredVolume, VolumeId, with_record};

/// Open a volume with its key, and mount it where that is wished
///
/// The device is the one that has the header of the volume, whatever it is called now. A volume
/// that is open already stays so.
#[derive(Debug, clap::Args)]
#[command(after_long_help = help())]
pub(crate) struct Args {
    /// The volume
    #[arg(value_name = "ID")]
    id: VolumeId,
    /// Mount it too: there, or where it was when it was made
    #[arg(long, value_name = "PATH", num_args = 0..=1, value_hint = clap::ValueHint::DirPath)]
    mount: Option<Option<PathBuf>>,
    /// Let nothing be written to it
    #[arg(long)]
    read_only: bool,
    /// Try again every few seconds, for as long as the store or the device is away
    ///
    /// For a unit of systemd: at boot either may come late. So may a volume that is not known, since a
    /// directory that is not mounted yet is an empty store. What is refused ends it.
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    way: VolumeSelector,
}

/// Between two attempts.
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
  0  it is open
  1  there is no such volume
  2  usage
  3  it could not be opened: no device has it, or the key does not fit
  4  refused: it is erased, or being encrypted; or something else has its name or place"
    )
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let mut said = String::new();
        loop {
            let error = match self.attempt(context) {
                Err(error) if self.wait && matches!(error.exit(), Exit::Failed | Exit::No) => {
                    error.to_string()
                }
                done => return done,
            };
            if error != said {
                context.output.warning(&format!("{error}; it is tried again until it is there"));
                said = error;
            }
            std::thread::sleep(PAUSE);
        }
    }

    fn attempt(&self, context: &Context) -> Result<Exit> {
        let session = VolumeSession::open(context, &self.id, &self.way.journals)?;
        let stored = session.volume(&self.id)?;
        let record = &stored.record;
        check_not_erased(record)?;
        match record.pending.as_ref().map(|pending| &pending.kind) {
            // There is nothing yet that could be used, or not for long.
            Some(
                OperationKind::Encrypt(_) | OperationKind::Erase { .. } | OperationKind::Restore,
            ) => record.check_settled()?,
            _ => warn_of_pending(context, record, &self.way.journals.directory()?)?,
        }
        let device = locate::with_header(record, self.way.device())?;
        let key = self.way.key(context, &stored)?;
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
                let message = format!("it is not known where the volume {} is mounted", self.id);
                Error::usage(Code::MountPoint, message).hint("say where: --mount PATH")
            })?;
            mount::mount(&mapping, point)?;
        }
        let happened = match change {
            Effect::Done => "open",
            Effect::Already => "open already",
        };
        if !self.read_only {
            follow(context, session.store(), &stored, device.identity());
        }
        let told =
            VolumeStatus::from_record(record, session.store(), context.now).on(device.path());
        told.tell(context, happened)?;
        Ok(Exit::Done)
    }
}

/// Writes down in the store where the volume is, for when its header is lost. It is open all the
/// same where the store does not take that.
fn follow(context: &Context, store: &dyn Backend, stored: &StoredVolume, device: &DeviceIdentity) {
    let mut record = stored.record.clone();
    if record.pending.is_some() || !record.follow(device) {
        return;
    }
    let written =
        with_record(stored.secret.clone(), &record).and_then(|secret| store.replace(&secret));
    let why = match written {
        Ok(true) => return,
        Ok(false) => "another process changed its Secret meanwhile".to_owned(),
        Err(error) => error.to_string(),
    };
    let id = &record.id;
    context
        .output
        .warning(&format!("the record of {id} does not say which device it is on: {why}"));
}

/// It stays as it is: who uses it may be writing just now.
fn writable(id: &VolumeId) -> Error {
    let message = format!("the volume {id} is open already, and can be written to");
    Error::refused(Code::VolumeOpen, message).hint((
        "close it first",
        CommandLine::ccx_sec("volume close").argument(id.to_string()).flag("--unmount"),
    ))
}
