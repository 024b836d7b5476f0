//! What a handler of an HTMLRewriter may do with the element, text, comment, doctype, end tag or end of the document that
//! it was called for. Each call is checked against what that unit is; between handlers there is none.

use deno_core::{OpState, op2};
use deno_error::JsErrorBox;
use lol_html::html_content::ContentType;

use super::html::{OpenRewriting, no_memory};
use super::runs;
use crate::isolate::body::Held;
use crate::isolate::rewriting::{Content, Place, View};

/// A property of the unit whose handler runs.
#[op2]
#[string]
pub(crate) fn op_eyot_html_get(
    #[cppgc] rewriting: &OpenRewriting,
    #[string] property: &str,
) -> Result<Option<String>, JsErrorBox> {
    look(rewriting, |view| {
        Some(match (view, property) {
            (View::Element(unit), "tagName") => Some(unit.tag_name()),
            (View::Element(unit), "namespaceURI") => Some(unit.namespace_uri().to_owned()),
            (View::Element(unit), "removed") => flag(unit.removed()),
            (View::EndTag(unit), "name") => Some(unit.name()),
            (View::Text(unit), "text") => Some(unit.as_str().to_owned()),
            (View::Text(unit), "lastInTextNode") => flag(unit.last_in_text_node()),
            (View::Text(unit), "removed") => flag(unit.removed()),
            (View::Comment(unit), "text") => Some(unit.text()),
            (View::Comment(unit), "removed") => flag(unit.removed()),
            (View::Doctype(unit), "name") => unit.name(),
            (View::Doctype(unit), "publicId") => unit.public_id(),
            (View::Doctype(unit), "systemId") => unit.system_id(),
            _ => return None,
        })
    })
}

fn flag(is_set: bool) -> Option<String> {
    is_set.then(String::new)
}

/// Sets a property of the unit whose handler runs.
#[op2(fast)]
pub(crate) fn op_eyot_html_set(
    state: &mut OpState,
    #[cppgc] rewriting: &OpenRewriting,
    #[string] property: &str,
    #[string] value: &str,
) -> Result<(), JsErrorBox> {
    keep(state, rewriting, value.len())?;
    let refused = |error: String| JsErrorBox::type_error(format!("Parser error: {error}"));
    look(rewriting, |view| {
        Some(match (view, property) {
            (View::Element(unit), "tagName") => unit.set_tag_name(value).map_err(|error| refused(error.to_string())),
            (View::EndTag(unit), "name") => {
                unit.set_name(value);
                Ok(())
            }
            (View::Comment(unit), "text") => unit.set_text(value).map_err(|error| refused(error.to_string())),
            _ => return None,
        })
    })?
}

/// Name and value of the element's attribute at this place; null behind the last.
#[op2]
#[serde]
pub(crate) fn op_eyot_html_attribute_at(
    #[cppgc] rewriting: &OpenRewriting,
    #[smi] at: u32,
) -> Result<Option<(String, String)>, JsErrorBox> {
    look(rewriting, |view| match view {
        View::Element(unit) => Some(unit.attributes().get(at as usize).map(|one| (one.name(), one.value()))),
        _ => None,
    })
}

/// An attribute's value, or null.
#[op2]
#[string]
pub(crate) fn op_eyot_html_attribute(
    #[cppgc] rewriting: &OpenRewriting,
    #[string] name: &str,
) -> Result<Option<String>, JsErrorBox> {
    look(rewriting, |view| match view {
        View::Element(unit) => Some(unit.get_attribute(name)),
        _ => None,
    })
}

/// Sets an attribute.
#[op2(fast)]
pub(crate) fn op_eyot_html_attribute_set(
    state: &mut OpState,
    #[cppgc] rewriting: &OpenRewriting,
    #[string] name: &str,
    #[string] value: &str,
) -> Result<(), JsErrorBox> {
    keep(state, rewriting, name.len() + value.len())?;
    look(rewriting, |view| match view {
        View::Element(unit) => Some(
            unit.set_attribute(name, value).map_err(|error| JsErrorBox::type_error(format!("Parser error: {error}"))),
        ),
        _ => None,
    })?
}

/// Removes an attribute.
#[op2(fast)]
pub(crate) fn op_eyot_html_attribute_remove(
    #[cppgc] rewriting: &OpenRewriting,
    #[string] name: &str,
) -> Result<(), JsErrorBox> {
    look(rewriting, |view| match view {
        View::Element(unit) => {
            unit.remove_attribute(name);
            Some(())
        }
        _ => None,
    })
}

