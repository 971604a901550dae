//! Logs: one JSON object per line, on stderr.

use std::error::Error;
use std::fmt;

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry};

use crate::settings::LogLevel;
use crate::traces::Traces;

/// Starts logging: events that are at least as severe as `level`, and panics. Spans go to `traces`, if there are any.
pub fn start(level: LogLevel, traces: Option<&Traces>) {
    match traces {
        None => tracing_subscriber::fmt()
            .with_max_level(filter(level))
            .with_writer(std::io::stderr)
            .event_format(JsonLines)
            .init(),
        Some(traces) => {
            let lines = tracing_subscriber::fmt::layer()
                .with_writer(std::io::stderr)
                .event_format(JsonLines)
                .with_filter(filter(level));
            Registry::default().with(lines).with(traces.layer()).init();
        }
    }
    std::panic::set_hook(Box::new(|panic| tracing::error!(cause = %panic, "panicked")));
}

struct JsonLines;

#[derive(Serialize)]
struct Line {
    time: String,
    level: String,
    message: String,
    #[serde(flatten)]
    fields: Fields,
}

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut visitor = Visitor::default();
        event.record(&mut visitor);
        let line = Line {
            time: format!("{:.6}", Timestamp::now()),
            level: named(*event.metadata().level()).to_string(),
            message: visitor.message,
            fields: visitor.fields,
        };
        writeln!(writer, "{}", serde_json::to_string(&line).map_err(|_| fmt::Error)?)
    }
}

fn filter(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Warning => LevelFilter::WARN,
        LogLevel::Error => LevelFilter::ERROR,
    }
}

fn named(level: Level) -> LogLevel {
    match level {
        Level::ERROR => LogLevel::Error,
        Level::WARN => LogLevel::Warning,
        Level::INFO => LogLevel::Info,
        Level::DEBUG | Level::TRACE => LogLevel::Debug,
    }
}

#[derive(Default)]
struct Visitor {
    message: String,
    fields: Fields,
}

#[derive(Default)]
struct Fields(Vec<(&'static str, Value)>);

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl Visitor {
    fn add(&mut self, field: &Field, value: impl Into<Value>) {
        self.fields.0.push((field.name(), value.into()));
    }
}

impl Visit for Visitor {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let value = format!("{value:?}");
        if field.name() == "message" {
            self.message = value;
        } else {
            self.add(field, value);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.add(field, crate::errors::chain(value));
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Read;
    use std::sync::Mutex;

    use super::*;

    /// What is logged while something runs.
    pub fn logged(level: LogLevel, work: impl FnOnce()) -> String {
        let (mut read, written) = std::io::pipe().unwrap();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(filter(level))
            .with_writer(Mutex::new(written))
            .event_format(JsonLines)
            .finish();
        tracing::subscriber::with_default(subscriber, work);
        let mut log = String::new();
        read.read_to_string(&mut log).unwrap();
        log
    }

    #[test]
    fn an_event_is_one_line_of_json() {
        let log = logged(LogLevel::Debug, || {
            tracing::warn!(cause = "two\nlines", count = 2, share = 0.5, set = true, "\"odd\"");
        });
        assert!(log.starts_with("{\"time\":\"") && log.ends_with("}\n"), "{log}");
        assert_eq!(log.lines().count(), 1, "{log}");
        let line: Value = serde_json::from_str(&log).unwrap();
        assert_eq!(line["level"], "warning");
        assert_eq!(line["message"], "\"odd\"");
        assert_eq!(line["cause"], "two\nlines");
        assert_eq!((&line["count"], &line["share"]), (&2.into(), &0.5.into()));
        assert_eq!(line["set"], true);
        line["time"].as_str().unwrap().parse::<Timestamp>().unwrap();
    }

    #[test]
    fn less_severe_events_are_left_out() {
        let log = logged(LogLevel::Error, || {
            tracing::warn!("not this");
            tracing::error!("this");
        });
        assert!(log.contains("\"this\"") && !log.contains("not this"), "{log}");
    }
}
