//! A report in any format that reports are written in: the first byte says which.
#![no_main]

use nianbao_core::checks::{self, Context};
use nianbao_core::input::{self, Format};
use nianbao_core::report::HeadingLayout;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let format = Format::ALL[usize::from(*first) % Format::ALL.len()];
    let _ = input::read_loosely(rest, format);
    let _ = input::read_unfinished(rest, format);
    if let Ok(read) = input::read(rest, format) {
        let context = Context {
            undrawable: &|_, _| vec![],
            headings: HeadingLayout::default(),
            last_year: None,
            plan: None,
            settings: &checks::Settings::default(),
        };
        input::located(checks::check(&read.value, &context), rest, format);
    }
});
