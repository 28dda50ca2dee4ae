use std::io::{Read, Write};
use std::net::TcpListener;

use faults::{FaultError, Injector, Target};
use scenario::Proof;

use crate::fixture::*;

/// A service that gives every request the same answer, and tells what was asked.
fn answering(body: &'static str) -> (String, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (tell, asked) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 2048];
            let length = stream.read(&mut request).unwrap_or(0);
            let head = String::from_utf8_lossy(&request[..length]).lines().next().unwrap_or_default().to_owned();
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(answer.as_bytes());
            if tell.send(head).is_err() {
                return;
            }
        }
    });
    (url, asked)
}

const POOLS: &str =
    r#"{"pools":[{"name":"browse","pending_max":0},{"name":"recommendations","max":20,"pending":3,"pending_max":31}]}"#;

fn waiters(pool: &str, at_least: u32) -> Proof {
    Proof::PoolWaiters { pool: pool.into(), at_least }
}

#[tokio::test]
async fn waiters_are_counted_from_the_moment_the_fault_is_in() {
    let shop = shop(80).await;
    let (url, asked) = answering(POOLS);
    let injector = Injector::open(&shop.journal(), shop.target().service("product-catalog", url)).expect("opened");
    let drop = scenario::Fault { proof: vec![waiters("recommendations", 1)], ..missing_index() };
    injector.apply(&drop, &clock_started(60.0)).await.expect("applied");
    assert_eq!(asked.recv().expect("asked"), "GET /admin/pool-stats?reset=true HTTP/1.1");
    let seen = injector.prove(&drop.proof[0], &Default::default()).await.expect("seen");
    assert_eq!(asked.recv().expect("asked"), "GET /admin/pool-stats HTTP/1.1");
    assert_eq!((seen.holds, seen.seen.as_str()), (true, "up to 31 waited for a connection of pool recommendations"));
    assert!(!injector.prove(&waiters("recommendations", 32), &Default::default()).await.expect("seen").holds);
    injector.undo_all().await;
}

#[tokio::test]
async fn a_service_that_does_not_answer_or_has_no_such_pool_proves_nothing() {
    let shop = shop(8).await;
    let (url, _asked) = answering(POOLS);
    let open = |target: Target, name: &str| Injector::open(&shop.folder.path().join(name), target).expect("opened");
    let look = async |injector: Injector, pool| injector.prove(&waiters(pool, 1), &Default::default()).await;
    assert!(matches!(look(open(shop.target(), "a"), "recommendations").await, Err(FaultError::NoAddress { .. })));
    assert!(matches!(
        look(open(shop.target().service("product-catalog", "http://127.0.0.1:1"), "b"), "recommendations").await,
        Err(FaultError::Http { .. })
    ));
    assert!(matches!(
        look(open(shop.target().service("product-catalog", url), "c"), "checkout").await,
        Err(FaultError::Answer { .. })
    ));
}

#[tokio::test]
async fn a_scenario_can_not_smuggle_a_second_statement_into_a_plan() {
    let shop = shop(8).await;
    let injector = shop.injector();
    let queries = [("evil".to_owned(), "SELECT 1; DROP TABLE orders CASCADE".to_owned())].into_iter().collect();
    let proof = Proof::Plan { query: "evil".into(), is: scenario::PlanShape::SeqScan };
    assert!(injector.prove(&proof, &queries).await.is_err());
    assert_eq!(shop.text("SELECT count(*)::text FROM pg_tables WHERE tablename = 'orders'").await, "1");
}

#[tokio::test]
async fn the_wait_is_measured_apart_from_the_scan() {
    let shop = shop(8_000).await;
    let injector = shop.injector();
    let clock = clock_started(60.0);
    injector.apply(&missing_index(), &clock).await.expect("applied");
    injector.apply(&slow_storage(&[(0.0, 300.0)]), &clock).await.expect("applied");
    let measured = injector.calibration(RECOMMENDATIONS).await.expect("measured");
    assert!(measured.scan_ms < 150.0, "{measured:?}");
    assert!((285.0..=315.0).contains(&measured.total_ms), "{measured:?}");
    injector.undo_all().await;
}
