//! The tables that packed attributes refer to, and the way in: attributes of a message become packed ones here.
//!
//! What makes it fast is a guess. Spans of one name carry the same keys in the same order, and often the same values: so
//! each shape (a span's name) remembers what stood at each place last, and a comparison takes the place of a look-up.
//! A guess is always compared, so a wrong one costs time and nothing else.

use hashbrown::DefaultHashBuilder;
use indexmap::IndexSet;
use serde_json::Value as Json;

use crate::limits::{LONGEST_NAME, LONGEST_SHARED, LONGEST_VALUE, MOST_ATTRIBUTES, MOST_VALUES_OF_A_KEY, SYMBOL_BYTES};
use crate::pack::{self, Packed};
use crate::symbols::{Symbol, Symbols, Texts, cut};
use crate::well_known::WELL_KNOWN;
use crate::wire::{KeyValue, Malformed, Value};

/// The tables.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) symbols: Symbols,
    /// How many values of each key are in the table, by the key's symbol.
    values_of_key: Vec<u16>,
    /// Every key that came, in the order in which they came.
    keys: IndexSet<Symbol, DefaultHashBuilder>,
    /// By the lowest bits of the shape's symbol: shapes that share a slot mislead each other, no more.
    shapes: Vec<Vec<Guess>>,
    guesses: usize,
}

/// Slots for shapes: a power of two, more than ordinary systems have operations.
const SHAPES: usize = 4096;

/// What stood at a place last.
#[derive(Debug, Clone, Copy, Default)]
struct Guess {
    key: Symbol,
    value: Symbol,
}

/// An attribute that was packed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Admitted<'a> {
    pub(crate) key: Symbol,
    pub(crate) value: Packed<'a>,
}

impl Tables {
    /// Tables for a store of so many bytes.
    pub(crate) fn new(budget_bytes: usize) -> Self {
        Self {
            symbols: Symbols::new(SYMBOL_BYTES.min(budget_bytes / 8), WELL_KNOWN),
            values_of_key: Vec::new(),
            keys: IndexSet::default(),
            shapes: vec![Vec::new(); SHAPES],
            guesses: 0,
        }
    }

    /// The side of the symbols that reads.
    pub(crate) fn texts(&self) -> &Texts {
        self.symbols.texts()
    }

    /// Every key that attributes had, in the order in which they came.
    pub(crate) fn keys(&self) -> &IndexSet<Symbol, DefaultHashBuilder> {
        &self.keys
    }

