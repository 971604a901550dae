//! The settings, from environment variables.

use std::ffi::OsString;
use std::fmt;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::Host;

use crate::environment::{BadSetting, Environment, bad, choice};
#[cfg(feature = "sqlx")]
use crate::sqlx_options::SqlxOptions;
use crate::tls::Tls;
use crate::upstream::{ClientStrategy, Target};

choice! {
    /// What speaks to the database, with a pool of its own.
    Driver {
        /// Tokio-postgres, with bb8.
        TokioPostgres = "tokio-postgres",
        /// Sqlx.
        Sqlx = "sqlx",
    }
}

choice! {
    /// Where a request's connection comes from.
    Connections {
        /// From a pool, which keeps connections.
        Pooled = "pooled",
        /// Opened for the request, closed after it.
        PerRequest = "per-request",
    }
}

choice! {
    /// How often a statement is prepared.
    Statements {
        /// Once on each connection.
        Cached = "cached",
        /// Every time it is used.
        Each = "each",
    }
}

choice! {
    /// How a document is read.
    Plan {
        /// One query for each table, one after the other.
        Sequential = "sequential",
        /// A single statement for the whole document.
        Single = "single",
    }
}

choice! {
    /// Which recipe is answered.
    Lookup {
        /// The one that was asked for.
        ById = "by-id",
        /// Any recipe of the user, as in the article's services.
        Random = "random",
    }
}

choice! {
    /// How rows become JSON.
    Serializer {
        /// Serde encodes Rust values.
        Serde = "serde",
        /// Rowjson turns the bytes that Postgres sends into JSON, as declared shapes say.
        Rowjson = "rowjson",
    }
}

choice! {
    /// Who is told what the service does.
    Metrics {
        /// Nobody.
        Off = "false",
        /// Whoever asks for `/metrics`.
        Scraped = "true",
        /// A collector, too.
        Sent = "otlp",
    }
}

choice! {
    /// How severe an event is.
    LogLevel {
        /// For finding a fault.
        Debug = "debug",
        /// The normal course of events.
        Info = "info",
        /// Something that somebody should look at.
        Warning = "warning",
        /// A request that could not be answered.
        Error = "error",
    }
}

/// The default first.
#[cfg(not(feature = "sqlx"))]
const DRIVERS: [Driver; 1] = [Driver::TokioPostgres];
#[cfg(feature = "sqlx")]
const DRIVERS: [Driver; 2] = [Driver::TokioPostgres, Driver::Sqlx];

/// All settings.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a variable, and independent of the others"
)]
pub struct Settings {
    /// Address or name to listen on.
    pub host: String,
    /// Port to listen on; 0 means any free one.
    pub port: u16,
    /// The database to connect to.
    pub database: Config,
    /// The same for sqlx.
    #[cfg(feature = "sqlx")]
    pub(crate) sqlx_options: SqlxOptions,
    /// How connections to it are encrypted, if at all.
    pub(crate) tls: Option<Tls>,
    /// Threads that serve requests.
    pub workers: usize,
    /// The most database connections at a time.
    pub pool_size: u32,
    /// How many requests may wait for a connection at a time.
    pub queue_size: usize,
    /// The longest that a request waits for a connection.
    pub pool_timeout: Duration,
    /// Whether a pooled connection is pinged before every use.
    pub pool_ping: bool,
    /// What speaks to the database.
    pub driver: Driver,
    /// Where a request's connection comes from.
    pub connections: Connections,
    /// How often a statement is prepared.
    pub statements: Statements,
    /// How a document is read.
    pub plan: Plan,
    /// Which recipe is answered. Only the sequential plan can answer a random one.
    pub lookup: Lookup,
    /// Whether a request's first statement sets the time zone. Only for the sequential plan.
    pub set_time_zone: bool,
    /// How rows become JSON.
    pub serializer: Serializer,
    /// The service that this one calls.
    pub(crate) upstream: Option<Target>,
    /// How long an HTTP client for the upstream lives.
    pub(crate) client: ClientStrategy,
    /// Who is told what the service does.
    pub metrics: Metrics,
    /// Whether spans are sent.
    pub traces: bool,
    /// Where spans and metrics are sent to, if they are: `http://host:port`.
    pub collector: Option<String>,
    /// Whether each request is logged.
    pub access_log: bool,
    /// The least severe events that are logged.
    pub log_level: LogLevel,
}

