//! How much of a name or a list an overview tells, so that no hostile one makes it endless.

/// How many characters of a name are told, and how many units of a list.
pub(super) const LONGEST_NAME: usize = 24;
const MAX_NAMED: usize = 10;

/// Some of these names, and how many there are.
pub(super) fn in_short<'a>(names: impl Iterator<Item = &'a str>, count: usize) -> String {
    let named: Vec<&str> = names.take(MAX_NAMED).collect();
    let and_more = if count > MAX_NAMED { format!("等{count}个") } else { String::new() };
    format!("{}{and_more}", named.join("、"))
}

/// The beginning of a text, in one line.
pub(super) fn cut(text: &str, longest: usize) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(longest + 1).collect();
    match line.char_indices().nth(longest) {
        Some((end, _)) => format!("{}……", &line[..end]),
        None => line,
    }
}
