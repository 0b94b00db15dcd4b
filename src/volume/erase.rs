//! Nothing opens a volume ever again: its slots are wiped, its header is overwritten, and then,
//! last of all, its Secret goes. Until then it can be brought back.

use super::kind::OperationKind;
use super::record::{StoredVolume, to_the_second};
use super::restore;
use super::work::{OperationRun, OperationStep, no_op};
use crate::block::luks::DeviceFormat;
use crate::error::{Error, Result};
use crate::shell::CommandLine;

pub(super) const STEPS: &[OperationStep] = &[
    OperationStep {
        name: "record",
        does: "tell the store that it begins",
        run: record,
        undo: bring_back,
    },
    OperationStep { name: "slots", does: "wipe all key slots", run: slots, undo: no_op },
    OperationStep { name: "header", does: "overwrite the header", run: header, undo: no_op },
    OperationStep {
        name: "secret",
        does: "delete its Secret, or say in it what happened",
        run: secret,
        undo: gone,
    },
];

fn record(work: &mut OperationRun<'_>) -> Result<()> {
    drop(work.take()?); // or it would be refused with something begun
    // What would bring it back is the header of now, be it that others changed it since.
    if work.is_whole()?
        && let Err(error) = super::encrypt::backup(work)
    {
        let note = format!("no copy of its header was taken, to undo this with: {error}");
        work.means.context.output.warning(&note);
    }
    work.update_secret(Ok)
}

fn slots(work: &mut OperationRun<'_>) -> Result<()> {
    let claim = work.take()?;
    match work.head()? {
        DeviceFormat::Luks2(header) if header.uuid != work.record.uuid => {
            Err(another(work, &header.uuid))
        }
        DeviceFormat::Luks2(header) if header.metadata.openers().next().is_some() => {
            let held = claim.release();
            held.check_still()?;
            work.means.cryptsetup.erase(held.path())
        }
        // Whatever is left of it is overwritten next.
        _ => Ok(()),
    }
}

fn another(work: &OperationRun<'_>, uuid: &str) -> Error {
    let path = work.device.path().display();
    let message =
        format!("on {path} is the volume {uuid}, not {} ({})", work.record.id, work.record.uuid);
    Error::refused("volume-other", message).hint("name the device of this volume: --device")
}

fn header(work: &mut OperationRun<'_>) -> Result<()> {
    let claim = work.take()?;
    let length = match work.head()? {
        DeviceFormat::Luks2(header) if header.uuid != work.record.uuid => {
            return Err(another(work, &header.uuid));
        }
        DeviceFormat::Luks2(header) => header.length(),
        _ => super::encrypt::HEADER,
    };
    claim.overwrite(0, &vec![0; usize::try_from(length).unwrap_or(usize::MAX)])
}

/// The header as the store has it.
fn bring_back(work: &mut OperationRun<'_>) -> Result<()> {
    if work.is_whole()? {
        return Ok(());
    }
    let image = restore::image(work.stored.as_ref())?;
    work.restore(&image.in_memory()?)
}

fn secret(work: &mut OperationRun<'_>) -> Result<()> {
    let keep = matches!(
        work.record.pending.as_ref().map(|pending| &pending.task),
        Some(OperationKind::Erase { keep_secret: true })
    );
    if keep {
        work.record.erased = Some(to_the_second(work.means.context.now));
        return work.finish(Ok);
    }
    // Or every boot would wait for a volume that is no more.
    if let Err(error) =
        super::boot::remove(&work.record).and_then(|()| super::encrypt::unprotect(&work.record))
    {
        let note = format!("what opens it at boot was not taken away: {error}");
        work.means.context.output.warning(&note);
    }
    let Some(stored) = work.stored.take() else { return Ok(()) };
    let there = StoredVolume::load(work.means.store, &work.record.id)?;
    match there {
        None => Ok(()),
        Some(there) if there.secret.data != stored.secret.data => {
            let place = work.means.store.place(&there.secret.name);
            Err(Error::refused("volume-contended", format!("{place} was changed meanwhile"))
                .hint("see who else works on that volume"))
        }
        Some(there) => match work.means.store.delete(&there.secret)? {
            true => Ok(()),
            false => Err(Error::failed("volume-contended", "the Secret was changed meanwhile")
                .hint((
                    "go on",
                    CommandLine::ccx_sec("volume resume").argument(work.record.id.to_string()),
                ))),
        },
    }
}

fn gone(work: &mut OperationRun<'_>) -> Result<()> {
    match work.stored {
        Some(_) => Ok(()),
        None => {
            Err(Error::refused("no-way-back", format!("the volume {} is gone", work.record.id))
                .hint("no key and no header of it are left"))
        }
    }
}
