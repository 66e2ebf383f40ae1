//! Percent-encoding: everything but the unreserved characters (RFC 3986 section 2.3), as OAuth 1 signs it (RFC 5849
//! section 3.6) and as a value stands safely in any part of a URL.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, percent_encode};

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The text, which may be no UTF-8, encoded.
pub(crate) fn encode(text: &(impl AsRef<[u8]> + ?Sized)) -> PercentEncode<'_> {
    percent_encode(text.as_ref(), RESERVED)
}
