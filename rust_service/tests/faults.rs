//! What clients see while the database is busy, silent or away, and afterwards.

mod support;

use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use support::{
    BUSY, Holdup, INTERNAL, assert_unavailable, connect, database_address, database_url_at,
    database_url_with, get_recipe, get_recipes, post_note, service,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

#[cfg(not(feature = "sqlx"))]
const DRIVERS: [&str; 1] = ["tokio-postgres"];
#[cfg(feature = "sqlx")]
const DRIVERS: [&str; 2] = ["tokio-postgres", "sqlx"];

#[tokio::test]
async fn requests_do_not_wait_for_a_connection_for_long() {
    for connections in ["pooled", "per-request"] {
        let name = format!("exhausted-{connections}");
        let url = database_url_with(&format!("application_name={name}"));
        let service = service(&[
            ("CONNECTIONS", connections),
            ("DATABASE_URL", &url),
            ("POOL_SIZE", "1"),
            ("POOL_TIMEOUT_SECONDS", "2"),
        ]);
        let holdup = Holdup::start().await;
        let mut posting = tokio::spawn({
            let service = service.clone();
            async move { post_note(&service).await }
        });
        tokio::select! {
            () = holdup.holds(&name) => {}
            early = &mut posting => panic!("not held up: {early:?}"),
        }
        assert_unavailable(&get_recipe(&service).await);
        drop(holdup);
        assert_eq!(posting.await.unwrap().status(), 201);
        assert_eq!(get_recipe(&service).await.status(), 200);
    }
}

#[tokio::test]
async fn whoever_finds_the_queue_full_is_refused_at_once() {
    for driver in DRIVERS {
        let name = format!("queue-{driver}");
        let url = database_url_with(&format!("application_name={name}"));
        let service = service(&[
            ("DRIVER", driver),
            ("DATABASE_URL", &url),
            ("POOL_SIZE", "1"),
            ("QUEUE_SIZE", "1"),
        ]);
        let holdup = Holdup::start().await;
        let posting = tokio::spawn({
            let service = service.clone();
            async move { post_note(&service).await }
        });
        holdup.holds(&name).await;
        let mut waiting = pin!(get_recipe(&service));
        assert!(timeout(Duration::from_millis(10), &mut waiting).await.is_err());

        let refused = get_recipe(&service).await;
        assert_eq!((refused.status().as_u16(), &refused.body()[..]), (503, BUSY.as_bytes()));
        assert_eq!(refused.headers()["retry-after"], "1");

        drop(holdup);
        assert_eq!(waiting.await.status(), 200, "{driver}");
        assert_eq!(posting.await.unwrap().status(), 201);
    }
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_given_up() {
    let url = database_url_with("options=-cstatement_timeout%3D50");
    for driver in DRIVERS {
        let service = service(&[("DATABASE_URL", &url), ("DRIVER", driver)]);
        let holdup = Holdup::start().await;
        assert_unavailable(&post_note(&service).await);
        drop(holdup);
        assert_eq!(get_recipe(&service).await.status(), 200);
    }
}

#[tokio::test]
async fn nobody_listens_where_the_database_should_be() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("postgresql://me@{}/none", listener.local_addr().unwrap());
    drop(listener);
    for knob in knobs_of_connections() {
        let service = service(&[knob, ("DATABASE_URL", &url), ("POOL_TIMEOUT_SECONDS", "0.1")]);
        assert_unavailable(&get_recipe(&service).await);
        assert_unavailable(&post_note(&service).await);
    }
}

#[tokio::test]
async fn the_database_takes_connections_but_says_nothing() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("postgresql://me@{}/none", listener.local_addr().unwrap());
    for knob in knobs_of_connections() {
        let service = service(&[knob, ("DATABASE_URL", &url), ("POOL_TIMEOUT_SECONDS", "0.1")]);
        assert_unavailable(&get_recipe(&service).await);
    }
}

/// Each way to get a connection.
fn knobs_of_connections() -> Vec<(&'static str, &'static str)> {
    let connections = ["pooled", "per-request"].map(|value| ("CONNECTIONS", value));
    let drivers = DRIVERS.map(|driver| ("DRIVER", driver));
    connections.into_iter().chain(drivers.into_iter().skip(1)).collect()
}