    /// Packs the attribute at a place of a shape; `None` if there are too many, which is for the caller to count.
    #[inline(always)]
    pub(crate) fn attribute<'a>(
        &mut self,
        buffer: &mut Vec<u8>,
        shape: Symbol,
        place: usize,
        attribute: KeyValue<'a>,
    ) -> Result<Option<Admitted<'a>>, Malformed> {
        if place >= MOST_ATTRIBUTES {
            return Ok(None);
        }
        let guess = self.guess(shape, place);
        let key = if guess.key != Symbol::NONE && self.is(guess.key, attribute.key) {
            guess.key
        } else {
            let key = self.symbols.name(attribute.key)?;
            self.keys.insert(key);
            key
        };
        let value = match attribute.value {
            Value::Text(text) if guess.key == key && self.is(guess.value, text) => Packed::Shared(guess.value),
            Value::Text(text) => self.text(key, text)?,
            Value::Bool(is) => Packed::Bool(is),
            Value::Whole(whole) => Packed::Whole(whole),
            Value::Number(number) => Packed::Number(number),
            Value::Empty => Packed::Null,
            Value::Bytes(_) | Value::List(_) | Value::Map(_) => {
                self.remember(shape, place, Guess { key, value: guess.value });
                push_json(buffer, key, &attribute.value.to_json()?);
                return Ok(Some(Admitted { key, value: Packed::Null }));
            }
        };
        let shared = if let Packed::Shared(symbol) = value { symbol } else { guess.value };
        if guess.key != key || guess.value != shared {
            self.remember(shape, place, Guess { key, value: shared });
        }
        pack::push(buffer, key, value);
        Ok(Some(Admitted { key, value }))
    }

    /// Packs a list or a map that is JSON already at a place of a shape.
    pub(crate) fn nested(
        &mut self,
        buffer: &mut Vec<u8>,
        shape: Symbol,
        place: usize,
        key: &[u8],
        json: &str,
    ) -> Result<(), Malformed> {
        let guess = self.guess(shape, place);
        let is_guessed = guess.key != Symbol::NONE && self.is(guess.key, key);
        let key = if is_guessed { guess.key } else { self.symbols.name(key)? };
        if key != guess.key {
            self.keys.insert(key);
            self.remember(shape, place, Guess { key, value: guess.value });
        }
        pack::push(buffer, key, Packed::Json(json));
        Ok(())
    }

    #[inline]
    fn guess(&self, shape: Symbol, place: usize) -> Guess {
        self.shapes[shape.0 as usize % SHAPES].get(place).copied().unwrap_or_default()
    }

    #[inline]
    fn is(&self, symbol: Symbol, text: &[u8]) -> bool {
        self.symbols.texts().text(symbol).as_bytes() == text
    }

    fn remember(&mut self, shape: Symbol, place: usize, guess: Guess) {
        let guesses = &mut self.shapes[shape.0 as usize % SHAPES];
        if guesses.len() <= place {
            self.guesses += place + 1 - guesses.len();
            guesses.resize(place + 1, Guess::default());
        }
        guesses[place] = guess;
    }

    /// A text by its number if it is worth one: of keys that have thousands of values, none is.
    fn text<'a>(&mut self, key: Symbol, text: &'a [u8]) -> Result<Packed<'a>, Malformed> {
        let index = key.0 as usize;
        if self.values_of_key.len() <= index {
            self.values_of_key.resize(index + 1, 0);
        }
        if text.len() <= LONGEST_SHARED && self.values_of_key[index] < MOST_VALUES_OF_A_KEY {
            let before = self.symbols.texts().count();
            if let Some(symbol) = self.symbols.value(text)? {
                self.values_of_key[index] += u16::from(self.symbols.texts().count() > before);
                return Ok(Packed::Shared(symbol));
            }
        }
        let text = std::str::from_utf8(text).map_err(|_| Malformed::Utf8)?;
        Ok(Packed::Text(cut(text, LONGEST_VALUE)))
    }

    /// The symbol of a value that is used as a name; none if it is no text.
    pub(crate) fn name_of(&mut self, value: Packed<'_>) -> Result<Symbol, Malformed> {
        match value {
            Packed::Shared(symbol) => {
                let text = self.symbols.texts().text(symbol);
                if text.len() <= LONGEST_NAME {
                    return Ok(symbol);
                }
                let name = cut(text, LONGEST_NAME).to_owned();
                self.symbols.name(name.as_bytes())
            }
            Packed::Text(text) => self.symbols.name(text.as_bytes()),
            _ => Ok(Symbol::NONE),
        }
    }

    /// Bytes that are kept.
    pub(crate) fn bytes(&self) -> usize {
        self.symbols.bytes() + self.values_of_key.len() * 2 + self.guesses * size_of::<Guess>()
    }
}

