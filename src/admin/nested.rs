//! Nested forms: `metadata[bindings][][name]`, as Cloudflare's SDKs write an object into a multipart form.
//!
//! Pure. Puts the object together again where a client sent no JSON part of that name, and gives modules the names that
//! their files have where their parts do not. The notation loses types, so the fields that are numbers and truth values in
//! Cloudflare's schema are read as such and everything else stays text. Bounded by the number of parts and by depth.
//!
//! What is sent: `addFormValue` in `internal/uploads.ts` of the npm package `cloudflare` 7.3.0. A list's items carry no
//! index, so a key that the last item already has begins the next one, as in Rails, where the notation is from.

use serde_json::{Map, Value};

use super::envelope::ApiError;
use super::multipart::Part;

/// Takes the parts of the object `root` out and returns the object, if it is there in this notation.
///
/// # Errors
/// 10026 that names the part which does not fit what came before it.
pub(super) fn take_object(parts: &mut Vec<Part>, root: &str) -> Result<Option<Value>, ApiError> {
    let mut object = Value::Null;
    let mut rest = Vec::with_capacity(parts.len());
    for part in parts.drain(..) {
        match steps(&part.name, root) {
            Some(steps) => {
                let text = String::from_utf8(part.bytes.to_vec());
                let text = text.map_err(|_| ApiError::unreadable_body(format_args!("{:?} is not UTF-8", part.name)))?;
                insert(&mut object, &steps, leaf(&steps, text)).ok_or_else(|| misfit(&part.name))?;
            }
            None => rest.push(part),
        }
    }
    *parts = rest;
    Ok(Some(object).filter(|object| !object.is_null()))
}

/// Gives files their names: `files[name]` has it in brackets, and where no part has the entry's name, but a file, every
/// part has its file's.
///
/// Cloudflare names modules "by filename"; wrangler makes part and file agree. The SDK for Python calls every part `files`, the
/// one for TypeScript `files[]`, and whoever types a command whatever comes to mind.
pub(super) fn name_files(parts: &mut [Part], entry: &str) {
    for part in parts.iter_mut() {
        let inner = part.name.strip_prefix("files[").and_then(|rest| rest.strip_suffix(']'));
        if let Some(inner) = inner.filter(|inner| !inner.is_empty()) {
            part.name = inner.to_owned();
            part.file_name = None;
        }
    }
    let is_named = parts.iter().any(|part| part.name == entry);
    if is_named || !parts.iter().any(|part| part.file_name.as_deref() == Some(entry)) {
        return;
    }
    for part in parts {
        if let Some(file_name) = part.file_name.take() {
            part.name = file_name;
        }
    }
}

/// Is this a form, whatever its content type says? The boundary, if so.
///
/// Cloudflare's SDKs send the forms of `PUT …/scripts/{name}` as `application/javascript`. No script begins this way:
/// the second line is no JavaScript after a line that begins with `--`.
pub(super) fn sniffed_boundary(body: &[u8]) -> Option<String> {
    let end = body.iter().take(BOUNDARY_BYTES_MAX).position(|byte| *byte == b'\r')?;
    let boundary = body.get(..end)?.strip_prefix(b"--")?;
    let next = body.get(end..)?.strip_prefix(b"\r\n")?;
    let is_form = next.get(..DISPOSITION.len())?.eq_ignore_ascii_case(DISPOSITION);
    let boundary = std::str::from_utf8(boundary).ok()?;
    (is_form && !boundary.is_empty()).then(|| boundary.to_owned())
}

/// One step into the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step<'a> {
    /// A field.
    Key(&'a str),
    /// An item of a list.
    Item,
}

fn steps<'a>(name: &'a str, root: &str) -> Option<Vec<Step<'a>>> {
    let inside = name.strip_prefix(root)?.strip_prefix('[')?.strip_suffix(']')?;
    let steps: Vec<_> =
        inside.split("][").map(|step| if step.is_empty() { Step::Item } else { Step::Key(step) }).collect();
    (steps.len() <= DEPTH_MAX).then_some(steps)
}

