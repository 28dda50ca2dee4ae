//! `/admin/tampering`: whether a share of a stream's requests is changed on its way out, and how.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::routing::{get, put};
use axum::{Json, Router};
use http::HeaderMap;
use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::input::Reader;
use super::routes::json_body;
use super::streams;
use crate::engine::{StreamTampering, unix_now};
use crate::generator::Generator;
use crate::tampering::{Change, Malformation, Tampering, Way};

/// How long an upload may take, in milliseconds: beyond a minute no client here waits for its answer.
const UPLOAD_MS: RangeInclusive<u64> = 1..=60_000;
/// How long a text may be made, in characters: as much as the largest context windows take, and no more than a machine can
/// send some tens of a second.
const CHARACTERS: RangeInclusive<u64> = 1..=1_000_000;
/// What a body may be, for people.
const EXAMPLE: &str = r#"{"kind": "malformed", "share": 0.5, "until_unix": 1795996800}"#;

/// The routes that change something, and those that only look.
pub(super) fn routes() -> (Router<Arc<Generator>>, Router<Arc<Generator>>) {
    let changing = Router::new().route("/admin/tampering/{stream}", put(change).delete(remove));
    (changing, Router::new().route("/admin/tampering", get(list)))
}

/// `PUT /admin/tampering/{stream} {kind, share?, ways? | upload_ms | characters, until_unix}`
async fn change(
    State(generator): State<Arc<Generator>>,
    Path(stream): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, ApiError> {
    let tampering = parse(&json_body(&headers, body)?, unix_now())?;
    let run = streams::run(&generator)?;
    let number = streams::find(&run, &stream)?;
    run.tampering().set(number, Some(tampering));
    Ok(Json(shown(&stream, &run.tampering().of(number))))
}

/// Nothing to remove is as good as removed.
async fn remove(State(generator): State<Arc<Generator>>, Path(stream): Path<String>) -> Json<Value> {
    let removed = generator.current().and_then(|run| {
        let number = streams::find(&run, &stream).ok()?;
        run.tampering().set(number, None)
    });
    Json(json!({"removed": removed.is_some()}))
}

/// Streams whose requests are changed, or were in this run.
async fn list(State(generator): State<Arc<Generator>>) -> Json<Value> {
    let mut listed = Vec::new();
    if let Some(run) = generator.current() {
        for (number, stream) in run.plan().traffic.streams.iter().enumerate() {
            let tampering = run.tampering().of(number);
            if tampering != StreamTampering::default() {
                listed.push(shown(&stream.name, &tampering));
            }
        }
    }
    Json(json!({"tampering": listed}))
}

/// `kind` is `null` where nothing is changed any more; what was changed is still told.
fn shown(stream: &str, of: &StreamTampering) -> Value {
    let ways = Way::ALL.iter().zip(of.changed).filter(|(_, count)| *count > 0);
    let by_way: Map<String, Value> = ways.map(|(way, count)| (way.name().to_owned(), count.into())).collect();
    let mut shown = json!({
        "stream": stream,
        "kind": null,
        "changed": of.changed.iter().sum::<u64>(),
        "by_way": by_way,
    });
    if let Some(tampering) = &of.tampering {
        let (kind, field, what) = match &tampering.change {
            Change::Malformed { ways } => {
                ("malformed", "ways", ways.iter().map(|how| how.name()).collect::<Vec<_>>().into())
            }
            Change::Slow { least, most } => {
                ("slow", "upload_ms", json!([least.as_millis() as u64, most.as_millis() as u64]))
            }
            Change::Bloat { least, most } => ("bloat", "characters", json!([least, most])),
        };
        shown["kind"] = kind.into();
        shown[field] = what;
        shown["share"] = tampering.share.into();
        shown["until_unix"] = tampering.until_unix.into();
    }
    shown
}

fn parse(body: &[u8], now: f64) -> Result<Tampering, ApiError> {
    let mut reader = Reader::new(body, EXAMPLE)?;
    for field in ["kind", "until_unix"] {
        if !reader.has(field) {
            reader.mistake(field, "is missing");
        }
    }
    let change = match reader.word("kind", &["malformed", "slow", "bloat"]) {
        Some("malformed") => Change::Malformed { ways: ways(&mut reader) },
        Some("slow") => {
            let (least, most) = reader.between("upload_ms", UPLOAD_MS);
            Change::Slow { least: Duration::from_millis(least), most: Duration::from_millis(most) }
        }
        Some("bloat") => {
            let (least, most) = reader.between("characters", CHARACTERS);
            Change::Bloat { least: least as usize, most: most as usize }
        }
        // Which of the other fields belong there can't be said.
        _ => {
            reader.forget(&["ways", "upload_ms", "characters"]);
            Change::Malformed { ways: Vec::new() }
        }
    };
    let share = reader.number("share", f64::MIN_POSITIVE..=1.0, "over 0 and at most 1").unwrap_or(1.0);
    let tampering = Tampering { share, change, until_unix: streams::until(&mut reader, now) };
    reader.finish(tampering)
}

/// All of them where none is named.
fn ways(reader: &mut Reader) -> Vec<Malformation> {
    let names = Malformation::ALL.map(Malformation::name);
    match reader.words("ways", &names) {
        Some(named) => named.into_iter().filter_map(Malformation::of_name).collect(),
        None => Malformation::ALL.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Tampering, ApiError> {
        parse(body.as_bytes(), 1_000.0)
    }

    #[test]
    fn each_kind_is_read_whole_and_shown_as_it_was_written() {
        let table = [
            r#"{"kind":"malformed","ways":["empty","wrong_type"],"share":0.5,"until_unix":1500.5}"#,
            r#"{"kind":"slow","upload_ms":[2000,5000],"share":0.15,"until_unix":1500.0}"#,
            r#"{"kind":"bloat","characters":[20000,30000],"share":1.0,"until_unix":1500.0}"#,
        ];
        for body in table {
            let tampering = read(body).expect(body);
            let of = StreamTampering { tampering: Some(Arc::new(tampering)), changed: [0, 0, 0, 2, 0, 1, 0] };
            let shown = shown("s", &of);
            let written: Value = serde_json::from_str(body).expect("JSON");
            for (field, value) in written.as_object().expect("an object") {
                assert_eq!(&shown[field], value, "{field} of {body}");
            }
            assert_eq!((&shown["changed"], &shown["by_way"]), (&json!(3), &json!({"empty": 2, "slow": 1})));
        }
        let all = read(r#"{"kind": "malformed", "until_unix": 1500}"#).expect("right");
        assert_eq!((all.share, all.change), (1.0, Change::Malformed { ways: Malformation::ALL.to_vec() }));
        let ended = StreamTampering { tampering: None, changed: [1, 0, 0, 0, 0, 0, 0] };
        assert_eq!(
            shown("s", &ended),
            json!({"stream": "s", "kind": null, "changed": 1, "by_way": {"missing_field": 1}})
        );
    }

    #[test]
    fn every_mistake_names_its_field() {
        let table = [
            ("[]", "must be a JSON object"),
            ("{}", "kind is missing; until_unix is missing"),
            (r#"{"kind": "odd", "until_unix": 1500}"#, "kind must be one of malformed, slow, bloat"),
            (r#"{"kind": "slow", "until_unix": 1500}"#, "upload_ms is missing"),
            (r#"{"kind": "slow", "upload_ms": 2000, "until_unix": 1500}"#, "upload_ms must be [least, most]"),
            (r#"{"kind": "slow", "upload_ms": [5000, 2000], "until_unix": 1500}"#, "upload_ms must be"),
            (r#"{"kind": "slow", "upload_ms": [0, 2000], "until_unix": 1500}"#, "upload_ms must be"),
            (r#"{"kind": "slow", "upload_ms": [1, 60001], "until_unix": 1500}"#, "from 1 to 60000"),
            (r#"{"kind": "bloat", "characters": [1, 2, 3], "until_unix": 1500}"#, "characters must be"),
            (r#"{"kind": "bloat", "characters": [1, 1000001], "until_unix": 1500}"#, "from 1 to 1000000"),
            (
                r#"{"kind": "bloat", "characters": [1, 2], "ways": ["empty"], "until_unix": 1500}"#,
                "ways is not a field",
            ),
            (r#"{"kind": "malformed", "ways": [], "until_unix": 1500}"#, "ways must be a list of missing_field, "),
            (r#"{"kind": "malformed", "ways": ["late"], "until_unix": 1500}"#, "ways must be"),
            (r#"{"kind": "malformed", "ways": "empty", "until_unix": 1500}"#, "ways must be"),
            (r#"{"kind": "malformed", "ways": ["empty", "empty"], "until_unix": 1500}"#, "ways must be"),
            (r#"{"kind": "malformed", "share": 0, "until_unix": 1500}"#, "share must be a number over 0 and at most 1"),
            (r#"{"kind": "malformed", "share": 1.1, "until_unix": 1500}"#, "share must be"),
            (r#"{"kind": "malformed", "until_unix": 999}"#, "until_unix must be a number of Unix seconds"),
        ];
        for (body, said) in table {
            let mistakes = format!("{:?}", read(body).expect_err(body));
            assert!(mistakes.contains(said), "{body}: {mistakes}");
        }
    }
}
