//! `volume status` on headers that cryptsetup made, and on the same headers with changed bytes; the
//! result is compared with cryptsetup's.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Command, Stdio};

use aws_lc_rs::digest::{SHA256, digest};
use ccx_sec::block::luks::{self, DeviceFormat};
use serde_json::Value;

use crate::common::random::Random;
use crate::common::tiers::assert_everywhere;
use crate::common::{Home, run};

/// Runs cryptsetup with a key on its standard input.
fn cryptsetup(arguments: &[&str]) -> Result<String, String> {
    assert_everywhere("cryptsetup");
    let mut command = Command::new("cryptsetup");
    command.args(arguments).env("PATH", "/usr/sbin:/sbin:/usr/bin:/bin").env("LC_ALL", "C");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("cryptsetup");
    use std::io::Write;
    let _ = child.stdin.take().expect("piped").write_all(b"a key");
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// Creates a file of 32 MiB with a volume; `more` are options of luksFormat.
fn volume(home: &Home, name: &str, more: &[&str]) -> String {
    let path = home.join(name);
    File::create(&path).expect("a file").set_len(32 << 20).expect("long enough");
    let path = path.display().to_string();
    let quick = ["--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000"];
    let all = [&["luksFormat", "-q", "--key-file=-"][..], &quick, more, &[&path]].concat();
    cryptsetup(&all).expect("formatted");
    path
}

const OURS: [&str; 6] = [
    "--type=luks2",
    "--cipher=aes-xts-plain64",
    "--key-size=512",
    "--sector-size=4096",
    "--label=data",
    "--hash=sha256",
];

#[test]
#[ignore = "needs tests/run"]
fn volume_as_it_must_be_and_those_that_are_not() {
    let home = Home::new();
    let path = volume(&home, "good", &OURS);
    let status = run(&mut home.ccx(&["volume", "status", &path, "-o", "json"]));
    assert_eq!((status.code, status.stderr.as_str()), (0, ""), "{}", status.stdout);
    let told = status.json();
    let uuid = cryptsetup(&["luksUUID", &path]).expect("a UUID");
    assert_eq!(told["uuid"], uuid.trim());
    assert_eq!(told["label"], "data");
    assert_eq!((&told["cipher"], &told["key_bits"]), (&"aes-xts-plain64".into(), &512.into()));
    assert_eq!(told["sector_size"], 4096);
    assert_eq!(told["header"]["primary"], "good");
    assert_eq!(told["header"]["secondary"], "good");
    assert_eq!(told["keyslots"][0]["pbkdf"], "pbkdf2");
    let text = home.done(&["volume", "status", &path]).stdout;
    assert!(text.contains("cipher       aes-xts-plain64, 512 bits"), "{text}");

    let lacks = |name: &str, more: &[&str]| {
        let path = volume(&home, name, more);
        let status = run(&mut home.ccx(&["volume", "status", &path, "-o", "json"]));
        assert_eq!((status.code, status.stderr.as_str()), (1, ""), "{}", status.stdout);
        let lacks = status.json()["lacks"].as_array().expect("lacks").clone();
        lacks
            .iter()
            .map(|lack| lack["reason"].as_str().expect("a reason").to_owned())
            .collect::<Vec<String>>()
    };
    let none = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let small = ["--type=luks2", "--key-size=256"];
    assert_eq!(lacks("small", &small), none(&["key_size"]));
    assert_eq!(lacks("old", &["--type=luks1", "--key-size=512"]), none(&["luks1"]));

    // Another cipher in both copies; cryptsetup could make such a volume only with a device mapper.
    let path = volume(&home, "other", &OURS);
    let mut bytes = std::fs::read(&path).expect("a file");
    let DeviceFormat::Luks2(header) = read(Path::new(&path)) else { panic!("no LUKS2") };
    let size = usize::try_from(header.size).expect("small");
    for start in [0, size] {
        let json = String::from_utf8_lossy(&bytes[start + 4096..start + size]).into_owned();
        let segments = json.find("\"segments\"").expect("segments");
        let cipher = segments + json[segments..].find("aes-xts-plain64").expect("a cipher");
        bytes[start + 4096 + cipher..][..15].copy_from_slice(b"aes-xts-plain32");
        seal(&mut bytes, start, size);
    }
    std::fs::write(&path, &bytes).expect("written");
    let told = run(&mut home.ccx(&["volume", "status", &path, "-o", "json"]));
    assert_eq!((told.code, told.json()["lacks"][0]["reason"].clone()), (1, "cipher".into()));

    // Without key slots, no key unlocks it; a blank device has no header.
    let path = volume(&home, "shut", &OURS);
    cryptsetup(&["luksKillSlot", "-q", &path, "0"]).expect("killed");
    let said = home.ccx(&["volume", "status", &path]).output().expect("run");
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("the volume can never be unlocked [no_keyslot]"), "{said}");
    home.write("blank", vec![0; 1 << 20]);
    let blank = run(&mut home.ccx(&["volume", "status", "blank", "-o", "json"]));
    assert_eq!((blank.code, blank.json()["format"].clone()), (1, "none".into()));
    home.fails(&["volume", "status", "./missing"], 3, "file-missing");
    home.fails(&["volume", "status", "/dev/null"], 2, "not-a-device");
}

