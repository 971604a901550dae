//! The service with sqlx.

use std::process::ExitCode;

fn main() -> ExitCode {
    rust_service::program::main()
}
