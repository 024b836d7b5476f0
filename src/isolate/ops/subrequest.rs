//! Subrequest limits: how many in all, and how many at once; and what an answer's status line says.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use deno_core::{OpState, op2};
use deno_error::JsErrorBox;
use deno_fetch::{FetchResponseReader, FetchResponseResource};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::run::phrase_of;
use super::runs;

/// Places that open subrequests hold, by run.
#[derive(Default)]
struct OpenSubrequests(HashMap<u32, Vec<OwnedSemaphorePermit>>);

/// Counts a subrequest of run `id`; one with an unsafe method (RFC 9110 section 9.2.1) may change something elsewhere.
#[op2(fast)]
pub(crate) fn op_eyot_subrequest_begin(state: &mut OpState, #[smi] id: u32, safe: bool) -> Result<(), JsErrorBox> {
    let runs = runs(state);
    let mut runs = runs.borrow_mut();
    let limit = runs.deployment.limits.subrequests_max;
    let Some(run) = runs.in_flight.get_mut(&id) else {
        return Err(JsErrorBox::generic("The request that this fetch() belongs to has ended."));
    };
    if run.subrequests >= limit {
        return Err(JsErrorBox::generic(format!("Too many subrequests: the limit is {limit} per request.")));
    }
    run.subrequests += 1;
    if !safe {
        runs.note_write(id);
    }
    Ok(())
}

/// Takes a place for one more open subrequest of run `id` if there is one; else there is to be waited for one.
#[op2(fast)]
pub(crate) fn op_eyot_subrequest_place(state: &mut OpState, #[smi] id: u32) -> bool {
    let Ok(places) = places_of(state, id) else { return false };
    let Ok(place) = places.try_acquire_owned() else { return false };
    hold(state, id, place);
    true
}

/// Waits until run `id` may have one more subrequest open, and takes that place.
#[op2(async(lazy), fast)]
pub(crate) async fn op_eyot_subrequest_start(state: Rc<RefCell<OpState>>, #[smi] id: u32) -> Result<(), JsErrorBox> {
    let places = places_of(&state.borrow(), id)?;
    let place = places.acquire_owned().await.map_err(|error| JsErrorBox::generic(error.to_string()))?;
    hold(&mut state.borrow_mut(), id, place);
    Ok(())
}

fn places_of(state: &OpState, id: u32) -> Result<Arc<Semaphore>, JsErrorBox> {
    let runs = runs(state);
    let runs = runs.borrow();
    let places = runs.deployment.limits.subrequests_open_max as usize;
    let Some(run) = runs.in_flight.get(&id) else {
        return Err(JsErrorBox::generic("The request that this fetch() belongs to has ended."));
    };
    Ok(Arc::clone(run.open_subrequests.get_or_init(|| Arc::new(Semaphore::new(places)))))
}

fn hold(state: &mut OpState, id: u32, place: OwnedSemaphorePermit) {
    if !state.has::<OpenSubrequests>() {
        state.put(OpenSubrequests::default());
    }
    state.borrow_mut::<OpenSubrequests>().0.entry(id).or_default().push(place);
}

/// Gives one place back.
#[op2(fast)]
pub(crate) fn op_eyot_subrequest_end(state: &mut OpState, #[smi] id: u32) {
    let Some(open) = state.try_borrow_mut::<OpenSubrequests>() else { return };
    if let Some(places) = open.0.get_mut(&id) {
        places.pop();
        if places.is_empty() {
            open.0.remove(&id);
        }
    }
}

/// The words of an answer's status line where they are not the usual ones, byte by byte; its body has not been read yet.
#[op2]
#[string]
pub(crate) fn op_eyot_subrequest_phrase(state: &mut OpState, #[smi] response: u32) -> Option<String> {
    let response = state.resource_table.get::<FetchResponseResource>(response).ok()?;
    let reader = deno_core::RcRef::map(response, |response| &response.response_reader).try_borrow()?;
    let FetchResponseReader::Start(head) = &*reader else { return None };
    phrase_of(head.extensions())
}
