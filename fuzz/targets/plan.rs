//! A plan of work.
#![no_main]

use nianbao_core::input::{self, Format};
use nianbao_core::report::WorkPlan;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let _ = input::read::<WorkPlan>(rest, Format::ALL[usize::from(*first) % Format::ALL.len()]);
});
