//! The whole program.

use std::env;
use std::process::ExitCode;

use tokio::runtime::Builder;

use crate::sending::Sending;
use crate::settings::Settings;
use crate::{logs, server};

const BAD_SETTING: u8 = 2;

/// Starts the service with the settings of the environment, and serves until it is told to stop.
#[must_use]
pub fn main() -> ExitCode {
    let settings = match Settings::read(|variable| env::var_os(variable)) {
        Ok(settings) => settings,
        Err(bad) => {
            eprintln!("bad settings: {bad}");
            return ExitCode::from(BAD_SETTING);
        }
    };
    let sending = match Sending::start(&settings) {
        Ok(sending) => sending,
        Err(error) => {
            eprintln!("nothing can be sent to a collector: {error}");
            return ExitCode::FAILURE;
        }
    };
    logs::start(settings.log_level, sending.traces.as_ref());
    let runtime = Builder::new_multi_thread().worker_threads(settings.workers).enable_all().build();
    let served = runtime.and_then(|runtime| runtime.block_on(server::run(&settings)));
    sending.close();
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let Settings { host, port, .. } = &settings;
            tracing::error!(%host, port, cause = %error, "cannot listen");
            ExitCode::FAILURE
        }
    }
}
