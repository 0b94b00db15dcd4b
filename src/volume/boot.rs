//! Opens and mounts a volume at every boot: a systemd unit opens it, a line in fstab mounts it, and
//! drop-ins make services wait for the mount. (crypttab is no substitute: it needs the key on this
//! machine's disk, and the key is in the store.)
//!
//! The store may be unreachable for a long time after the boot. So neither the unit nor the mount
//! has a time limit, and neither delays the boot (`nofail`), because an administrator must be able to
//! log in. Only the services have to wait, which needs `RequiresMountsFor=`: targets do not order
//! services after a mount with `nofail` (systemd.mount(5), "fstab"). The immutable empty mount point
//! keeps every other program from writing there.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::record::{KeySource, Record, VolumeId};
use crate::error::{Code, Error, Result};
use crate::files;
use crate::store::location::{ClusterCredentials, Location};

const UNITS: &str = "/etc/systemd/system";
const FSTAB: &str = "/etc/fstab";
/// The first line of each unit that ccx-sec writes begins with this.
const MADE: &str = "# Made by ccx-sec";

/// The files that open and mount a volume at boot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Boot {
    /// The path of the unit.
    pub unit: PathBuf,
    /// The text of the unit.
    pub unit_text: String,
    /// The line for `/etc/fstab`; `None` for a volume without a mount point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fstab: Option<String>,
    /// The drop-ins of the services that keep data on the volume.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<DropIn>,
}

/// A drop-in of a systemd unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DropIn {
    /// The path.
    pub path: PathBuf,
    /// The text.
    pub text: String,
}

/// Completes the name of a service: `mariadb` becomes `mariadb.service`.
///
/// # Errors
/// Exit 2 when the name is not valid for a systemd service.
pub fn service(name: &str) -> Result<String> {
    let stem = name.strip_suffix(".service").unwrap_or(name);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ":-_.\\@".contains(c);
    let is_other = [".socket", ".target", ".mount", ".timer"].iter().any(|end| stem.ends_with(end));
    if !stem.is_empty() && stem.len() < 240 && stem.chars().all(is_plain) && !is_other {
        return Ok(format!("{stem}.service"));
    }
    Err(Error::usage(
        Code::ServiceName,
        format!("{name:?} is not a valid name of a systemd service"),
    )
    .hint("give the name that systemctl shows: --service mariadb.service"))
}

/// Returns the command line that opens a volume at boot, quoted for systemd. It names the store in
/// full, because the environment of this run does not exist at boot.
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

/// Quotes a word of a command line (systemd.service(5), "Command lines"; systemd.unit(5),
/// "Specifiers").
fn quoted(word: &Path) -> String {
    let word = word.display().to_string().replace('%', "%%").replace('$', "$$");
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@+%$".contains(c);
    match word.chars().all(is_plain) {
        true => word,
        false => format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

/// Returns the files for a volume that `command` opens and on which `services` keep data. `None` for
/// a volume with a passphrase, which nobody types at boot.
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
         # Waits without limit for the store and the disk; mount and engine wait for this unit.\n\
         ExecStart={command}\n\
         TimeoutStartSec=infinity\n\
         # 2 (usage) and 4 (refused) would fail again in the same way.\n\
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

/// Writes the files.
///
/// # Errors
/// Exit 3 when a file cannot be written; exit 4 when another program made a unit of that name.
pub fn write(record: &Record, command: &str, services: &[String]) -> Result<()> {
    let Some(boot) = for_record(record, command, services) else { return Ok(()) };
    let drop_ins = boot.services.iter().map(|one| (&one.path, &one.text));
    let units: Vec<_> = [(&boot.unit, &boot.unit_text)].into_iter().chain(drop_ins).collect();
    for (path, _) in &units {
        if files::read_config(path)?.is_some_and(|there| !is_ours(&there)) {
            let message = format!("{} was not made by ccx-sec", path.display());
            return Err(Error::refused(Code::UnitForeign, message).hint("move it away, then retry"));
        }
    }
    for (path, text) in units {
        path.parent().map_or(Ok(()), |folder| files::create_directory(folder, 0o755))?;
        files::write_config(path, Some(text))?;
    }
    change_fstab(record, boot.fstab.as_deref())
}

/// Removes the files.
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

/// Replaces the line of a mapping in an fstab, or removes it; keeps all other lines.
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
