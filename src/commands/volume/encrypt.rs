//! `ccx-sec volume encrypt`: a device becomes a volume.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::selector::{VolumeSelector, VolumeSession};
use super::status_document::{JSON, VolumeStatus};
use crate::block::device_guard::{
    Contents, DeviceIdentity, ExclusiveDevice, PinnedDevice, refuse_unless_blank,
};
use crate::block::file_system;
use crate::block::key::VolumeKey;
use crate::block::luks::{MIN_DEVICE_SIZE, NEW_HEADER_SIZE};
use crate::commands::dry_run::DryRun as DryRunOption;
use crate::confirm::{self, Confirmation};
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::shell::CommandLine;
use crate::store::location::{self, Environment};
use crate::volume::boot::{self, Boot, DropIn};
use crate::volume::kind::{Encrypt, OperationKind, StepName};
use crate::volume::record::{self, KeySource, Record, RecordedFileSystem, StoredVolume, VolumeId};
use crate::volume::run::OperationRun;
use crate::volume::{self, check_room, mount};

/// Make a device a LUKS2 volume: a blank one, or one whose contents stay or may go
///
/// The key, 64 random bytes, is made here and kept in the store, and is read back from there
/// before the first byte is written. Then the device is formatted, a copy of its header is taken,
/// opened with the key, and kept in the store too. A device on which anything is found is refused.
#[derive(Debug, clap::Args)]
#[command(after_long_help = help())]
pub(crate) struct Args {
    /// The device: a disk, a partition, a logical volume; best by /dev/disk/by-id. Or a file
    #[arg(value_name = "DEVICE", value_hint = clap::ValueHint::AnyPath)]
    target: PathBuf,
    /// What the volume is called: its Secret is ccx-volume-ID, its mapping /dev/mapper/ccx-ID
    #[arg(long, value_name = "ID")]
    id: VolumeId,
    /// Make a file system on it
    #[arg(long, value_name = "TYPE", value_parser = ["ext4", "xfs"], conflicts_with = "in_place")]
    mkfs: Option<String>,
    /// Open it, and mount it there
    #[arg(long, value_name = "PATH", value_hint = clap::ValueHint::DirPath)]
    mount: Option<PathBuf>,
    /// Leave it open, where it is not mounted
    #[arg(long)]
    open: bool,
    /// The label in its header
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    label: String,
    /// Have it opened and mounted at every boot: write a unit of systemd and a line of /etc/fstab
    ///
    /// Without it they are printed.
    #[arg(long, requires = "mount", conflicts_with = "passphrase")]
    persist: bool,
    /// A service of systemd that keeps its data there, and starts only when it is mounted (repeatable)
    ///
    /// It gets a drop-in with RequiresMountsFor=: without that it may start on the empty directory,
    /// on the disk that is not encrypted. With --persist the directory is made immutable besides, as
    /// long as nothing is mounted on it.
    #[arg(long, value_name = "UNIT", requires = "mount", conflicts_with = "passphrase", value_parser = boot::service)]
    service: Vec<String>,
    /// Encrypt the file system on the device with what is in it
    ///
    /// It must be unmounted, and leave 32 MiB free at the end of a device of 48 or more. It can be
    /// broken off and carried on at any moment, and not undone.
    #[arg(long)]
    in_place: bool,
    /// There is a backup of what is on the device, for --in-place
    #[arg(long, requires = "in_place")]
    i_have_a_backup: bool,
    /// Destroy what is on the device; asks to type its serial number
    #[arg(long, conflicts_with = "in_place")]
    overwrite: bool,
    /// The serial number of the device whose contents go (NAME:SIZE where it has none)
    #[arg(long, value_name = "SERIAL", requires = "overwrite")]
    confirm: Option<String>,
    /// Protect it with a passphrase that a person keeps, instead of a key in the store
    #[arg(long)]
    passphrase: bool,
    #[command(flatten)]
    dry_run: DryRunOption,
    #[command(flatten)]
    way: VolumeSelector,
}

