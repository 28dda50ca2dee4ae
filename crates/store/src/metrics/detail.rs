//! What histograms and summaries have besides count and sum, in few bytes.

use serde_json::{Map, Value as Json, json};

use crate::wire::{Fields, put_varint, unzigzag, zigzag};

/// Buckets and extremes of one point.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Detail {
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
    pub(crate) buckets: Buckets,
}

/// How values are spread.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Buckets {
    /// It is a number, or nobody said.
    #[default]
    None,
    /// Counts between bounds; there is one count more than there are bounds.
    Explicit { bounds: Vec<f64>, counts: Vec<u64> },
    /// Base-2 exponential buckets; each side is the offset of its first bucket and the counts.
    Exponential { scale: i32, zero_count: u64, positive: (i32, Vec<u64>), negative: (i32, Vec<u64>) },
    /// Quantiles (0 to 1) and their values.
    Quantiles(Vec<(f64, f64)>),
}

const MIN: u8 = 1;
const MAX: u8 = 2;
const EXPLICIT: u8 = 4;
const EXPONENTIAL: u8 = 8;
const QUANTILES: u8 = 16;

impl Detail {
    /// Appends it; nothing if it is empty.
    pub(crate) fn write(&self, buffer: &mut Vec<u8>) {
        let form = match &self.buckets {
            Buckets::None => 0,
            Buckets::Explicit { .. } => EXPLICIT,
            Buckets::Exponential { .. } => EXPONENTIAL,
            Buckets::Quantiles(_) => QUANTILES,
        };
        let flags = form | self.min.map_or(0, |_| MIN) | self.max.map_or(0, |_| MAX);
        if flags == 0 {
            return;
        }
        buffer.push(flags);
        for extreme in [self.min, self.max].into_iter().flatten() {
            double(buffer, extreme);
        }
        match &self.buckets {
            Buckets::None => {}
            Buckets::Explicit { bounds, counts } => {
                put_varint(buffer, bounds.len() as u64);
                bounds.iter().for_each(|bound| double(buffer, *bound));
                list(buffer, counts);
            }
            Buckets::Exponential { scale, zero_count, positive, negative } => {
                put_varint(buffer, zigzag((*scale).into()));
                put_varint(buffer, *zero_count);
                for (offset, counts) in [positive, negative] {
                    put_varint(buffer, zigzag((*offset).into()));
                    list(buffer, counts);
                }
            }
            Buckets::Quantiles(quantiles) => {
                put_varint(buffer, quantiles.len() as u64);
                for (quantile, value) in quantiles {
                    double(buffer, *quantile);
                    double(buffer, *value);
                }
            }
        }
    }

    /// Reads what [`Detail::write`] wrote.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        detail(&mut Fields::new(bytes)).unwrap_or_default()
    }

    /// Everything that is there as JSON fields.
    pub(crate) fn fields(&self, fields: &mut Map<String, Json>) {
        for (name, extreme) in [("min", self.min), ("max", self.max)] {
            if let Some(extreme) = extreme {
                fields.insert(name.into(), json!(extreme));
            }
        }
        match &self.buckets {
            Buckets::None => {}
            Buckets::Explicit { bounds, counts } => {
                fields.insert("bounds".into(), json!(bounds));
                fields.insert("counts".into(), json!(counts));
            }
            Buckets::Exponential { scale, zero_count, positive, negative } => {
                fields.insert("scale".into(), json!(scale));
                fields.insert("zero_count".into(), json!(zero_count));
                fields.insert("positive".into(), json!({"offset": positive.0, "counts": positive.1}));
                fields.insert("negative".into(), json!({"offset": negative.0, "counts": negative.1}));
            }
            Buckets::Quantiles(quantiles) => {
                fields.insert("quantiles".into(), json!(quantiles));
            }
        }
    }

    /// What [`Detail::fields`] made; fields that do not fit count as not there.
    pub(crate) fn from_fields(fields: &Map<String, Json>) -> Self {
        let number = |name: &str| fields.get(name).and_then(Json::as_f64);
        let take = |name: &str| fields.get(name).cloned().unwrap_or_default();
        let side = |name: &str| {
            let side = take(name);
            let offset = side["offset"].as_i64().and_then(|offset| i32::try_from(offset).ok()).unwrap_or(0);
            (offset, serde_json::from_value(side["counts"].clone()).unwrap_or_default())
        };
        let buckets = if fields.contains_key("bounds") {
            Buckets::Explicit {
                bounds: serde_json::from_value(take("bounds")).unwrap_or_default(),
                counts: serde_json::from_value(take("counts")).unwrap_or_default(),
            }
        } else if fields.contains_key("scale") {
            Buckets::Exponential {
                scale: take("scale").as_i64().and_then(|scale| i32::try_from(scale).ok()).unwrap_or(0),
                zero_count: take("zero_count").as_u64().unwrap_or(0),
                positive: side("positive"),
                negative: side("negative"),
            }
        } else if fields.contains_key("quantiles") {
            Buckets::Quantiles(serde_json::from_value(take("quantiles")).unwrap_or_default())
        } else {
            Buckets::None
        };
        Self { min: number("min"), max: number("max"), buckets }
    }
}