#[tokio::test]
async fn a_connection_that_falls_silent_costs_one_request() {
    let proxy = Proxy::start().await;
    let service = service(&[("DATABASE_URL", &proxy.url), ("POOL_SIZE", "1")]);
    assert_eq!(get_recipe(&service).await.status(), 200);

    proxy.state.send_replace(State::Silent);
    // The clock is paused: while everything waits for an answer, time jumps to the end of the wait.
    tokio::time::pause();
    assert_unavailable(&get_recipe(&service).await);
    tokio::time::resume();

    proxy.state.send_replace(State::Passing);
    assert_eq!(get_recipe(&service).await.status(), 200);
    assert!(proxy.connections() > 1, "the silent connection was used again");
}

#[cfg(feature = "sqlx")]
#[tokio::test]
async fn of_sqlx_too_a_silent_connection_costs_one_request() {
    let proxy = Proxy::start().await;
    let service = service(&[("DATABASE_URL", &proxy.url), ("POOL_SIZE", "1"), ("DRIVER", "sqlx")]);
    assert_eq!(get_recipe(&service).await.status(), 200);
    // Sqlx pings a connection when it is given back, for as long as it takes. This is no test of that.
    sleep(Duration::from_secs(2)).await;

    proxy.state.send_replace(State::Silent);
    assert_unavailable(&get_recipe(&service).await);

    proxy.state.send_replace(State::Passing);
    let recovered = async { while get_recipe(&service).await.status() != 200 {} };
    timeout(Duration::from_secs(30), recovered)
        .await
        .expect("the silent connection is used for ever");
}

#[tokio::test]
async fn a_check_that_is_not_answered_is_the_last_of_its_connection() {
    let proxy = Proxy::start().await;
    let service =
        service(&[("DATABASE_URL", &proxy.url), ("POOL_SIZE", "1"), ("POOL_PING", "true")]);
    assert_eq!(get_recipe(&service).await.status(), 200);

    proxy.state.send_replace(State::Silent);
    assert_unavailable(&get_recipe(&service).await);

    proxy.state.send_replace(State::Passing);
    let recovered = async { while get_recipe(&service).await.status() != 200 {} };
    timeout(Duration::from_secs(30), recovered)
        .await
        .expect("the silent connection is used for ever");
}

#[tokio::test]
async fn all_statements_of_a_request_share_its_time() {
    let proxy = Proxy::start().await;
    proxy.state.send_replace(State::Slow);
    let service =
        service(&[("DATABASE_URL", &proxy.url), ("POOL_SIZE", "1"), ("PLAN", "sequential")]);
    let start = Instant::now();
    assert_unavailable(&get_recipe(&service).await);
    assert!(start.elapsed() < Duration::from_secs(9), "{:?}", start.elapsed());
}

#[tokio::test]
async fn backends_that_end_under_load_make_the_database_unavailable() {
    let owner = connect().await;
    let plans = ["single", "sequential"].map(|plan| ("PLAN", plan));
    let drivers = DRIVERS.map(|driver| ("DRIVER", driver));
    for knob in plans.into_iter().chain(drivers.into_iter().skip(1)) {
        let name = format!("ended-{}", knob.1);
        let url = database_url_with(&format!("application_name={name}"));
        let service = service(&[("DATABASE_URL", &url), knob]);
        let (succeeded, over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let mut clients = JoinSet::new();
        for _ in 0..4 {
            let (service, over) = (service.clone(), Arc::clone(&over));
            let succeeded = Arc::clone(&succeeded);
            clients.spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    for answer in [get_recipe(&service).await, post_note(&service).await] {
                        if answer.status().is_success() {
                            succeeded.fetch_add(1, Ordering::Relaxed);
                        } else {
                            assert_unavailable(&answer);
                        }
                    }
                }
            });
        }
        for _ in 0..5 {
            let before = succeeded.load(Ordering::Relaxed);
            while succeeded.load(Ordering::Relaxed) == before {
                sleep(Duration::from_millis(1)).await;
            }
            owner.query(END, &[&name]).await.unwrap();
        }
        over.store(true, Ordering::Relaxed);
        clients.join_all().await;
    }
}