fn help() -> String {
    format!(
        "\
WHAT IT BECOMES
  LUKS2, aes-xts-plain64, a volume key of 512 bits, sectors as the device has them. The key slot
  of a random key has PBKDF2 with the fewest iterations, since 64 random bytes are not guessed
  however fast a guess is; that of a passphrase has Argon2id with 256 MiB, 4 passes and 4 lanes.

WHAT IS REFUSED
  A device that is mounted, swapped to, partitioned, in use by LVM, RAID, ZFS or another mapping,
  open for writing, read-only, or smaller than 32 MiB; and one on which blkid, wipefs or our own
  look at its first and last 16 MiB finds anything, or cannot look.

WHERE IT IS BROKEN OFF
  ccx-sec volume resume ID finishes it, ccx-sec volume rollback ID undoes it.

{JSON}
  and \"boot\": {{\"unit\", \"unit_text\", \"fstab\", \"services\": [{{\"path\", \"text\"}}]}}. With --dry-run:
  {{\"dry_run\", \"device\": {{\"path\", \"by_id\", \"serial\", \"wwn\", \"size\", \"is_file\"}}, \"holds\": [],
   \"steps\": [{{\"name\", \"does\"}}]}}

EXAMPLES
  ccx-sec volume encrypt /dev/disk/by-id/virtio-data --id db-6ae82 --mkfs ext4 --mount /var/lib/mysql
  ccx-sec volume encrypt /dev/sdb --id db-6ae82 --dry-run
  ccx-sec volume encrypt /dev/sdb --id db-6ae82 --in-place --i-have-a-backup
  ccx-sec volume encrypt /dev/sdb --id db-6ae82 --overwrite --confirm WD-WX12A3456789

EXIT STATUS
  0  it is a volume
  2  usage: that is no device, or no ID
  3  it could not be done: the store, the device or a program said no
  4  refused: the device is not blank, or in use; or there is a volume of that ID"
    )
}

#[derive(Serialize)]
struct EncryptDocument {
    #[serde(flatten)]
    volume: VolumeStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    boot: Option<Boot>,
}

#[derive(Serialize)]
struct DryRunDocument {
    dry_run: bool,
    device: DeviceIdentity,
    holds: Vec<String>,
    steps: Vec<DryStep>,
}

#[derive(Serialize)]
struct DryStep {
    name: StepName,
    does: &'static str,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        self.check()?;
        let session = VolumeSession::open(context, &self.id, &self.way.journals)?;
        self.check_new(&session)?;
        let exclusive = ExclusiveDevice::take(&self.target, MIN_DEVICE_SIZE)?;
        if let Some(kind) = &self.mkfs {
            mount::check_can_make(kind, exclusive.identity().size.saturating_sub(NEW_HEADER_SIZE))?;
        }
        let contents = exclusive.contents()?;
        let there = self.staying(&exclusive, &contents)?;
        let options = self.options(context, there.as_ref())?;
        let record = self.record(context, exclusive.identity().clone(), there.as_ref())?;
        let command = options.command.clone();
        let kind = OperationKind::Encrypt(options);
        if self.dry_run.is_on() {
            if !self.in_place && !self.overwrite {
                refuse_unless_blank(&contents, exclusive.identity())?;
            }
            return report_dry_run(context, &exclusive, &contents, &kind, &record);
        }
        let confirmed = self.agreed(context, &exclusive, &contents)?;
        let key = self.key(context)?;
        let operation_context = session.operation_context(context);
        // By the name that was given: where that leads elsewhere meanwhile, it is noticed.
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

    fn check(&self) -> Result<()> {
        if self.mount.is_some() && self.mkfs.is_none() && !self.in_place {
            return Err(Error::usage(
                Code::MountWithoutMkfs,
                "there is no file system to mount yet",
            )
            .hint("say which to make: --mkfs ext4 or --mkfs xfs"));
        }
        // The header has room for 47 octets and an end.
        if self.label.len() > 47 || self.label.chars().any(char::is_control) {
            return Err(Error::usage(Code::VolumeLabel, "the label is too long, or not printable")
                .hint("give at most 47 octets"));
        }
        self.mount.as_deref().map_or(Ok(()), mount::check_mount_point)
    }

    /// Refuses an ID that is taken, or pending.
    fn check_new(&self, session: &VolumeSession) -> Result<()> {
        if let Some(pending) = session.journal().pending()? {
            pending.check_settled()?;
        }
        let Some(stored) = StoredVolume::load(session.store(), &self.id)? else { return Ok(()) };
        stored.record.check_settled()?;
        let place = session.store().place(&self.id.secret_name());
        let message = format!("there is a volume {} already: {place}", self.id);
        Err(Error::refused(Code::VolumeExists, message).hint((
            "take another ID; or look at this one",
            CommandLine::ccx_sec("volume status").argument(self.id.to_string()),
        )))
    }

    /// The file system that stays, where one does.
    fn staying(
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
        // What is moved and encrypted is the file system, and nothing around it.
        let words: &[&str] = if found.kind == "xfs" { &["xfs"] } else { &["ext2", "ext3", "ext4"] };
        let others = contents.besides(words);
        if others.is_empty() {
            return Ok(Some(found));
        }
        let message = format!("besides {} there is on {name}: {}", found.kind, others.join(", "));
        Err(Error::refused(Code::InPlaceOther, message).hint((
            "is it a part of RAID, or of something else?",
            CommandLine::other("wipefs", "--no-act").argument(&exclusive.identity().path),
        )))
    }

    fn options(
        &self,
        context: &Context,
        there: Option<&file_system::FileSystem>,
    ) -> Result<Encrypt> {
        // What the file system writes must not be a part of a sector, nor lie on two of them.
        let sector_size = there.map(|there| if there.unit >= 4096 { 4096 } else { 512 });
        let program = std::env::current_exe().unwrap_or_else(|_| "/usr/bin/ccx-sec".into());
        let location = location::choose(&context.store, &Environment::detect())?.location;
        let journal = self.way.journals.given_device()?;
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

    /// The consent that it takes.
    fn agreed(
        &self,
        context: &Context,
        exclusive: &ExclusiveDevice,
        contents: &Contents,
    ) -> Result<Option<Confirmation>> {
        let path = exclusive.identity().path.display();
        if self.in_place {
            const FLAG: &str = "--i-have-a-backup";
            let what = format!(
                "what is on {path} will be moved and encrypted where it is; a fault of the disk or \
                 of memory meanwhile may destroy it, and only a backup would bring it back"
            );
            let given = self.i_have_a_backup;
            return confirm::confirm(context, &what, "I have a backup", FLAG, given).map(Some);
        }
        match contents {
            Contents::Holds(_) if self.overwrite => {
                let holds = holds(contents).join(", ");
                let what = format!("all that is on {path} will be destroyed: {holds}");
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
        Ok(VolumeKey::passphrase(&self.way.passphrase(context, &question, true)?))
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
            context.output.note("have systemd read them: systemctl daemon-reload");
        }
        if self.passphrase && record.mount.is_some() {
            let open = CommandLine::ccx_sec("volume open").argument(self.id.to_string());
            let open = context.completed(open.flag("--mount"));
            let note =
                "nothing opens it at boot, since a person has its passphrase; after each boot:";
            context.output.note(&format!("{note} {open}"));
        }
        let unnamed = record.mount.as_ref().filter(|_| self.persist && self.service.is_empty());
        if let Some(point) = unnamed {
            let point = point.display();
            let note = format!(
                "have the engine wait for it: systemctl edit UNIT, with these lines:\n  [Unit]\n  \
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
        "\nTo have it at every boot, {unit}:\n\n{unit_text}\nand in /etc/fstab:\n\n{fstab}\n"
    );
    let point = record.mount.as_deref().unwrap_or(Path::new("/"));
    match services.as_slice() {
        [] => {
            text += &format!(
                "\nThe engine must wait for that, or it starts on the empty directory: systemctl edit \
                 UNIT\n\n[Unit]\nRequiresMountsFor={}\n",
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
    text + &format!("\nWhile it is not mounted, nothing can be written there after: {chattr}\n")
}

fn holds(contents: &Contents) -> Vec<String> {
    match contents {
        Contents::Blank => Vec::new(),
        Contents::Holds(signs) => {
            let mut what: Vec<String> = signs.iter().map(|sign| sign.what.clone()).collect();
            what.dedup();
            what
        }
    }
}

fn report_dry_run(
    context: &Context,
    exclusive: &ExclusiveDevice,
    contents: &Contents,
    kind: &OperationKind,
    record: &Record,
) -> Result<Exit> {
    let steps = volume::steps(kind, record).into_iter();
    let report = DryRunDocument {
        dry_run: true,
        device: exclusive.identity().clone(),
        holds: holds(contents),
        steps: steps.map(|step| DryStep { name: step.name, does: step.does }).collect(),
    };
    context.output.report(&report, || {
        let device = &report.device;
        let mut text = format!(
            "dry run: {} ({}) would become a volume\n",
            device.path.display(),
            device.confirmation()
        );
        if !report.holds.is_empty() {
            text += &format!("  it holds {}\n", report.holds.join(", "));
        }
        for (number, step) in report.steps.iter().enumerate() {
            text += &format!("  {}. {}\n", number + 1, step.does);
        }
        text
    })?;
    Ok(Exit::Done)
}
