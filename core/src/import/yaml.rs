//! A document of the contract as YAML, as a person would write it. The only writer of YAML among the
//! crates of the tree (serde_yaml, which typst brings) is given up by its author, so this one tree is
//! written here: maps and lists in blocks, and every text in double quotes, whose rules are JSON's.

use std::fmt::Write;

use serde_json::Value;

/// The document with a line of comment above it.
pub fn write(document: &Value, comment: &str) -> String {
    let mut out = String::new();
    for line in comment.lines() {
        let _ = writeln!(out, "# {line}");
    }
    block(document, 0, &mut out);
    out
}

fn block(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (position, (key, value)) in fields.iter().enumerate() {
                if position > 0 {
                    indent(depth, out);
                }
                out.push_str(key);
                out.push(':');
                match is_block(value) {
                    true => {
                        out.push('\n');
                        indent(depth + 1, out);
                        block(value, depth + 1, out);
                    }
                    false => {
                        out.push(' ');
                        scalar(value, out);
                    }
                }
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    indent(depth, out);
                }
                out.push_str("- ");
                match is_block(item) {
                    true => block(item, depth + 1, out),
                    false => scalar(item, out),
                }
            }
        }
        other => scalar(other, out),
    }
}

/// Whether a value takes lines of its own.
fn is_block(value: &Value) -> bool {
    match value {
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    }
}

fn scalar(value: &Value, out: &mut String) {
    match value {
        Value::String(text) if is_plain(text) => out.push_str(text),
        // What JSON writes of a text, an empty list or a number is YAML, too.
        other => {
            let _ = write!(out, "{other}");
        }
    }
    out.push('\n');
}

/// Whether a text is the same without quotes: a choice, a date.
fn is_plain(text: &str) -> bool {
    let is_word = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c == '-' || c == '.' || c == '_');
    is_word && !matches!(text, "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n")
}

fn indent(depth: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("  ", depth));
}
