//! `ccx-sec volume encrypt`: encrypts a device.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::encrypt_dry_run;
use super::selector::{Journals, VolumeSession};
use super::status_document::{JSON, VolumeStatus};
use crate::block::cryptsetup::Cryptsetup;
use crate::block::device_guard::{
    Contents, DeviceIdentity, ExclusiveDevice, PinnedDevice, refuse_unless_blank,
};
use crate::block::device_mapper;
use crate::block::file_system;
use crate::block::key::VolumeKey;
use crate::block::luks::{MIN_DEVICE_SIZE, NEW_HEADER_SIZE};
use crate::commands::dry_run::DryRun as DryRunOption;
use crate::confirm::{self, Confirmation};
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::process;
use crate::prompt;
use crate::shell::CommandLine;
use crate::store::Backend;
use crate::store::location::{self, Environment};
use crate::volume::boot::{self, Boot, DropIn};
use crate::volume::journal::Journal;
use crate::volume::kind::{Encrypt, OperationKind, StepName};
use crate::volume::record::{self, KeySource, Record, RecordedFileSystem, VolumeId};
use crate::volume::run::OperationRun;
use crate::volume::stored::{KIND, StoredVolume};
use crate::volume::{self, check_room, mount};

/// Encrypt a device with LUKS2
///
/// Generates a key of 64 random bytes, keeps it in the store, and reads it back from there before the
/// first byte is written to the device. Then formats the device, and copies its header to the store
/// after a check that the key unlocks the copy. A device that is not blank is refused without
/// --in-place or --overwrite.
#[derive(Debug, clap::Args)]
#[command(after_long_help = help())]
pub(crate) struct Args {
    /// Disk, partition, logical volume or file
    ///
    /// A path below /dev/disk/by-id is the safest name of a disk.
    #[arg(value_name = "DEVICE", value_hint = clap::ValueHint::AnyPath)]
    target: PathBuf,
    /// ID of the volume, in ccx-volume-ID and /dev/mapper/ccx-ID
    #[arg(long, value_name = "ID")]
    id: VolumeId,
    /// Make a file system on the volume
    #[arg(long, value_name = "TYPE", value_parser = ["ext4", "xfs"], conflicts_with = "in_place")]
    mkfs: Option<String>,
    /// Open the volume and mount it on PATH
    #[arg(long, value_name = "PATH", value_hint = clap::ValueHint::DirPath)]
    mount: Option<PathBuf>,
    /// Leave the volume open, also without a mount point
    #[arg(long)]
    open: bool,
    /// Label in the header
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    label: String,
    /// Write a systemd unit and a line in /etc/fstab for every boot
    ///
    /// Without this option, they are printed.
    #[arg(long, requires = "mount", conflicts_with = "passphrase")]
    persist: bool,
    /// Systemd service that starts after the mount (repeatable)
    ///
    /// It gets a drop-in with RequiresMountsFor=. Without that, it may start on the empty mount point and
    /// write to the disk that is not encrypted. With --persist, the mount point is also immutable while
    /// nothing is mounted on it.
    #[arg(long, value_name = "UNIT", requires = "mount", conflicts_with = "passphrase", value_parser = boot::service)]
    service: Vec<String>,
    /// Encrypt the file system on the device with its files
    ///
    /// It must be unmounted, and leave 32 MiB free at the end of a device of at least 48 MiB. The
    /// encryption can be interrupted and resumed at any moment, but not undone.
    #[arg(long)]
    in_place: bool,
    /// Confirm that the data have a backup, for --in-place
    #[arg(long, requires = "in_place")]
    i_have_a_backup: bool,
    /// Destroy the contents of the device; asks for its serial number
    #[arg(long, conflicts_with = "in_place")]
    overwrite: bool,
    /// Serial number of the device; without one NAME:BYTES
    ///
    /// A disk without a serial number is confirmed by its name and its size in bytes, such as
    /// vdb:536870912; a file by its name. volume test-recovery prints the word to type.
    #[arg(long, value_name = "SERIAL", requires = "overwrite")]
    confirm: Option<String>,
    /// Use a passphrase, and keep no key in the store
    #[arg(long)]
    passphrase: bool,
    /// File with the passphrase in its first line; - is stdin
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, requires = "passphrase")]
    passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    dry_run: DryRunOption,
    #[command(flatten)]
    pub(super) journals: Journals,
}

