//! What the `node:` modules need of the host: bytes to text, domain names, and one look at an object's properties.
//!
//! Each works on memory that its caller already holds and in time linear in it.

use deno_core::{op2, v8};
use deno_error::JsErrorBox;

use crate::isolate::node;

/// -1, 0 or 1, as `memcmp` orders two buffers.
#[op2(fast)]
#[smi]
pub(crate) fn op_eyot_node_buffer_compare(#[buffer] left: &[u8], #[buffer] right: &[u8]) -> i32 {
    left.cmp(right) as i32
}

/// The same for parts of them.
#[op2(fast)]
#[smi]
pub(crate) fn op_eyot_node_buffer_compare_offset(
    #[buffer] source: &[u8],
    #[buffer] target: &[u8],
    #[smi] source_start: u32,
    #[smi] target_start: u32,
    #[smi] source_end: u32,
    #[smi] target_end: u32,
) -> Result<i32, JsErrorBox> {
    let source = source.get(source_start as usize..source_end as usize);
    let target = target.get(target_start as usize..target_end as usize);
    match (source, target) {
        (Some(source), Some(target)) => Ok(source.cmp(target) as i32),
        _ => Err(JsErrorBox::range_error("The range is outside of the buffer.")),
    }
}

/// Whether all bytes are below 0x80.
#[op2(fast)]
pub(crate) fn op_eyot_node_is_ascii(#[buffer] bytes: &[u8]) -> bool {
    bytes.is_ascii()
}

/// Whether the bytes are UTF-8.
#[op2(fast)]
pub(crate) fn op_eyot_node_is_utf8(#[buffer] bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok()
}

/// The bytes as a string: 0 for UTF-8 with replacement characters, 1 for Latin-1, 2 for ASCII without its top bit, 3 for
/// UTF-16.
#[op2]
pub(crate) fn op_eyot_node_decode<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    #[buffer] bytes: &[u8],
    #[smi] encoding: u32,
) -> Result<v8::Local<'s, v8::String>, JsErrorBox> {
    let kind = v8::NewStringType::Normal;
    let too_long = || JsErrorBox::range_error("Cannot create a string longer than 0x1fffffe8 characters");
    if bytes.len() / (1 + usize::from(encoding == 3)) > STRING_UNITS_MAX && encoding != 0 {
        return Err(too_long());
    }
    let text = match encoding {
        0 if bytes.is_ascii() => v8::String::new_from_one_byte(scope, bytes, kind),
        0 => v8::String::new_from_utf8(scope, String::from_utf8_lossy(bytes).as_bytes(), kind),
        1 => v8::String::new_from_one_byte(scope, bytes, kind),
        2 => {
            let masked: Vec<u8> = bytes.iter().map(|byte| byte & 0x7f).collect();
            v8::String::new_from_one_byte(scope, &masked, kind)
        }
        _ => {
            let units: Vec<u16> = bytes.as_chunks().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
            v8::String::new_from_two_byte(scope, &units, kind)
        }
    };
    text.ok_or_else(too_long)
}

/// A domain name in ASCII, as UTS 46 has it; empty when it cannot be.
#[op2]
#[string]
pub(crate) fn op_eyot_node_domain_to_ascii(#[string] domain: &str) -> String {
    idna::domain_to_ascii(short(domain)).unwrap_or_default()
}

/// A domain name in Unicode, as UTS 46 has it.
#[op2]
#[string]
pub(crate) fn op_eyot_node_domain_to_unicode(#[string] domain: &str) -> String {
    idna::domain_to_unicode(short(domain)).0
}

/// Punycode of one label.
#[op2]
#[string]
pub(crate) fn op_eyot_node_punycode_encode(#[string] label: &str) -> Result<String, JsErrorBox> {
    let encoded = idna::punycode::encode_str(short(label));
    encoded.ok_or_else(|| JsErrorBox::range_error("Overflow: input needs wider integers to process"))
}

/// The label that this is Punycode of.
#[op2]
#[string]
pub(crate) fn op_eyot_node_punycode_decode(#[string] label: &str) -> Result<String, JsErrorBox> {
    let decoded = idna::punycode::decode_to_string(short(label));
    decoded.ok_or_else(|| JsErrorBox::range_error("Invalid input"))
}

/// Punycode takes time quadratic in the label's length: what no name can be as long as is cut.
fn short(name: &str) -> &str {
    let end = (0..=name.len().min(NAME_BYTES_MAX)).rev().find(|at| name.is_char_boundary(*at));
    &name[..end.unwrap_or(0)]
}

/// The names and symbols of an object's own properties that are not array indices; `filter` is V8's: 2 for what is
/// enumerable, 16 for no symbols.
#[op2]
pub(crate) fn op_eyot_node_own_non_index_properties<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Object>,
    #[smi] filter: u32,
) -> Option<v8::Local<'s, v8::Array>> {
    let mut properties = v8::PropertyFilter::ALL_PROPERTIES;
    if filter & 2 != 0 {
        properties = properties | v8::PropertyFilter::ONLY_ENUMERABLE;
    }
    if filter & 16 != 0 {
        properties = properties | v8::PropertyFilter::SKIP_SYMBOLS;
    }
    let which = v8::GetPropertyNamesArgsBuilder::new()
        .mode(v8::KeyCollectionMode::OwnOnly)
        .property_filter(properties)
        .index_filter(v8::IndexFilter::SkipIndices)
        .build();
    object.get_property_names(scope, which)
}

/// The name of the class that V8 made an object of, whatever its prototypes say.
#[op2]
pub(crate) fn op_eyot_node_constructor_name<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Object>,
) -> v8::Local<'s, v8::String> {
    v8::Local::new(scope, object.get_constructor_name())
}

/// The script behind the module of this full name.
#[op2]
#[string]
pub(crate) fn op_eyot_node_script(#[string] name: &str) -> Option<&'static str> {
    node::script_of(name)
}

/// The longest string V8 makes, in code units.
const STRING_UNITS_MAX: usize = 0x1fff_ffe8;

/// A domain name has at most 253 bytes; some room for what is refused with the right error.
const NAME_BYTES_MAX: usize = 2_048;
