//! Symbols that scripts never meet: V8's private ones, in which the host's JavaScript keeps its state on objects that
//! scripts hold.
//!
//! A property under such a symbol is found on the object itself and nowhere else: no reflection lists it, no proxy's trap
//! is asked for it, nothing copies it along. It is not found by way of a prototype either.

#![expect(unsafe_code, reason = "v8 150.4 does not show private symbols as the values that they are")]

use deno_core::{op2, v8};

/// A new private symbol. Called wherever a script of the host's is loaded, inside of another op too.
#[op2(reentrant)]
pub(crate) fn op_eyot_hidden_symbol<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    #[string] description: &str,
) -> Option<v8::Local<'s, v8::Value>> {
    let name = v8::String::new(scope, description)?;
    Some(shown(v8::Private::new(scope, Some(name))))
}

/// The private symbol under which an object says what it is to structured cloning: one and the same in an isolate.
#[op2(reentrant)]
pub(crate) fn op_eyot_host_object_symbol<'s>(scope: &mut v8::PinScope<'s, '_>) -> Option<v8::Local<'s, v8::Value>> {
    let name = v8::String::new(scope, "eyot: host object")?;
    Some(shown(v8::Private::for_api(scope, Some(name))))
}

/// The symbol as a value. JavaScript that has it uses it like any symbol, as Node.js's own does with its private symbols.
fn shown<'s>(symbol: v8::Local<'s, v8::Private>) -> v8::Local<'s, v8::Value> {
    // SAFETY: both are handles of one address, and what is there is a JavaScript symbol: `v8::Private` is a name in the API
    // for a `Symbol` with a flag. Nothing else is done with it than to hand it to JavaScript.
    unsafe { std::mem::transmute::<v8::Local<'s, v8::Private>, v8::Local<'s, v8::Value>>(symbol) }
}
