//! The service.

use std::process::ExitCode;

fn main() -> ExitCode {
    rust_service::program::main()
}