const END: &str =
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1";

#[tokio::test]
async fn connections_that_the_server_closed_cost_one_request_at_most() {
    for check in ["false", "true"] {
        let proxy = Proxy::start().await;
        let service =
            service(&[("DATABASE_URL", &proxy.url), ("POOL_SIZE", "5"), ("POOL_PING", check)]);
        assert_eq!(get_recipe(&service).await.status(), 200);

        proxy.state.send_replace(State::Closed);
        get_recipe(&service).await;
        proxy.state.send_replace(State::Passing);

        assert_eq!(get_recipe(&service).await.status(), 200);
        assert!(proxy.connections() > 5, "a closed connection was used again");
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_json_is_an_internal_error() {
    let owner = connect().await;
    owner.batch_execute(TIMELESS).await.unwrap();
    let url = database_url_with("options=-csearch_path%3Dtimeless,public");
    let ways = [
        [("PLAN", "single"), ("SERIALIZER", "serde")],
        [("PLAN", "single"), ("SERIALIZER", "rowjson")],
        [("PLAN", "sequential"), ("SERIALIZER", "serde")],
        [("PLAN", "sequential"), ("SERIALIZER", "rowjson")],
    ];
    let drivers = DRIVERS.map(|driver| [("PLAN", "single"), ("DRIVER", driver)]);
    for way in ways.into_iter().chain(drivers.into_iter().skip(1)) {
        let service = service(&[&way[..], &[("DATABASE_URL", &url)]].concat());
        for response in [get_recipe(&service).await, get_recipes(&service).await] {
            let answer = (response.status().as_u16(), &response.body()[..]);
            assert_eq!(answer, (500, INTERNAL.as_bytes()), "{way:?}");
        }
        // The fault is in the rows: a statement that does not read their times works.
        assert_eq!(post_note(&service).await.status(), 201);
    }
    owner.batch_execute("DROP SCHEMA timeless CASCADE").await.unwrap();
}

/// Recipes with a time that RFC 3339 cannot express.
const TIMELESS: &str = "
    DROP SCHEMA IF EXISTS timeless CASCADE;
    CREATE SCHEMA timeless;
    GRANT USAGE ON SCHEMA timeless TO public;
    CREATE VIEW timeless.recipes AS
    SELECT id, title, author, source, servings, minutes, tags, archived, owner_user_id, owner_team_id,
           created_at, timestamptz 'infinity' AS updated_at
    FROM public.recipes;
    GRANT SELECT ON timeless.recipes TO public";

/// A proxy between a service and the database.
struct Proxy {
    url: String,
    state: watch::Sender<State>,
    connections: Arc<AtomicUsize>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Passing,
    /// Each answer takes a while.
    Slow,
    /// Connections stay open, but nothing is passed on.
    Silent,
    /// Connections are closed, old and new.
    Closed,
}

impl Proxy {
    async fn start() -> Self {
        let target = database_address().await;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = database_url_at(listener.local_addr().unwrap());
        let (state, watched) = watch::channel(State::Passing);
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(pass(client, target, watched.clone()));
            }
        });
        Self { url, state, connections }
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

async fn pass(mut client: TcpStream, target: SocketAddr, mut state: watch::Receiver<State>) {
    if *state.borrow() == State::Closed {
        return;
    }
    let mut server = TcpStream::connect(target).await.unwrap();
    if *state.borrow() == State::Slow {
        return pass_slowly(client, server).await;
    }
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        _ = state.wait_for(|state| *state != State::Passing) => {}
    }
    // A silent connection stays so.
    let _ = state.wait_for(|state| *state == State::Closed).await;
}

async fn pass_slowly(mut client: TcpStream, mut server: TcpStream) {
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let answers = async {
        let mut bytes = vec![0; 64 * 1024];
        loop {
            let read = from_server.read(&mut bytes).await.unwrap_or(0);
            sleep(Duration::from_millis(600)).await;
            if read == 0 || to_client.write_all(&bytes[..read]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = answers => {}
        _ = copy(&mut from_client, &mut to_server) => {}
    }
}
