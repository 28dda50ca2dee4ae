//! What recordings become, and what never does.

use serde_json::{Value, json};

use super::{HarOptions, import_har};

fn entry(second: f64, method: &str, url: &str, more: &Value) -> Value {
    let mut entry = json!({
        "pageref": "page_1",
        "startedDateTime": format!("2026-11-21T10:00:{second:06.3}Z"),
        "time": 100.0,
        "request": {"method": method, "url": url, "httpVersion": "HTTP/2", "headers": [], "queryString": [], "cookies": [], "headersSize": -1, "bodySize": 0},
        "response": {"status": 200, "content": {"mimeType": "application/json", "text": "secret answer"}, "headers": []},
        "_resourceType": "fetch",
    });
    merge(&mut entry, more);
    entry
}

fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}

fn recording(entries: &[Value]) -> String {
    json!({"log": {"version": "1.2", "pages": [
        {"id": "page_1", "title": "Products", "startedDateTime": "2026-11-21T10:00:00Z"},
        {"id": "page_2", "title": "https://shop.test/cart?session=abc", "startedDateTime": "2026-11-21T10:00:30Z"},
    ], "entries": entries}})
    .to_string()
}

fn shop() -> String {
    recording(&[
        entry(
            1.0,
            "GET",
            "https://api.shop.test/products?category=a%20b&access_token=hush-1",
            &json!({"request": {"headers": [
            {"name": ":authority", "value": "api.shop.test"}, {"name": "Accept", "value": "application/json"}, {"name": "Cookie", "value": "sid=hush-2"},
            {"name": "X-Tenant", "value": "gold"}, {"name": "X-Custom", "value": "Bearer hush-3"}, {"name": "Sec-Fetch-Mode", "value": "cors"}]}}),
        ),
        entry(
            0.0,
            "GET",
            "https://shop.test/",
            &json!({"_resourceType": "document", "response": {"content": {"mimeType": "text/html"}}}),
        ),
        entry(
            2.6,
            "POST",
            "https://api.shop.test/cart",
            &json!({"request": {
            "headers": [{"name": "content-type", "value": "application/json; charset=utf-8"}],
            "postData": {"mimeType": "application/json", "text": "{\"product\": \"${p}\", \"quantity\": 1, \"password\": \"hush-4\"}"}}}),
        ),
        entry(
            2.65,
            "POST",
            "https://stats.other.test:8443/beat",
            &json!({"request": {"postData": {"mimeType": "application/x-www-form-urlencoded", "text": "a=1&pwd=hush-5"}}}),
        ),
        entry(40.0, "GET", "https://api.shop.test/cart", &json!({"pageref": "page_2", "response": {"status": 404}})),
        entry(41.0, "GET", "https://api.shop.test/cart", &json!({"pageref": "page_2"})),
        entry(42.0, "GET", "https://api.shop.test/gone", &json!({"response": {"status": 0}})),
        entry(43.0, "GET", "wss://api.shop.test/live", &json!({})),
        entry(44.0, "OPTIONS", "https://api.shop.test/cart", &json!({"_resourceType": "preflight"})),
    ])
}

#[test]
fn each_page_becomes_a_journey_with_its_pauses() {
    let imported = import_har(&shop(), "Shop.har", HarOptions::default()).expect("readable");
    let expected = r#"name: shop-har
minutes: 1
targets:
  api-shop-test: https://api.shop.test
  stats-other-test-8443: https://stats.other.test:8443
streams:
  - {name: visitors, arrivals_per_second: 1, journeys: {products: 1, cart: 1}}
journeys:
  products:
    - method: GET
      path: "/products?category=a%20b&access_token=REDACTED"
      headers: {accept: application/json, x-tenant: gold}
    - {method: POST, path: /cart, think_ms: 1500, json: {product: "$${p}", quantity: 1, password: REDACTED}}
    - target: stats-other-test-8443
      method: POST
      path: /beat
      headers: {content-type: application/x-www-form-urlencoded}
      body: "a=1&pwd=REDACTED"
  cart:
    - {method: GET, path: /cart, success: {status: 404}}
    - {name: "GET /cart (2)", method: GET, path: /cart, think_ms: 900}
"#;
    let (_, file) = imported.yaml.split_once("\n\n").expect("a comment first");
    assert_eq!(file, expected, "{}", imported.yaml);
    let said = imported.left_out.join("\n");
    for part in [
        "recorded at https://api.shop.test",
        "cookie, x-custom",
        "3 values",
        "1 request for pages",
        "1 request that got no answer",
        "CORS",
        "WebSocket",
    ] {
        assert!(said.contains(part), "{part:?} is missing in\n{said}");
    }
    assert!(!imported.yaml.contains("hush"), "{}", imported.yaml);
    assert!(!imported.yaml.contains("abc"), "a page's title tells nothing either: {}", imported.yaml);
}

#[test]
fn options_keep_more() {
    let options = HarOptions { one_journey: true, assets: true, keep_auth: true };
    let imported = import_har(&shop(), "x", options).expect("readable");
    for part in [
        "journeys: {visit: 1}",
        "target: api-shop-test",
        "cookie: \"sid=hush-2\"",
        "Bearer hush-3",
        "hush-1",
        "hush-4",
        "hush-5",
        "shop-test: https://shop.test",
    ] {
        assert!(imported.yaml.contains(part), "{part:?} is missing in\n{}", imported.yaml);
    }
    assert!(imported.left_out.iter().any(|s| s.contains("one to hide")));
}