/// Puts a leaf in its place; `None` when something of another shape is there.
fn insert(at: &mut Value, steps: &[Step<'_>], leaf: Value) -> Option<()> {
    let Some((step, rest)) = steps.split_first() else {
        *at = leaf;
        return Some(());
    };
    match step {
        Step::Key(key) => {
            if at.is_null() {
                *at = Value::Object(Map::new());
            }
            let fields = at.as_object_mut()?;
            let has_room = fields.get(*key).is_none_or(|found| takes(found, rest));
            if has_room { insert(fields.entry(*key).or_insert(Value::Null), rest, leaf) } else { None }
        }
        Step::Item => {
            if at.is_null() {
                *at = Value::Array(Vec::new());
            }
            let items = at.as_array_mut()?;
            if !items.last().is_some_and(|last| takes(last, rest)) {
                items.push(Value::Null);
            }
            insert(items.last_mut()?, rest, leaf)
        }
    }
}

/// Is there room in a value for a leaf behind these steps?
fn takes(value: &Value, steps: &[Step<'_>]) -> bool {
    match (steps.split_first(), value) {
        (Some((Step::Key(key), rest)), Value::Object(fields)) => {
            fields.get(*key).is_none_or(|found| takes(found, rest))
        }
        (Some((Step::Item, _)), Value::Array(_)) => true,
        _ => false,
    }
}

/// The value behind a text, which is that text wherever the schema does not say otherwise.
fn leaf(steps: &[Step<'_>], text: String) -> Value {
    let is_typed = steps.iter().any(|step| matches!(step, Step::Key(key) if TYPED.contains(key)));
    if !is_typed {
        return Value::String(text);
    }
    match serde_json::from_str(&text) {
        Ok(value @ (Value::Null | Value::Bool(_) | Value::Number(_))) => value,
        _ => Value::String(text),
    }
}

fn misfit(name: &str) -> ApiError {
    ApiError::unreadable_body(format_args!("the part {name:?} does not fit those before it"))
}

/// Fields of Cloudflare's schema that are, or hold, numbers and truth values. `json` is a binding's value, of any type.
const TYPED: &[&str] =
    &["limits", "simple", "observability", "json", "logpush", "keep_assets", "delivery_delay", "run_worker_first"];

/// Steps into an object.
const DEPTH_MAX: usize = 16;

/// RFC 2046, 5.1.1: a boundary has at most 70 characters; two dashes stand before it.
const BOUNDARY_BYTES_MAX: usize = 73;

const DISPOSITION: &[u8] = b"Content-Disposition: form-data;";

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::json;

    use super::*;

    fn part(name: &str, text: &str) -> Part {
        let bytes = Bytes::copy_from_slice(text.as_bytes());
        Part { name: name.to_owned(), file_name: None, content_type: String::new(), bytes }
    }

    fn object(parts: &[(&str, &str)]) -> Result<Option<Value>, ApiError> {
        take_object(&mut parts.iter().map(|(name, text)| part(name, text)).collect(), "metadata")
    }

    /// Sends what the SDK made of an object with two bindings, a list and a number.
    #[test]
    fn an_object_comes_back_from_its_parts() {
        let object = object(&[
            ("metadata[main_module]", "w.mjs"),
            ("metadata[bindings][][type]", "plain_text"),
            ("metadata[bindings][][name]", "T"),
            ("metadata[bindings][][text]", "1"),
            ("metadata[bindings][][type]", "json"),
            ("metadata[bindings][][name]", "J"),
            ("metadata[bindings][][json][a][]", "1"),
            ("metadata[bindings][][json][a][]", "true"),
            ("metadata[compatibility_flags][]", "nodejs_compat"),
            ("metadata[compatibility_flags][]", "x"),
            ("metadata[limits][cpu_ms]", "5"),
        ]);
        let expected = json!({
            "main_module": "w.mjs",
            "bindings": [
                { "type": "plain_text", "name": "T", "text": "1" },
                { "type": "json", "name": "J", "json": { "a": [1, true] } },
            ],
            "compatibility_flags": ["nodejs_compat", "x"],
            "limits": { "cpu_ms": 5 },
        });
        assert_eq!(object.expect("fits"), Some(expected));
    }

    /// Sends parts that contradict each other, go too deep, and none at all.
    #[test]
    fn parts_that_contradict_each_other_are_refused() {
        for (first, second) in
            [("metadata[a]", "metadata[a]"), ("metadata[a]", "metadata[a][b]"), ("metadata[a][]", "metadata[a][b]")]
        {
            assert_eq!(object(&[(first, "1"), (second, "2")]).expect_err("is refused").code(), 10026, "{second}");
        }
        assert_eq!(object(&[("metadata", "{}"), ("other[a]", "1"), ("metadatax", "")]).expect("fits"), None);
        let deep = format!("metadata{}", "[a]".repeat(DEPTH_MAX + 1));
        assert_eq!(object(&[(&deep, "1")]).expect("is no part of it"), None);
    }

    /// Names files by their disposition and by their key, as each of the SDKs and a person would send them.
    #[test]
    fn files_get_their_own_names() {
        for (sent, named) in [
            (
                &[("files[]", Some("w.mjs")), ("files[lib/a.js]", Some("a.js")), ("b.js", None)],
                ["w.mjs", "lib/a.js", "b.js"],
            ),
            (&[("files", Some("w.mjs")), ("files", Some("lib/a.js")), ("files", None)], ["w.mjs", "lib/a.js", "files"]),
            (&[("w.mjs", Some("other.mjs")), ("a", Some("w.mjs")), ("b", None)], ["w.mjs", "a", "b"]),
            (&[("files[]", None), ("files", Some("a.js")), ("a", Some("b.js"))], ["files[]", "files", "a"]),
        ] {
            let with_file =
                |(name, file): &(&str, Option<&str>)| Part { file_name: file.map(str::to_owned), ..part(name, "") };
            let mut parts: Vec<_> = sent.iter().map(with_file).collect();
            name_files(&mut parts, "w.mjs");
            let names: Vec<_> = parts.iter().map(|part| part.name.as_str()).collect();
            assert_eq!(names, named);
        }
    }

    /// Shows a form, scripts that begin with a decrement, and halves of forms.
    #[test]
    fn a_form_is_told_from_a_script() {
        let form = b"----x7\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n";
        assert_eq!(sniffed_boundary(form).as_deref(), Some("--x7"));
        for script in ["--x\r\ny", "--x", "", "addEventListener", "--\r\nContent-Disposition: form-data;"] {
            assert_eq!(sniffed_boundary(script.as_bytes()), None, "{script}");
        }
        assert!((0..form.len() - 20).all(|end| sniffed_boundary(&form[..end]).is_none()));
    }
}
