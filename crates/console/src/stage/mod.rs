//! The Stage: what is happening, beside the play if there is one.
//!
//! `snapshot` gathers it all once a second, `publish` renders and sends it to whoever watches.

mod card;
mod curves;
mod lanes;
mod publish;
mod revenue;
mod snapshot;

pub use card::{Card, CardStatus};
pub use curves::Curve;

pub(crate) use card::entrance;
pub use snapshot::StageSnapshot;

pub(crate) use publish::{message, publish};
