//! Starts the link with the settings of a file: `link SETTINGS`.

use std::env;
use std::path::Path;
use std::process::ExitCode;

use link::server;
use link::settings::Options;
use tokio::runtime::Builder;

const BAD_SETTING: u8 = 2;

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(wrong) => {
            eprintln!("link: {wrong}");
            return ExitCode::from(BAD_SETTING);
        }
    };
    // One thread does more round trips than two cores of services ask for: README.md has figures.
    let runtime = Builder::new_current_thread().enable_all().build();
    match runtime.and_then(|runtime| runtime.block_on(server::run(options))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("link: {error}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<Options, String> {
    let mut arguments = env::args_os().skip(1);
    let (Some(file), None) = (arguments.next(), arguments.next()) else {
        return Err("say the file of its settings: link SETTINGS".into());
    };
    let token = match env::var("ADMIN_TOKEN") {
        Ok(token) => Some(token).filter(|token| !token.is_empty()),
        Err(env::VarError::NotPresent) => None,
        Err(error) => return Err(format!("ADMIN_TOKEN: {error}")),
    };
    Options::read(Path::new(&file), token)
}