fn double(buffer: &mut Vec<u8>, number: f64) {
    buffer.extend_from_slice(&number.to_le_bytes());
}

fn list(buffer: &mut Vec<u8>, counts: &[u64]) {
    put_varint(buffer, counts.len() as u64);
    counts.iter().for_each(|count| put_varint(buffer, *count));
}

fn detail(rest: &mut Fields<'_>) -> Option<Detail> {
    let flags = rest.array::<1>().ok()?[0];
    let min = if flags & MIN != 0 { Some(read_double(rest)?) } else { None };
    let max = if flags & MAX != 0 { Some(read_double(rest)?) } else { None };
    let buckets = match flags & (EXPLICIT | EXPONENTIAL | QUANTILES) {
        EXPLICIT => {
            let length = rest.varint().ok()?;
            let bounds = (0..length).map(|_| read_double(rest)).collect::<Option<_>>()?;
            Buckets::Explicit { bounds, counts: read_list(rest)? }
        }
        EXPONENTIAL => Buckets::Exponential {
            scale: read_signed(rest)?,
            zero_count: rest.varint().ok()?,
            positive: (read_signed(rest)?, read_list(rest)?),
            negative: (read_signed(rest)?, read_list(rest)?),
        },
        QUANTILES => {
            let length = rest.varint().ok()?;
            let pair = |_| Some((read_double(rest)?, read_double(rest)?));
            Buckets::Quantiles((0..length).map(pair).collect::<Option<_>>()?)
        }
        _ => Buckets::None,
    };
    Some(Detail { min, max, buckets })
}

fn read_signed(rest: &mut Fields<'_>) -> Option<i32> {
    i32::try_from(unzigzag(rest.varint().ok()?)).ok()
}

fn read_double(rest: &mut Fields<'_>) -> Option<f64> {
    Some(f64::from_le_bytes(rest.array().ok()?))
}

fn read_list(rest: &mut Fields<'_>) -> Option<Vec<u64>> {
    let length = rest.varint().ok()?;
    (0..length).map(|_| rest.varint().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_comes_back_from_bytes_and_from_json() {
        let forms = [
            Buckets::None,
            Buckets::Explicit { bounds: vec![0.5, 1.0], counts: vec![1, 0, u64::MAX] },
            Buckets::Exponential {
                scale: -3,
                zero_count: 7,
                positive: (i32::MIN, vec![1, 2]),
                negative: (i32::MAX, Vec::new()),
            },
            Buckets::Quantiles(vec![(0.5, 1.25), (0.99, -3.0)]),
        ];
        for buckets in forms {
            for (min, max) in [(None, None), (Some(-1.5), None), (None, Some(2.0)), (Some(0.0), Some(9.0))] {
                let detail = Detail { min, max, buckets: buckets.clone() };
                let mut bytes = Vec::new();
                detail.write(&mut bytes);
                assert_eq!(Detail::read(&bytes), detail);
                let mut fields = Map::new();
                detail.fields(&mut fields);
                assert_eq!(Detail::from_fields(&fields), detail);
            }
        }
    }
}
