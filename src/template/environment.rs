//! The minijinja environment, and with it **the only escaping in the program**.
//!
//! Whatever a template prints arrives in typst as a string literal in markup, `#("…")`. The
//! parentheses matter: `#"…".` would read a following point as a field access. A template whose name ends
//! in `.xml.jinja` or `.html.jinja` writes elements, and what it prints is text or a quoted attribute in them. No filter has to be
//! remembered, and none can turn it off: `safe` does not exist here. Only what a macro or a block has captured
//! passes as it is, for that is the template's own output, already escaped.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::ValueKind;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value};

use super::field::{FieldText, of_same_field};
use super::{table, title};
use crate::language::enumeration::{is_begun, is_point};
use crate::language::numerals::in_chinese;

/// An environment over these template files, by path.
pub(super) fn new(files: &BTreeMap<String, String>) -> Environment<'static> {
    let mut environment = Environment::new();
    for filter in ["safe", "escape", "e", "tojson"] {
        environment.remove_filter(filter);
    }
    environment.set_auto_escape_callback(|name| {
        let writes_elements = name.ends_with(".xml.jinja") || name.ends_with(".html.jinja");
        AutoEscape::Custom(if writes_elements { ELEMENTS } else { TYPST }.into())
    });
    environment.set_formatter(printed);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the usual delimiters do not clash"));
    environment.add_filter("lines", lines);
    environment.add_filter("title_lines", title_lines);
    environment.add_function("table_layout", table::layout);
    environment.add_filter("long_date", long_date);
    environment.add_filter("name_parts", name_parts);
    environment.add_filter("six_digits", |number: u32| format!("{number:06}"));
    environment.add_filter("chinese_numeral", in_chinese);
    environment.add_test("ended", |value: &Value| value.to_string().ends_with(ENDING_MARKS));
    environment.add_test("enumerated", |value: &Value| is_begun(&value.to_string()));
    environment.add_test("point", |value: &Value| is_point(&value.to_string()));
    environment.add_test("naming_a_cause", |value: &Value| {
        let text = value.to_string();
        text.chars().take(8).collect::<String>().contains("原因") || text.starts_with(['因', '由'])
    });
    let files = files.clone();
    environment.set_loader(move |name| Ok(files.get(name).cloned()));
    environment
}

/// The marks that end a sentence, or close one that has ended.
const ENDING_MARKS: [char; 8] = ['。', '！', '？', '；', '：', '…', '”', '.'];

/// What a template is written in, and so how what it prints is escaped.
const TYPST: &str = "typst";
const ELEMENTS: &str = "elements";

/// Writes a value as markup that prints it and does nothing else.
fn printed(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if value.is_safe() {
        return Ok(out.write_str(value.as_str().unwrap_or_default())?);
    }
    match value.kind() {
        ValueKind::None | ValueKind::Undefined => {
            return Err(Error::new(
                ErrorKind::InvalidOperation,
                "this value is missing; ask for it with `if` first",
            ));
        }
        ValueKind::Seq | ValueKind::Map | ValueKind::Iterable => {
            return Err(Error::new(
                ErrorKind::InvalidOperation,
                "a list or map cannot be printed; loop over it",
            ));
        }
        _ => {}
    }
    match state.auto_escape() {
        AutoEscape::Custom(language) if language == ELEMENTS => Ok(character_data(out, &value.to_string())?),
        _ => literal(out, value),
    }
}

/// Writes a text as it may stand in an element or in a quoted attribute of XML. What XML cannot bear
/// at all is told by the sign for what cannot be shown.
fn character_data(out: &mut impl Write, text: &str) -> fmt::Result {
    for character in text.chars() {
        match character {
            '&' => out.write_str("&amp;")?,
            '<' => out.write_str("&lt;")?,
            '>' => out.write_str("&gt;")?,
            '"' => out.write_str("&quot;")?,
            '\'' => out.write_str("&#39;")?,
            '\n' | '\t' => out.write_char(character)?,
            '\u{FFFE}' | '\u{FFFF}' => out.write_char(char::REPLACEMENT_CHARACTER)?,
            control if control.is_control() => out.write_char(char::REPLACEMENT_CHARACTER)?,
            other => out.write_char(other)?,
        }
    }
    Ok(())
}

/// Writes a value as typst markup.
fn literal(out: &mut Output, value: &Value) -> Result<(), Error> {
    out.write_str("#(")?;
    match value.downcast_object_ref::<FieldText>() {
        Some(field) => {
            quoted(out, &field.text)?;
            write!(out, "/*{}*/", field.path)?;
        }
        None => quoted(out, &value.to_string())?,
    }
    Ok(out.write_char(')')?)
}

/// Writes a text as a typst string literal.
pub(super) fn quoted(out: &mut impl Write, text: &str) -> fmt::Result {
    let needs_escape = |c: char| matches!(c, '"' | '\\') || c.is_control();
    out.write_char('"')?;
    for run in text.split_inclusive(needs_escape) {
        let plain = run.trim_end_matches(needs_escape);
        out.write_str(plain)?;
        for character in run[plain.len()..].chars() {
            match character {
                '"' | '\\' => write!(out, "\\{character}")?,
                '\n' => out.write_str("\\n")?,
                // The types of a report let no other control through. Should a template make
                // one, it stays inside the literal.
                control => write!(out, "\\u{{{:x}}}", control as u32)?,
            }
        }
    }
    out.write_char('"')
}

/// The lines of a text that say something, each still of its field.
fn lines(value: &Value) -> Vec<Value> {
    let text = value.to_string();
    // The blanks that a text pasted line by line brings along are those of its paragraphs' indents.
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| of_same_field(value, line.to_owned())).collect()
}

/// The lines of a title, each still of its field.
fn title_lines(value: &Value) -> Vec<Value> {
    title::lines(&value.to_string()).into_iter().map(|line| of_same_field(value, line)).collect()
}

/// A name in the parts that a line of names may spread: that of two Chinese characters has two. What a writer spread
/// already is as good as unspread.
fn name_parts(value: &Value) -> Vec<Value> {
    let name = value.to_string();
    let is_chinese = |c: char| c.is_alphabetic() && !c.is_ascii();
    let unspread: String = match name.chars().all(|c| is_chinese(c) || c.is_whitespace()) {
        true => name.split_whitespace().collect(),
        false => name,
    };
    let parts: Vec<String> = match unspread.chars().collect::<Vec<_>>()[..] {
        [first, last] if is_chinese(first) && is_chinese(last) => vec![first.into(), last.into()],
        _ => vec![unspread],
    };
    parts.into_iter().map(|part| of_same_field(value, part)).collect()
}

/// A date as documents bear it: 2025年2月8日 (GB/T 9704-2012, 7.3.5.4: no leading zeros).
fn long_date(value: &Value) -> Result<Value, Error> {
    let text = value.to_string();
    let not_a_date = || Error::new(ErrorKind::InvalidOperation, "long_date takes a date");
    let numbers: Vec<u32> = text.split('-').filter_map(|part| part.parse().ok()).collect();
    let [year, month, day] = numbers[..] else { return Err(not_a_date()) };
    let field = value.downcast_object_ref::<FieldText>().ok_or_else(not_a_date)?;
    Ok(field.with(format!("{year}年{month}月{day}日")))
}
