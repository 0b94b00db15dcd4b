//! What this process must not leave behind.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Sees to it that a crash writes no memory to disk, where keys could be in it: no core
/// file (`RLIMIT_CORE` 0), no dump by a handler that the kernel pipes to, and no look
/// into this process by others of the same user (`PR_SET_DUMPABLE` 0, prctl(2)).
///
/// Best effort: where the system forbids it, work goes on.
pub fn keep_memory_private() {
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}
