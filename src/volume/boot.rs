//! A volume at every boot: a unit of systemd opens it, a line of fstab mounts it, and the services
//! that keep data on it wait for the mount. (crypttab alone cannot: it wants the key on this
//! machine's disk, and the key is in the store.)
//!
//! The store may be away when a machine boots, for as long as it takes. So opening has no time
//! limit, nor has the mount's wait for the device; and neither holds up the boot (`nofail`), since
//! the machine has to be reachable meanwhile. What has to wait are the services, and nothing but
//! `RequiresMountsFor=` makes them: targets order no service after a mount with `nofail`
//! (systemd.mount(5), "fstab"). An empty mount point that is immutable stops all others.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::record::{KeySource, Record, VolumeId};
use crate::error::{Code, Error, Result};
use crate::files;
use crate::store::location::{ClusterCredentials, Location};

const UNITS: &str = "/etc/systemd/system";
const FSTAB: &str = "/etc/fstab";
/// What our units begin with.
const MADE: &str = "# Made by ccx-sec";

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
    /// What makes the services wait that keep their data on it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<DropIn>,
}

/// A drop-in for a unit of systemd.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DropIn {
    /// Where it goes.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// The full name of a service: `mariadb` is `mariadb.service`.
///
/// # Errors
/// Exit 2 when no service of systemd has such a name.
pub fn service(name: &str) -> Result<String> {
    let stem = name.strip_suffix(".service").unwrap_or(name);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ":-_.\\@".contains(c);
    let is_other = [".socket", ".target", ".mount", ".timer"].iter().any(|end| stem.ends_with(end));
    if !stem.is_empty() && stem.len() < 240 && stem.chars().all(is_plain) && !is_other {
        return Ok(format!("{stem}.service"));
    }
    Err(Error::usage(Code::ServiceName, format!("{name:?} is no name of a service of systemd"))
        .hint("name the engine's, as systemctl does: --service mariadb.service"))
}

