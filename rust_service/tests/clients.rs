//! The program with clients that send malformed requests, are slow, are many, or are there when it stops.

mod support;

use std::process::Stdio;
use std::time::Duration;

use support::program::{Running, await_message, program};
use support::{Holdup, NOTE, NOTES_PATH, POSTER, database_url, database_url_with};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

const HEALTHZ: &str = "GET /healthz HTTP/1.1\r\nhost: test\r\n\r\n";

macro_rules! golden {
    ($name:literal) => {
        include_str!(concat!("../../contract/golden/bodies/", $name, ".body"))
    };
}

const BAD_REQUEST: &str = golden!("bad_request");
const BODY_TOO_LARGE: &str = golden!("body_too_large");
const BUSY: &str = golden!("unavailable.busy");
const HEAD_TOO_LARGE: &str = golden!("head_too_large");
const NOT_FOUND: &str = golden!("not_found");
const OK: &str = golden!("healthz");
const REQUEST_TIMEOUT: &str = golden!("request_timeout");
const UNAUTHORIZED: &str = golden!("unauthorized");
const UNSUPPORTED_MEDIA_TYPE: &str = golden!("unsupported_media_type");

async fn start() -> Running {
    Running::start(&database_url()).await
}

async fn connect(service: &Running) -> TcpStream {
    TcpStream::connect(&service.address).await.unwrap()
}

/// All bytes that come back for a request until the service closes the connection.
async fn answers(service: &Running, request: &[u8]) -> String {
    let mut client = connect(service).await;
    client.write_all(request).await.unwrap();
    rest(&mut client).await
}

async fn rest(client: &mut TcpStream) -> String {
    let mut answers = String::new();
    timeout(Duration::from_secs(30), client.read_to_string(&mut answers)).await.unwrap().unwrap();
    answers
}

/// The next answer, after which the connection stays open.
async fn answer(client: &mut TcpStream) -> String {
    let mut bytes = vec![0; 64 * 1024];
    let read = timeout(Duration::from_secs(30), client.read(&mut bytes)).await.unwrap().unwrap();
    String::from_utf8(bytes[..read].to_vec()).unwrap()
}

#[track_caller]
fn assert_answer(answer: &str, status: u16, body: &str) {
    let told = &answer[..answer.len().min(500)];
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{told}");
    assert!(answer.contains("\r\ncontent-type: application/json\r\n"), "{told}");
    assert!(answer.ends_with(&format!("\r\n\r\n{body}")), "{told}");
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{told}");
}

