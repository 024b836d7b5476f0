//! V8 itself: initialised once, on the main thread, before any other thread exists.
//!
//! On processors with memory protection keys a thread made before that faults at its first JavaScript
//! (<https://github.com/denoland/rusty_v8/issues/1381>).

use deno_core::{JsRuntime, v8};

use crate::limits::put_others_aside;

/// Initialises V8 with our flags. Call first thing in `main`, in the server and in the snapshot builder's child alike:
/// a snapshot fits only a process with the same flags.
pub fn init() {
    super::arenas::bound();
    super::fatal::survive_panics();
    super::icu_memory::count();
    v8::V8::set_flags_from_string(FLAGS);
    JsRuntime::init_platform(None);
    super::refused_sizes::survive();
    // V8's own: they collect and compile for whoever makes the most of it.
    put_others_aside();
}

/// V8's flags:
/// - `--no-extensible-ro-snapshot`: all isolates of a process share one read-only heap; a snapshot that extends it
///   crashes the process as soon as another one is loaded (shared/measured.md, laverdet/isolated-vm#420).
/// - `--no-turboshaft-loop-unrolling`: V8 15.0 drops the stop check of an outer loop when it unrolls an inner one, and
///   `for (;;) new Array(100).fill(1)` can then not be terminated (shared/measured.md).
/// - `--no-parallel-scavenge`: a young collection takes its isolate's own thread and no helpers. It is small, waking helpers
///   costs more than they do, and what a tenant's garbage costs is charged to the tenant.
/// - `--no-concurrent-array-buffer-sweeping`: the same for dead ArrayBuffers. Freed by a helper, they are gone from our count long
///   before V8 takes them out of its own, and the difference passes for WASM memory: buffers that fit are then refused.
/// - `--no-verify-snapshot-checksum`: snapshots are read by their SHA-256; V8 would sum each up again at every start.
/// - `--enable-sharedarraybuffer-per-context`: no context asks for `SharedArrayBuffer`, so none has it: memory that
///   another thread changes is a clock.
/// - `--wasm-max-mem-pages`: one WASM memory reaches at most the default cap of 128 MiB; what it has grown to is
///   counted against the isolate's own.
pub const FLAGS: &str = "--no-extensible-ro-snapshot --no-turboshaft-loop-unrolling --no-parallel-scavenge \
                         --no-concurrent-array-buffer-sweeping --no-verify-snapshot-checksum \
                         --enable-sharedarraybuffer-per-context --wasm-max-mem-pages=2048";
