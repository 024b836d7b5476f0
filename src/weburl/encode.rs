//! Percent-encoding: <https://url.spec.whatwg.org/#percent-encoded-bytes>.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// <https://url.spec.whatwg.org/#c0-control-percent-encode-set>; bytes above ASCII are encoded by every set.
pub(super) const CONTROL: &AsciiSet = CONTROLS;
pub(super) const FRAGMENT: &AsciiSet = &CONTROL.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`');
pub(super) const QUERY: &AsciiSet = &CONTROL.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');
pub(super) const SPECIAL_QUERY: &AsciiSet = &QUERY.add(b'\'');
pub(super) const PATH: &AsciiSet = &QUERY.add(b'?').add(b'^').add(b'`').add(b'{').add(b'}');
pub(super) const USERINFO: &AsciiSet =
    &PATH.add(b'/').add(b':').add(b';').add(b'=').add(b'@').add(b'[').add(b'\\').add(b']').add(b'|');

/// <https://url.spec.whatwg.org/#string-utf-8-percent-encode>
pub(super) fn encoded(text: &str, set: &'static AsciiSet) -> String {
    utf8_percent_encode(text, set).to_string()
}
