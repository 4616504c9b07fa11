//! JSON Lines: a report a line.

use std::io::{self, BufRead, BufReader, Read};

use super::{DocumentForm, MAX_UNITS, Plain};
use crate::input::{self, Format};

/// Takes the lines apart that say something, of a file that is called so among others. Of one that is too long no more
/// is held than may be, nor of more lines than a batch may have units.
pub(super) fn unpack(name: &str, file: impl Read, plain: &mut Plain) -> io::Result<()> {
    let mut lines = BufReader::new(file);
    let mut line = Vec::new();
    for number in 1usize.. {
        line.clear();
        let longest = input::MAX_BYTES as u64 + 1;
        if lines.by_ref().take(longest).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if !line.ends_with(b"\n") {
            lines.skip_until(b'\n')?;
        }
        if !line.iter().all(u8::is_ascii_whitespace) {
            let form = DocumentForm::Contract(Format::Json);
            let source = format!("{name} 第{number}行").trim_start().to_owned();
            plain.add(source, form, &mut line.as_slice())?;
        }
        if plain.listing.reports.len() > MAX_UNITS {
            break;
        }
    }
    Ok(())
}
