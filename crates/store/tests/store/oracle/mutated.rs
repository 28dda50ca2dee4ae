//! Messages with faults: nothing panics, nothing stays behind, and what `prost` still takes the walk takes too.

use detect::UnixMs;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use proptest::prelude::*;
use proptest::sample::Index;
use prost::Message;
use store::{IngestError, Ingested, SpanSearch, Store, StoreLimits, StoreStats};

use super::{cases, generate, logs, metrics, traces};
use crate::otlp::{NOW_S, encoded};

const NOW: UnixMs = UnixMs(NOW_S * 1000);

/// One fault.
#[derive(Debug, Clone)]
enum Fault {
    Flip(Index, u8),
    Cut(Index),
    Remove(Index, usize),
    Insert(Index, Vec<u8>),
    /// A piece of the message once more, somewhere else.
    Splice(Index, usize, Index),
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        6 => (any::<Index>(), 0..8u8).prop_map(|(at, bit)| Fault::Flip(at, bit)),
        1 => any::<Index>().prop_map(Fault::Cut),
        1 => (any::<Index>(), 1..20usize).prop_map(|(at, length)| Fault::Remove(at, length)),
        1 => (any::<Index>(), prop::collection::vec(any::<u8>(), 1..12)).prop_map(|(at, new)| Fault::Insert(at, new)),
        1 => (any::<Index>(), 1..80usize, any::<Index>()).prop_map(|(from, length, to)| Fault::Splice(from, length, to)),
    ]
}

fn apply(mut bytes: Vec<u8>, faults: &[Fault]) -> Vec<u8> {
    for fault in faults {
        if bytes.is_empty() {
            break;
        }
        let range = |at: &Index, length: usize, bytes: &[u8]| {
            let start = at.index(bytes.len());
            start..(start + length).min(bytes.len())
        };
        match fault {
            Fault::Flip(at, bit) => {
                let at = at.index(bytes.len());
                bytes[at] ^= 1 << bit;
            }
            Fault::Cut(at) => bytes.truncate(at.index(bytes.len())),
            Fault::Remove(at, length) => drop(bytes.drain(range(at, *length, &bytes))),
            Fault::Insert(at, new) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, new.iter().copied());
            }
            Fault::Splice(from, length, to) => {
                let piece = bytes[range(from, *length, &bytes)].to_vec();
                let to = to.index(bytes.len());
                bytes.splice(to..to, piece);
            }
        }
    }
    bytes
}

/// What must be as before after a message was refused; tables may have learnt words.
fn kept(store: &Store) -> (StoreStats, usize) {
    let searched = store.search(&SpanSearch { limit: Some(500), ..SpanSearch::default() });
    (StoreStats { bytes_kept: 0, ..store.stats() }, searched.iter().map(|trace| trace.spans).sum())
}

/// The walk's outcome for `bytes` after a sound message, against what `prost` makes of them.
fn check(
    sound: &[u8],
    bytes: &[u8],
    expected: Option<Ingested>,
    take: impl Fn(&Store, &[u8]) -> Result<Ingested, IngestError>,
) -> Result<(), TestCaseError> {
    let store = Store::new(StoreLimits::default(), Default::default());
    prop_assert!(take(&store, sound).is_ok());
    let before = kept(&store);
    let taken = take(&store, bytes);
    if let Some(expected) = expected {
        prop_assert_eq!(&taken, &Ok(expected), "prost takes it");
    }
    if taken.is_err() {
        prop_assert_eq!(before, kept(&store), "nothing stays behind");
    }
    prop_assert!(take(&store, sound).is_ok(), "and the next message is taken");
    Ok(())
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn faults_in_traces_harm_nobody(message in generate::traces(), faults in prop::collection::vec(fault(), 1..6)) {
        let sound = encoded(&message);
        let bytes = apply(sound.clone(), &faults);
        let expected = ExportTraceServiceRequest::decode(&bytes[..]).ok().map(|message| traces::counted(&message));
        check(&sound, &bytes, expected, |store, bytes| store.ingest_traces(bytes, NOW))?;
    }

    #[test]
    fn faults_in_logs_harm_nobody(message in generate::logs(), faults in prop::collection::vec(fault(), 1..6)) {
        let sound = encoded(&message);
        let bytes = apply(sound.clone(), &faults);
        let expected = ExportLogsServiceRequest::decode(&bytes[..]).ok().map(|message| logs::counted(&message));
        check(&sound, &bytes, expected, |store, bytes| store.ingest_logs(bytes, NOW))?;
    }

    #[test]
    fn faults_in_metrics_harm_nobody(message in generate::metrics(), faults in prop::collection::vec(fault(), 1..6)) {
        let sound = encoded(&message);
        let bytes = apply(sound.clone(), &faults);
        let expected = ExportMetricsServiceRequest::decode(&bytes[..]).ok().map(|message| metrics::counted(&message));
        check(&sound, &bytes, expected, |store, bytes| store.ingest_metrics(bytes))?;
    }

    #[test]
    fn bytes_that_mean_nothing_harm_nobody(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let expected = ExportTraceServiceRequest::decode(&bytes[..]).ok().map(|message| traces::counted(&message));
        check(&[], &bytes, expected, |store, bytes| store.ingest_traces(bytes, NOW))?;
        let expected = ExportLogsServiceRequest::decode(&bytes[..]).ok().map(|message| logs::counted(&message));
        check(&[], &bytes, expected, |store, bytes| store.ingest_logs(bytes, NOW))?;
        let expected = ExportMetricsServiceRequest::decode(&bytes[..]).ok().map(|message| metrics::counted(&message));
        check(&[], &bytes, expected, |store, bytes| store.ingest_metrics(bytes))?;
    }
}
