//! Text of ours in files of others: as a whole file, or as a block with a mark at either end.
//! PURE. No line that is not ours is ever changed.

use crate::error::{Code, Error, Result};

const BEGIN: &str = "# BEGIN ccx-sec: made by ccx-sec cert install, which replaces it";
const END: &str = "# END ccx-sec";
/// By what a whole file is known for ours.
const STAMP: &str = "made by ccx-sec";

/// Where our text is in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BlockPosition {
    /// The file is ours.
    Whole,
    /// Above everything else.
    Top,
    /// Below everything else.
    End,
}

/// The content of the file `name` with our text in it; replaces our earlier text.
///
/// # Errors
/// Exit 4 when a whole file is somebody else's, or the marks of our block do not fit.
pub(super) fn replace_block(
    name: &str,
    there: Option<&str>,
    ours: &str,
    spot: BlockPosition,
) -> Result<String> {
    let there = there.unwrap_or_default();
    if spot == BlockPosition::Whole {
        if !there.trim().is_empty() && !there.contains(STAMP) {
            return Err(Error::refused(
                Code::ConfigForeign,
                format!("{name} was not made by ccx-sec"),
            )
            .hint("name another file: --config FILE; or move that one away"));
        }
        return Ok(ours.to_owned());
    }
    let theirs = without_block(name, there)?;
    let block = format!("{BEGIN}\n{}\n{END}\n", ours.trim_end());
    Ok(match spot {
        BlockPosition::End if theirs.is_empty() || theirs.ends_with('\n') => theirs + &block,
        BlockPosition::End => theirs + "\n" + &block,
        _ => block + &theirs,
    })
}

/// Whether a block of ours is in the text.
pub(super) fn has_block(text: &str) -> bool {
    text.lines().any(|line| line.trim_end() == BEGIN)
}

/// The text without our block.
///
/// # Errors
/// Exit 4 when only one of its marks is there, or several are.
pub(super) fn without_block(name: &str, text: &str) -> Result<String> {
    let is = |line: &str, mark: &str| line.trim_end() == mark;
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let all = |mark: &str| -> Vec<usize> {
        let marked = lines.iter().enumerate().filter(|(_, line)| is(line, mark));
        marked.map(|(at, _)| at).collect()
    };
    match (all(BEGIN).as_slice(), all(END).as_slice()) {
        ([], []) => Ok(text.to_owned()),
        ([begin], [end]) if begin < end => {
            Ok(lines[..*begin].concat() + &lines[end + 1..].concat())
        }
        _ => Err(Error::refused(
            Code::ConfigMarks,
            format!("the marks of the block of ccx-sec in {name} do not fit"),
        )
        .hint(format!("they are the lines {BEGIN:?} and {END:?}: put both back, or remove both"))),
    }
}

/// The difference as by diff -u. Our texts are contiguous, so that there is a single hunk.
#[must_use]
pub(super) fn diff(name: &str, before: Option<&str>, after: &str) -> String {
    let old: Vec<&str> = before.unwrap_or_default().lines().collect();
    let new: Vec<&str> = after.lines().collect();
    let same = |pair: &(&&str, &&str)| pair.0 == pair.1;
    let head = old.iter().zip(&new).take_while(same).count();
    let most = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(most).take_while(same).count();
    let (gone, come) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    if gone.is_empty() && come.is_empty() {
        return String::new();
    }
    let from = if before.is_some() { name } else { "/dev/null" };
    let at = |count: usize| if count == 0 { head } else { head + 1 };
    let mut text = format!(
        "--- {from}\n+++ {name}\n@@ -{},{} +{},{} @@\n",
        at(gone.len()),
        gone.len(),
        at(come.len()),
        come.len()
    );
    gone.iter().for_each(|line| text += &format!("-{line}\n"));
    come.iter().for_each(|line| text += &format!("+{line}\n"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_comes_goes_and_leaves_the_rest_as_it_was() {
        for theirs in ["", "a\nb\n", "a\r\nb\r\n", "\n\n"] {
            for spot in [BlockPosition::Top, BlockPosition::End] {
                let once = replace_block("f", Some(theirs), "ours\n", spot).expect("put");
                assert!(once.contains("\nours\n"), "{once:?}");
                assert_eq!(replace_block("f", Some(&once), "ours", spot).expect("again"), once);
                assert_eq!(without_block("f", &once).expect("without"), theirs);
                let other = replace_block("f", Some(&once), "other", spot).expect("other");
                assert_eq!(without_block("f", &other).expect("without"), theirs);
            }
        }
        assert!(
            replace_block("f", Some("a"), "x", BlockPosition::End)
                .expect("put")
                .starts_with("a\n# BEGIN")
        );
        let followed =
            replace_block("f", Some("a\n"), "x", BlockPosition::End).expect("put") + "later\n";
        let moved = replace_block("f", Some(&followed), "x", BlockPosition::End).expect("put");
        assert!(moved.starts_with("a\nlater\n# BEGIN"), "{moved}");
    }

    #[test]
    fn what_is_not_ours_is_refused() {
        let code = |there: &str, spot| {
            replace_block("f", Some(there), "x", spot).map_err(|e| e.code().name())
        };
        assert_eq!(code("ssl = on\n", BlockPosition::Whole), Err("config-foreign"));
        assert_eq!(code("# made by ccx-sec 1\n", BlockPosition::Whole), Ok("x".to_owned()));
        assert_eq!(code(&format!("{BEGIN}\n"), BlockPosition::Top), Err("config-marks"));
        assert_eq!(code(&format!("{END}\n{BEGIN}\n"), BlockPosition::Top), Err("config-marks"));
        assert_eq!(
            code(&format!("{BEGIN}\n{BEGIN}\n{END}\n"), BlockPosition::End),
            Err("config-marks")
        );
    }

    #[test]
    fn a_diff_shows_what_changes_and_no_more() {
        assert_eq!(diff("f", Some("a\nb\n"), "a\nb\n"), "");
        assert_eq!(diff("f", None, "a\n"), "--- /dev/null\n+++ f\n@@ -0,0 +1,1 @@\n+a\n");
        let changed = diff("f", Some("a\nb\nc\n"), "a\nx\ny\nc\n");
        assert_eq!(changed, "--- f\n+++ f\n@@ -2,1 +2,2 @@\n-b\n+x\n+y\n");
        assert_eq!(diff("f", Some("a\na\n"), "a\n"), "--- f\n+++ f\n@@ -2,1 +1,0 @@\n-a\n");
    }
}
