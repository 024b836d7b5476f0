//! Texts that a request's start hands to JavaScript.

use deno_core::v8;

use crate::isolate::job::ConnectionFacts;

/// A string, or `undefined` where there is none.
pub(super) fn optional<'s>(scope: &v8::PinScope<'s, '_>, text: Option<&str>) -> Option<v8::Local<'s, v8::Value>> {
    match text {
        Some(text) => Some(v8::String::new(scope, text)?.into()),
        None => Some(v8::undefined(scope).into()),
    }
}

/// UTF-8 that is nearly always ASCII: a URL, a message, a value. What is not UTF-8 in it is replaced as the Encoding Standard says.
pub(in crate::isolate) fn text_string<'s>(
    scope: &v8::PinScope<'s, '_>,
    bytes: &[u8],
) -> Option<v8::Local<'s, v8::String>> {
    if bytes.is_ascii() {
        return v8::String::new_from_one_byte(scope, bytes, v8::NewStringType::Normal);
    }
    v8::String::new_from_utf8(scope, bytes, v8::NewStringType::Normal)
}

/// What is known of a connection in three lines, which are the same for nearly all requests of an isolate.
pub(super) fn facts_string<'s>(
    scope: &v8::PinScope<'s, '_>,
    kept: &mut Option<(ConnectionFacts, v8::Global<v8::String>)>,
    facts: ConnectionFacts,
) -> Option<v8::Local<'s, v8::String>> {
    if let Some((of, text)) = kept
        && *of == facts
    {
        return Some(v8::Local::new(scope, &*text));
    }
    let text = format!("{}\n{}\n{}", facts.http, facts.tls_version, facts.tls_cipher);
    let text = v8::String::new(scope, &text)?;
    *kept = Some((facts, v8::Global::new(scope, text)));
    Some(text)
}
