//! The `node:` modules: which there are, which a script may import, and what stands behind each.
//!
//! Their JavaScript is in `js/node`: part of Deno's, of Node's own and of unenv's, vendored by `scripts/vendor-node.mjs`, and our
//! own where the platform is ours. Every file is loaded when it is first asked for, so that a script pays in its snapshot
//! and its start for what it imports and for nothing else.

use std::borrow::Cow;

use deno_core::{Extension, ExtensionFileSource};

use super::ops::eyot_node;
use super::sources::all_below;
use crate::script::Code;

/// The extension that holds all of it but the scripts.
#[must_use]
pub(super) fn extension() -> Extension {
    let mut extension = eyot_node::init();
    extension.synthetic_esm_modules = Cow::Borrowed(MODULES);
    extension
}

/// The extension's name.
pub(super) const NAME: &str = "eyot_node";

/// All its scripts.
#[must_use]
pub(super) fn files() -> Vec<ExtensionFileSource> {
    all_below("ext:eyot_node/")
}

/// How much of Node a script has asked for by its compatibility date and flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NodeCompat {
    /// `node:async_hooks` alone, which every script has.
    AsyncHooks,
    /// Every module under its `node:` name.
    Modules,
    /// Bare names and globals too.
    Full,
}

impl NodeCompat {
    /// As <https://developers.cloudflare.com/workers/configuration/compatibility-flags/#nodejs-compatibility-flag> has it.
    #[must_use]
    pub(super) fn of(code: &Code) -> Self {
        let has = |flag: &str| code.compatibility_flags.iter().any(|other| other == flag);
        let since = |date: &str| *code.compatibility_date >= *date;
        let asks = has("nodejs_compat") || since(DEFAULT_SINCE) && !has("no_nodejs_compat");
        if has("nodejs_compat_v2") || asks && since(FULL_SINCE) && !has(NOT_FULL) {
            Self::Full
        } else if asks {
            Self::Modules
        } else {
            Self::AsyncHooks
        }
    }

    /// Whether `process.env` starts with the bindings that are text.
    #[must_use]
    pub(super) fn populates_env(self, code: &Code) -> bool {
        let has = |flag: &str| code.compatibility_flags.iter().any(|other| other == flag);
        self > Self::AsyncHooks
            && !has("nodejs_compat_do_not_populate_process_env")
            && (has("nodejs_compat_populate_process_env") || *code.compatibility_date >= *ENV_SINCE)
    }
}

/// The full name of the module that `specifier` means, if this script may import it.
#[must_use]
pub(super) fn resolve(specifier: &str, compat: NodeCompat) -> Option<&'static str> {
    if specifier == CLOUDFLARE_NODE {
        return (compat > NodeCompat::AsyncHooks).then_some(CLOUDFLARE_NODE);
    }
    let bare = specifier.strip_prefix("node:");
    if bare.is_none() && compat < NodeCompat::Full {
        return None;
    }
    let name = bare.unwrap_or(specifier);
    let (found, _) = MODULES.iter().find(|(module, _)| module.strip_prefix("node:") == Some(name))?;
    (compat > NodeCompat::AsyncHooks || name == "async_hooks").then_some(*found)
}

/// The script whose returned object are the exports of the module of this full name.
#[must_use]
pub(super) fn script_of(name: &str) -> Option<&'static str> {
    MODULES.iter().find(|(module, _)| *module == name).map(|(_, script)| *script)
}

/// Since when every script has `nodejs_compat`, which `no_nodejs_compat` takes away.
const DEFAULT_SINCE: &str = "2026-08-04";

/// Since when `nodejs_compat` means its second version.
const FULL_SINCE: &str = "2024-09-23";

/// Workers' own module that makes a handler of a Node server.
const CLOUDFLARE_NODE: &str = "cloudflare:node";

/// Asks for the first version whatever the date.
const NOT_FULL: &str = "no_nodejs_compat_v2";

/// Since when `process.env` is filled.
const ENV_SINCE: &str = "2025-04-01";

