//! Where parcels go.

use chassis::input::{Field, Raw};

/// A five-digit ZIP code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Zip(String);

/// How far a ZIP code is from the warehouse, which stands in zone 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Zone(u8);

impl Zip {
    /// Where a parcel goes when nobody says: next door to the warehouse.
    pub(crate) fn nearby() -> Self {
        Self("10001".to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The zone, 1 to 5: the first digit of a ZIP code counts the regions from the east coast to the west.
    pub(crate) fn zone(&self) -> Zone {
        let region = self.0.as_bytes()[0] - b'0';
        Zone(1 + region / 2)
    }
}

impl Zone {
    pub(crate) const fn number(self) -> u8 {
        self.0
    }
}

impl Field for Zip {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let text = raw.text()?;
        let is_zip = text.len() == 5 && text.bytes().all(|b| b.is_ascii_digit());
        is_zip.then(|| Self(text.to_owned())).ok_or_else(|| "must be a string of five digits".to_owned())
    }
}
