//! The program, as a process.

use std::process::{Output, Stdio};

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};

pub fn program(variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rust_service"));
    command.env_clear().envs(variables.iter().copied()).kill_on_drop(true).stderr(Stdio::piped());
    command
}

pub async fn output(variables: &[(&str, &str)]) -> Output {
    program(variables).output().await.unwrap()
}

/// A program that serves.
pub struct Running {
    pub child: Child,
    pub log: Lines<BufReader<ChildStderr>>,
    pub address: String,
}

impl Running {
    pub async fn start(database_url: &str) -> Self {
        let variables = [
            ("PORT", "0"),
            ("DATABASE_URL", database_url),
            ("POOL_SIZE", "4"),
            // Connecting takes a while if many tests do so on few processors.
            ("POOL_TIMEOUT_SECONDS", "15"),
        ];
        Self::of(program(&variables)).await
    }

    /// Starts a command that becomes the program, or is it.
    pub async fn of(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let started = line(&mut log).await;
        assert_eq!(started["message"], "started");
        let address = started["address"].as_str().unwrap().to_owned();
        Self { child, log, address }
    }

    pub fn signal(&self, signal: &str) {
        let id = self.child.id().unwrap().to_string();
        let kill = std::process::Command::new("kill").args(["-s", signal, &id]).status().unwrap();
        assert!(kill.success());
    }
}

/// Reads up to a line with this message. On a busy machine warnings may come before it.
pub async fn await_message(log: &mut Lines<BufReader<ChildStderr>>, message: &str) {
    while line(log).await["message"] != message {}
}

async fn line(log: &mut Lines<BufReader<ChildStderr>>) -> serde_json::Value {
    serde_json::from_str(&log.next_line().await.unwrap().expect("a line in the log")).unwrap()
}