/// Lists, maps and bytes are kept as JSON; of what is too long the beginning, as a text.
fn push_json(buffer: &mut Vec<u8>, key: Symbol, json: &Json) {
    let text = json.to_string();
    let is_short = text.len() <= LONGEST_VALUE;
    pack::push(buffer, key, if is_short { Packed::Json(&text) } else { Packed::Text(cut(&text, LONGEST_VALUE)) });
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue as Otlp, any_value::Value as V};
    use prost::Message;

    use super::*;
    use crate::pack::Attributes;

    fn attribute(key: &str, value: V) -> Otlp {
        Otlp { key: key.into(), value: Some(AnyValue { value: Some(value) }), ..Otlp::default() }
    }

    fn packed(tables: &mut Tables, attributes: &[Otlp]) -> (Vec<u8>, usize) {
        let (mut buffer, mut left_out) = (Vec::new(), 0);
        for (place, attribute) in attributes.iter().enumerate() {
            let bytes = attribute.encode_to_vec();
            let read = KeyValue::read(&bytes).expect("protobuf");
            let admitted = tables.attribute(&mut buffer, Symbol(9), place, read).expect("protobuf");
            left_out += usize::from(admitted.is_none());
        }
        (buffer, left_out)
    }

    #[test]
    fn what_is_packed_comes_back_as_it_was_whether_guessed_or_not() {
        let list = ArrayValue { values: vec![AnyValue { value: Some(V::IntValue(7)) }] };
        let long = "x".repeat(2000);
        let attributes = [
            attribute("text", V::StringValue("a text".into())),
            attribute("long", V::StringValue(long.clone())),
            attribute("least", V::IntValue(i64::MIN)),
            attribute("most", V::IntValue(i64::MAX)),
            attribute("number", V::DoubleValue(0.1)),
            attribute("yes", V::BoolValue(true)),
            attribute("list", V::ArrayValue(list)),
            attribute("bytes", V::BytesValue(vec![0xbe, 0xef])),
            Otlp { key: "empty".into(), ..Otlp::default() },
            attribute("text", V::StringValue("given twice".into())),
        ];
        let expected = serde_json::json!({
            "text": "given twice", "long": long, "least": i64::MIN, "most": i64::MAX, "number": 0.1, "yes": true,
            "list": [7], "bytes": "beef", "empty": null
        });
        let mut tables = Tables::new(64 << 20);
        for _ in 0..3 {
            let (buffer, left_out) = packed(&mut tables, &attributes);
            assert_eq!(Json::Object(Attributes(&buffer).to_json(tables.texts())), expected);
            assert_eq!(left_out, 0);
        }
        let mut turned = attributes.clone();
        turned.reverse();
        let (buffer, _) = packed(&mut tables, &turned);
        assert_eq!(Attributes(&buffer).to_json(tables.texts())["text"], "a text", "guesses mislead nobody");
    }

    #[test]
    fn of_texts_and_lists_that_are_too_long_the_beginning_is_kept() {
        let text = "ä".repeat(LONGEST_VALUE);
        let item = AnyValue { value: Some(V::StringValue(text.clone())) };
        let list = ArrayValue { values: vec![item] };
        let mut tables = Tables::new(1 << 20);
        let attributes = [attribute("text", V::StringValue(text.clone())), attribute("list", V::ArrayValue(list))];
        let (buffer, _) = packed(&mut tables, &attributes);
        let json = Attributes(&buffer).to_json(tables.texts());
        assert_eq!(json["text"], text[..LONGEST_VALUE]);
        assert_eq!(json["list"], format!("[\"{}", &text[..LONGEST_VALUE - 2]));
    }

    #[test]
    fn a_flood_of_attributes_is_cut() {
        let attributes: Vec<_> = (0..200).map(|n| attribute(&format!("k{n}"), V::IntValue(n))).collect();
        let (buffer, left_out) = packed(&mut Tables::new(64 << 20), &attributes);
        assert_eq!(left_out, 72);
        assert!(buffer.len() < 700);
    }

    #[test]
    fn values_of_a_key_that_has_thousands_stay_out_of_the_table() {
        let mut tables = Tables::new(64 << 20);
        for n in 0..10_000 {
            let (buffer, _) = packed(&mut tables, &[attribute("user.id", V::StringValue(format!("user-{n}")))]);
            assert_eq!(Attributes(&buffer).to_json(tables.texts())["user.id"], format!("user-{n}"));
        }
        assert!(tables.texts().count() < usize::from(MOST_VALUES_OF_A_KEY) + 100);
    }
}