/// Inserts a string around, into or instead of the unit.
#[op2(fast)]
pub(crate) fn op_eyot_html_content(
    state: &mut OpState,
    #[cppgc] rewriting: &OpenRewriting,
    #[string] place: &str,
    #[string] content: String,
    html: bool,
) -> Result<(), JsErrorBox> {
    let held = reserve(state, content.len())?;
    insert(rewriting, place, Content::Written(content, held), html)
}

/// Inserts a stream there, which is asked for by its number when its place comes.
#[op2(fast)]
pub(crate) fn op_eyot_html_stream(
    state: &mut OpState,
    #[cppgc] rewriting: &OpenRewriting,
    #[string] place: &str,
    #[smi] number: u32,
    html: bool,
) -> Result<(), JsErrorBox> {
    let held = reserve(state, 0)?;
    insert(rewriting, place, Content::Stream(number, held), html)
}

fn insert(rewriting: &OpenRewriting, place: &str, content: Content, html: bool) -> Result<(), JsErrorBox> {
    let place = match place {
        "before" => Place::Before,
        "after" => Place::After,
        "prepend" => Place::Prepend,
        "append" => Place::Append,
        "replace" => Place::Replace,
        "setInnerContent" => Place::Inside,
        _ => return Err(JsErrorBox::type_error("there is no such place")),
    };
    let rewriting = rewriting.borrow()?;
    let inserted = rewriting.as_ref().and_then(|rewriting| rewriting.insert(place, content, kind(html)));
    inserted.ok_or_else(no_longer)
}

/// A piece of the stream that was asked for.
#[op2]
pub(crate) fn op_eyot_html_sink(
    #[cppgc] rewriting: &OpenRewriting,
    #[anybuffer] piece: &[u8],
    html: bool,
) -> Result<(), JsErrorBox> {
    look(rewriting, |view| match view {
        View::Sink(sink) => Some(sink.write_utf8_chunk(piece, kind(html))),
        _ => None,
    })?
    .map_err(|error| JsErrorBox::type_error(format!("Parser error: {error}")))
}

/// Takes the unit away; of an element, its tags only when what it has is to stay.
#[op2(fast)]
pub(crate) fn op_eyot_html_remove(#[cppgc] rewriting: &OpenRewriting, keep_content: bool) -> Result<(), JsErrorBox> {
    look(rewriting, |view| {
        match view {
            View::Element(unit) if keep_content => unit.remove_and_keep_content(),
            View::Element(unit) => unit.remove(),
            View::EndTag(unit) => unit.remove(),
            View::Text(unit) => unit.remove(),
            View::Comment(unit) => unit.remove(),
            View::Doctype(_) | View::End(_) | View::Sink(_) => return None,
        }
        Some(())
    })
}

/// Has a handler run at the element's end tag.
#[op2(fast)]
pub(crate) fn op_eyot_html_end_tag(
    state: &mut OpState,
    #[cppgc] rewriting: &OpenRewriting,
    #[smi] handler: u32,
) -> Result<(), JsErrorBox> {
    let held = reserve(state, 0)?;
    let rewriting = rewriting.borrow()?;
    let added = rewriting.as_ref().ok_or_else(no_longer)?.on_end_tag(handler, held);
    added.map_err(|error| JsErrorBox::type_error(format!("Parser error: {error}")))
}

fn look<R>(rewriting: &OpenRewriting, look: impl FnOnce(View<'_>) -> Option<R>) -> Result<R, JsErrorBox> {
    let rewriting = rewriting.borrow()?;
    rewriting.as_ref().and_then(|rewriting| rewriting.with(look)).flatten().ok_or_else(no_longer)
}

/// Counts what a handler gives to its unit, until the parser wants more of the document.
fn keep(state: &OpState, rewriting: &OpenRewriting, bytes: usize) -> Result<(), JsErrorBox> {
    let held = reserve(state, bytes)?;
    if let Some(rewriting) = rewriting.borrow()?.as_mut() {
        rewriting.keep(held);
    }
    Ok(())
}

fn reserve(state: &OpState, bytes: usize) -> Result<Held, JsErrorBox> {
    let gauge = runs(state).borrow().gauge.clone();
    Held::reserve(&gauge, CONTENT_BYTES + bytes as u64).ok_or_else(no_memory)
}

fn kind(html: bool) -> ContentType {
    if html { ContentType::Html } else { ContentType::Text }
}

fn no_longer() -> JsErrorBox {
    JsErrorBox::type_error(
        "This content token is no longer valid. Content tokens are only valid during the execution of the relevant content handler.",
    )
}

/// What anything that a handler adds counts for, beside its bytes.
const CONTENT_BYTES: u64 = 256;
