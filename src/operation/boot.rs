//! A volume at every boot: a unit of systemd opens it, a line of fstab mounts it. (crypttab alone
//! cannot: it wants the key on this machine's disk, and the key is in the store.)

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::record::{Id, Record};
use crate::error::{Error, Result};
use crate::files;
use crate::store::location::{Credentials, Location};

const UNITS: &str = "/etc/systemd/system";
const FSTAB: &str = "/etc/fstab";

/// What has to be written down for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Boot {
    /// Where the unit goes.
    pub unit: PathBuf,
    /// Its text.
    pub unit_text: String,
    /// The line for `/etc/fstab`; none where nothing is mounted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fstab: Option<String>,
}

/// The command line that opens a volume at boot, in the words of systemd. Nothing of the
/// environment of today is there then: it names its store in full.
#[must_use]
pub fn command(program: &Path, id: &Id, location: &Location, journal: Option<&Path>) -> String {
    let mut words = vec![program.to_owned(), "volume".into(), "open".into(), id.to_string().into()];
    let mut option = |name: &str, value: &Path| words.extend([name.into(), value.to_owned()]);
    let mut files = None;
    match location {
        Location::Directory(path) => {
            option("--store", Path::new(&format!("dir:{}", absolute(path).display())));
        }
        Location::Kubernetes(cluster) => {
            option("--store", Path::new("k8s"));
            match &cluster.credentials {
                Credentials::InCluster => {}
                Credentials::Kubeconfig(paths) => match paths.as_slice() {
                    [path] => option("--kubeconfig", &absolute(path)),
                    paths => {
                        files = std::env::join_paths(paths.iter().map(|path| absolute(path))).ok()
                    }
                },
            }
            for (name, value) in
                [("--context", &cluster.context), ("--namespace", &cluster.namespace)]
            {
                value.iter().for_each(|value| option(name, Path::new(value)));
            }
        }
    }
    journal.iter().for_each(|path| option("--journal", path));
    let several = files.map(|list| format!("KUBECONFIG={}", list.display()));
    let several = several.iter().flat_map(|list| ["/usr/bin/env".into(), list.into()]);
    several.chain(words).map(|word: PathBuf| quoted(&word)).collect::<Vec<_>>().join(" ")
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// A word of a command line (systemd.service(5), "Command lines"; systemd.unit(5), "Specifiers").
fn quoted(word: &Path) -> String {
    let word = word.display().to_string().replace('%', "%%").replace('$', "$$");
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@+%$".contains(c);
    match word.chars().all(is_plain) {
        true => word,
        false => format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

/// What has to be written down; `command` opens the volume.
#[must_use]
pub fn of(record: &Record, command: &str) -> Boot {
    let (id, unit) = (&record.id, unit(record));
    let close = command.replacen(" volume open ", " volume close ", 1);
    let unit_text = format!(
        "# Made by ccx-sec for the volume {id}: ccx-sec volume encrypt --persist\n\
         [Unit]\n\
         Description=Encrypted volume {id}\n\
         Wants=network-online.target\n\
         After=network-online.target\n\
         Before=remote-fs.target\n\
         \n\
         [Service]\n\
         Type=oneshot\n\
         RemainAfterExit=yes\n\
         ExecStart={command}\n\
         ExecStop={close}\n\
         TimeoutSec=300\n\
         \n\
         [Install]\n\
         WantedBy=remote-fs.target\n"
    );
    let fstab = record.mount.as_ref().map(|point| {
        let kind = record.file_system.as_ref().map_or("auto", |made| made.kind.as_str());
        let device = format!("/dev/mapper/{}", id.mapping());
        let point = point.display().to_string().replace(' ', "\\040");
        // The engine must not start on an empty directory: that its volume is missing is said by
        // a mount that failed, and nofail keeps the machine itself reachable.
        format!("{device} {point} {kind} defaults,nofail,_netdev,x-systemd.requires={unit} 0 2")
    });
    Boot { unit: Path::new(UNITS).join(&unit), unit_text, fstab }
}

fn unit(record: &Record) -> String {
    format!("ccx-volume-{}.service", record.id)
}

/// Writes it down.
///
/// # Errors
/// Exit 3 when the disk or the permissions say no; exit 4 when a unit of that name is another's.
pub fn write(record: &Record, command: &str) -> Result<()> {
    let boot = of(record, command);
    match files::read_config(&boot.unit)? {
        Some(there) if !is_ours(&there) => {
            let message = format!("{} was not made by ccx-sec", boot.unit.display());
            return Err(Error::refused("unit-foreign", message).hint("move it out of the way"));
        }
        _ => files::write_config(&boot.unit, Some(&boot.unit_text))?,
    }
    change_fstab(record, boot.fstab.as_deref())
}

/// Takes it away again.
///
/// # Errors
/// As [`write`].
pub fn remove(record: &Record) -> Result<()> {
    let path = Path::new(UNITS).join(unit(record));
    if files::read_config(&path)?.is_some_and(|there| is_ours(&there)) {
        files::write_config(&path, None)?;
    }
    change_fstab(record, None)
}

fn is_ours(unit: &str) -> bool {
    unit.starts_with("# Made by ccx-sec")
}

fn change_fstab(record: &Record, line: Option<&str>) -> Result<()> {
    let path = Path::new(FSTAB);
    let before = files::read_config(path)?.unwrap_or_default();
    let after = fstab_with(&before, &record.id.mapping(), line);
    if after == before { Ok(()) } else { files::write_config(path, Some(&after)) }
}

/// The table with this line for a mapping in the place of the one that it had; the lines of others
/// stay as they are.
fn fstab_with(before: &str, mapping: &str, line: Option<&str>) -> String {
    let device = format!("/dev/mapper/{mapping}");
    let is_its = |one: &&str| one.split_whitespace().next() == Some(&device);
    let mut lines: Vec<&str> = before.lines().filter(|one| !is_its(one)).collect();
    lines.extend(line);
    if lines.is_empty() { String::new() } else { lines.join("\n") + "\n" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::location::Cluster;

    #[test]
    fn the_command_names_its_store_in_full() {
        let id: Id = "db-1".parse().expect("an ID");
        let with =
            |location, journal| command(Path::new("/usr/bin/ccx-sec"), &id, &location, journal);
        let start = "/usr/bin/ccx-sec volume open db-1 --store";
        let store = with(Location::Directory("/srv/a b%$\"".into()), Some(Path::new("/j")));
        assert_eq!(store, format!("{} \"dir:/srv/a b%%$$\\\"\" --journal /j", start));
        let cluster = |credentials| Cluster {
            credentials,
            context: Some("prod".to_owned()),
            namespace: Some("db".to_owned()),
        };
        let at = |paths: &[&str]| {
            let paths = paths.iter().map(PathBuf::from).collect();
            with(Location::Kubernetes(cluster(Credentials::Kubeconfig(paths))), None)
        };
        let end = "--context prod --namespace db";
        assert_eq!(at(&["/etc/kc"]), format!("{start} k8s --kubeconfig /etc/kc {end}"));
        let several = format!("/usr/bin/env KUBECONFIG=/a:/b {start} k8s {end}");
        assert_eq!(at(&["/a", "/b"]), several);
        let in_pod = with(Location::Kubernetes(cluster(Credentials::InCluster)), None);
        assert_eq!(in_pod, format!("{start} k8s {end}"));
    }

    #[test]
    fn lines_of_others_stay() {
        let others = "# disks\nUUID=1 / ext4 defaults 0 1\n/dev/mapper/ccx-db-10 /x ext4 a 0 2\n";
        let line = "/dev/mapper/ccx-db-1 /data ext4 a 0 2";
        let with = fstab_with(others, "ccx-db-1", Some(line));
        assert_eq!(with, format!("{others}{line}\n"));
        let other = "/dev/mapper/ccx-db-1 /elsewhere ext4 a 0 2";
        assert_eq!(fstab_with(&with, "ccx-db-1", Some(other)), format!("{others}{other}\n"));
        assert_eq!(fstab_with(&with, "ccx-db-1", None), others);
        assert_eq!(fstab_with("", "ccx-db-1", None), "");
    }
}
