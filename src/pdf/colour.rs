//! Functions of colours (ISO 32000-1, 7.10), of which a few bytes can ask for a great deal of work.

use super::Refused;
use super::file::File;
use super::object::{Dict, Object};

/// How many values a function may take, where it is stated by samples: each doubles the work.
const MAX_INPUTS: usize = 6;

/// How many samples there may be.
const MAX_SAMPLES: u64 = 1 << 18;

/// The longest program, in bytes, and how deep its parts may stand in one another.
const MAX_PROGRAM: usize = 16 << 10;
const MAX_NESTING: usize = 16;

/// What a function costs.
pub struct Cost {
    /// The bytes that it takes besides its own.
    pub built: u64,
    /// The steps to work it out once.
    pub worked_out: u64,
}

/// Refuses a function that would take too long; `data` is its stream, if it has one.
pub fn check_function(file: &File, dict: &Dict, data: &[u8]) -> Result<Cost, Refused> {
    let length = |name: &str| -> Result<usize, Refused> {
        Ok(file.get(dict, name)?.array().map_or(0, <[Object]>::len))
    };
    match file.get(dict, "FunctionType")?.whole() {
        Some(0) => {
            let inputs = length("Size")?;
            let outputs = length("Range")? as u64 / 2;
            let bits = file.get(dict, "BitsPerSample")?.whole().unwrap_or(8).max(1);
            let samples = data.len() as u64 * 8 / bits;
            if inputs > MAX_INPUTS || samples > MAX_SAMPLES {
                return Err(Refused::TooMuch);
            }
            Ok(Cost { built: samples * 64, worked_out: (16 + outputs) << inputs })
        }
        Some(4) => {
            let mut depth = 0usize;
            for byte in data {
                match byte {
                    b'{' => depth += 1,
                    b'}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                if depth > MAX_NESTING {
                    return Err(Refused::TooMuch);
                }
            }
            if data.len() > MAX_PROGRAM {
                return Err(Refused::TooMuch);
            }
            Ok(Cost { built: data.len() as u64 * 8, worked_out: data.len() as u64 / 2 })
        }
        _ => {
            let parts = length("Functions")?.max(length("C0")?).max(length("Domain")?) as u64;
            Ok(Cost { built: 0, worked_out: parts })
        }
    }
}
