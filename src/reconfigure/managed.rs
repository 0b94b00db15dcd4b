//! Texts that ccx-sec manages in configuration files: a whole file, or a block between two marks.
//! PURE. Lines outside the block are never changed.

use crate::error::{Code, Error, Result};

const BEGIN: &str = "# BEGIN ccx-sec: made by ccx-sec cert install, which replaces it";
const END: &str = "# END ccx-sec";
/// The mark of a whole file that ccx-sec manages.
const STAMP: &str = "made by ccx-sec";

/// The position of the managed text in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BlockPosition {
    /// The whole file is managed.
    Whole,
    /// Above everything else.
    Top,
    /// Below everything else.
    End,
}

/// Returns the content of the file `name` with the managed text `ours`, which replaces an earlier
/// managed text.
///
/// # Errors
/// Exit 4 when a whole file lacks the mark, or the marks of the block do not match.
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

/// Whether the text has a managed block.
pub(super) fn has_block(text: &str) -> bool {
    text.lines().any(|line| line.trim_end() == BEGIN)
}

/// Returns the managed text in a file: the whole file, or the lines of the block; `None` where
/// nothing is managed.
///
/// # Errors
/// Exit 4 when the marks of the block do not match.
pub(super) fn managed_text(
    name: &str,
    there: Option<&str>,
    spot: BlockPosition,
) -> Result<Option<String>> {
    let there = there.unwrap_or_default();
    if spot == BlockPosition::Whole {
        return Ok(there.contains(STAMP).then(|| there.to_owned()));
    }
    without_block(name, there)?;
    let mut lines = there.lines().skip_while(|line| line.trim_end() != BEGIN);
    let is_managed = lines.next().is_some();
    let block: String =
        lines.take_while(|line| line.trim_end() != END).map(|line| format!("{line}\n")).collect();
    Ok(is_managed.then_some(block))
}

/// Returns the text without the managed block.
///
/// # Errors
/// Exit 4 when one of the two marks is missing or repeated.
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

/// The difference in the format of `diff -u`. A managed text is in one piece, so there is one hunk.
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
