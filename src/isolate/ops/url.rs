//! What is under `URL`: taking apart, resolving and changing, by [`weburl`](crate::weburl) in place of the `url` crate.
//!
//! The scripts of deno_web are what calls: an answer is a status, the parts' offsets in a buffer of theirs, and the
//! serialization where it is not what came in, fetched by a call of its own.

use deno_core::{OpDecl, OpState, op2};

use crate::weburl::{Offsets, Part, WebUrl};

/// What deno_web's script reads: the input is the serialization, it is another, there is none.
const SAME: u32 = 0;
const OTHER: u32 = 1;
const INVALID: u32 = 2;

/// How deno_web says that there is no port, and how many numbers it reads.
const NO_PORT: u32 = 65_536;
const NUMBERS: usize = 8;

/// The serialization that waits to be fetched.
struct Serialization(String);

/// deno_web's ops with those of `URL` replaced by ours.
pub(in crate::isolate) fn conforming(op: OpDecl) -> OpDecl {
    match op.name {
        "op_url_parse" => op.with_implementation_from(&op_eyot_url_parse()),
        "op_url_parse_with_base" => op.with_implementation_from(&op_eyot_url_parse_with_base()),
        "op_url_reparse" => op.with_implementation_from(&op_eyot_url_set()),
        "op_url_get_serialization" => op.with_implementation_from(&op_eyot_url_serialization()),
        _ => op,
    }
}

#[op2(fast)]
#[smi]
fn op_eyot_url_parse(state: &mut OpState, #[string] href: &str, #[buffer] out: &mut [u32]) -> u32 {
    answer(state, href, WebUrl::parse(href, None).as_ref(), out)
}

#[op2(fast)]
#[smi]
fn op_eyot_url_parse_with_base(
    state: &mut OpState,
    #[string] href: &str,
    #[string] base: &str,
    #[buffer] out: &mut [u32],
) -> u32 {
    let base = WebUrl::parse(base, None);
    let url = base.and_then(|base| WebUrl::parse(href, Some(&base)));
    answer(state, href, url.as_ref(), out)
}

#[op2(fast)]
#[smi]
fn op_eyot_url_set(
    state: &mut OpState,
    #[string] href: &str,
    #[smi] part: u32,
    #[string] value: &str,
    #[buffer] out: &mut [u32],
) -> u32 {
    let mut url = WebUrl::parse(href, None);
    if let (Some(url), Some(part)) = (&mut url, part_of(part)) {
        url.set(part, value);
    }
    answer(state, href, url.as_ref(), out)
}

#[op2]
#[string]
fn op_eyot_url_serialization(state: &mut OpState) -> String {
    state.try_take::<Serialization>().map_or_else(String::new, |serialization| serialization.0)
}

/// deno_web's numbers of the setters, which are those of the parts in the order of their names.
fn part_of(number: u32) -> Option<Part> {
    Part::ALL.get(usize::try_from(number).ok()?).copied()
}

fn answer(state: &mut OpState, href: &str, url: Option<&WebUrl>, out: &mut [u32]) -> u32 {
    let Some((text, offsets)) = url.map(WebUrl::serialize) else { return INVALID };
    let Some((numbers, out)) = numbers(&offsets).zip(out.first_chunk_mut::<NUMBERS>()) else { return INVALID };
    *out = numbers;
    if text == href {
        return SAME;
    }
    state.put(Serialization(text));
    OTHER
}

/// The offsets in the order that deno_web reads them; a part that is not there is at 0. None past 4 GiB.
fn numbers(offsets: &Offsets) -> Option<[u32; NUMBERS]> {
    let number = |offset: usize| u32::try_from(offset).ok();
    Some([
        number(offsets.scheme_end)?,
        number(offsets.username_end)?,
        number(offsets.host_start)?,
        number(offsets.host_end)?,
        offsets.port.map_or(NO_PORT, u32::from),
        number(offsets.path_start)?,
        number(offsets.query_start.unwrap_or(0))?,
        number(offsets.fragment_start.unwrap_or(0))?,
    ])
}