fn help() -> String {
    format!(
        "\
PARAMETERS
  LUKS2, aes-xts-plain64, a volume key of 512 bits, the sector size of the device. The key slot of a
  random key has PBKDF2 with the fewest iterations, because nobody can guess 64 random bytes,
  however fast one guess is. The key slot of a passphrase has Argon2id with 256 MiB, 4 passes and 4 lanes.

REFUSED DEVICES
  A device that is mounted, in use as swap, partitioned, used by LVM, RAID, ZFS or another mapping,
  open for writing, read-only, or smaller than 32 MiB; and a device on which blkid, wipefs or a read
  of its first and last 16 MiB finds anything, or on which one of them fails.

AFTER AN INTERRUPTION
  ccx-sec volume resume ID finishes it, ccx-sec volume rollback ID undoes it (not --in-place).

{JSON}
  encrypt adds \"boot\": {{\"unit\", \"unit_text\", \"fstab\", \"services\": [{{\"path\", \"text\"}}]}}. With --dry-run:
  {{\"dry_run\", \"device\": {{\"path\", \"by_id\", \"serial\", \"wwn\", \"size\", \"is_file\"}}, \"holds\": [],
   \"steps\": [{{\"name\", \"does\"}}]}}

EXAMPLES
  ccx-sec volume encrypt /dev/disk/by-id/virtio-data --id db-6ae82 --mkfs ext4 --mount /var/lib/mysql
  ccx-sec volume encrypt /dev/sdb --id db-6ae82 --dry-run
  ccx-sec volume encrypt /dev/sdb --id db-6ae82 --in-place --i-have-a-backup
  ccx-sec volume encrypt /dev/sdb --id db-6ae82 --overwrite --confirm WD-WX12A3456789

EXIT STATUS
  0  the device is encrypted
  2  usage error: not a device, or not a valid ID (a path that does not exist is 3)
  3  failed: the store, the device or a program reported an error
  4  refused: the device is not blank, or in use; or the ID is taken"
    )
}

#[derive(Serialize)]
struct EncryptDocument {
    #[serde(flatten)]
    volume: VolumeStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    boot: Option<Boot>,
}

/// The checked device, its contents, and the encryption that was chosen for them.
struct EncryptionPlan {
    exclusive: ExclusiveDevice,
    contents: Contents,
    record: Record,
    kind: OperationKind,
    /// The command that opens the volume at boot.
    command: String,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        self.check()?;
        if self.dry_run.is_on() {
            return self.run_dry(context);
        }
        let session = VolumeSession::open_new(context, &self.id, &self.journals)?;
        self.check_new(session.store(), session.journal().pending()?)?;
        let EncryptionPlan { exclusive, contents, record, kind, command } = self.plan(context)?;
        check_device_mapper(&kind, &record)?;
        let confirmed = self.consent(context, session.store(), &exclusive, &contents)?;
        let key = self.key(context)?;
        let operation_context = session.operation_context(context);
        // By the given path, so that a change of a link is detected.
        let pinned = PinnedDevice::from_path(&self.target)?;
        pinned.identity().check_same(exclusive.identity())?;
        let run = OperationRun::begin(operation_context, record, None, key, pinned, kind)?;
        let run = run.confirmed(confirmed);
        let stored = if self.in_place {
            drop(exclusive);
            volume::run(run)?
        } else {
            volume::run(run.with_exclusive(exclusive))?
        };
        let Some(StoredVolume { record, .. }) = stored else { return Ok(Exit::Done) };
        self.report(context, &session, &record, &command)
    }

    /// Checks the device and prints the steps. Writes nothing, so it takes no lock, which would need the
    /// directory of the journal.
    fn run_dry(&self, context: &Context) -> Result<Exit> {
        process::keep_memory_off_disk();
        Cryptsetup::find()?;
        let store = context.open_store()?;
        let pending = Journal::peek(&self.journals.directory()?, &self.id)?;
        self.check_new(store.as_ref(), pending)?;
        let EncryptionPlan { exclusive, contents, record, kind, .. } = self.plan(context)?;
        if !self.in_place && !self.overwrite {
            refuse_unless_blank(&contents, exclusive.identity())?;
        }
        if let Err(error) = check_device_mapper(&kind, &record) {
            context.output.warning(&error.to_string());
        }
        encrypt_dry_run::print(context, &exclusive, &contents, &kind, &record)
    }

    /// Takes the device, and decides with its contents what the encryption does.
    fn plan(&self, context: &Context) -> Result<EncryptionPlan> {
        let exclusive = ExclusiveDevice::take(&self.target, MIN_DEVICE_SIZE)?;
        if let Some(kind) = &self.mkfs {
            mount::check_can_make(kind, exclusive.identity().size.saturating_sub(NEW_HEADER_SIZE))?;
        }
        let contents = exclusive.contents()?;
        let there = self.kept_file_system(&exclusive, &contents)?;
        let options = self.options(context, there.as_ref())?;
        let record = self.record(context, exclusive.identity().clone(), there.as_ref())?;
        let command = options.command.clone();
        let kind = OperationKind::Encrypt(options);
        Ok(EncryptionPlan { exclusive, contents, record, kind, command })
    }

    fn check(&self) -> Result<()> {
        if self.mount.is_some() && self.mkfs.is_none() && !self.in_place {
            return Err(Error::usage(Code::MountWithoutMkfs, "--mount needs a file system")
                .hint("choose one: --mkfs ext4 or --mkfs xfs"));
        }
        // The field has 48 bytes including the final zero.
        if self.label.len() > 47 || self.label.chars().any(char::is_control) {
            return Err(Error::usage(Code::VolumeLabel, "the label is too long or not printable")
                .hint("use at most 47 bytes"));
        }
        self.mount.as_deref().map_or(Ok(()), mount::check_mount_point)
    }

    /// Refuses an ID that is taken or has a pending operation.
    fn check_new(&self, store: &dyn Backend, pending: Option<Record>) -> Result<()> {
        if let Some(pending) = pending {
            pending.check_settled()?;
        }
        let Some(stored) = StoredVolume::load(store, &self.id)? else { return Ok(()) };
        stored.record.check_settled()?;
        let place = store.place(&self.id.secret_name());
        let message = format!("the volume {} exists already: {place}", self.id);
        Err(Error::refused(Code::VolumeExists, message).hint((
            "choose another ID; see this volume",
            CommandLine::ccx_sec("volume status").argument(self.id.to_string()),
        )))
    }

    /// Returns the file system that an encryption in place keeps.
    fn kept_file_system(
        &self,
        exclusive: &ExclusiveDevice,
        contents: &Contents,
    ) -> Result<Option<file_system::FileSystem>> {
        if !self.in_place {
            return Ok(None);
        }
        let pinned = PinnedDevice::from_path(&exclusive.identity().path)?;
        let name = exclusive.identity().path.display().to_string();
        let found = check_room(&pinned, &name, exclusive.identity().size)?;
        // Only the file system is moved and encrypted, and nothing around it.
        let words: &[&str] = if found.kind == "xfs" { &["xfs"] } else { &["ext2", "ext3", "ext4"] };
        let others = contents.besides(words);
        if others.is_empty() {
            return Ok(Some(found));
        }
        let message = format!("besides {}, {name} holds: {}", found.kind, others.join(", "));
        Err(Error::refused(Code::InPlaceOther, message).hint((
            "check whether it is part of a RAID or something else",
            CommandLine::other("wipefs", "--no-act").argument(&exclusive.identity().path),
        )))
    }

    fn options(
        &self,
        context: &Context,
        there: Option<&file_system::FileSystem>,
    ) -> Result<Encrypt> {
        // The file system must not write parts of a sector.
        let sector_size = there.map(|there| if there.unit >= 4096 { 4096 } else { 512 });
        let program = std::env::current_exe().unwrap_or_else(|_| "/usr/bin/ccx-sec".into());
        let location = location::choose(&context.store, &Environment::detect())?.location;
        let journal = self.journals.given_directory()?;
        let command = boot::command(&program, &self.id, &location, journal.as_deref());
        Ok(Encrypt {
            in_place: self.in_place,
            sector_size,
            overwrite: self.overwrite,
            mkfs: self.mkfs.clone(),
            open: self.open,
            persist: self.persist,
            command,
            services: self.service.clone(),
        })
    }

    /// Asks for the consent that the encryption needs.
    fn consent(
        &self,
        context: &Context,
        store: &dyn Backend,
        exclusive: &ExclusiveDevice,
        contents: &Contents,
    ) -> Result<Option<Confirmation>> {
        let path = exclusive.identity().path.display();
        if self.in_place {
            const FLAG: &str = "--i-have-a-backup";
            let what = format!(
                "the data on {path} will be moved and encrypted in place; a fault of the disk or of \
                 memory during that may destroy them, and then only a backup can restore them"
            );
            let given = self.i_have_a_backup;
            return confirm::confirm(context, &what, "I have a backup", FLAG, given).map(Some);
        }
        match contents {
            Contents::Holds(_) if self.overwrite => {
                let holds = encrypt_dry_run::contents_list(contents).join(", ");
                let mut what = format!("all data on {path} will be destroyed: {holds}");
                if let Some(id) = volume_on(store, exclusive) {
                    what = format!("the volume {id} of this store will be destroyed; {what}");
                }
                let word = exclusive.identity().confirmation();
                confirm::confirm_by_word(context, &what, &word, self.confirm.as_deref()).map(Some)
            }
            _ => refuse_unless_blank(contents, exclusive.identity()).map(|()| None),
        }
    }

    fn record(
        &self,
        context: &Context,
        device: DeviceIdentity,
        there: Option<&file_system::FileSystem>,
    ) -> Result<Record> {
        let source = if self.passphrase { KeySource::Passphrase } else { KeySource::Store };
        let mut record = Record::new(self.id.clone(), source, device, context.now)?;
        record.label.clone_from(&self.label);
        record.mount.clone_from(&self.mount);
        record.file_system = match (&self.mkfs, there) {
            (Some(kind), _) => {
                Some(RecordedFileSystem { kind: kind.clone(), uuid: Some(record::new_uuid()?) })
            }
            (None, Some(there)) => {
                Some(RecordedFileSystem { kind: there.kind.to_owned(), uuid: None })
            }
            (None, None) => None,
        };
        Ok(record)
    }

    fn key(&self, context: &Context) -> Result<VolumeKey> {
        if !self.passphrase {
            return VolumeKey::generate();
        }
        let question = format!("Passphrase for the volume {}", self.id);
        Ok(VolumeKey::passphrase(&prompt::passphrase(
            context,
            &question,
            self.passphrase_file.as_deref(),
            true,
        )?))
    }

    fn report(
        &self,
        context: &Context,
        session: &VolumeSession,
        record: &Record,
        command: &str,
    ) -> Result<Exit> {
        let boot =
            record.mount.as_ref().and_then(|_| boot::for_record(record, command, &self.service));
        let volume = VolumeStatus::from_record(record, session.store(), context.now);
        let report = EncryptDocument { volume, boot };
        context.output.outcome(&report, || {
            let mut text = report.volume.render_text(&format!("encrypted: {}", record.id));
            match &report.boot {
                Some(boot) if !self.persist => text += &to_copy(boot, record),
                Some(boot) => {
                    let unit = boot.unit.display();
                    text += &format!("  at boot      {unit}, and a line in /etc/fstab\n");
                    for DropIn { path, .. } in &boot.services {
                        text += &format!("               {}\n", path.display());
                    }
                }
                None => {}
            }
            text
        })?;
        if self.persist {
            context.output.note("make systemd read the new units: systemctl daemon-reload");
        }
        if self.passphrase && record.mount.is_some() {
            let open = CommandLine::ccx_sec("volume open").argument(self.id.to_string());
            let open = context.completed(open.flag("--mount"));
            let note =
                "the volume is not opened at boot, because it needs a passphrase; after each boot:";
            context.output.note(&format!("{note} {open}"));
        }
        let unnamed = record.mount.as_ref().filter(|_| self.persist && self.service.is_empty());
        if let Some(point) = unnamed {
            let point = point.display();
            let note = format!(
                "make the engine wait for the mount: systemctl edit UNIT, with these lines:\n  [Unit]\n  \
                 RequiresMountsFor={point}"
            );
            context.output.note(&note);
        }
        Ok(Exit::Done)
    }
}

fn to_copy(boot: &Boot, record: &Record) -> String {
    let Boot { unit, unit_text, fstab, services } = boot;
    let fstab = fstab.as_deref().unwrap_or_default();
    let unit = unit.display();
    let mut text = format!(
        "\nTo open and mount it at every boot, write {unit}:\n\n{unit_text}\nand add to /etc/fstab:\n\n{fstab}\n"
    );
    let point = record.mount.as_deref().unwrap_or(Path::new("/"));
    match services.as_slice() {
        [] => {
            text += &format!(
                "\nMake the engine wait for the mount, or it starts on the empty directory: systemctl \
                 edit UNIT\n\n[Unit]\nRequiresMountsFor={}\n",
                point.display()
            );
        }
        services => {
            for DropIn { path, text: drop_in } in services {
                text += &format!("\n{}:\n\n{drop_in}", path.display());
            }
        }
    }
    let chattr = CommandLine::other("chattr", "+i").argument(point);
    text + &format!("\nTo prevent writes to the mount point while nothing is mounted: {chattr}\n")
}

/// Returns the volume of this store whose header is on the device. `None` also where this account may
/// not list volumes: the confirmation then names only what the device holds.
fn volume_on(store: &dyn Backend, exclusive: &ExclusiveDevice) -> Option<VolumeId> {
    let pinned = PinnedDevice::from_path(&exclusive.identity().path).ok()?;
    let head = pinned.head().ok()?;
    let mut found = None;
    let listed = store.list(&[KIND], &mut |secret| {
        let stored = StoredVolume::of(secret).ok();
        if let Some(stored) = stored.filter(|stored| head.is_of(&stored.record.uuid)) {
            found = Some(stored.record.id);
        }
        Ok(())
    });
    listed.ok().and(found)
}

/// Checks that the volume can be opened, if a step opens it, before the device is changed.
fn check_device_mapper(kind: &OperationKind, record: &Record) -> Result<()> {
    let opens = volume::steps(kind, record).iter().any(|step| step.name == StepName::Open);
    if opens { device_mapper::require() } else { Ok(()) }
}
