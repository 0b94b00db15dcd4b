//! A volume on a plain file, with its journal, and a directory or a namespace for its Secret. Its
//! state can be saved and brought back. cryptsetup and the decrypted data show whether it is intact.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::time::Duration;

use assert_cmd::Command;
use aws_lc_rs::cipher::{
    AES_256, DecryptingKey, DecryptionContext, EncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::digest::{SHA256, digest};
use ccx_sec::block::image::Image;
use ccx_sec::block::key::VolumeKey;
use ccx_sec::block::luks::{self, DeviceFormat, Header};
use ccx_sec::block::policy;
use ccx_sec::store::location::Location;
use ccx_sec::store::{self, Backend, StoreOptions};
use ccx_sec::volume::record::{KeySlot, Record, VolumeId};
use ccx_sec::volume::stored::StoredVolume;

use super::kube::Namespace;
use super::{Home, Run, run};

pub const ID: &str = "db-1";
pub const DEVICE: &str = "d.img";
/// Offset of the data of a volume; `--in-place` needs twice as many bytes at the end.
pub const HEADER: u64 = 16 << 20;
const BLOCK: usize = 4096;

/// The place of the Secret.
pub enum Place {
    Directory(Home),
    Cluster(Namespace),
}

pub struct Scene {
    pub place: Place,
    /// Saved Secrets; those of a directory are saved with the files.
    aside: RefCell<BTreeMap<String, Option<StoredVolume>>>,
}

impl Scene {
    /// Creates a blank device of this many MiB.
    pub fn blank(place: Place, mib: u64) -> Self {
        let scene = Scene { place, aside: RefCell::default() };
        let file = File::create(scene.device()).expect("a file");
        file.set_len(mib << 20).expect("long enough");
        scene
    }

    /// Creates a volume that is full of random bytes.
    pub fn volume(place: Place, mib: u64) -> Self {
        let scene = Scene::blank(place, mib);
        scene.done(&["encrypt", DEVICE, "--id", ID]);
        let mut bytes = vec![0; ((mib << 20) - HEADER) as usize];
        aws_lc_rs::rand::fill(&mut bytes).expect("random bytes");
        scene.write(HEADER, &bytes);
        scene
    }

    pub fn home(&self) -> &Home {
        match &self.place {
            Place::Directory(home) => home,
            Place::Cluster(namespace) => &namespace.home,
        }
    }

    pub fn device(&self) -> PathBuf {
        self.home().join(DEVICE)
    }

    pub fn journal(&self) -> PathBuf {
        self.home().join("journal")
    }

    pub fn write(&self, offset: u64, bytes: &[u8]) {
        let file = File::options().write(true).open(self.device()).expect("the device");
        file.write_all_at(bytes, offset).expect("written");
    }

    /// `ccx-sec volume WORDS`
    pub fn ccx(&self, words: &[&str]) -> Command {
        let journal = self.journal().display().to_string();
        let all = [&["volume"][..], words, &["--journal", &journal]].concat();
        match &self.place {
            Place::Directory(home) => home.ccx(&all),
            Place::Cluster(namespace) => namespace.ccx(&all),
        }
    }

    pub fn run(&self, words: &[&str]) -> Run {
        run(&mut self.ccx(words))
    }

    pub fn done(&self, words: &[&str]) -> Run {
        let run = self.run(words);
        assert_eq!(run.code, 0, "{words:?}: {}{}", run.stdout, run.stderr);
        run
    }

    fn store(&self) -> Box<dyn Backend> {
        match &self.place {
            Place::Cluster(namespace) => namespace.store(),
            Place::Directory(home) => {
                let notice = Box::new(|note: &str| panic!("{note}"));
                let conditions = StoreOptions { timeout: Duration::from_secs(30), notice };
                store::open(&Location::Directory(home.store()), conditions).expect("a store")
            }
        }
    }

    pub fn stored(&self) -> Option<StoredVolume> {
        let id: VolumeId = ID.parse().expect("an ID");
        StoredVolume::load(self.store().as_ref(), &id).expect("a store that can be read")
    }

    /// Reads the journal of this machine.
    pub fn journaled(&self) -> Option<Record> {
        let file = self.journal().join(ID).join("pending.json");
        file.exists().then(|| {
            Record::read(&fs::read(&file).expect("a journal"), "journal").expect("a record")
        })
    }

    /// Returns whether journal or store have a pending operation.
    pub fn is_pending(&self) -> bool {
        match (self.stored(), self.journaled()) {
            (Some(stored), _) if stored.record.pending.is_some() => true,
            (Some(stored), Some(here)) => !here.is_superseded_by(&stored.record),
            (_, here) => here.is_some(),
        }
    }

    /// Saves the state under this name.
    pub fn save(&self, name: &str) {
        self.shell(&format!(
            "rm -rf .{name}; mkdir .{name}
             for part in {DEVICE} store journal; do
               [ ! -e $part ] || cp -a --sparse=always $part .{name}/
             done"
        ));
        if let Place::Cluster(_) = self.place {
            self.aside.borrow_mut().insert(name.to_owned(), self.stored());
        }
    }

    /// Brings back a saved state.
    pub fn load(&self, name: &str) {
        self.shell(&format!("rm -rf {DEVICE} store journal; cp -a --sparse=always .{name}/. ."));
        if let Place::Cluster(_) = self.place {
            let store = self.store();
            if let Some(there) = self.stored() {
                assert!(store.delete(&there.secret).expect("deleted"));
            }
            if let Some(Some(saved)) = self.aside.borrow().get(name) {
                let mut secret = saved.secret.clone();
                secret.version = None;
                assert!(store.create(&secret, false).expect("made"));
            }
        }
    }

    pub fn shell(&self, script: &str) {
        let done =
            Process::new("sh").args(["-euc", script]).current_dir(self.home().path()).status();
        assert!(done.expect("a shell").success(), "{script}");
    }

    /// The first bytes of the device.
    pub fn head(&self) -> Vec<u8> {
        let mut bytes = vec![0; HEADER as usize];
        let file = File::open(self.device()).expect("the device");
        file.read_exact_at(&mut bytes, 0).expect("read");
        bytes
    }

    pub fn header(&self) -> Option<Header> {
        match luks::read(self.head().as_slice()).expect("memory") {
            DeviceFormat::Luks2(header) => Some(*header),
            _ => None,
        }
    }

    /// Returns whether the device still has any block of the saved state, except zeros and the header.
    pub fn has_any_of(&self, name: &str) -> bool {
        let saved = self.home().join(&format!(".{name}/{DEVICE}"));
        let blocks = |path: &Path| fs::read(path).expect("a device");
        let (before, now) = (blocks(&saved), blocks(&self.device()));
        let is_zero = |block: &[u8]| block.iter().all(|byte| *byte == 0);
        let known: HashSet<&[u8]> = before.chunks(BLOCK).filter(|one| !is_zero(one)).collect();
        now[HEADER as usize..].chunks(BLOCK).any(|block| known.contains(block))
    }

    /// All of the device.
    pub fn digest(&self) -> Vec<u8> {
        let bytes = fs::read(self.device()).expect("the device");
        digest(&SHA256, &bytes).as_ref().to_vec()
    }

    /// Panics unless the device is a volume, no operation and no file is left, the key in the store
    /// unlocks it, and the copy of the header in the store equals the header of the device.
    pub fn whole(&self) -> StoredVolume {
        let stored = self.stored().expect("its Secret");
        assert_eq!(stored.record.pending, None);
        self.nothing_is_left();
        let key = stored.key(KeySlot::Current).expect("a key").expect("one");
        for other in [KeySlot::Next, KeySlot::Previous] {
            assert_eq!(stored.key(other).expect("none"), None, "{other:?}");
        }
        let head = self.head();
        let found = luks::read(head.as_slice()).expect("memory");
        assert_eq!(policy::judge(&found), [], "{found:?}");
        let device = Image::take(head.as_slice(), DEVICE).expect("a whole header");
        assert_eq!(device.header().metadata.openers().count(), 1, "{device:?}");
        assert_eq!(device.header().metadata.keyslots.len(), 1, "{device:?}");
        let copy = stored.image().expect("a copy").expect("one");
        assert_eq!(copy.sha256(), device.sha256());
        assert_eq!(stored.record.backup.as_ref().expect("one").sha256, copy.sha256());
        let file = self.home().join("copy.img");
        fs::write(&file, copy.bytes()).expect("written");
        for path in [self.device(), file] {
            opens(&path, key.bytes());
        }
        stored
    }

    /// Panics if an operation is pending or has left a file.
    pub fn nothing_is_left(&self) {
        let there = fs::read_dir(self.journal().join(ID)).into_iter().flatten();
        let names: Vec<_> = there.map(|entry| entry.expect("an entry").file_name()).collect();
        assert!(names.iter().all(|name| name == ".lock"), "{names:?}");
    }

    /// SHA-256 of the decrypted data of the volume: of the first `length` bytes, the whole first MiB and
    /// every eighth block.
    pub fn clear(&self, length: u64) -> Vec<u8> {
        let header = self.header().expect("a header");
        let segment = &header.metadata.segments["0"];
        let size = segment.sector_size.expect("its sectors") as usize;
        let key = self.volume_key();
        let cipher = Xts::new(&key);
        self.sample(segment.offset, length, |at, block| {
            for (nth, sector) in block.chunks_mut(size).enumerate() {
                cipher.decrypt((at + (nth * size) as u64) / 512, sector);
            }
        })
    }

    /// The same of the raw data of the device.
    pub fn plain(&self, length: u64) -> Vec<u8> {
        self.sample(0, length, |_, _| ())
    }

    fn sample(&self, from: u64, length: u64, decrypt: impl Fn(u64, &mut [u8])) -> Vec<u8> {
        let file = File::open(self.device()).expect("the device");
        let mut all = Vec::new();
        for nth in (0..length / BLOCK as u64).filter(|nth| *nth < 256 || nth % 8 == 0) {
            let (at, mut block) = (nth * BLOCK as u64, vec![0; BLOCK]);
            file.read_exact_at(&mut block, from + at).expect("read");
            decrypt(at, &mut block);
            all.extend(block);
        }
        digest(&SHA256, &all).as_ref().to_vec()
    }

    fn key(&self) -> VolumeKey {
        self.stored().expect("a Secret").key(KeySlot::Current).expect("a key").expect("one")
    }

    /// Lets cryptsetup resume a reencryption, and kills it as it enters the nth of these system calls.
    /// Returns false if it finished before.
    pub fn cryptsetup_killed(&self, call: &str, nth: u32) -> bool {
        let key = self.home().join("key");
        fs::write(&key, self.key().bytes()).expect("written");
        let words = "strace -qq -o trace -e trace=$1 -e inject=$1:signal=SIGKILL:when=$2 \
            /usr/sbin/cryptsetup --batch-mode reencrypt --resume-only --progress-json \
            --force-offline-reencrypt --key-file=key $3 >said 2>&1";
        let nth = nth.to_string();
        let mut shell = Process::new("sh");
        shell.args(["-c", words, "sh", call, &nth, DEVICE]).current_dir(self.home().path());
        match shell.status().expect("a shell").code() {
            Some(0) => false,
            Some(137) | None => true,
            other => {
                panic!("{other:?}: {}", fs::read_to_string(self.home().join("said")).expect("it"))
            }
        }
    }

    fn volume_key(&self) -> Vec<u8> {
        let key = self.key();
        let file = self.home().join("volume-key");
        let _ = fs::remove_file(&file);
        let (device, path) = (self.device().display().to_string(), file.display().to_string());
        let words = ["luksDump", "-q", "--dump-volume-key", "--volume-key-file", &path, &device];
        cryptsetup(&words, key.bytes()).expect("a volume key");
        fs::read(&file).expect("a volume key")
    }
}

/// AES-256-XTS (IEEE 1619), as dm-crypt does it.
struct Xts {
    data: DecryptingKey,
    tweak: EncryptingKey,
}

impl Xts {
    fn new(key: &[u8]) -> Self {
        let half = |part| UnboundCipherKey::new(&AES_256, part).expect("256 bits");
        let (data, tweak) = key.split_at(32);
        Xts {
            data: DecryptingKey::ecb(half(data)).expect("a cipher"),
            tweak: EncryptingKey::ecb(half(tweak)).expect("a cipher"),
        }
    }

    fn decrypt(&self, number: u64, sector: &mut [u8]) {
        let mut tweak = u128::from(number).to_le_bytes();
        self.tweak.encrypt(&mut tweak).expect("encrypted");
        let (mut tweak, mut tweaks) = (u128::from_le_bytes(tweak), Vec::new());
        for _ in 0..sector.len() / 16 {
            tweaks.extend(tweak.to_le_bytes());
            tweak = (tweak << 1) ^ if tweak >> 127 == 1 { 0x87 } else { 0 };
        }
        let mix = |sector: &mut [u8]| sector.iter_mut().zip(&tweaks).for_each(|(b, t)| *b ^= t);
        mix(sector);
        self.data.decrypt(sector, DecryptionContext::None).expect("decrypted");
        mix(sector);
    }
}

/// Panics unless cryptsetup unlocks a header with this key.
fn opens(path: &Path, key: &[u8]) {
    let path = path.display().to_string();
    let said = cryptsetup(&["open", "--test-passphrase", "--type=luks2", &path], key);
    assert_eq!(said, Ok(()), "{path}");
}

fn cryptsetup(words: &[&str], key: &[u8]) -> Result<(), String> {
    super::tiers::assert_everywhere("cryptsetup");
    let mut command = Process::new("cryptsetup");
    command.args(words).args(["--key-file=-", &format!("--keyfile-size={}", key.len())]);
    command.env("PATH", "/usr/sbin:/sbin:/usr/bin:/bin").stdin(Stdio::piped());
    let mut child =
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("cryptsetup");
    let _ = child.stdin.take().expect("piped").write_all(key);
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(()) } else { Err(said) }
}
