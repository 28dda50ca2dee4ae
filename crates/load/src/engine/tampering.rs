//! Tampering: a share of a stream's requests is changed on its way out.
//!
//! Whether it is, is changed while the run goes on, from outside. A stream that is left alone costs one relaxed load a
//! request.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use scenario::{RequestPlace, TamperingDraw};

use super::run::unix_now;
use crate::request::{body_of, replace_body};
use crate::tampering::{Change, Malformation, Tampering, Way, bloat, malform};

/// What is done to a stream's requests now, and to how many something was done since the run began.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct StreamTampering {
    /// `None` where nothing is done, or not any more.
    pub(crate) tampering: Option<Arc<Tampering>>,
    /// Requests that were changed, as [`Way::ALL`] has the ways.
    pub(crate) changed: [u64; Way::ALL.len()],
}

/// What became of one request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tampered {
    pub(super) way: Option<Way>,
    /// Over which time its body is to be uploaded; at once where absent.
    pub(super) upload: Option<Duration>,
}

/// One for each stream of a run. Held for single looks, never across an await.
#[derive(Debug)]
pub(crate) struct Tamperings(Vec<OfStream>);

#[derive(Debug)]
struct OfStream {
    /// Whether there is anything to look at.
    is_on: AtomicBool,
    tampering: Mutex<Option<Arc<Tampering>>>,
    draw: TamperingDraw,
    changed: [AtomicU64; Way::ALL.len()],
}

impl Tamperings {
    /// For streams of these names.
    pub(super) fn new<'n>(seed: u64, streams: impl Iterator<Item = &'n str>) -> Self {
        let of = |name| OfStream {
            is_on: AtomicBool::new(false),
            tampering: Mutex::default(),
            draw: TamperingDraw::new(seed, name),
            changed: <_>::default(),
        };
        Self(streams.map(of).collect())
    }

    /// Puts `tampering` in the place of the stream's; returns the one that was in force.
    pub(crate) fn set(&self, stream: usize, tampering: Option<Tampering>) -> Option<Arc<Tampering>> {
        let of = &self.0[stream];
        let before = of.in_force();
        let is_on = tampering.is_some();
        *of.lock() = tampering.map(Arc::new);
        of.is_on.store(is_on, Ordering::Relaxed);
        before
    }

    pub(crate) fn of(&self, stream: usize) -> StreamTampering {
        let of = &self.0[stream];
        let changed = std::array::from_fn(|way| of.changed[way].load(Ordering::Relaxed));
        StreamTampering { tampering: of.in_force(), changed }
    }

    /// Changes `request`, which is written and about to leave, if it is one of those that are to be.
    #[inline]
    pub(super) fn apply(&self, stream: usize, place: RequestPlace, request: &mut Vec<u8>) -> Tampered {
        let of = &self.0[stream];
        if of.is_on.load(Ordering::Relaxed) { of.apply(place, request) } else { Tampered::default() }
    }
}

impl OfStream {
    #[cold]
    fn apply(&self, place: RequestPlace, request: &mut Vec<u8>) -> Tampered {
        let Some(tampering) = self.in_force() else {
            return Tampered::default();
        };
        let [chosen, which, how_much] = self.draw.draw(place);
        if chosen > tampering.share {
            return Tampered::default();
        }
        let tampered = change(&tampering.change, which, how_much, request);
        if let Some(way) = tampered.way {
            self.changed[way.position()].fetch_add(1, Ordering::Relaxed);
        }
        tampered
    }

