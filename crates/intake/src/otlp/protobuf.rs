//! The protobuf wire format, as far as OTLP needs it: fields out of bytes, nothing copied.
//!
//! A message is read field by field from the bytes of the request, so that what is not looked at
//! costs nothing: a hostile request cannot make more than it weighs, and a list nested ten thousand
//! times deep is one slice that nobody opens. Not here: what the fields mean. Invariant: every byte
//! slice given out is part of the slice that was read. Source: protobuf's "Encoding" page.

/// Why bytes are not a protobuf message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    #[error("the bytes end inside a field")]
    CutOff,
    #[error("a number longer than 64 bits")]
    LongNumber,
    #[error(
        "field number 0 or wire type {0}, which protobuf does not have; is the body compressed, or JSON?"
    )]
    Wire(u8),
    #[error("field {0} has another type than OTLP gives it")]
    Type(u64),
}

/// One field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field<'a> {
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    Bytes(&'a [u8]),
}

/// The fields of a message, in the order of its bytes.
pub(super) struct Fields<'a>(&'a [u8]);

/// The fields of a message.
pub(super) const fn fields(message: &[u8]) -> Fields<'_> {
    Fields(message)
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Field<'a>), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.0 = &[]; // After a fault nothing tells where the next field begins.
        }
        Some(field)
    }
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Result<(u64, Field<'a>), Malformed> {
        let key = self.varint()?;
        let (number, wire) = (key >> 3, (key & 7) as u8);
        let value = match wire {
            0 => Field::Varint(self.varint()?),
            1 => Field::Fixed64(u64::from_le_bytes(self.array()?)),
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|_| Malformed::CutOff)?;
                Field::Bytes(self.take(length)?)
            }
            5 => Field::Fixed32(u32::from_le_bytes(self.array()?)),
            _ => return Err(Malformed::Wire(wire)),
        };
        if number == 0 {
            return Err(Malformed::Wire(wire));
        }
        Ok((number, value))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed::CutOff)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Malformed::CutOff)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0;
        for index in 0..10 {
            let [byte] = self.array()?;
            if index == 9 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Malformed::LongNumber)
    }
}

impl<'a> Field<'a> {
    pub(super) fn bytes(self, number: u64) -> Result<&'a [u8], Malformed> {
        match self {
            Field::Bytes(bytes) => Ok(bytes),
            _ => Err(Malformed::Type(number)),
        }
    }

    pub(super) fn varint(self, number: u64) -> Result<u64, Malformed> {
        match self {
            Field::Varint(value) => Ok(value),
            _ => Err(Malformed::Type(number)),
        }
    }

    pub(super) fn fixed64(self, number: u64) -> Result<u64, Malformed> {
        match self {
            Field::Fixed64(value) => Ok(value),
            _ => Err(Malformed::Type(number)),
        }
    }
}

/// Writes a number field; zero is protobuf's default and is left out.
pub(super) fn put_varint(out: &mut Vec<u8>, number: u8, value: u64) {
    if value != 0 {
        out.push(number << 3);
        put_plain(out, value);
    }
}

/// Writes a field of bytes.
pub(super) fn put_bytes(out: &mut Vec<u8>, number: u8, bytes: &[u8]) {
    out.push(number << 3 | 2);
    put_plain(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn put_plain(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push((value & 0x7f) as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of protobuf's "Encoding" page.
    #[test]
    fn the_examples_of_the_specification() {
        let read = |bytes| fields(bytes).collect::<Vec<_>>();
        assert_eq!(read(&[0x08, 0x96, 0x01]), [Ok((1, Field::Varint(150)))]);
        assert_eq!(
            read(b"\x12\x07testing"),
            [Ok((2, Field::Bytes(b"testing")))]
        );
        let message = b"\x1a\x03\x08\x96\x01";
        assert_eq!(read(message), [Ok((3, Field::Bytes(&message[2..])))]);
    }

    #[test]
    fn what_is_no_message_is_a_fault() {
        for (bytes, fault) in [
            (&b"\x08"[..], Malformed::CutOff),
            (b"\x12\x05ab", Malformed::CutOff),
            (b"\x09\x01\x02", Malformed::CutOff),
            (
                b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
                Malformed::CutOff,
            ),
            (
                b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",
                Malformed::LongNumber,
            ),
            (
                b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
                Malformed::LongNumber,
            ),
            (b"\x0b", Malformed::Wire(3)),
            (b"\x00\x01", Malformed::Wire(0)),
            (b"{\"resourceSpans\":[]}", Malformed::Wire(3)),
        ] {
            let faults: Vec<_> = fields(bytes).filter_map(Result::err).collect();
            assert_eq!(faults, [fault], "{bytes:x?}");
        }
    }

    #[test]
    fn numbers_read_as_they_were_written() {
        for value in [1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            let mut out = Vec::new();
            put_varint(&mut out, 4, value);
            assert_eq!(
                fields(&out).collect::<Vec<_>>(),
                [Ok((4, Field::Varint(value)))]
            );
        }
    }
}
