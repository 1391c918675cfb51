//! Merging a text that both sides changed, where no way of comparing lines could decide it otherwise.
//!
//! Ours and theirs are put together at a line that is unchanged, with all before it as the base has it on one side, and all
//! after it on the other, and that each of the three texts has once. Such a line can only be matched with itself, and what
//! is the base's own on its side is longer than any other match that reaches over it: git's comparison, too, finds all of one
//! side's changes before the line and all of the other's after it. Anything else is git's to decide.

use std::collections::HashMap;

/// Joins the two changed texts; `None` if git has to decide.
pub(super) fn merge_texts(base: &[u8], ours: &[u8], theirs: &[u8]) -> Option<Vec<u8>> {
    // git's own test of what is binary: a NUL in the first 8000 bytes.
    let binary = |text: &[u8]| text.iter().take(8000).any(|&byte| byte == 0);
    if binary(base) || binary(ours) || binary(theirs) {
        return None;
    }
    let [base, ours, theirs] = [base, ours, theirs].map(lines);
    let join = |first: &[&[u8]], last: &[&[u8]]| {
        let at = seam(&base, first, last)?;
        let first = &first[..first.len() - (base.len() - at)];
        Some([first, &last[at..]].concat().concat())
    };
    join(&ours, &theirs).or_else(|| join(&theirs, &ours))
}

/// Finds a line of the base, by its place, before which only `first` differs, and after which only `last` does.
fn seam(base: &[&[u8]], first: &[&[u8]], last: &[&[u8]]) -> Option<usize> {
    let after = base
        .iter()
        .rev()
        .zip(first.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let before = base.iter().zip(last).take_while(|(a, b)| a == b).count();
    let common = base.len() - after..before;
    if common.is_empty() {
        return None;
    }
    let mut times: HashMap<&[u8], [u32; 3]> = base[common.clone()]
        .iter()
        .map(|line| (*line, [0; 3]))
        .collect();
    for (which, text) in [base, first, last].into_iter().enumerate() {
        for line in text {
            if let Some(times) = times.get_mut(line) {
                times[which] += 1;
            }
        }
    }
    common
        .clone()
        .find(|&at| times.get(base[at]) == Some(&[1; 3]))
}

/// Divides a text into lines, each with its end.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|&byte| byte == b'\n').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(base: &str, ours: &str, theirs: &str, expected: Option<&str>) {
        for (a, b) in [(ours, theirs), (theirs, ours)] {
            let merged = merge_texts(base.as_bytes(), a.as_bytes(), b.as_bytes());
            let merged = merged.map(|bytes| String::from_utf8(bytes).unwrap());
            assert_eq!(merged.as_deref(), expected, "{base:?} {a:?} {b:?}");
        }
    }

    #[test]
    fn changes_on_two_sides_of_a_line_are_joined() {
        check("1\n2\n3\n", "one\n2\n3\n", "1\n2\n", Some("one\n2\n"));
        check("1\n2\n3", "0\n1\n2\n3", "1\n2\n3\n4", Some("0\n1\n2\n3\n4"));
        check("a\n", "b\na\n", "a\nc\n", Some("b\na\nc\n"));
    }

    #[test]
    fn what_is_not_certain_is_gits_to_decide() {
        // Neighbours, the same line, a line that is there twice, bytes that are no text.
        check("1\n2\n", "one\n2\n", "1\ntwo\n", None);
        check("1\n2\n3\n", "1\nx\n3\n", "1\ny\n3\n", None);
        check("1\n2\n3\n", "2\n2\n3\n", "1\n2\n4\n", None);
        check("1\n\0\n3\n", "one\n\0\n3\n", "1\n\0\nthree\n", None);
        // Both changed before and after.
        check(
            "1\n2\n3\n4\n5\n",
            "x\n2\n3\n4\nx\n",
            "1\n2\ny\n4\n5\n",
            None,
        );
    }
}
