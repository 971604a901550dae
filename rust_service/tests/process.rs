//! The program: how it starts, and how it stops.

mod support;

use std::net::{Ipv4Addr, TcpListener};

use support::program::{Running, await_message, output};
use support::{Holdup, NOTE, NOTES_PATH, POSTER, database_url, database_url_with};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn a_bad_setting_is_one_line_and_exit_code_2() {
    let url = database_url();
    for (variables, complaint) in [
        (vec![("POOL_SIZE", "0"), ("DATABASE_URL", url.as_str())], "POOL_SIZE=\"0\" must be"),
        (vec![("SERIALIZER", "orjson"), ("DATABASE_URL", &url)], "SERIALIZER=\"orjson\" must be"),
        (vec![], "DATABASE_URL is missing"),
    ] {
        let output = output(&variables).await;
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.starts_with("bad settings: ") && told.contains(complaint), "{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
    }
}

#[tokio::test]
async fn an_address_in_use_is_one_line_and_exit_code_1() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = output(&[("PORT", port.as_str()), ("DATABASE_URL", &database_url())]).await;
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&told["level"], &told["message"]), (&"error".into(), &"cannot listen".into()));
    assert_eq!(told["port"].to_string(), port);
}

#[tokio::test]
async fn the_password_is_never_logged() {
    let mut service = Running::start("postgresql://me:s3cret@127.0.0.1:1/none").await;
    service.signal("TERM");
    let mut log = String::new();
    while let Some(line) = service.log.next_line().await.unwrap() {
        log.push_str(&line);
    }
    assert!(log.contains("\"stopped\""), "{log}");
    assert!(!log.contains("s3cret"), "{log}");
}

#[tokio::test]
async fn a_signal_to_stop_lets_requests_finish() {
    for signal in ["TERM", "INT"] {
        let name = format!("stopped-by-{signal}");
        let url = database_url_with(&format!("application_name={name}"));
        let mut service = Running::start(&url).await;
        let holdup = Holdup::start().await;
        let mut client = TcpStream::connect(&service.address).await.unwrap();
        let request = format!(
            "POST {NOTES_PATH} HTTP/1.1\r\nhost: test\r\ncookie: {POSTER}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{NOTE}",
            NOTE.len()
        );
        client.write_all(request.as_bytes()).await.unwrap();
        tokio::select! {
            () = holdup.holds(&name) => {}
            _ = client.readable() => panic!("not held up"),
        }

        service.signal(signal);
        await_message(&mut service.log, "stopping").await;
        while TcpStream::connect(&service.address).await.is_ok() {}
        drop(holdup);

        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
        assert!(answer.ends_with("\"reactions\":[]}"), "{answer}");
        await_message(&mut service.log, "stopped").await;
        assert_eq!(service.child.wait().await.unwrap().code(), Some(0));
    }
}
