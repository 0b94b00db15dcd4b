//! Reads the first and the last 16 MiB of a device, and places between them.

use std::io;

use super::{DeviceContent, signatures};
use crate::block::device::{self, AlignedBuffer, Device};
use crate::block::device_guard::identity::DeviceIdentity;
use crate::error::Result;

const MIB: u64 = 1024 * 1024;
/// The name of unknown data.
pub(super) const DATA: &str = "data at byte";

/// Bytes that are read completely at either end.
const END: u64 = 16 * MIB;
/// Every read is a multiple of this; no device has larger sectors.
const BLOCK: u64 = 4096;
/// The number of blocks that are read between the ends.
const BETWEEN: u64 = 256;
/// Offsets at which btrfs and ext4 keep copies of their superblocks.
const COPIES: [u64; 3] = [64 * MIB, 128 * MIB, 256 * 1024 * MIB];
static ZEROS: [u8; MIB as usize] = [0; MIB as usize];

/// Returns the findings; none if all bytes that are read are zero.
pub(super) fn scan_bytes(device: &Device, identity: &DeviceIdentity) -> Result<Vec<DeviceContent>> {
    let unreadable = |error| device::unreadable(&identity.path.display().to_string(), error);
    let mut data = Vec::new();
    for (from, to) in stretches(identity.size) {
        data.extend(first_data(device, from, to, from).map_err(unreadable)?);
    }
    let Some((first, block)) = data.first() else { return Ok(Vec::new()) };
    let mut signs = signatures::find_signatures(device, identity.size).map_err(unreadable)?;
    let mut what = match &data[..] {
        [_] => format!("{DATA} {first}"),
        _ => format!("{DATA} {first} and elsewhere"),
    };
    if looks_random(block) {
        what += ", which look random, like a volume whose header is elsewhere";
    }
    signs.push(what);
    Ok(signs.into_iter().map(|what| DeviceContent::new("bytes", what)).collect())
}

/// Returns whether all bytes from an offset on are zero, as far as they are read.
pub(in crate::block::device_guard) fn is_zero_from(
    device: &Device,
    identity: &DeviceIdentity,
    from: u64,
) -> Result<bool> {
    for (start, end) in stretches(identity.size).into_iter().filter(|(_, end)| *end > from) {
        let data = first_data(device, start.max(from / BLOCK * BLOCK), end, from);
        let unreadable = |error| device::unreadable(&identity.path.display().to_string(), error);
        if data.map_err(unreadable)?.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Returns the ranges to read on a device of that size, in order and without overlap: both ends, and
/// between them single blocks, evenly spread and at the offsets of superblock copies.
fn stretches(size: u64) -> Vec<(u64, u64)> {
    let head = END.min(size);
    let tail = (size.saturating_sub(END) / BLOCK * BLOCK).max(head);
    let step = (tail - head) / (BETWEEN + 1);
    let evenly = (1..=BETWEEN).map(|n| (head + n * step) / BLOCK * BLOCK);
    let mut between: Vec<u64> = evenly.chain(COPIES).collect();
    between.retain(|at| *at >= head && at + BLOCK <= tail);
    between.sort_unstable();
    between.dedup();
    let mut all = vec![(0, head)];
    all.extend(between.into_iter().map(|at| (at, at + BLOCK)));
    all.push((tail, size));
    all.retain(|(from, to)| from < to);
    all
}

/// Returns the first byte between `from` and `to`, and not before `after`, that is not zero, with the
/// block around it.
fn first_data(
    device: &Device,
    from: u64,
    to: u64,
    after: u64,
) -> io::Result<Option<(u64, Vec<u8>)>> {
    let mut at = from;
    let mut buffer = AlignedBuffer::new((to - from).min(MIB) as usize);
    while at < to {
        let length = (to - at).min(MIB) as usize;
        let bytes = device.fill(&mut buffer, at, length)?;
        if bytes.len() < length {
            let why = format!("it ends at byte {}", at + bytes.len() as u64);
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, why));
        }
        let passed = (after.saturating_sub(at) as usize).min(length);
        bytes[..passed].fill(0);
        // Comparing whole slices is much faster than byte by byte.
        if *bytes != ZEROS[..length] {
            let first = bytes.iter().position(|byte| *byte != 0).unwrap_or_default();
            let block = first - first % BLOCK as usize;
            let end = (block + BLOCK as usize).min(length);
            return Ok(Some((at + first as u64, bytes[block..end].to_vec())));
        }
        at += length as u64;
    }
    Ok(None)
}

/// Returns whether the frequencies of bytes in a block are those of random data (chi-square with 255
/// degrees of freedom: 255 ± 23).
fn looks_random(block: &[u8]) -> bool {
    let mut counts = [0_u32; 256];
    for byte in block {
        counts[usize::from(*byte)] += 1;
    }
    let expected = block.len() as f64 / 256.0;
    let squares = counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected);
    block.len() as u64 == BLOCK && (140.0..370.0).contains(&squares.sum::<f64>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_are_read_whole_and_nothing_twice() {
        for size in [0, 1, 4096, END - 1, END, END + 1, 2 * END, 3 * END + 512, 1 << 30, 1 << 42] {
            let stretches = stretches(size);
            let mut before = 0;
            for (from, to) in &stretches {
                assert!(*from >= before && from < to && *to <= size, "{size}: {from} {to}");
                assert!(from.is_multiple_of(BLOCK), "{size}: {from}");
                before = *to;
            }
            let is_read = |at: u64| stretches.iter().any(|(from, to)| (*from..*to).contains(&at));
            let ends = [0, END - 1, size.wrapping_sub(END), size.wrapping_sub(1)];
            for at in ends.into_iter().filter(|at| *at < size) {
                assert!(is_read(at), "{size}: {at} is not read");
            }
        }
        let large = stretches(1 << 42);
        assert!(large.len() > 250 && large.contains(&(128 * MIB, 128 * MIB + BLOCK)));
    }

    #[test]
    fn what_looks_random() {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_041);
            (state >> 56) as u8
        };
        let random: Vec<u8> = (0..BLOCK).map(|_| next()).collect();
        assert!(looks_random(&random));
        assert!(!looks_random(&random[..512]), "too little to say");
        let text: Vec<u8> = "plain words, again and again ".bytes().cycle().take(4096).collect();
        let even: Vec<u8> = (0..=255).cycle().take(4096).collect();
        for other in [vec![0; 4096], text, even] {
            assert!(!looks_random(&other));
        }
    }
}
