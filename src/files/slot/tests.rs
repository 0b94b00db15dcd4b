//! Slots: sets are replaced, rolled back and cleaned up; foreign files beside them.

use super::*;

fn open(path: &Path) -> Result<Slot> {
    Slot::open(path, Durability::Now, Duration::ZERO)
}

fn content(bytes: &[u8]) -> [Content<'_>; 2] {
    [
        Content { name: "cert", bytes, mode: FileMode::Public },
        Content { name: "key", bytes, mode: FileMode::Private },
    ]
}

fn publish(path: &Path, bytes: &[u8], adopt: bool) -> Result<PublishedFiles> {
    open(path)?.stage(&content(bytes), None, Durability::Now, adopt)?.publish(true)
}

fn read(path: &Path) -> (Vec<u8>, Vec<u8>) {
    (fs::read(path.join("cert")).expect("cert"), fs::read(path.join("key")).expect("key"))
}

/// The number of entries after the next writer has opened the directory.
fn entries(path: &Path) -> usize {
    drop(open(path).expect("a slot"));
    fs::read_dir(path).expect("a directory").count()
}

#[test]
fn both_change_together_and_nothing_is_left_of_the_old() {
    let at = tempfile::tempdir().expect("a directory");
    for bytes in [&b"one"[..], b"two", b"three"] {
        publish(at.path(), bytes, false).expect("published").confirm().expect("confirmed");
        assert_eq!(read(at.path()), (bytes.to_vec(), bytes.to_vec()));
        assert_eq!(entries(at.path()), 4); // two names, ..data, and where it leads
    }
    let mode = |name| fs::metadata(at.path().join(name)).expect(name).permissions().mode();
    assert_eq!((mode("cert") & 0o777, mode("key") & 0o777), (0o644, 0o600));
}

#[test]
fn a_reader_of_the_replaced_set_still_finds_its_files() {
    let at = tempfile::tempdir().expect("a directory");
    publish(at.path(), b"one", false).expect("published").confirm().expect("confirmed");
    let names = ["cert", "key"];
    let followed = in_force(at.path(), &names).expect("readable");
    publish(at.path(), b"two", false).expect("published").confirm().expect("confirmed");
    assert_eq!((read(&followed).0, read(at.path()).0), (b"one".to_vec(), b"two".to_vec()));
    let followed = in_force(at.path(), &names).expect("readable");
    let three = publish(at.path(), b"three", false).expect("published");
    let tried = in_force(at.path(), &names).expect("readable");
    assert!(three.roll_back().expect("back"));
    assert_eq!((read(&followed).0, read(&tried).0), (b"two".to_vec(), b"three".to_vec()));
    assert_eq!(entries(at.path()), 4);
    assert!(followed.exists() && !tried.exists());
}

#[test]
fn a_change_can_be_taken_back_until_it_is_confirmed() {
    let at = tempfile::tempdir().expect("a directory");
    publish(at.path(), b"one", false).expect("published").confirm().expect("confirmed");
    let two = publish(at.path(), b"two", false).expect("published");
    assert!(two.roll_back().expect("back"));
    assert_eq!(read(at.path()).0, b"one");
    assert_eq!(entries(at.path()), 4);
    drop(publish(at.path(), b"three", false).expect("published")); // killed before it was confirmed
    let slot = open(at.path()).expect("a slot");
    slot.unconfirmed().expect("readable").expect("a change").confirm().expect("confirmed");
    assert!(open(at.path()).expect("a slot").unconfirmed().expect("readable").is_none());
    assert_eq!(read(at.path()).1, b"three");
    assert_eq!(entries(at.path()), 4);
}

#[test]
fn what_comes_back_is_the_last_set_that_was_confirmed() {
    let at = tempfile::tempdir().expect("a directory");
    publish(at.path(), b"one", false).expect("published").confirm().expect("confirmed");
    drop(publish(at.path(), b"two", false).expect("published"));
    let slot = open(at.path()).expect("a slot");
    let staged = slot.stage(&content(b"other"), None, Durability::Now, false).expect("staged");
    drop(staged.publish(false).expect("published"));
    assert!(
        open(at.path()).expect("a slot").unconfirmed().expect("readable").is_some(),
        "it goes on waiting"
    );
    let three = publish(at.path(), b"three", false).expect("published");
    assert!(three.roll_back().expect("back"));
    assert_eq!(read(at.path()).0, b"one");
    assert_eq!(entries(at.path()), 4);
}

#[test]
fn what_is_staged_and_never_published_is_swept() {
    let at = tempfile::tempdir().expect("a directory");
    let slot = open(at.path()).expect("a slot");
    drop(slot.stage(&content(b"one"), None, Durability::Now, false).expect("staged"));
    assert!(!at.path().join("cert").exists());
    drop(open(at.path()).expect("a slot"));
    assert_eq!(entries(at.path()), 0);
}

#[test]
fn files_of_others_are_refused_or_adopted() {
    let at = tempfile::tempdir().expect("a directory");
    fs::write(at.path().join("key"), b"theirs").expect("written");
    fs::write(at.path().join("other"), b"theirs").expect("written");
    let refused = publish(at.path(), b"one", false).map(|_| ()).map_err(|e| e.code().name());
    assert_eq!(refused, Err("file-foreign"));
    let published = publish(at.path(), b"one", true).expect("published");
    assert_eq!(read(at.path()).1, b"one");
    assert!(published.roll_back().expect("back"));
    assert_eq!(fs::read(at.path().join("key")).expect("key"), b"theirs");
    assert!(fs::read(at.path().join("cert")).is_err());
    publish(at.path(), b"two", false).expect("published").confirm().expect("confirmed");
    assert_eq!(read(at.path()).0, b"two");
    assert_eq!(fs::read(at.path().join("other")).expect("other"), b"theirs");
}

#[test]
fn two_writers_at_once_are_told() {
    let at = tempfile::tempdir().expect("a directory");
    let _held = open(at.path()).expect("a slot");
    let refused = open(at.path()).map(|_| ()).map_err(|e| e.code().name());
    assert_eq!(refused, Err("directory-locked"));
}