#[test]
#[ignore = "needs tests/run"]
fn other_copy_is_read_where_one_is_damaged() {
    let home = Home::new();
    let path = volume(&home, "data", &OURS);
    let size = {
        let DeviceFormat::Luks2(header) = read(Path::new(&path)) else { panic!("no LUKS2") };
        header.size
    };
    let told = |path: &str| {
        let status = run(&mut home.ccx(&["volume", "status", path, "-o", "json"]));
        let json = status.json();
        let copy = |name: &str| json["header"][name].as_str().unwrap_or("-").to_owned();
        (status.code, copy("primary"), copy("secondary"), json["format"].clone())
    };
    let word = |text: &str| text.to_owned();
    let file = OpenOptions::new().read(true).write(true).open(&path).expect("opened");
    let mut before = vec![0; 512];
    file.read_exact_at(&mut before, 0).expect("read");
    file.write_all_at(&[0; 512], 0).expect("written");
    assert_eq!(told(&path), (0, word("damaged"), word("good"), "luks2".into()));
    file.write_all_at(&[0; 512], size).expect("written");
    assert_eq!(told(&path), (1, word("-"), word("-"), "none".into()));
    file.write_all_at(&before, 0).expect("written");
    assert_eq!(told(&path), (0, word("good"), word("damaged"), "luks2".into()));
    file.write_all_at(b"x", 5000).expect("written");
    assert_eq!(told(&path), (1, word("-"), word("-"), "damaged".into()));
}

fn read(path: &Path) -> DeviceFormat {
    luks::read(std::fs::read(path).expect("a file").as_slice()).expect("read")
}

/// Corrects the checksum of a copy.
fn seal(bytes: &mut [u8], at: usize, size: usize) {
    let copy = &mut bytes[at..at + size];
    copy[448..512].fill(0);
    let sum = digest(&SHA256, copy);
    copy[448..448 + 32].copy_from_slice(sum.as_ref());
}

/// Asks cryptsetup, on a copy of the file, because it repairs a header that it may write.
#[test]
#[ignore = "needs tests/run"]
fn thousand_headers_with_bytes_changed_are_what_cryptsetup_takes_them_for() {
    const MUTATIONS: usize = 1000;
    let home = Home::new();
    let path = volume(&home, "data", &OURS);
    let good = std::fs::read(&path).expect("a file")[..2 << 20].to_vec();
    let DeviceFormat::Luks2(header) = read(Path::new(&path)) else { panic!("no LUKS2") };
    let size = usize::try_from(header.size).expect("small");
    let json = header.json.to_string().len();
    let mut random = Random::fixed("volume_header", 7);
    let copy = home.join("copy");
    let (mut taken, mut refused, mut differ) = (0, 0, Vec::new());
    for number in 0..MUTATIONS {
        let mut bytes = good.clone();
        // Changes one byte of the binary part or the JSON, in one copy or in both, with the old or a new
        // checksum.
        let span = if random.below(2) == 0 { 512 } else { 4096 + json };
        let at = random.below(span);
        let value = u8::try_from(random.below(256)).expect("a byte");
        let copies = vec![vec![0], vec![size], vec![0, size]].swap_remove(random.below(3));
        for start in &copies {
            bytes[start + at] = value;
            if number % 4 != 0 {
                seal(&mut bytes, *start, size);
            }
        }
        std::fs::write(&copy, &bytes).expect("written");
        File::options().write(true).open(&copy).expect("opened").set_len(32 << 20).expect("long");
        let ours = read(&copy);
        let path = copy.display().to_string();
        let theirs = cryptsetup(&["luksDump", "--dump-json-metadata", &path]);
        match (&ours, &theirs) {
            (DeviceFormat::Luks2(header), Ok(dump)) => {
                taken += 1;
                let dump: Value = serde_json::from_str(dump).expect("JSON");
                if header.json != dump {
                    differ.push(format!("{number}: byte {at} of {copies:?} = {value}: other JSON"));
                }
            }
            (DeviceFormat::Luks2(_), Err(why)) => {
                differ.push(format!(
                    "{number}: byte {at} of {copies:?} = {value}: only we take it: {why}"
                ));
            }
            (_, Err(_)) => refused += 1,
            (other, Ok(_)) => {
                let why = format!("{other:?}").chars().take(200).collect::<String>();
                differ
                    .push(format!("{number}: byte {at} of {copies:?} = {value}: only they: {why}"));
            }
        }
    }
    assert!(taken > 50 && refused > 50, "{taken} taken, {refused} refused");
    assert!(differ.is_empty(), "{} differ:\n{}", differ.len(), differ.join("\n"));
}