    fn in_force(&self) -> Option<Arc<Tampering>> {
        self.lock().clone().filter(|tampering| unix_now() < tampering.until_unix)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Tampering>>> {
        // It is replaced in one go.
        self.tampering.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn change(change: &Change, which: f64, how_much: f64, request: &mut Vec<u8>) -> Tampered {
    let Some(body) = body_of(request).filter(|body| !body.is_empty()) else {
        return Tampered::default();
    };
    let (way, body) = match change {
        Change::Malformed { ways } => {
            let Some((how, body)) = malformed(ways, which, body) else {
                return Tampered::default();
            };
            (Way::Malformed(how), body)
        }
        Change::Bloat { least, most } => {
            let more = (most.saturating_sub(*least) as f64 * how_much).round() as usize;
            let Some(body) = bloat(body, least + more) else {
                return Tampered::default();
            };
            (Way::Bloat, body)
        }
        Change::Slow { least, most } => {
            let upload = *least + most.saturating_sub(*least).mul_f64(how_much);
            return Tampered { way: Some(Way::Slow), upload: Some(upload) };
        }
    };
    replace_body(request, &body);
    Tampered { way: Some(way), upload: None }
}

/// The way that is drawn, or the next in their order by which this body can be made wrong.
fn malformed(ways: &[Malformation], which: f64, body: &[u8]) -> Option<(Malformation, Vec<u8>)> {
    // `which` is over 0.
    let drawn = ((which * ways.len() as f64).ceil() as usize).saturating_sub(1);
    let in_turn = ways.iter().cycle().skip(drawn).take(ways.len());
    in_turn.copied().find_map(|how| Some((how, malform(body, how)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &[u8] = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 13\r\n\r\n{\"a\":\"words\"}";

    fn place(index: u64) -> RequestPlace {
        RequestPlace { index, step: 0, retries: 0 }
    }

    fn tamperings() -> Tamperings {
        Tamperings::new(7, ["other", "demo"].into_iter())
    }

    fn malformed(share: f64, ways: &[Malformation]) -> Tampering {
        Tampering { share, change: Change::Malformed { ways: ways.to_vec() }, until_unix: unix_now() + 60.0 }
    }

    #[test]
    fn a_share_is_changed_the_same_requests_each_time_and_no_longer_than_it_lasts() {
        let played = || {
            let tamperings = tamperings();
            assert_eq!(tamperings.set(1, Some(malformed(0.5, &Malformation::ALL))), None);
            let sent: Vec<Vec<u8>> = (0..1_000)
                .map(|index| {
                    let mut request = REQUEST.to_vec();
                    tamperings.apply(1, place(index), &mut request);
                    request
                })
                .collect();
            assert_eq!(tamperings.apply(0, place(0), &mut REQUEST.to_vec()), Tampered::default(), "another stream");
            (sent, tamperings)
        };
        let (sent, tamperings) = played();
        assert_eq!(sent, played().0);
        let changed = tamperings.of(1).changed;
        let all: u64 = changed.iter().sum();
        assert_eq!(sent.iter().filter(|request| *request != REQUEST).count() as u64, all);
        // Three standard deviations of 1,000 throws are 47; of the fifth of 500, 27.
        assert!((453..=547).contains(&all), "{changed:?}");
        assert!(changed[..5].iter().all(|count| (70..=130).contains(count)), "{changed:?}");

        let over = Tampering { until_unix: unix_now() - 1.0, ..malformed(1.0, &Malformation::ALL) };
        assert!(tamperings.set(1, Some(over)).is_some());
        assert_eq!(tamperings.apply(1, place(0), &mut REQUEST.to_vec()), Tampered::default());
        assert_eq!(tamperings.of(1), StreamTampering { tampering: None, changed });
        assert_eq!(tamperings.set(1, None), None);
    }

    #[test]
    fn a_changed_request_says_its_bodys_length() {
        let tamperings = tamperings();
        for how in Malformation::ALL {
            tamperings.set(1, Some(malformed(1.0, &[how])));
            let mut request = REQUEST.to_vec();
            let tampered = tamperings.apply(1, place(3), &mut request);
            assert_eq!(tampered, Tampered { way: Some(Way::Malformed(how)), upload: None });
            let text = String::from_utf8(request).expect("UTF-8");
            let (head, body) = text.split_once("\r\n\r\n").expect("a head");
            assert_eq!(head, format!("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {}", body.len()));
        }
    }

    #[test]
    fn what_can_not_be_changed_stays_as_it_is_and_is_not_counted() {
        let tamperings = tamperings();
        tamperings.set(1, Some(malformed(1.0, &[Malformation::WrongType, Malformation::MissingField])));
        let bodiless: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
        let empty: &[u8] = b"POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n";
        let no_json: &[u8] = b"POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\nhi";
        for same in [bodiless, empty, no_json] {
            let mut request = same.to_vec();
            assert_eq!(tamperings.apply(1, place(0), &mut request), Tampered::default());
            assert_eq!(request, same);
        }
        assert_eq!(tamperings.of(1).changed, [0; 7]);
        // The next way is taken where the one that was drawn is impossible.
        let mut numbers = b"POST / HTTP/1.1\r\ncontent-length: 7\r\n\r\n{\"a\":1}".to_vec();
        for index in 0..20 {
            let tampered = tamperings.apply(1, place(index), &mut numbers.clone());
            assert_eq!(tampered.way, Some(Way::Malformed(Malformation::MissingField)));
        }
        tamperings.set(1, Some(malformed(1.0, &[Malformation::Empty])));
        tamperings.apply(1, place(0), &mut numbers);
        assert_eq!(numbers, b"POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n");
    }

    #[test]
    fn how_slow_and_how_long_is_drawn_between_the_bounds() {
        let tamperings = tamperings();
        let (least, most) = (Duration::from_secs(2), Duration::from_secs(5));
        let set = |change| tamperings.set(1, Some(Tampering { share: 1.0, change, until_unix: f64::INFINITY }));
        set(Change::Slow { least, most });
        let slow = |index| tamperings.apply(1, place(index), &mut REQUEST.to_vec()).upload.expect("slow");
        let uploads: Vec<f64> = (0..1_000).map(|index| slow(index).as_secs_f64()).collect();
        assert!(uploads.iter().all(|seconds| (2.0..=5.0).contains(seconds)));
        let mean = uploads.iter().sum::<f64>() / 1_000.0;
        assert!((3.4..3.6).contains(&mean), "{mean}");
        set(Change::Bloat { least: 100, most: 200 });
        for index in 0..100 {
            let mut request = REQUEST.to_vec();
            assert_eq!(tamperings.apply(1, place(index), &mut request).way, Some(Way::Bloat));
            let body: serde_json::Value = serde_json::from_slice(body_of(&request).expect("a body")).expect("JSON");
            let length = body["a"].as_str().expect("a text").chars().count();
            assert!((100..=200).contains(&length), "{length}");
        }
    }
}
