//! Starts the upstream with the settings of the environment: `upstream CERTIFICATE KEY`, two files in PEM.

use std::env;
use std::process::ExitCode;
use std::time::Duration;

use tokio::runtime::Builder;
use upstream::server::{self, Options};
use upstream::settings::Settings;

const BAD_SETTING: u8 = 2;
/// How long a connection without a request is kept, unless `IDLE_SECONDS` says otherwise: as long as nginx does.
const IDLE: &str = "75";

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(wrong) => {
            eprintln!("upstream: {wrong}");
            return ExitCode::from(BAD_SETTING);
        }
    };
    // One thread, as haproxy has, does more than any client asks of it: README.md has figures.
    let runtime = Builder::new_current_thread().enable_all().build();
    match runtime.and_then(|runtime| runtime.block_on(server::run(&options))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("upstream: {error}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<Options, String> {
    let mut arguments = env::args_os().skip(1);
    let (Some(chain), Some(key), None) = (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err(
            "say the files of the certificate and of its key: upstream CERTIFICATE KEY".into()
        );
    };
    let settings = variable("SETTINGS", "{}")?;
    Ok(Options {
        chain: chain.into(),
        key: key.into(),
        port: number("PORT", "0")?,
        admin_port: number("ADMIN_PORT", "0")?,
        admin_token: Some(variable("ADMIN_TOKEN", "")?).filter(|token| !token.is_empty()),
        idle: Duration::from_secs(number::<u16>("IDLE_SECONDS", IDLE)?.max(1).into()),
        settings: Settings::read(settings.as_bytes())
            .map_err(|wrong| format!("SETTINGS: {wrong}"))?,
    })
}

fn number<T: std::str::FromStr<Err: std::fmt::Display>>(
    name: &str,
    default: &str,
) -> Result<T, String> {
    let value = variable(name, default)?;
    value.parse().map_err(|error| format!("{name}={value}: {error}"))
}

fn variable(name: &str, default: &str) -> Result<String, String> {
    match env::var(name) {
        Ok(value) => Ok(value),
        Err(env::VarError::NotPresent) => Ok(default.to_owned()),
        Err(error) => Err(format!("{name}: {error}")),
    }
}
