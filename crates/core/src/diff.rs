//! The difference of two texts, line by line: what a person compares by eye when an attempt was made again.

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Same,
    /// Only the earlier text has it.
    Gone,
    /// Only the later text has it.
    New,
}

/// The lines that are compared in full, of each text, after what both begin and end with. Beyond it all is called other.
const COMPARED_MAX: usize = 600;

/// Every line of both texts, in an order in which both can be read.
pub fn lines<'a>(before: &'a str, after: &'a str) -> Vec<(Mark, &'a str)> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let tail = old[head..]
        .iter()
        .rev()
        .zip(new[head..].iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let (old_middle, new_middle) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut found: Vec<(Mark, &str)> = old[..head].iter().map(|line| (Mark::Same, *line)).collect();
    found.extend(middle(old_middle, new_middle));
    found.extend(old[old.len() - tail..].iter().map(|line| (Mark::Same, *line)));
    found
}

/// The longest common subsequence, by the table that everybody knows.
fn middle<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(Mark, &'a str)> {
    let all = |lines: &[&'a str], mark| lines.iter().map(|line| (mark, *line)).collect::<Vec<_>>();
    if old.len() > COMPARED_MAX || new.len() > COMPARED_MAX {
        return [all(old, Mark::Gone), all(new, Mark::New)].concat();
    }
    let width = new.len() + 1;
    let mut common = vec![0_u16; (old.len() + 1) * width];
    for (i, was) in old.iter().enumerate().rev() {
        for (j, is) in new.iter().enumerate().rev() {
            common[i * width + j] = if was == is {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut found = Vec::with_capacity(old.len() + new.len());
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            found.push((Mark::Same, old[i]));
            (i, j) = (i + 1, j + 1);
        } else if common[(i + 1) * width + j] >= common[i * width + j + 1] {
            found.push((Mark::Gone, old[i]));
            i += 1;
        } else {
            found.push((Mark::New, new[j]));
            j += 1;
        }
    }
    found.extend(all(&old[i..], Mark::Gone));
    found.extend(all(&new[j..], Mark::New));
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_that_was_changed_is_gone_and_new_and_the_rest_is_the_same() {
        let found = lines("{\n  a: 1\n  b: 2\n}", "{\n  a: 1\n  b: 3\n  c: 4\n}");
        let marks: Vec<(Mark, &str)> = found.into_iter().filter(|(mark, _)| *mark != Mark::Same).collect();
        assert_eq!(marks, [(Mark::Gone, "  b: 2"), (Mark::New, "  b: 3"), (Mark::New, "  c: 4")]);
        assert!(lines("a\nb", "a\nb").iter().all(|(mark, _)| *mark == Mark::Same));
        assert_eq!(lines("", ""), []);
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_out_of_it(old in "[ab\n]{0,60}", new in "[ab\n]{0,60}") {
            let found = lines(&old, &new);
            let read = |without: Mark| -> Vec<&str> {
                found.iter().filter(|(mark, _)| *mark != without).map(|(_, line)| *line).collect()
            };
            prop_assert_eq!(read(Mark::New), old.lines().collect::<Vec<_>>());
            prop_assert_eq!(read(Mark::Gone), new.lines().collect::<Vec<_>>());
        }
    }
}
