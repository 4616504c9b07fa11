//! A report in any format that reports are written in: the first byte says which.
#![no_main]

use nianbao_core::checks::{self, Context};
use nianbao_core::input::{Format, Manuscript};
use nianbao_core::report::{HeadingLayout, Report};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let format = Format::ALL[usize::from(*first) % Format::ALL.len()];
    let Ok(manuscript) = Manuscript::parse(rest, format) else { return };
    let _ = manuscript.tree();
    let _ = manuscript.unfinished();
    if let Ok(read) = manuscript.read::<Report>() {
        let context = Context {
            undrawable: &|_, _| vec![],
            headings: HeadingLayout::default(),
            last_year: None,
            plan: None,
            settings: &checks::Settings::default(),
        };
        manuscript.located(checks::check(&read.value.into(), &context));
    }
});