impl Settings {
    /// Reads the settings. `variable` returns an environment variable's value.
    ///
    /// # Errors
    ///
    /// The first variable that is missing or bad.
    pub fn read(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, BadSetting> {
        let environment = Environment(variable);
        let (database, tls) = environment.database("DATABASE_URL")?;
        let plan = environment.choice("PLAN", [Plan::Single, Plan::Sequential])?;
        let lookup = environment.choice("LOOKUP", [Lookup::ById, Lookup::Random])?;
        let set_time_zone = environment.choice("SET_TIME_ZONE", [false, true])?;
        if plan == Plan::Single {
            if lookup == Lookup::Random {
                return Err(bad("LOOKUP", "random", "by-id with PLAN=single"));
            }
            if set_time_zone {
                return Err(bad("SET_TIME_ZONE", "true", "false with PLAN=single"));
            }
        }
        // A knob of the Starlette service: this pool cannot reset connections at release.
        environment.choice("POOL_RESET", [false])?;
        // Knobs of the Python services.
        environment.choice("HTTP_CLIENT", ["reqwest"])?;
        let metrics =
            environment.choice("METRICS", [Metrics::Off, Metrics::Scraped, Metrics::Sent])?;
        let traces = environment.choice("TRACES", [false, true])?;
        let sending = match (metrics, traces) {
            (Metrics::Sent, _) => Some(r#"METRICS="otlp""#),
            (_, true) => Some(r#"TRACES="true""#),
            _ => None,
        };
        let settings = Self {
            host: environment.text("HOST", "127.0.0.1")?,
            port: environment.whole_number("PORT", 0..=u16::MAX, 8000)?,
            database,
            #[cfg(feature = "sqlx")]
            sqlx_options: SqlxOptions::read(&environment, tls.is_some())?,
            tls,
            workers: environment.whole_number("WORKERS", 1..=256, 2)?,
            pool_size: environment.whole_number("POOL_SIZE", 1..=10_000, 20)?,
            queue_size: environment.whole_number("QUEUE_SIZE", 1..=10_000, 100)?,
            pool_timeout: environment.seconds("POOL_TIMEOUT_SECONDS", 2.0)?,
            pool_ping: environment.choice("POOL_PING", [false, true])?,
            driver: environment.choice("DRIVER", DRIVERS)?,
            connections: environment
                .choice("CONNECTIONS", [Connections::Pooled, Connections::PerRequest])?,
            statements: environment.choice("STATEMENTS", [Statements::Cached, Statements::Each])?,
            plan,
            lookup,
            set_time_zone,
            serializer: environment
                .choice("SERIALIZER", [Serializer::Serde, Serializer::Rowjson])?,
            upstream: Target::read(&environment)?,
            client: environment
                .choice("CLIENT", [ClientStrategy::Shared, ClientStrategy::PerCall])?,
            metrics,
            traces,
            collector: environment.collector(sending)?,
            access_log: environment.choice("ACCESS_LOG", [false, true])?,
            log_level: environment.choice(
                "LOG_LEVEL",
                [LogLevel::Info, LogLevel::Debug, LogLevel::Warning, LogLevel::Error],
            )?,
        };
        settings.driver_has_these_knobs()?;
        Ok(settings)
    }

    /// The database's address and name.
    pub(crate) fn database_place(&self) -> String {
        let hosts: Vec<_> = self
            .database
            .get_hosts()
            .iter()
            .map(|host| match host {
                Host::Tcp(name) => name.clone(),
                Host::Unix(folder) => folder.display().to_string(),
            })
            .collect();
        let ports: Vec<_> = self.database.get_ports().iter().map(u16::to_string).collect();
        let ports = if ports.is_empty() { "5432".to_owned() } else { ports.join(",") };
        let name = self.database.get_dbname().unwrap_or_default();
        format!("{}:{ports}/{name}", hosts.join(","))
    }

    /// Whether there is `/metrics`.
    pub(crate) fn is_measured(&self) -> bool {
        self.metrics != Metrics::Off
    }

    /// Whether a collector gets the metrics.
    pub(crate) fn sends_metrics(&self) -> bool {
        self.metrics == Metrics::Sent
    }

    fn driver_has_these_knobs(&self) -> Result<(), BadSetting> {
        let Self { driver, connections, statements, plan, serializer, .. } = self;
        if *driver == Driver::TokioPostgres {
            return Ok(());
        }
        let only = |variable, given: &dyn fmt::Display, only: &str| {
            let given = given.to_string();
            if given == only {
                Ok(())
            } else {
                Err(bad(variable, &given, format!("{only} with DRIVER={driver}")))
            }
        };
        only("CONNECTIONS", connections, "pooled")?;
        only("STATEMENTS", statements, "cached")?;
        only("PLAN", plan, "single")?;
        only("SERIALIZER", serializer, "serde")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "postgresql://me:secret@db.test:6432/showdown";

    /// The settings where these variables are set, and `DATABASE_URL`, too.
    fn read(variables: &[(&str, &str)]) -> Result<Settings, String> {
        let variable = |name: &str| {
            let set = variables.iter().chain(&[("DATABASE_URL", URL)]);
            set.copied().find_map(|(known, value)| (known == name).then(|| value.into()))
        };
        Settings::read(variable).map_err(|bad| bad.to_string())
    }

    #[test]
    fn only_the_database_must_be_given() {
        let settings = read(&[]).unwrap();
        assert_eq!((settings.host.as_str(), settings.port), ("127.0.0.1", 8000));
        assert_eq!((settings.workers, settings.pool_size), (2, 20));
        assert_eq!((settings.queue_size, settings.pool_timeout), (100, Duration::from_secs(2)));
        assert!(!settings.pool_ping);
        assert_eq!(settings.driver, Driver::TokioPostgres);
        assert_eq!(settings.connections, Connections::Pooled);
        assert_eq!(settings.statements, Statements::Cached);
        assert_eq!(settings.plan, Plan::Single);
        assert_eq!(settings.lookup, Lookup::ById);
        assert!(!settings.set_time_zone && !settings.access_log);
        assert_eq!(settings.serializer, Serializer::Serde);
        assert_eq!(settings.log_level, LogLevel::Info);
        assert!(settings.upstream.is_none());
        assert_eq!((settings.metrics, settings.traces), (Metrics::Off, false));
        assert_eq!(settings.collector, None);
        assert_eq!(settings.client, ClientStrategy::Shared);
        assert_eq!(settings.database_place(), "db.test:6432/showdown");
    }

    #[test]
    fn every_variable_is_read() {
        let settings = read(&[
            ("HOST", "::1"),
            ("PORT", "0"),
            ("WORKERS", "1"),
            ("POOL_SIZE", "5"),
            ("QUEUE_SIZE", "10"),
            ("POOL_TIMEOUT_SECONDS", "0.25"),
            ("POOL_PING", "true"),
            ("CONNECTIONS", "per-request"),
            ("STATEMENTS", "each"),
            ("PLAN", "sequential"),
            ("LOOKUP", "random"),
            ("SET_TIME_ZONE", "true"),
            ("SERIALIZER", "rowjson"),
            ("UPSTREAM_URL", "https://[::1]:8443"),
            ("UPSTREAM_DEADLINE_MS", "500"),
            ("CLIENT", "per-call"),
            ("HTTP_CLIENT", "reqwest"),
            ("HTTP2", "true"),
            ("METRICS", "otlp"),
            ("TRACES", "true"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://[::1]:4318"),
            ("ACCESS_LOG", "true"),
            ("LOG_LEVEL", "warning"),
        ])
        .unwrap();
        assert_eq!((settings.host.as_str(), settings.port), ("::1", 0));
        assert_eq!((settings.workers, settings.pool_size), (1, 5));
        assert_eq!((settings.queue_size, settings.pool_timeout), (10, Duration::from_millis(250)));
        assert!(settings.pool_ping);
        assert_eq!(settings.connections, Connections::PerRequest);
        assert_eq!(settings.statements, Statements::Each);
        assert_eq!(settings.plan, Plan::Sequential);
        assert_eq!(settings.lookup, Lookup::Random);
        assert!(settings.set_time_zone && settings.access_log);
        assert_eq!(settings.serializer, Serializer::Rowjson);
        assert_eq!(settings.log_level, LogLevel::Warning);
        let upstream = settings.upstream.unwrap();
        assert_eq!((upstream.url.as_str(), upstream.http2), ("https://[::1]:8443", true));
        assert_eq!(upstream.deadline, Duration::from_millis(500));
        assert_eq!(settings.client, ClientStrategy::PerCall);
        assert_eq!((settings.metrics, settings.traces), (Metrics::Sent, true));
        assert_eq!(settings.collector.as_deref(), Some("http://[::1]:4318"));
    }

    #[cfg(feature = "sqlx")]
    #[test]
    fn sqlx_has_some_of_the_knobs() {
        let settings = read(&[("DRIVER", "sqlx"), ("POOL_PING", "true")]).unwrap();
        assert_eq!((settings.driver, settings.pool_ping), (Driver::Sqlx, true));
        for (variable, value, complaint) in [
            ("CONNECTIONS", "per-request", "pooled with DRIVER=sqlx"),
            ("STATEMENTS", "each", "cached with DRIVER=sqlx"),
            ("PLAN", "sequential", "single with DRIVER=sqlx"),
            ("SERIALIZER", "rowjson", "serde with DRIVER=sqlx"),
        ] {
            let bad = read(&[("DRIVER", "sqlx"), (variable, value)]).unwrap_err();
            assert_eq!(bad, format!("{variable}={value:?} must be {complaint}"));
        }
    }

    #[test]
    fn the_url_of_the_database_is_not_shown() {
        assert!(!format!("{:?}", read(&[]).unwrap()).contains("secret"));
    }

    #[test]
    fn a_bad_value_is_told_with_what_is_allowed() {
        for (variable, value, complaint) in [
            ("HOST", "", r#"HOST="" must be an address or a host name"#),
            ("PORT", "65536", r#"PORT="65536" must be a whole number from 0 to 65535"#),
            ("PORT", "+80", r#"PORT="+80" must be a whole number from 0 to 65535"#),
            ("WORKERS", "0", r#"WORKERS="0" must be a whole number from 1 to 256"#),
            ("POOL_SIZE", "many", r#"POOL_SIZE="many" must be a whole number from 1 to 10000"#),
            ("QUEUE_SIZE", "0", r#"QUEUE_SIZE="0" must be a whole number from 1 to 10000"#),
            ("POOL_PING", "yes", r#"POOL_PING="yes" must be false or true"#),
            ("POOL_RESET", "yes", r#"POOL_RESET="yes" must be false"#),
            ("POOL_RESET", "true", r#"POOL_RESET="true" must be false"#),
            (
                "DRIVER",
                "asyncpg",
                &format!(
                    r#"DRIVER="asyncpg" must be {}"#,
                    DRIVERS.map(|one| one.to_string()).join(" or ")
                ),
            ),
            ("CONNECTIONS", "Pooled", r#"CONNECTIONS="Pooled" must be pooled or per-request"#),
            ("STATEMENTS", "", r#"STATEMENTS="" must be cached or each"#),
            ("PLAN", "both", r#"PLAN="both" must be single or sequential"#),
            ("LOOKUP", "first", r#"LOOKUP="first" must be by-id or random"#),
            ("LOOKUP", "random", r#"LOOKUP="random" must be by-id with PLAN=single"#),
            ("SET_TIME_ZONE", "UTC", r#"SET_TIME_ZONE="UTC" must be false or true"#),
            ("SET_TIME_ZONE", "true", r#"SET_TIME_ZONE="true" must be false with PLAN=single"#),
            ("ACCESS_LOG", "1", r#"ACCESS_LOG="1" must be false or true"#),
            ("SERIALIZER", "orjson", r#"SERIALIZER="orjson" must be serde or rowjson"#),
            (
                "UPSTREAM_URL",
                "http://a:1",
                r#"UPSTREAM_URL="http://a:1" must be https://host:port"#,
            ),
            ("UPSTREAM_CA", "", r#"UPSTREAM_CA="" must be a file"#),
            (
                "UPSTREAM_DEADLINE_MS",
                "0",
                r#"UPSTREAM_DEADLINE_MS="0" must be a whole number from 1 to 9000"#,
            ),
            ("CLIENT", "leaky", r#"CLIENT="leaky" must be shared or per-call"#),
            ("HTTP_CLIENT", "httpx", r#"HTTP_CLIENT="httpx" must be reqwest"#),
            ("HTTP2", "2", r#"HTTP2="2" must be false or true"#),
            ("METRICS", "1", r#"METRICS="1" must be false or true or otlp"#),
            (
                "METRICS",
                "otlp",
                r#"OTEL_EXPORTER_OTLP_ENDPOINT is missing: METRICS="otlp" needs a collector"#,
            ),
            (
                "TRACES",
                "true",
                r#"OTEL_EXPORTER_OTLP_ENDPOINT is missing: TRACES="true" needs a collector"#,
            ),
            (
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                "localhost:4318",
                r#"OTEL_EXPORTER_OTLP_ENDPOINT="localhost:4318" must be http://host:port"#,
            ),
            ("LOG_LEVEL", "loud", r#"LOG_LEVEL="loud" must be info or debug or warning or error"#),
        ] {
            assert_eq!(read(&[(variable, value)]).unwrap_err(), complaint);
        }
    }

    #[test]
    fn a_time_limit_is_a_number_above_zero() {
        for value in ["0", "-1", "61", "nan", "inf", "2s", ""] {
            let complaint = format!(
                "POOL_TIMEOUT_SECONDS={value:?} must be a number of seconds from 0.001 to 60"
            );
            assert_eq!(read(&[("POOL_TIMEOUT_SECONDS", value)]).unwrap_err(), complaint);
        }
    }

    #[test]
    fn a_bad_database_is_told_without_its_password() {
        let missing = Settings::read(|_| None).unwrap_err().to_string();
        assert!(missing.starts_with("DATABASE_URL is missing, it must be"), "{missing}");
        for url in [
            "",
            "secret",
            "mysql://me:secret@db.test/showdown",
            "postgresql://me:secret@db.test:port/showdown",
            "postgresql://me:secret@db.test:5x/showdown",
            "postgresql://me:secret@db.test:1,other.test:5x/showdown",
            "postgresql://me:open@secret@db.test/showdown",
            "postgresql://me:open/secret",
            "postgresql://me:secret@/showdown",
            "postgresql://me:secret@db.test/",
            "postgresql://me:secret@db.test/showdown?sslmode=require",
            "host=db.test user=me password=secret dbname=showdown sslmode=require",
        ] {
            let complaint = read(&[("DATABASE_URL", url)]).unwrap_err();
            assert!(complaint.starts_with("DATABASE_URL"), "{complaint}");
            assert!(!complaint.contains("secret"), "{complaint}");
        }
    }

    #[test]
    fn the_services_accept_and_refuse_the_same_values() {
        #[derive(serde::Deserialize)]
        struct Case {
            set: std::collections::HashMap<String, String>,
            ok: bool,
        }
        let file = include_str!("../../contract/settings.toml");
        let mut cases: std::collections::HashMap<String, Vec<Case>> = toml::from_str(file).unwrap();
        for Case { set, ok } in cases.remove("case").unwrap() {
            let variables: Vec<_> = set.iter().map(|(name, value)| (&**name, &**value)).collect();
            assert_eq!(read(&variables).is_ok(), ok, "{set:?}");
        }
    }

    #[test]
    fn a_value_that_is_no_text_is_refused() {
        use std::os::unix::ffi::OsStringExt;
        let bad = Settings::read(|_| Some(OsString::from_vec(vec![0xff]))).unwrap_err();
        assert!(bad.to_string().contains("UTF-8"), "{bad}");
    }
}
