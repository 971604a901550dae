//! The whole program.

use std::env;
use std::process::ExitCode;

use tokio::runtime::Builder;

use crate::settings::Settings;
use crate::traces::Traces;
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
    let traces = match settings.collector.as_deref().map(Traces::start).transpose() {
        Ok(traces) => traces,
        Err(error) => {
            eprintln!("spans cannot be sent: {error}");
            return ExitCode::FAILURE;
        }
    };
    logs::start(settings.log_level, traces.as_ref());
    let runtime = Builder::new_multi_thread().worker_threads(settings.workers).enable_all().build();
    let served = runtime.and_then(|runtime| runtime.block_on(server::run(&settings)));
    if let Some(traces) = &traces {
        traces.close();
    }
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let Settings { host, port, .. } = &settings;
            tracing::error!(%host, port, cause = %error, "cannot listen");
            ExitCode::FAILURE
        }
    }
}
