//! What happens where a model does not answer.

use std::time::SystemTime;

use super::stub::Says;
use super::*;

/// An error of a server that repeats the key and the mail, as real ones do.
fn chatty(status: &str) -> String {
    serde_json::json!({"error": {"code": 401, "message": format!("{KEY} said: happy to offer"), "status": status}})
        .to_string()
}

#[tokio::test]
async fn every_failure_has_its_code_and_says_what_may_help_and_no_more() {
    for way in Way::ALL {
        let (key, place) = match way {
            Way::Vertex => ("check that the account may use Vertex AI", "check GEMINI_MODEL, GOOGLE_CLOUD_LOCATION"),
            Way::GeminiKey => ("check GEMINI_API_KEY", "check GEMINI_MODEL and GEMINI_BASE_URL"),
            Way::OpenAi => ("check OPENAI_API_KEY", "check OPENAI_MODEL, and that OPENAI_BASE_URL ends where"),
        };
        let offers = way.says(OFFER);
        for (answer, code, says) in [
            (Says::status(401, chatty("UNAUTHENTICATED")), "llm_unconfigured", key),
            (Says::status(403, chatty("PERMISSION_DENIED")), "llm_unconfigured", key),
            (Says::status(404, chatty("NOT_FOUND")), "llm_unconfigured", place),
            (Says::status(302, ""), "llm_unconfigured", "the model's address is a redirect (302)"),
            (Says::status(429, ""), "llm_rate_limited", "the model takes no more requests for now"),
            (Says::status(500, chatty("INTERNAL")), "llm_unavailable", "the model can't answer now (500, INTERNAL)"),
            (Says::status(503, "<html>"), "llm_unavailable", "the model can't answer now (503)"),
            (Says::Hang, "llm_timeout", "the model did not answer within 300 ms"),
            (Says::ok(""), "llm_bad_answer", "line 1, column 0"),
            (Says::ok(&offers[..offers.len() / 2]), "llm_bad_answer", "(line 1, column "),
            (Says::ok(r#"{"result": "happy to offer"}"#), "llm_bad_answer", ""),
            (Says::ok(r#"{"candidates": [], "choices": []}"#), "llm_bad_answer", "the answer has no"),
            (Says::ok(way.says("happy to offer")), "llm_bad_answer", "it is not JSON (line 1, column 1)"),
            (Says::ok(way.says(r#"{"intent":"happy to offer"}"#)), "llm_bad_answer", "\"intent\" is none of those"),
            (
                Says::ok(" ".repeat(1024 * 1024 + 1)),
                "llm_bad_answer",
                "the model's answer is longer than 1048576 bytes",
            ),
        ] {
            let stub = Stub::start([answer.clone()]).await;
            let timeout = if way == Way::OpenAi { "OPENAI_TIMEOUT_MS" } else { "GEMINI_TIMEOUT_MS" };
            // The hanging server is waited for; the others have all the time that a busy machine takes.
            let limit = if matches!(answer, Says::Hang) { "300" } else { "20000" };
            let refused = classify(&gateway(way, &stub, &[(timeout, limit)])).await.unwrap_err();
            let message = refused.to_string();
            assert_eq!(refused.code(), code, "{way:?}, {answer:?}: {message}");
            let says =
                if way == Way::OpenAi { says } else { &says.replace("the answer has no", "Gemini's answer has no") };
            assert!(message.contains(says), "{way:?}, {answer:?}: {message}");
            assert!(!message.contains(KEY) && !message.contains("happy to offer"), "{message}");
            assert_eq!(stub.seen().len(), 1, "nothing is tried again by itself: {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    // Bound and closed again: nobody else gets this port so soon.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for way in Way::ALL {
        let gateway = Gateway::new(config(&way.vars(&format!("http://127.0.0.1:{port}"))), nobody);
        let error = error(classify(&gateway).await);
        assert_eq!(error.code(), "llm_unavailable");
        let said = format!("the model at 127.0.0.1:{port} can't be reached: ");
        assert!(error.to_string().starts_with(&said), "{error}");
    }
}

#[tokio::test]
async fn a_wait_that_the_deadline_leaves_room_for_is_kept_and_the_request_made_once_more() {
    let past = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH);
    let google = r#"{"error":{"code":429,"details":[{"retryDelay":"0.2s"}]}}"#;
    for (busy, least_ms) in
        [(Says::busy("0"), 0), (Says::busy("1"), 1000), (Says::busy(past), 0), (Says::status(429, google), 200)]
    {
        for way in Way::ALL {
            let stub = Stub::start([busy.clone(), Says::ok(way.says(OFFER))]).await;
            let asked = classify(&gateway(way, &stub, &[])).await.unwrap();
            assert_eq!(asked.answer, offer());
            assert!(asked.latency >= Duration::from_millis(least_ms), "{:?} for {busy:?}", asked.latency);
            let [first, second]: [_; 2] = stub.seen().try_into().unwrap();
            assert_eq!((first.body, first.path), (second.body, second.path));
        }
    }
}

#[tokio::test]
async fn a_server_that_stays_busy_is_not_asked_a_third_time() {
    for way in Way::ALL {
        let stub = Stub::start([Says::busy("0")]).await;
        let error = error(classify(&gateway(way, &stub, &[])).await);
        assert_eq!(error, ModelError::RateLimited { retry_after: Some(Duration::ZERO) });
        assert_eq!(stub.seen().len(), 2);
    }
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_passed_on_at_once() {
    let in_an_hour = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3600));
    for (after, most) in [("60".to_owned(), 60), (in_an_hour, 3600)] {
        let stub = Stub::start([Says::busy(after.clone())]).await;
        let began = Instant::now();
        let error = error(classify(&gateway(Way::GeminiKey, &stub, &[])).await);
        assert!(began.elapsed() < Duration::from_secs(10), "it was waited for");
        let ModelError::RateLimited { retry_after: Some(wait) } = error else { panic!("{error:?}") };
        assert!(wait.as_secs() <= most && wait.as_secs() + 30 > most, "{after}: {wait:?}");
        assert_eq!(stub.seen().len(), 1);
    }
}

#[tokio::test]
async fn what_the_chosen_model_lacks_is_the_error_and_nobody_is_asked() {
    for (vars, says) in [
        (vec![("USE_GEMINI_FOR_CLASSIFY", "1".to_owned())], "set GOOGLE_CLOUD_PROJECT or GEMINI_API_KEY"),
        (vec![("OPENAI_BASE_URL", "http://127.0.0.1:1/v1".to_owned())], "set OPENAI_MODEL"),
    ] {
        let gateway = Gateway::new(config(&vars), nobody);
        let refused = classify(&gateway).await.unwrap_err();
        assert_eq!(refused.code(), "llm_unconfigured");
        assert!(refused.to_string().contains(says), "{refused}");
        assert_eq!(gateway.reach().await.unwrap_err().to_string(), refused.to_string(), "/debug/llm says the same");
    }
}

#[tokio::test]
async fn the_built_in_model_answers_in_the_chosen_ones_place_where_that_is_wished_for() {
    for way in Way::ALL {
        for broken in [Says::status(500, ""), Says::ok(way.says("no JSON"))] {
            let stub = Stub::start([broken.clone()]).await;
            let built_in = Stub::start([Says::ok(Way::OpenAi.says(OFFER))]).await;
            let mut vars = way.vars(&stub.url());
            assert_eq!(Gateway::new(config(&vars), || other(&built_in.url())).fallback(), None);
            vars.push(("LLM_FALLBACK", "embedded".to_owned()));
            let gateway = Gateway::new(config(&vars), || other(&built_in.url()));
            assert_eq!(gateway.fallback().unwrap().model, "doorbuster-embedded-1");
            let asked = classify(&gateway).await.unwrap();
            assert_eq!(asked.answer, offer());
            assert_eq!(asked.identity.model, "doorbuster-embedded-1", "who answers is told");
            let expected =
                if matches!(broken, Says::Answer { status: 500, .. }) { "llm_unavailable" } else { "llm_bad_answer" };
            assert_eq!(asked.fallback.as_ref().map(ModelError::code), Some(expected));
            // An answer that can't be used is paid for too.
            let tokens = if expected == "llm_bad_answer" { 240 } else { 120 };
            assert_eq!(asked.spent.total_tokens(), tokens);
        }
    }
}

#[tokio::test]
async fn where_nobody_answers_the_chosen_models_reason_is_told() {
    let stub = Stub::start([Says::status(500, "")]).await;
    let gateway = gateway(Way::GeminiKey, &stub, &[("LLM_FALLBACK", "embedded")]);
    let error = error(classify(&gateway).await);
    assert_eq!(error.to_string(), "the model can't answer now (500)");
}

#[tokio::test]
async fn an_answer_that_was_cut_short_is_paid_for_and_says_which_limit_to_raise() {
    for (way, reason) in [(Way::Vertex, "MAX_TOKENS"), (Way::GeminiKey, "MAX_TOKENS"), (Way::OpenAi, "length")] {
        for text in [&OFFER[..30], ""] {
            let stub = Stub::start([Says::ok(way.stops(text, reason))]).await;
            let refused = classify(&gateway(way, &stub, &[])).await.unwrap_err();
            let said = "the model's answer was cut off at 256 tokens; raise LLM_MAX_OUTPUT_TOKENS";
            assert_eq!(refused.to_string(), said);
            let Refused::Model { spent: Some(spent), .. } = refused else { panic!("{refused:?}") };
            assert_eq!(spent.total_tokens(), 120);
            assert!((spent.cost_usd.unwrap() - way.cost()).abs() < 1e-12);
        }
        // Whole in spite of it: Gemini is known to end in blanks until it is stopped.
        let stub = Stub::start([Says::ok(way.stops(&format!("{OFFER}\n\n\n"), reason))]).await;
        assert_eq!(classify(&gateway(way, &stub, &[])).await.unwrap().answer, offer());
    }
}