fn post(headers: &str, body: &str) -> String {
    format!(
        "POST {NOTES_PATH} HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\n\
         {headers}\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn what_is_not_http_is_refused() {
    let service = start().await;
    let chunked = format!("cookie: {POSTER}\r\ntransfer-encoding: chunked");
    for request in [
        "GET /healthz HTTP/1.1\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nhost: a\r\nhost: a\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nhost test\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nhost: test\r\na b: c\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nhost: test\r\nname: \0\r\n\r\n",
        "GET /healthz HTTP/3.9\r\nhost: test\r\n\r\n",
        "GET  /healthz HTTP/1.1\r\nhost: test\r\n\r\n",
        "GET /healthz\r\nhost: test\r\n\r\n",
        "G(T /healthz HTTP/1.1\r\nhost: test\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\x16\x03\x01\x02\r\n\r\n",
        &post("content-length: 5x", "12345"),
        &post("content-length: 5\r\ncontent-length: 6", "12345"),
        &post("transfer-encoding: gzip", "12345"),
        &post(&chunked, "zz\r\n{}\r\n0\r\n\r\n"),
    ] {
        let answer = answers(&service, request.as_bytes()).await;
        assert_answer(&answer, 400, BAD_REQUEST);
        assert!(answer.contains("\r\nconnection: close\r\n"), "{request}: {answer}");
    }
}

#[tokio::test]
async fn the_answer_to_a_malformed_head_has_no_body() {
    let service = start().await;
    let large =
        format!("HEAD /healthz HTTP/1.1\r\nhost: test\r\nx: {}\r\n\r\n", "x".repeat(70_000));
    for (request, status) in [
        ("HEAD /healthz HTTP/1.1\r\n\r\n", "400"),
        ("HEAD /healthz HTTP/1.1\r\nhost test\r\n\r\n", "400"),
        ("\r\n\r\nHEAD /healthz HTTP/3.9\r\nhost: test\r\n\r\n", "400"),
        (&format!("{HEALTHZ}HEAD \0 HTTP/1.1\r\nhost: test\r\n\r\n"), "400"),
        (&large, "431"),
    ] {
        let answers = answers(&service, request.as_bytes()).await;
        let (_, last) = answers.rsplit_once("HTTP/1.1 ").unwrap();
        assert!(last.starts_with(status) && last.ends_with("\r\n\r\n"), "{request:?}: {last}");
    }
    let head = HEALTHZ.replace("GET", "HEAD");
    let answers = answers(&service, format!("{head}nonsense\r\n\r\n").as_bytes()).await;
    assert!(answers.ends_with(&format!("\r\n\r\n{BAD_REQUEST}")), "{answers}");
}

#[tokio::test]
async fn an_empty_id_has_no_route() {
    let service = start().await;
    for request in
        ["GET /api/v1/recipes/", "POST /api/v1/recipes//notes", "GET /api/v1/recipes//notes"]
    {
        let request = format!("{request} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
        assert_answer(&answers(&service, request.as_bytes()).await, 404, NOT_FOUND);
    }
}

#[tokio::test]
async fn a_malformed_request_takes_nothing_from_the_one_before_it() {
    let service = start().await;
    let answers = answers(&service, format!("{HEALTHZ}nonsense\r\n\r\n").as_bytes()).await;
    let (first, second) = answers.split_at(answers.rfind("HTTP/1.1").unwrap());
    assert_answer(first, 200, OK);
    assert_answer(second, 400, BAD_REQUEST);
}

#[tokio::test]
async fn heads_are_bounded() {
    let service = start().await;
    let head = |line: usize, fields: usize, bytes: usize| {
        let padding = (1..fields).map(|field| format!("x-{field}: {}\r\n", "x".repeat(bytes)));
        let query = "x".repeat(line);
        let fields: String = padding.collect();
        format!("GET /healthz?{query} HTTP/1.1\r\nhost: test\r\n{fields}\r\n")
    };
    let mut client = connect(&service).await;
    for (line, fields, bytes) in [(7_970, 1, 0), (10, 63, 200), (10, 2, 14_000)] {
        client.write_all(head(line, fields, bytes).as_bytes()).await.unwrap();
        assert_answer(&answer(&mut client).await, 200, OK);
    }
    for (line, fields, bytes) in [(70_000, 1, 0), (10, 64, 1_200), (10, 2, 70_000)] {
        let answer = answers(&service, head(line, fields, bytes).as_bytes()).await;
        assert_answer(&answer, 431, HEAD_TOO_LARGE);
    }
}

#[tokio::test]
async fn an_endless_head_is_not_read_to_its_end() {
    let service = start().await;
    let (mut answers, mut client) = connect(&service).await.into_split();
    let sending = tokio::spawn(async move {
        let fields = "x-name: value\r\n".repeat(65_536);
        client.write_all(b"GET / HTTP/1.1\r\n").await?;
        for _ in 0..64 {
            client.write_all(fields.as_bytes()).await?;
        }
        Ok::<_, std::io::Error>(())
    });
    let mut answer = vec![0; 12];
    answers.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 431");
    sending.await.unwrap().unwrap_err();
}

#[tokio::test]
async fn http_1_0_and_absolute_targets_are_read() {
    let service = start().await;
    let answer = answers(&service, b"GET /healthz HTTP/1.0\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.0 200 OK\r\n") && answer.ends_with(OK), "{answer}");
    let absolute =
        "GET http://x.test/healthz HTTP/1.1\r\nhost: x.test\r\nconnection: close\r\n\r\n";
    assert_answer(&answers(&service, absolute.as_bytes()).await, 200, OK);
}

#[tokio::test]
async fn a_body_that_will_be_refused_is_not_asked_for() {
    let service = start().await;
    let expecting = |length: usize| {
        post(&format!("cookie: {POSTER}\r\nexpect: 100-continue\r\ncontent-length: {length}"), "")
    };
    let answer = answers(&service, expecting(16_385).as_bytes()).await;
    assert_answer(&answer, 413, BODY_TOO_LARGE);

    let mut client = connect(&service).await;
    client.write_all(expecting(NOTE.len()).as_bytes()).await.unwrap();
    assert_eq!(self::answer(&mut client).await, "HTTP/1.1 100 Continue\r\n\r\n");
    client.write_all(NOTE.as_bytes()).await.unwrap();
    assert!(self::answer(&mut client).await.starts_with("HTTP/1.1 201 Created\r\n"));
}

#[tokio::test]
async fn who_sends_a_refused_body_sees_the_refusal() {
    let service = start().await;
    let body = "x".repeat(512 * 1024);
    let length = format!("content-length: {}", body.len());
    let another_type = post(&length, &body).replace("application/json", "text/plain");
    for (request, status, expected) in [
        (post(&format!("cookie: {POSTER}\r\n{length}"), &body), 413, BODY_TOO_LARGE),
        (post(&length, &body), 401, UNAUTHORIZED),
        (
            another_type.replace("content-length", &format!("cookie: {POSTER}\r\ncontent-length")),
            415,
            UNSUPPORTED_MEDIA_TYPE,
        ),
    ] {
        let answer = answers(&service, request.as_bytes()).await;
        assert_answer(&answer, status, expected);
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn requests_that_come_together_are_answered_in_turn() {
    let service = start().await;
    let note = post(&format!("cookie: {POSTER}\r\ncontent-length: {}", NOTE.len()), NOTE);
    let last = "GET /none HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n";
    let together = format!("{HEALTHZ}{note}{HEALTHZ}{note}{note}{last}");
    // However the bytes are cut into packets.
    for size in [together.len(), 7, 100] {
        let client = connect(&service).await;
        client.set_nodelay(true).unwrap();
        let (mut answers, mut client) = client.into_split();
        for packet in together.as_bytes().chunks(size) {
            client.write_all(packet).await.unwrap();
            tokio::task::yield_now().await;
        }
        let mut all = String::new();
        answers.read_to_string(&mut all).await.unwrap();
        let statuses: Vec<_> = all.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
        assert_eq!(statuses, ["200", "201", "200", "201", "201", "404"], "{all}");
    }
}

#[tokio::test]
async fn a_statement_ends_when_its_client_has_left() {
    for connections in ["pooled", "per-request"] {
        let name = format!("left-{connections}");
        let url = database_url_with(&format!("application_name={name}"));
        let service = Running::of(program(&[
            ("PORT", "0"),
            ("DATABASE_URL", &url),
            ("CONNECTIONS", connections),
            ("POOL_SIZE", "1"),
            ("POOL_TIMEOUT_SECONDS", "15"),
        ]))
        .await;
        let holdup = Holdup::start().await;
        let mut client = connect(&service).await;
        let note = post(&format!("cookie: {POSTER}\r\ncontent-length: {}", NOTE.len()), NOTE);
        client.write_all(note.as_bytes()).await.unwrap();
        holdup.holds(&name).await;
        drop(client);
        // Without that, the database would end the statement after 5 s.
        timeout(Duration::from_secs(4), holdup.lets_go(&name)).await.unwrap();
        let recipe = "GET /api/v1/recipes/4 HTTP/1.1\r\nhost: test\r\n\
                      cookie: sessionid=golden-ada\r\nconnection: close\r\n\r\n";
        let answer = answers(&service, recipe.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn slow_clients_have_ten_seconds() {
    let service = start().await;
    // Sends nothing at all.
    let silent = async { assert_eq!(rest(&mut connect(&service).await).await, "") };
    // Sends a byte now and then, and never a whole request.
    let dripping = |start: String| {
        let (service, drops) = (&service, "x".repeat(60));
        async move {
            let (mut answers, mut client) = connect(service).await.into_split();
            client.write_all(start.as_bytes()).await.unwrap();
            let dripping = async {
                for drop in drops.bytes() {
                    sleep(Duration::from_millis(500)).await;
                    if client.write_all(&[drop]).await.is_err() {
                        break;
                    }
                }
                panic!("waited for to the last");
            };
            let mut answer = String::new();
            tokio::select! {
                read = answers.read_to_string(&mut answer) => { read.unwrap(); }
                () = dripping => {}
            }
            assert_answer(&answer, 408, REQUEST_TIMEOUT);
        }
    };
    let head = dripping("GET /healthz HTTP/1.1\r\nhost: test\r\nx-endless: ".to_owned());
    let body = dripping(post(&format!("cookie: {POSTER}\r\ncontent-length: 1000"), "{"));
    // Half of a request, right after a whole one.
    let behind = async |first: &str, second: &str| {
        let sent = format!("{first}{second}GET /healthz HTTP/1.1\r\n");
        let answers = answers(&service, sent.as_bytes()).await;
        let (first, second) = answers.split_at(answers.rfind("HTTP/1.1").unwrap());
        assert!(first.starts_with("HTTP/1.1 20"), "{answers}");
        assert_answer(second, 408, REQUEST_TIMEOUT);
    };
    let (measured, chunked) = (
        post(&format!("cookie: {POSTER}\r\ncontent-length: {}", NOTE.len()), NOTE),
        post(
            &format!("cookie: {POSTER}\r\ntransfer-encoding: chunked"),
            &format!("{:x}\r\n{NOTE}\r\n0\r\n\r\n", NOTE.len()),
        ),
    );
    let behind = futures_util::future::join_all([
        behind(HEALTHZ, ""),
        behind(HEALTHZ, HEALTHZ),
        behind(&measured, ""),
        behind(HEALTHZ, &measured),
        behind(&chunked, ""),
    ]);
    tokio::join!(silent, head, body, behind);
}

/// The program with a limit of this many open files.
fn program_with_files(files: usize) -> Command {
    let url = database_url();
    let mut command = Command::new("sh");
    command
        .args([
            "-c",
            &format!("ulimit -n {files}; exec \"$0\""),
            env!("CARGO_BIN_EXE_rust_service"),
        ])
        .env_clear()
        .envs([("PORT", "0"), ("DATABASE_URL", &url), ("POOL_SIZE", "20")])
        .kill_on_drop(true)
        .stderr(Stdio::piped());
    command
}

#[tokio::test]
async fn with_few_open_files_clients_are_served_or_turned_away_at_once() {
    let service = Running::of(program_with_files(64)).await;
    let mut clients = JoinSet::new();
    for _ in 0..64 {
        let mut client = connect(&service).await;
        clients.spawn(async move { (answer_or_end(&mut client).await, client) });
    }
    let answers = clients.join_all().await;
    let served = answers.iter().filter(|(answer, _)| answer.starts_with("HTTP/1.1 200")).count();
    assert_eq!(served, 20, "{answers:?}");
    for (answer, _) in answers.iter().filter(|(answer, _)| answer.starts_with("HTTP/1.1 503")) {
        assert_answer(answer, 503, BUSY);
        assert!(answer.contains("\r\nretry-after: 1\r\n"), "{answer}");
    }
    drop(answers);
    // Their places are free again once the service has noticed that they left.
    while !answer_or_end(&mut connect(&service).await).await.starts_with("HTTP/1.1 200") {}
}

/// The answer, or an empty text if the service closes the connection. It may do so without reading the
/// request, and then the connection may be reset while the client writes or reads.
async fn answer_or_end(client: &mut TcpStream) -> String {
    let _ = client.write_all(HEALTHZ.as_bytes()).await;
    let mut bytes = vec![0; 1024];
    let reading = timeout(Duration::from_secs(5), client.read(&mut bytes)).await;
    let read = reading.expect("an answer or the end").unwrap_or(0);
    String::from_utf8(bytes[..read].to_vec()).unwrap()
}

#[tokio::test]
async fn with_too_few_open_files_there_is_no_start() {
    let output = program_with_files(32).output().await.unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("32 open files are too few for POOL_SIZE=20"), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
}

#[tokio::test]
async fn clients_in_the_queue_are_answered_before_the_end() {
    let mut service = start().await;
    let mut known = connect(&service).await;
    known.write_all(HEALTHZ.as_bytes()).await.unwrap();
    assert_answer(&answer(&mut known).await, 200, OK);

    // While the program is stopped, the kernel accepts connections and requests for it.
    service.signal("STOP");
    let mut waiting = connect(&service).await;
    for client in [&mut waiting, &mut known] {
        client.write_all(HEALTHZ.as_bytes()).await.unwrap();
    }
    service.signal("TERM");
    service.signal("CONT");
    for client in [&mut waiting, &mut known] {
        let answer = rest(client).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with(OK), "{answer}");
    }
    await_message(&mut service.log, "stopped").await;
    assert_eq!(service.child.wait().await.unwrap().code(), Some(0));
}

#[tokio::test]
async fn a_request_after_the_signal_is_answered_and_is_the_last() {
    let mut service = start().await;
    let mut busy = connect(&service).await;
    busy.write_all(HEALTHZ.as_bytes()).await.unwrap();
    assert_answer(&answer(&mut busy).await, 200, OK);
    let mut idle = connect(&service).await;

    service.signal("TERM");
    await_message(&mut service.log, "stopping").await;
    busy.write_all(HEALTHZ.as_bytes()).await.unwrap();
    assert!(rest(&mut busy).await.contains("\r\nconnection: close\r\n"));
    assert_eq!(rest(&mut idle).await, "");
    await_message(&mut service.log, "stopped").await;
}

#[tokio::test]
async fn no_request_is_cut_by_a_stop_under_load() {
    let mut service = start().await;
    let mut clients = JoinSet::new();
    for _ in 0..16 {
        let mut client = connect(&service).await;
        clients.spawn(async move {
            let mut answered = 0;
            loop {
                client.write_all(HEALTHZ.as_bytes()).await.unwrap();
                let answer = answer(&mut client).await;
                assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "cut after {answered}");
                answered += 1;
                if answer.contains("\r\nconnection: close\r\n") {
                    return answered;
                }
            }
        });
    }
    sleep(Duration::from_millis(300)).await;
    service.signal("TERM");
    assert!(clients.join_all().await.iter().sum::<usize>() > 16);
    await_message(&mut service.log, "stopped").await;
}