/// The command line that opens a volume at boot, in the words of systemd. Nothing of the
/// environment of today is there then: it names its store in full.
#[must_use]
pub fn command(
    program: &Path,
    id: &VolumeId,
    location: &Location,
    journal: Option<&Path>,
) -> String {
    let words = ["volume", "open", "--wait"].map(PathBuf::from);
    let mut words: Vec<PathBuf> = [program.to_owned()].into_iter().chain(words).collect();
    words.push(id.to_string().into());
    let mut option = |name: &str, value: &Path| words.extend([name.into(), value.to_owned()]);
    let mut files = None;
    match location {
        Location::Directory(path) => {
            option("--store", Path::new(&format!("dir:{}", absolute(path).display())));
        }
        Location::Kubernetes(cluster) => {
            option("--store", Path::new("k8s"));
            match &cluster.credentials {
                ClusterCredentials::InCluster => {}
                ClusterCredentials::Kubeconfig(paths) => match paths.as_slice() {
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

/// What has to be written down; `command` opens the volume, and `services` keep data on it. Nothing
/// for a volume with a passphrase: nobody is there at boot to type it.
#[must_use]
pub fn for_record(record: &Record, command: &str, services: &[String]) -> Option<Boot> {
    if record.key == KeySource::Passphrase {
        return None;
    }
    let (id, unit) = (&record.id, unit(record));
    let close = command.replacen(" volume open --wait ", " volume close ", 1);
    let unit_text = format!(
        "{MADE} for the volume {id}: ccx-sec volume encrypt --persist\n\
         [Unit]\n\
         Description=Encrypted volume {id}\n\
         Wants=network-online.target\n\
         After=network-online.target\n\
         \n\
         [Service]\n\
         Type=oneshot\n\
         RemainAfterExit=yes\n\
         # It waits for the store and for the disk, and so do the mount and the engine.\n\
         ExecStart={command}\n\
         TimeoutStartSec=infinity\n\
         # Not where another attempt gives the same: usage, refused.\n\
         Restart=on-failure\n\
         RestartSec=10\n\
         RestartPreventExitStatus=2 4\n\
         ExecStop={close}\n\
         TimeoutStopSec=90\n\
         \n\
         [Install]\n\
         WantedBy=multi-user.target\n"
    );
    let fstab = record.mount.as_ref().map(|point| {
        let kind = record.file_system.as_ref().map_or("auto", |made| made.kind.as_str());
        let device = format!("/dev/mapper/{}", id.mapping());
        let point = point.display().to_string().replace(' ', "\\040");
        format!(
            "{device} {point} {kind} defaults,nofail,_netdev,x-systemd.requires={unit},\
             x-systemd.device-timeout=infinity 0 2"
        )
    });
    let drop_in = |service: &String, point: &Path| DropIn {
        path: Path::new(UNITS).join(format!("{service}.d")).join(format!("ccx-volume-{id}.conf")),
        text: format!(
            "{MADE} for the volume {id}: {service} starts when the volume is mounted.\n\
             [Unit]\n\
             RequiresMountsFor={}\n",
            quoted(point)
        ),
    };
    let point = record.mount.iter();
    let services = point.flat_map(|point| services.iter().map(|one| drop_in(one, point))).collect();
    Some(Boot { unit: Path::new(UNITS).join(&unit), unit_text, fstab, services })
}

fn unit(record: &Record) -> String {
    format!("ccx-volume-{}.service", record.id)
}

/// Writes it down.
///
/// # Errors
/// Exit 3 when the disk or the permissions say no; exit 4 when a unit of that name is another's.
pub fn write(record: &Record, command: &str, services: &[String]) -> Result<()> {
    let Some(boot) = for_record(record, command, services) else { return Ok(()) };
    let drop_ins = boot.services.iter().map(|one| (&one.path, &one.text));
    let units: Vec<_> = [(&boot.unit, &boot.unit_text)].into_iter().chain(drop_ins).collect();
    for (path, _) in &units {
        if files::read_config(path)?.is_some_and(|there| !is_ours(&there)) {
            let message = format!("{} was not made by ccx-sec", path.display());
            return Err(Error::refused(Code::UnitForeign, message).hint("move it out of the way"));
        }
    }
    for (path, text) in units {
        path.parent().map_or(Ok(()), |folder| files::create_directory(folder, 0o755))?;
        files::write_config(path, Some(text))?;
    }
    change_fstab(record, boot.fstab.as_deref())
}

/// Takes it away again.
///
/// # Errors
/// As [`write()`].
pub fn remove(record: &Record) -> Result<()> {
    let units = Path::new(UNITS);
    let drop_in = format!("ccx-volume-{}.conf", record.id);
    let folders = files::names(units)?.into_iter().filter(|name| name.ends_with(".service.d"));
    let mut paths: Vec<_> = folders.map(|folder| units.join(folder).join(&drop_in)).collect();
    paths.push(units.join(unit(record)));
    for path in paths {
        if files::read_config(&path)?.is_some_and(|there| is_ours(&there)) {
            files::write_config(&path, None)?;
        }
    }
    change_fstab(record, None)
}

fn is_ours(unit: &str) -> bool {
    unit.starts_with(MADE)
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
        let id: VolumeId = "db-1".parse().expect("an ID");
        let with =
            |location, journal| command(Path::new("/usr/bin/ccx-sec"), &id, &location, journal);
        let start = "/usr/bin/ccx-sec volume open --wait db-1 --store";
        let store = with(Location::Directory("/srv/a b%$\"".into()), Some(Path::new("/j")));
        assert_eq!(store, format!("{} \"dir:/srv/a b%%$$\\\"\" --journal /j", start));
        let cluster = |credentials| Cluster {
            credentials,
            context: Some("prod".to_owned()),
            namespace: Some("db".to_owned()),
        };
        let at = |paths: &[&str]| {
            let paths = paths.iter().map(PathBuf::from).collect();
            with(Location::Kubernetes(cluster(ClusterCredentials::Kubeconfig(paths))), None)
        };
        let end = "--context prod --namespace db";
        assert_eq!(at(&["/etc/kc"]), format!("{start} k8s --kubeconfig /etc/kc {end}"));
        let several = format!("/usr/bin/env KUBECONFIG=/a:/b {start} k8s {end}");
        assert_eq!(at(&["/a", "/b"]), several);
        let in_pod = with(Location::Kubernetes(cluster(ClusterCredentials::InCluster)), None);
        assert_eq!(in_pod, format!("{start} k8s {end}"));
    }

    #[test]
    fn names_of_services() {
        for name in ["mariadb", "mariadb.service"] {
            assert_eq!(service(name).expect("a name"), "mariadb.service");
        }
        assert_eq!(service("postgresql@17-main").expect("a name"), "postgresql@17-main.service");
        for bad in ["", ".service", "a b", "../x", "mariadb.socket"] {
            assert_eq!(service(bad).expect_err("none").exit().code(), 2, "{bad}");
        }
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
