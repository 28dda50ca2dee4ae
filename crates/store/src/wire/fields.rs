//! The fields of one protobuf message, in the order in which they stand.
//!
//! Reading is inlined wherever it is called: what is read then stays in registers. Handed over through memory it costs
//! more than the reading itself (a third of all that a span costs, measured).

use crate::limits::LARGEST_MESSAGE;

/// The bytes are no protobuf, or a field is not of the type that OTLP gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    /// The message ends within a field.
    #[error("the message ends within a field")]
    Cut,
    /// A varint of more than ten bytes.
    #[error("a number has more than ten bytes")]
    LongVarint,
    /// A field number of zero, or one that is too large.
    #[error("a field has no valid number")]
    FieldNumber,
    /// A wire type that protobuf does not have, or a group's end without its beginning.
    #[error("a field has no valid wire type")]
    WireType,
    /// A field has another wire type than OTLP gives it.
    #[error("a field is of another type than OTLP gives it")]
    FieldType,
    /// A string is not UTF-8.
    #[error("a string is not UTF-8")]
    Utf8,
    /// The message is too large to be walked through.
    #[error("the message has more than 256 MiB")]
    Large,
    /// Values or groups nest too deeply.
    #[error("values nest more than 64 deep")]
    Depth,
}

/// The content of a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Field<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
    Fixed32(u32),
}

impl<'a> Field<'a> {
    #[inline(always)]
    pub(crate) fn varint(self) -> Result<u64, Malformed> {
        if let Self::Varint(value) = self { Ok(value) } else { Err(Malformed::FieldType) }
    }

    #[inline(always)]
    pub(crate) fn fixed64(self) -> Result<u64, Malformed> {
        if let Self::Fixed64(value) = self { Ok(value) } else { Err(Malformed::FieldType) }
    }

    #[inline(always)]
    pub(crate) fn fixed32(self) -> Result<u32, Malformed> {
        if let Self::Fixed32(value) = self { Ok(value) } else { Err(Malformed::FieldType) }
    }

    pub(crate) fn double(self) -> Result<f64, Malformed> {
        self.fixed64().map(f64::from_bits)
    }

    #[inline(always)]
    pub(crate) fn bytes(self) -> Result<&'a [u8], Malformed> {
        if let Self::Bytes(bytes) = self { Ok(bytes) } else { Err(Malformed::FieldType) }
    }

    pub(crate) fn text(self) -> Result<&'a str, Malformed> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Malformed::Utf8)
    }
}

/// How deep groups and values may nest.
pub(crate) const DEEPEST: usize = 64;