/// Every module and the script whose returned object are its exports, sorted.
const MODULES: &[(&str, &str)] = &[
    (CLOUDFLARE_NODE, "ext:eyot_node/cloudflare_node.js"),
    ("node:_http_agent", "ext:eyot_node/_http_agent.js"),
    ("node:_http_client", "ext:eyot_node/_http_client.js"),
    ("node:_http_common", "ext:eyot_node/_http_common.js"),
    ("node:_http_incoming", "ext:eyot_node/_http_incoming.js"),
    ("node:_http_outgoing", "ext:eyot_node/_http_outgoing.js"),
    ("node:_http_server", "ext:eyot_node/_http_server.js"),
    ("node:_stream_duplex", "ext:eyot_node/deno/internal/streams/duplex.js"),
    ("node:_stream_passthrough", "ext:eyot_node/deno/internal/streams/passthrough.js"),
    ("node:_stream_readable", "ext:eyot_node/deno/internal/streams/readable.js"),
    ("node:_stream_transform", "ext:eyot_node/deno/internal/streams/transform.js"),
    ("node:_stream_wrap", "ext:eyot_node/_stream_wrap.js"),
    ("node:_stream_writable", "ext:eyot_node/deno/internal/streams/writable.js"),
    ("node:_tls_common", "ext:eyot_node/_tls_common.js"),
    ("node:_tls_wrap", "ext:eyot_node/_tls_wrap.js"),
    ("node:assert", "ext:eyot_node/deno/assert.js"),
    ("node:assert/strict", "ext:eyot_node/assert_strict.js"),
    ("node:async_hooks", "ext:eyot_node/async_hooks.js"),
    ("node:buffer", "ext:eyot_node/buffer.js"),
    ("node:child_process", "ext:eyot_node/unenv/child_process.js"),
    ("node:cluster", "ext:eyot_node/unenv/cluster.js"),
    ("node:console", "ext:eyot_node/console.js"),
    ("node:constants", "ext:eyot_node/unenv/constants.js"),
    ("node:crypto", "ext:eyot_node/crypto.js"),
    ("node:dgram", "ext:eyot_node/unenv/dgram.js"),
    ("node:diagnostics_channel", "ext:eyot_node/diagnostics_channel.js"),
    ("node:dns", "ext:eyot_node/dns.js"),
    ("node:dns/promises", "ext:eyot_node/dns_promises.js"),
    ("node:domain", "ext:eyot_node/unenv/domain.js"),
    ("node:events", "ext:eyot_node/events.js"),
    ("node:fs", "ext:eyot_node/fs.js"),
    ("node:fs/promises", "ext:eyot_node/fs_promises.js"),
    ("node:http", "ext:eyot_node/http.js"),
    ("node:http2", "ext:eyot_node/unenv/http2.js"),
    ("node:https", "ext:eyot_node/https.js"),
    ("node:inspector", "ext:eyot_node/unenv/inspector.js"),
    ("node:inspector/promises", "ext:eyot_node/unenv/inspector_promises.js"),
    ("node:module", "ext:eyot_node/module.js"),
    ("node:net", "ext:eyot_node/net.js"),
    ("node:os", "ext:eyot_node/os.js"),
    ("node:path", "ext:eyot_node/deno/path/mod.js"),
    ("node:path/posix", "ext:eyot_node/deno/path/mod.js"),
    ("node:path/win32", "ext:eyot_node/path_win32.js"),
    ("node:perf_hooks", "ext:eyot_node/perf_hooks.js"),
    ("node:process", "ext:eyot_node/process.js"),
    ("node:punycode", "ext:eyot_node/deno/punycode.js"),
    ("node:querystring", "ext:eyot_node/deno/querystring.js"),
    ("node:readline", "ext:eyot_node/unenv/readline.js"),
    ("node:readline/promises", "ext:eyot_node/unenv/readline_promises.js"),
    ("node:repl", "ext:eyot_node/unenv/repl.js"),
    ("node:sqlite", "ext:eyot_node/unenv/sqlite.js"),
    ("node:stream", "ext:eyot_node/deno/stream.js"),
    ("node:stream/consumers", "ext:eyot_node/deno/stream/consumers.js"),
    ("node:stream/promises", "ext:eyot_node/deno/stream/promises.js"),
    ("node:stream/web", "ext:eyot_node/deno/stream/web.js"),
    ("node:string_decoder", "ext:eyot_node/deno/string_decoder.js"),
    ("node:sys", "ext:eyot_node/node_util.js"),
    ("node:timers", "ext:eyot_node/timers.js"),
    ("node:timers/promises", "ext:eyot_node/timers_promises.js"),
    ("node:tls", "ext:eyot_node/tls.js"),
    ("node:trace_events", "ext:eyot_node/unenv/trace_events.js"),
    ("node:tty", "ext:eyot_node/unenv/tty.js"),
    ("node:url", "ext:eyot_node/deno/url.js"),
    ("node:util", "ext:eyot_node/node_util.js"),
    ("node:util/types", "ext:eyot_node/util_types.js"),
    ("node:v8", "ext:eyot_node/v8.js"),
    ("node:vm", "ext:eyot_node/unenv/vm.js"),
    ("node:wasi", "ext:eyot_node/unenv/wasi.js"),
    ("node:worker_threads", "ext:eyot_node/unenv/worker_threads.js"),
    ("node:zlib", "ext:eyot_node/zlib.js"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::Syntax;

    fn compat(date: &str, flags: &[&str]) -> NodeCompat {
        NodeCompat::of(&Code {
            main_module: "index.js".to_owned(),
            syntax: Syntax::Modules,
            modules: Vec::new(),
            compatibility_date: date.to_owned(),
            compatibility_flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
        })
    }

    /// Dates and flags, and the three ways to name a module.
    #[test]
    fn a_script_gets_the_modules_its_flags_ask_for() {
        for (date, flags, expected) in [
            ("2026-01-01", &[][..], [true, false, false]),
            ("2026-01-01", &["nodejs_als"], [true, false, false]),
            ("2024-09-22", &["nodejs_compat"], [true, true, false]),
            ("2024-09-23", &["nodejs_compat"], [true, true, true]),
            ("2026-01-01", &["nodejs_compat", "no_nodejs_compat_v2"], [true, true, false]),
            ("2023-01-01", &["nodejs_compat_v2"], [true, true, true]),
            ("2026-08-03", &[], [true, false, false]),
            ("2026-08-04", &[], [true, true, true]),
            ("2026-08-04", &["no_nodejs_compat"], [true, false, false]),
        ] {
            let compat = compat(date, flags);
            let found = ["node:async_hooks", "node:buffer", "buffer"].map(|name| resolve(name, compat).is_some());
            assert_eq!(found, expected, "{date} {flags:?}");
        }
        assert_eq!(resolve("node:nothing", NodeCompat::Full), None);
        assert_eq!(resolve("ext:eyot_node/buffer.js", NodeCompat::Full), None);
    }

    /// Looks every script of the table up, and the table's order.
    #[test]
    fn every_module_has_its_script() {
        let scripts = files();
        for (module, script) in MODULES {
            assert!(scripts.iter().any(|known| known.specifier == *script), "{module}: {script}");
        }
        assert!(MODULES.is_sorted());
    }
}
