//! Language models and incidents, from spans to the API and the pages.

use console::ConsoleOptions;
use console::api::{IncidentView, IncidentsNow, LlmView};
use reqwest::StatusCode;
use serde_json::Value;

use crate::inbox::{MONITORS, Mail, go_wrong, learn, mail, ten_minutes};
use crate::started::{Started, until};

async fn started() -> Started {
    Started::with(ConsoleOptions { monitors: MONITORS.into(), ..ConsoleOptions::default() }).await
}

async fn page(console: &Started, path: &str) -> String {
    let answer = console.client.get(format!("{}{path}", console.pages)).send().await.expect("it answers");
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.text().await.expect("text")
}

#[tokio::test(flavor = "multi_thread")]
async fn models_are_told_of_with_errors_tokens_and_cost_by_traffic() {
    let console = started().await;
    let html = page(&console, "/llm").await;
    assert!(html.contains("No model was asked in this stretch") && html.contains("gen_ai.operation.name"), "{html}");
    ten_minutes(&console).await;
    let view: LlmView = console.json("/api/llm?window=15m").await;
    let figures = &view.figures;
    assert_eq!((figures.requests.count, figures.requests.failed), (1200 + 120 + 600 + 2, 122));
    assert_eq!((figures.calls.count, figures.calls.failed), (1200 + 600 + 2, 2));
    assert_eq!(figures.requests.truncated, 200);
    let kinds: Vec<_> = figures.errors.iter().filter_map(|error| error.error_type.as_deref()).collect();
    assert_eq!(kinds, ["invalid_input", "llm_timeout", "llm_timeout"]);
    assert!((figures.step_seconds..=8).contains(&figures.step_seconds) && figures.points.len() > 60);
    assert_eq!(view.failed.len(), 10, "examples of the error that came most");
    let bloat: LlmView = console.json("/api/llm?window=15m&traffic_type=token_bloat").await;
    assert_eq!((bloat.figures.requests.count, bloat.figures.requests.tokens), (600, Some(5960.0)));
    let html = page(&console, "/llm?window=15m").await;
    for words in [
        "Requests a minute",
        "Tokens a request",
        "invalid_input",
        "mail-1",
        "token_bloat",
        "Prompts cut",
        "Failed lately",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    let html = page(&console, "/llm?window=never").await;
    assert!(html.contains("use 1m, 5m, 15m, 1h or all"), "{html}");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_alone_are_enough_for_the_page() {
    let console = started().await;
    let calls = (0..20).flat_map(|n| mail(n, Mail::Usual, 500)).filter(|span| span.name.starts_with("chat"));
    console.send("someone-elses-app", calls.collect()).await;
    let view: LlmView = console.json("/api/llm").await;
    assert_eq!((view.figures.requests.count, view.figures.calls.count), (0, 20));
    assert_eq!(view.newest.len(), 10);
    let html = page(&console, "/llm").await;
    assert!(
        html.contains("Calls a minute") && html.contains("Tokens a call") && html.contains("Cost a call"),
        "{html}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_shows_what_fired_what_to_do_and_what_differs() {
    let console = started().await;
    assert!(page(&console, "/incidents").await.contains("All is quiet"));
    learn(&console).await;
    let learned: Value = console.json("/api/llm").await;
    let baseline = learned["baselines"][0]["baseline"].as_f64().expect("it is learned");
    assert!((190.0..220.0).contains(&baseline), "{learned}");
    assert_eq!(learned["baselines"][0]["limit"].as_f64(), Some(baseline * 3.0));
    go_wrong(&console).await;
    let now: IncidentsNow = console.json("/api/incidents").await;
    assert_eq!(now.incidents.len(), 1, "one service, one incident: {now:?}");
    let incident = &now.incidents[0];
    assert!(incident.is_open() && incident.services == ["inbox"], "{incident:?}");
    assert_eq!((incident.title.as_str(), incident.monitors.len()), ("LLM error burst", 2));
    let view: IncidentView = console.json(&format!("/api/incidents/{}", incident.id)).await;
    let evidence = |monitor: &str| view.evidence.iter().find(|one| one.monitor == monitor).expect("its evidence");
    let tells = |monitor: &str, key: &str, value: &str| {
        evidence(monitor).differences.values.iter().any(|one| one.key == key && one.value == value && one.lift > 1.25)
    };
    assert!(tells("llm-error-burst", "traffic.type", "error_injection"), "{view:?}");
    assert!(tells("llm-error-burst", "error.type", "invalid_input"), "{view:?}");
    assert!(tells("cost-anomaly", "traffic.type", "token_bloat"), "{view:?}");
    assert!(!evidence("cost-anomaly").traces.is_empty(), "traces that show it");
    // Where all such traces are listed, the same ones are.
    let listed = page(&console, &evidence("cost-anomaly").all_traces).await;
    assert!(listed.contains(&evidence("cost-anomaly").traces[0].trace_id), "{listed}");
    for path in ["/incidents".to_owned(), format!("/incidents/{}", incident.id)] {
        let html = page(&console, &path).await;
        assert!(html.contains("OPEN") && html.contains("LLM error burst"), "{path}: {html}");
    }
    let html = page(&console, &format!("/incidents/{}", incident.id)).await;
    for words in ["Find the caller that sends", "error_injection", "Traces that show it", "Requests in its time"] {
        assert!(html.contains(words), "{words}: {html}");
    }
    // The windows run empty, and it resolves itself.
    let over = until("the incident is over", async || {
        let now: IncidentsNow = console.json("/api/incidents").await;
        now.incidents[0].resolved_unix_ms.map(|_| now)
    })
    .await;
    assert!(over.incidents[0].timeline.len() >= 4 && over.firing.is_empty(), "{over:?}");
    assert!(page(&console, "/incidents").await.contains("resolved"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_no_incident_has_is_said_to_be_none() {
    let console = Started::new().await;
    for (path, words) in [("/incidents/7", "No incident has the number 7"), ("/api/incidents/x", "no_incident")] {
        let answer = console.client.get(format!("{}{path}", console.pages)).send().await.expect("it answers");
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(answer.text().await.expect("text").contains(words), "{path}");
    }
}