/// What is still to be read of a message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    #[inline(always)]
    pub(crate) fn new(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// All of a message from outside.
    ///
    /// # Errors
    /// It is larger than columns can take at once.
    pub(crate) fn outermost(message: &'a [u8]) -> Result<Self, Malformed> {
        if message.len() <= LARGEST_MESSAGE { Ok(Self::new(message)) } else { Err(Malformed::Large) }
    }

    /// The next field's number and content; `None` at the end. Groups are skipped: OTLP has none.
    #[inline(always)]
    pub(crate) fn next(&mut self) -> Result<Option<(u32, Field<'a>)>, Malformed> {
        loop {
            if self.rest.is_empty() {
                return Ok(None);
            }
            let (number, wire_type) = self.tag()?;
            let field = match wire_type {
                0 => Field::Varint(self.varint()?),
                1 => Field::Fixed64(u64::from_le_bytes(self.array()?)),
                2 => {
                    let length = self.varint()?;
                    Field::Bytes(self.take(length)?)
                }
                5 => Field::Fixed32(u32::from_le_bytes(self.array()?)),
                3 => {
                    self.skip_group(number, DEEPEST)?;
                    continue;
                }
                _ => return Err(Malformed::WireType),
            };
            return Ok(Some((number, field)));
        }
    }

    #[inline(always)]
    fn tag(&mut self) -> Result<(u32, u8), Malformed> {
        let tag = u32::try_from(self.varint()?).map_err(|_| Malformed::FieldNumber)?;
        if tag < 8 {
            return Err(Malformed::FieldNumber);
        }
        Ok((tag >> 3, (tag & 7) as u8))
    }

    /// A varint; most have one byte or two.
    #[inline(always)]
    pub(crate) fn varint(&mut self) -> Result<u64, Malformed> {
        match *self.rest {
            [first, ref rest @ ..] if first < 0x80 => {
                self.rest = rest;
                Ok(u64::from(first))
            }
            [first, second, ref rest @ ..] if second < 0x80 => {
                self.rest = rest;
                Ok(u64::from(first & 0x7f) | u64::from(second) << 7)
            }
            _ => self.long_varint(),
        }
    }

    #[cold]
    fn long_varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0;
        for (index, byte) in self.rest.iter().enumerate().take(10) {
            // Of the tenth byte only one bit is left.
            if index == 9 && *byte > 1 {
                return Err(Malformed::LongVarint);
            }
            value |= u64::from(byte & 0x7f) << (7 * index);
            if *byte < 0x80 {
                self.rest = &self.rest[index + 1..];
                return Ok(value);
            }
        }
        Err(if self.rest.len() < 10 { Malformed::Cut } else { Malformed::LongVarint })
    }

    /// The next bytes.
    #[inline(always)]
    pub(crate) fn take(&mut self, length: u64) -> Result<&'a [u8], Malformed> {
        let length = usize::try_from(length).map_err(|_| Malformed::Cut)?;
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Malformed::Cut)?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next bytes, of a length that is known.
    #[inline(always)]
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(Malformed::Cut)?;
        self.rest = rest;
        Ok(*taken)
    }

    #[cold]
    fn skip_group(&mut self, number: u32, depth: usize) -> Result<(), Malformed> {
        let depth = depth.checked_sub(1).ok_or(Malformed::Depth)?;
        loop {
            if self.rest.is_empty() {
                return Err(Malformed::Cut);
            }
            let (inner, wire_type) = self.tag()?;
            match wire_type {
                0 => {
                    self.varint()?;
                }
                1 => {
                    self.array::<8>()?;
                }
                2 => {
                    let length = self.varint()?;
                    self.take(length)?;
                }
                3 => self.skip_group(inner, depth)?,
                4 if inner == number => return Ok(()),
                5 => {
                    self.array::<4>()?;
                }
                _ => return Err(Malformed::WireType),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<(u32, Field<'_>)>, Malformed> {
        let mut fields = Fields::new(bytes);
        let mut read = Vec::new();
        while let Some(field) = fields.next()? {
            read.push(field);
        }
        Ok(read)
    }

    #[test]
    fn every_wire_type_is_read_and_groups_are_skipped() {
        let bytes = [
            0x08, 0x96, 0x01, // 1: 150
            0x11, 1, 0, 0, 0, 0, 0, 0, 0, // 2: fixed64 1
            0x1a, 2, b'h', b'i', // 3: "hi"
            0x23, 0x08, 0x01, 0x2b, 0x2c, 0x24, // 4: a group with a number and an empty group in it
            0x2d, 7, 0, 0, 0, // 5: fixed32 7
            0x30, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, // 6: the largest number
        ];
        let expected = [
            (1, Field::Varint(150)),
            (2, Field::Fixed64(1)),
            (3, Field::Bytes(b"hi")),
            (5, Field::Fixed32(7)),
            (6, Field::Varint(u64::MAX)),
        ];
        assert_eq!(read(&bytes).as_deref(), Ok(&expected[..]));
    }

    #[test]
    fn what_is_no_protobuf_is_named() {
        let table: [(&[u8], Malformed); 10] = [
            (&[0x08], Malformed::Cut),
            (&[0x08, 0x80], Malformed::Cut),
            (&[0x11, 1, 2], Malformed::Cut),
            (&[0x1a, 5, b'h'], Malformed::Cut),
            (&[0x1a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], Malformed::Cut),
            (&[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02], Malformed::LongVarint),
            (&[0x00, 0x01], Malformed::FieldNumber),
            (&[0x0c], Malformed::WireType),
            (&[0x0e], Malformed::WireType),
            (&[0x0b, 0x14], Malformed::WireType),
        ];
        for (bytes, expected) in table {
            assert_eq!(read(bytes), Err(expected), "{bytes:?}");
        }
        let nested = [0x0b; 100];
        assert_eq!(read(&nested), Err(Malformed::Depth));
    }
}
