//! The program: hands its arguments to the command line of the library.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Typst makes and drops millions of small values; with this allocator a batch takes less time than with
/// the platform's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Of which source it was built is told by `NIANBAO_COMMIT`; here, so that another commit compiles no more than this.
pub(crate) fn main() -> ExitCode {
    nianbao::cli::run(std::env::args_os(), option_env!("NIANBAO_COMMIT"))
}
