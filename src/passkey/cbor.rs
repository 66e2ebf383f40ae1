//! As much of CBOR (RFC 8949) as authenticators write: CTAP 2.1 section 8 allows definite lengths only, and little depth.
//!
//! Whoever registers sends these bytes, so nothing here panics, and no length that they name is believed before the
//! bytes are there: a reader never holds more than the request brought.

use std::collections::BTreeMap;

/// Authenticators nest four levels at most.
const DEEPEST: u8 = 8;

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;

/// Reads one item after the other. `None` is anything that is not as it should be.
#[derive(Clone, Copy)]
pub(super) struct Reader<'b>(&'b [u8]);

/// A value of a COSE key, as far as we have a use for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'b> {
    Integer(i64),
    Bytes(&'b [u8]),
    Other,
}

impl<'b> Reader<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    /// Whether everything was read.
    pub(super) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    /// The bytes of the next item as they are, whatever it is.
    pub(super) fn item(&mut self) -> Option<&'b [u8]> {
        let before = self.0;
        self.skip(DEEPEST)?;
        before.get(..before.len() - self.0.len())
    }

    /// How many pairs the map that begins here has.
    pub(super) fn map(&mut self) -> Option<u64> {
        self.expect(MAP)
    }

    pub(super) fn text(&mut self) -> Option<&'b str> {
        let length = self.expect(TEXT)?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    pub(super) fn bytes(&mut self) -> Option<&'b [u8]> {
        let length = self.expect(BYTES)?;
        self.take(length)
    }

    /// A map with whole numbers as its keys; one that comes twice makes it none.
    pub(super) fn numbered_map(&mut self) -> Option<BTreeMap<i64, Value<'b>>> {
        let mut map = BTreeMap::new();
        for _ in 0..self.map()? {
            let Value::Integer(key) = self.value()? else { return None };
            if map.insert(key, self.value()?).is_some() {
                return None;
            }
        }
        Some(map)
    }

    fn value(&mut self) -> Option<Value<'b>> {
        let start = *self;
        Some(match self.head()? {
            (UNSIGNED, number) => Value::Integer(i64::try_from(number).ok()?),
            (NEGATIVE, number) => Value::Integer(-1 - i64::try_from(number).ok()?),
            (BYTES, length) => Value::Bytes(self.take(length)?),
            _ => {
                *self = start;
                self.item()?;
                Value::Other
            }
        })
    }

    fn skip(&mut self, depth: u8) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        let (kind, number) = self.head()?;
        let inside = match kind {
            BYTES | TEXT => return self.take(number).map(drop),
            ARRAY => number,
            MAP => number.checked_mul(2)?,
            TAG => 1,
            _ => 0,
        };
        // Each item takes a byte at least, so a wrong count ends with the bytes.
        (0..inside).try_for_each(|_| self.skip(depth))
    }

    fn expect(&mut self, wanted: u8) -> Option<u64> {
        let (kind, number) = self.head()?;
        (kind == wanted).then_some(number)
    }

    /// The kind of an item, and its number or length (section 3).
    fn head(&mut self) -> Option<(u8, u64)> {
        let (first, rest) = self.0.split_first()?;
        let (kind, short) = (first >> 5, first & 0x1f);
        let length = match short {
            0..=23 => 0,
            24..=27 => 1 << (short - 24),
            _ => return None,
        };
        let (long, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        let long = long.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        Some((kind, if length == 0 { short.into() } else { long }))
    }

    fn take(&mut self, length: u64) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn items_are_read() {
        let mut reader = Reader::new(b"\xa3\x01\x02\x20\x42ab\x19\x01\x00\x63xyz\x80");
        let map = reader.numbered_map().unwrap();
        assert_eq!(map[&1], Value::Integer(2));
        assert_eq!(map[&-1], Value::Bytes(b"ab"));
        assert_eq!(map[&256], Value::Other);
        assert_eq!(reader.item(), Some(&b"\x80"[..]));
        assert!(reader.is_at_end());
        // A tag, a negative number, a map in an array, null, a float.
        for item in [&b"\xc1\x01"[..], b"\x39\xff\xff", b"\x82\xa1\x61a\xf6\xf5", b"\xfb\0\0\0\0\0\0\0\0"] {
            assert_eq!(Reader::new(item).item(), Some(item), "{item:?}");
        }
        assert_eq!(Reader::new(b"\x62\xc3\xa4").text(), Some("ä"));
    }

    #[test]
    fn in_07_malformed_items_are_none() {
        for item in [
            &b""[..],
            b"\x18",
            b"\x42a",
            // Lengths that nothing stands behind.
            b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\xba\x7f\xff\xff\xff\x01\x02",
            // Indefinite lengths and reserved numbers.
            b"\x5f\x41a\xff",
            b"\x9f\xff",
            b"\x1c",
        ] {
            assert_eq!(Reader::new(item).item(), None, "{item:?}");
        }
        assert_eq!(Reader::new(b"\xa2\x01\x02\x01\x03").numbered_map(), None, "a key comes twice");
        assert_eq!(Reader::new(b"\xa1\x61a\x02").numbered_map(), None, "a key is text");
        assert_eq!(Reader::new(b"\xa1\x01\x1b\xff\xff\xff\xff\xff\xff\xff\xff").numbered_map(), None);
        assert_eq!(Reader::new(&[0x81; 100_000]).item(), None, "KX-07: too deep");
        assert_eq!(Reader::new(b"\x61\xff").text(), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = (Reader::new(&bytes).item(), Reader::new(&bytes).numbered_map());
        }
    }
}
