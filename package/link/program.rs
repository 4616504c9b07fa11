//! The program as packages have it, linked by `package/link.sh`. A target of its own, so that it is not mistaken for the
//! program of this machine; and one of the tests', so that what it is linked of is what theirs was.

use std::process::ExitCode;

#[path = "../../src/main.rs"]
mod program;

fn main() -> ExitCode {
    program::main()
}
