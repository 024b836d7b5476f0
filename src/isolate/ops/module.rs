//! What the host and a script's modules tell each other outside of requests.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use deno_core::{OpState, op2, v8};
use deno_error::JsErrorBox;

use super::runs;
use crate::script::{Code, Memories, Module, ModuleKind, wasm_memories};

/// Access to the script's code for bindings that are made from a module of the upload.
pub struct ScriptCode(pub Rc<dyn Fn() -> Result<Arc<Code>, String>>);

/// Keeps our entry points where the host finds them and no script can: in a private property of the global object,
/// which a snapshot carries along.
#[op2(fast)]
pub(crate) fn op_eyot_expose(
    scope: &mut v8::PinScope<'_, '_>,
    entry: v8::Local<'_, v8::Object>,
) -> Result<(), JsErrorBox> {
    let global = scope.get_current_context().global(scope);
    let key = entry_key(scope).ok_or_else(|| JsErrorBox::generic("make the entry key"))?;
    global.set_private(scope, key, entry.into());
    Ok(())
}

/// The entry points of a context, if its bootstrap has run.
pub(crate) fn entry_of<'s>(scope: &v8::PinScope<'s, '_>) -> Option<v8::Local<'s, v8::Object>> {
    let global = scope.get_current_context().global(scope);
    let key = entry_key(scope)?;
    v8::Local::<v8::Object>::try_from(global.get_private(scope, key)?).ok()
}

fn entry_key<'s>(scope: &v8::PinScope<'s, '_>) -> Option<v8::Local<'s, v8::Private>> {
    let name = v8::String::new(scope, "eyot.entry")?;
    Some(v8::Private::for_api(scope, Some(name)))
}

/// The handlers the script turned out to have.
#[op2]
pub(crate) fn op_eyot_handlers(state: &mut OpState, #[serde] handlers: Vec<String>) {
    runs(state).borrow_mut().handlers = handlers;
}

/// The top level looked at bindings that are not there yet: what it made of them must not be in a snapshot.
#[op2(fast)]
pub(crate) fn op_eyot_env_read(state: &mut OpState) {
    runs(state).borrow_mut().env_read = true;
}

/// The bytes of a module of the upload.
#[op2]
#[buffer]
pub(crate) fn op_eyot_module_bytes(state: &mut OpState, #[string] name: &str) -> Result<Vec<u8>, JsErrorBox> {
    with_module(state, name, |module| module.source.to_vec())
}

/// The modules of the upload and their lengths; none where there is no upload to look at.
#[op2]
#[serde]
pub(crate) fn op_eyot_module_names(state: &mut OpState) -> Vec<(String, usize)> {
    let Some(Ok(code)) = state.try_borrow::<ScriptCode>().map(|code| (code.0)()) else { return Vec::new() };
    code.modules.iter().map(|module| (module.name.clone(), module.source.len())).collect()
}

/// Fills `into`, which counts as the isolate's memory, with a module's bytes from `offset` on, as far as there are any.
#[op2(fast)]
pub(crate) fn op_eyot_module_part(
    state: &mut OpState,
    #[string] name: &str,
    #[smi] offset: u32,
    #[buffer] into: &mut [u8],
) -> Result<(), JsErrorBox> {
    with_module(state, name, |module| {
        let bytes = module.source.get(offset as usize..).unwrap_or_default();
        let count = bytes.len().min(into.len());
        into[..count].copy_from_slice(&bytes[..count]);
    })
}

/// Which of these words the upload has in its sources; none where there is no upload to look at. Asked once, for all of
/// them: the sources may be large.
#[op2]
#[serde]
pub(crate) fn op_eyot_names(state: &mut OpState, #[serde] words: Vec<String>) -> Vec<bool> {
    let Some(Ok(code)) = state.try_borrow::<ScriptCode>().map(|code| (code.0)()) else {
        return vec![false; words.len()];
    };
    let is_script = |module: &&Module| matches!(module.kind, ModuleKind::EsModule | ModuleKind::CommonJs);
    let scripts = code.modules.iter().filter(is_script);
    let sources: Vec<&str> = scripts.filter_map(|module| std::str::from_utf8(&module.source).ok()).collect();
    words.iter().map(|word| sources.iter().any(|source| source.contains(word.as_str()))).collect()
}

/// What a module of the upload is: `esm`, `commonjs`, `text`, `json`, `wasm` or `data`.
#[op2]
#[string]
pub(crate) fn op_eyot_module_kind(state: &mut OpState, #[string] name: &str) -> Result<&'static str, JsErrorBox> {
    with_module(state, name, |module| match module.kind {
        ModuleKind::EsModule => "esm",
        ModuleKind::CommonJs => "commonjs",
        ModuleKind::Text => "text",
        ModuleKind::Json => "json",
        ModuleKind::Wasm => "wasm",
        ModuleKind::Data => "data",
    })
}

/// A WASM module of the upload, compiled.
#[op2]
pub(crate) fn op_eyot_module_wasm<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    state: &mut OpState,
    #[string] name: &str,
) -> Result<v8::Local<'s, v8::Value>, JsErrorBox> {
    let bytes = with_module(state, name, |module| Arc::clone(&module.source))?;
    let was = OF_THE_UPLOAD.replace(true);
    let module = v8::WasmModuleObject::compile(scope, &bytes);
    OF_THE_UPLOAD.set(was);
    module.map(Into::into).ok_or_else(|| JsErrorBox::type_error(format!("\"{name}\" is not a valid WASM module.")))
}

/// How many memories each instance of a WASM module of the upload has of its own.
#[op2(fast)]
pub(crate) fn op_eyot_module_memories(state: &mut OpState, #[string] name: &str) -> Result<u32, JsErrorBox> {
    let memories = with_module(state, name, |module| wasm_memories(&module.source))?;
    match memories {
        Some(Memories { shared: true, .. }) => {
            Err(JsErrorBox::type_error(format!("\"{name}\" has a shared memory, which is not available.")))
        }
        Some(memories) => Ok(memories.count),
        None => Err(JsErrorBox::type_error(format!("\"{name}\" is not a valid WASM module."))),
    }
}

/// Refuses WASM from bytes that the script has at run time, like code from strings: what runs is what was uploaded.
pub(in crate::isolate) fn allow_wasm_of_modules_only(isolate: &mut v8::Isolate) {
    isolate.set_allow_wasm_code_generation_callback(is_of_the_upload);
}

extern "C" fn is_of_the_upload(_context: v8::Local<'_, v8::Context>, _source: v8::Local<'_, v8::String>) -> bool {
    OF_THE_UPLOAD.get()
}

thread_local! {
    /// Whether the slot is compiling a module of the upload right now. Compiling calls no JavaScript.
    static OF_THE_UPLOAD: Cell<bool> = const { Cell::new(false) };
}

/// The script's code.
pub(super) fn code(state: &OpState) -> Result<Arc<Code>, JsErrorBox> {
    (state.borrow::<ScriptCode>().0)().map_err(JsErrorBox::generic)
}

/// Reads a module of the upload.
pub(super) fn with_module<T>(state: &OpState, name: &str, read: impl FnOnce(&Module) -> T) -> Result<T, JsErrorBox> {
    let code = code(state)?;
    code.module(name).map(read).ok_or_else(|| JsErrorBox::type_error(format!("No such module \"{name}\".")))
}
