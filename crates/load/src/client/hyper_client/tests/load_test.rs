//! A whole load test over TLS, as its file declares the target.

use std::collections::BTreeSet;
use std::io::Write as _;

use http::Version;
use serde_json::json;

use super::server::ok;
use super::*;
use crate::load_test::{LoadTestOptions, start_load_test};

#[tokio::test]
async fn every_arrival_of_a_load_test_is_sent_once_over_either_protocol() {
    let authority = Authority::new();
    let mut ca_file = tempfile::NamedTempFile::new().unwrap();
    ca_file.write_all(&authority.pem()).unwrap();
    let (trusted, untrusted) = (ca_file.path().to_str().unwrap(), None::<&str>);
    let table: [(&[&str], Version, Option<&str>, bool); 3] = [
        (&["h2", "http/1.1"], Version::HTTP_2, Some(trusted), false),
        (&["http/1.1"], Version::HTTP_11, Some(trusted), false),
        (&["h2"], Version::HTTP_2, untrusted, true),
    ];
    for (protocols, version, ca_file, insecure) in table {
        // Slow enough for several connections: 400 a second for 100 ms each, 20 on each connection.
        let server = Server::hyper(Some(authority.server(protocols)), Some(20), |_| async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            ok()
        });
        let url = format!("https://127.0.0.1:{}", server.address.port());
        let test = json!({
            "name": "tls", "minutes": 0.01, "targets": {"it": {"url": url, "ca_file": ca_file, "insecure": insecure}},
            "streams": [{"name": "s", "arrivals_per_minute": 24_000, "spacing": "poisson", "journeys": {"j": 1}}],
            "journeys": {"j": [{
                "method": "POST", "path": "/x?i=${arrival_index}", "json": {"index": "${arrival_index}"},
            }]},
        });
        let options = LoadTestOptions { threads: 2, ..LoadTestOptions::default() };
        let run = start_load_test(serde_json::from_value(test).unwrap(), &options).await.unwrap();
        tokio::time::timeout(WITHIN, run.ended()).await.unwrap();
        let report = run.report();
        let stream = &report.streams[0];
        assert!(stream.due > 180 && stream.completed == stream.due, "{protocols:?}: {stream:?}");
        let outcomes: Vec<_> = stream.journeys[0].steps[0].outcomes.iter().map(|(o, m)| (o, m.is_error)).collect();
        assert_eq!(outcomes, [(&"200".to_owned(), false)], "{protocols:?}");
        let seen = server.seen();
        assert!(seen.iter().all(|seen| seen.version == version), "{protocols:?}");
        let bodies: BTreeSet<_> = seen.iter().map(|seen| seen.body.clone()).collect();
        assert_eq!((seen.len() as u64, bodies.len() as u64), (stream.due, stream.due), "{protocols:?}");
        assert!(server.connections() >= 2, "{protocols:?}: {} connections", server.connections());
    }
}

#[tokio::test]
async fn a_certificate_of_nobodys_is_a_failure_of_every_arrival_and_not_of_the_test() {
    let authority = Authority::new();
    let server = Server::answering(Some(authority.server(&["h2"])));
    let test = json!({
        "name": "tls", "minutes": 0.005, "targets": {"it": format!("https://localhost:{}", server.address.port())},
        "streams": [{"name": "s", "arrivals_per_minute": 6_000, "spacing": "uniform", "journeys": {"j": 1}}],
        "journeys": {"j": [{"path": "/"}]},
    });
    let run = start_load_test(serde_json::from_value(test).unwrap(), &LoadTestOptions::default()).await.unwrap();
    tokio::time::timeout(WITHIN, run.ended()).await.unwrap();
    let report = run.report();
    let stream = &report.streams[0];
    assert_eq!((stream.due, stream.completed, stream.errors, stream.dropped), (30, 30, 30, 0));
    assert_eq!(stream.journeys[0].steps[0].outcomes["tls"].latency.count(), 30);
    assert!(server.seen().is_empty());
}