#[test]
fn a_browser_that_does_not_say_what_a_request_was_for_is_asked_for_types() {
    let plain = |url: &str, mime: &str, method: &str| {
        entry(
            1.0,
            method,
            url,
            &json!({"_resourceType": null, "pageref": null, "response": {"content": {"mimeType": mime}}}),
        )
    };
    let text = recording(&[
        plain("http://a.test/1", "application/json; charset=utf-8", "GET"),
        plain("http://a.test/2", "text/html", "GET"),
        plain("http://a.test/3", "text/html", "DELETE"),
        plain("http://a.test/4", "image/svg+xml", "GET"),
        plain("http://a.test/5", "application/problem+json", "GET"),
    ]);
    let imported = import_har(&text, "x", HarOptions::default()).expect("readable");
    let kept: Vec<bool> = (1..=5).map(|n| imported.yaml.contains(&format!("path: /{n}"))).collect();
    assert_eq!(kept, [true, false, true, false, true], "{}", imported.yaml);
}

#[test]
fn bodies_that_cannot_be_kept_are_said() {
    let post = |n: u32, data: Value| {
        entry(f64::from(n), "POST", &format!("http://a.test/{n}"), &json!({"request": {"postData": data}}))
    };
    let deep = (0..40).fold(json!(1), |inner, _| json!([inner]));
    let text = recording(&[
        post(1, json!({"mimeType": "multipart/form-data; boundary=x", "text": "--x"})),
        post(2, json!({"mimeType": "text/xml", "text": "<login><password>hush</password></login>"})),
        post(3, json!({"mimeType": "application/json", "text": json!({"a": "b".repeat(20_000)}).to_string()})),
        post(4, json!({"mimeType": "application/octet-stream", "text": "aGk=", "encoding": "base64"})),
        post(
            5,
            json!({"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "a b", "value": "c&d"}, {"name": "pin", "value": "hush"}]}),
        ),
        post(6, json!({"mimeType": "text/xml", "text": "<a>${x}</a>"})),
        post(7, json!({"mimeType": "application/json", "text": deep.to_string()})),
        post(8, json!({"mimeType": "text/plain", "text": "{\"token\": \"hush\"}"})),
    ]);
    let imported = import_har(&text, "x", HarOptions::default()).expect("readable");
    assert!(!imported.yaml.contains("hush"), "{}", imported.yaml);
    let said = imported.left_out.join("\n");
    for part in [
        "POST /1 (that is no text)",
        "POST /2 (with secrets in it)",
        "POST /3 (that is too long)",
        "POST /4 (that is no text)",
    ] {
        assert!(said.contains(part), "{part:?} is missing in\n{said}");
    }
    for part in ["body: \"a%20b=c%26d&pin=REDACTED\"", "<a>$${x}</a>", "[[[[[[", "json: {token: REDACTED}"] {
        assert!(imported.yaml.contains(part), "{part:?} is missing in\n{}", imported.yaml);
    }
}

#[test]
fn what_is_no_recording_is_said_with_its_place() {
    let table = [
        ("{\n  \"log\": 3}", "not a HAR"),
        ("", "not a HAR"),
        ("[]", "not a HAR"),
        ("{\"log\": {\"entries\": []}}", "no request in it"),
    ];
    for (text, message) in table {
        let mistakes = import_har(text, "x", HarOptions::default()).expect_err(text);
        assert!(mistakes[0].message.contains(message) && !mistakes[0].remedy.is_empty(), "{text}: {mistakes:?}");
    }
    for text in [
        r#"{"log": "hush at line 3, expected x \" y"}"#,
        r#"{"log": {"entries": [{"startedDateTime": "x", "request": {"method": "GET", "url": "/", "headers": "hush"}}]}}"#,
        r#"{"log": {"entries": 987654321}}"#,
        r#"{"log": {"entries": [hush]}}"#,
    ] {
        let said = import_har(text, "x", HarOptions::default()).expect_err(text)[0].message.clone();
        assert!(said.starts_with("not a HAR: ") && !said.contains("hush") && !said.contains("987654321"), "{said}");
    }
    let only_pages = recording(&[entry(0.0, "GET", "https://shop.test/", &json!({"_resourceType": "document"}))]);
    let mistakes = import_har(&only_pages, "x", HarOptions::default()).expect_err("no call of an API");
    assert!(mistakes[0].remedy.contains("--assets"), "{mistakes:?}");
}

#[test]
fn whatever_was_recorded_becomes_a_file_that_can_be_read() {
    let mut entries = Vec::new();
    for n in 0..200_u32 {
        let more = json!({"pageref": if n % 3 == 0 { json!(format!("page_{n}")) } else { Value::Null }, "request": {
            "headers": (0..80).map(|h| json!({"name": format!("X-{h}"), "value": "${a} $${b} \u{e4} \"quoted\""})).collect::<Vec<_>>(),
            "postData": {"mimeType": "application/json", "text": json!({"${k}": "$$${v}", "n": [n, -1.5e-9, null, ""], "": {}}).to_string()},
        }});
        let url = format!("https://h{}.test/{}?q=${{x}}#{n}", n % 40, "long-segment/".repeat(n as usize));
        entries.push(entry(f64::from(n % 50), ["GET", "POST", "PURGE", "delete"][n as usize % 4], &url, &more));
    }
    // `import_har` reads what it made.
    let imported = import_har(&recording(&entries), &"name".repeat(50), HarOptions::default()).expect("readable");
    assert!(imported.left_out.iter().any(|s| s.contains("beyond 64 of a journey")), "{:?}", imported.left_out);
    let test = crate::parse_load_test(&imported.yaml).expect("right");
    assert!(test.targets.len() <= 16 && test.journeys.values().all(|steps| steps.len() <= 64));
}
