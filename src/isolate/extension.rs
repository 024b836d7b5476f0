//! The extensions every runtime of ours has, in one order: builder and server must agree, or snapshots do not load.

use std::borrow::Cow;
use std::sync::Arc;

use deno_core::{Extension, ExtensionFileSource, v8};

use super::blobs::CountedBlobs;
use super::gauge::MemoryGauge;
use super::sources::embedded;
use super::{node, ops};

/// What a runtime is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// To take a snapshot of: it must know the files that the snapshot can refer to.
    Building,
    /// To serve, from a snapshot or from nothing: it finds in one table what it has not loaded.
    Serving,
    /// The same from the base snapshot, as others do: what is compiled for one of those is good for all.
    ServingFromBase,
}

/// The extension list, all sources from the binary.
#[must_use]
pub(super) fn extensions(made_for: Use, fetch: deno_fetch::Options, gauge: &Arc<MemoryGauge>) -> Vec<Extension> {
    let blob_store: Arc<dyn deno_web::BlobStoreTrait> = Arc::new(CountedBlobs::new(Arc::clone(gauge)));
    let mut web = deno_web::deno_web::init(blob_store, None, false, deno_web::InMemoryBroadcastChannel::default());
    // A middleware would do the same, and copy the ops of all extensions for each isolate.
    web.ops = web.ops.iter().copied().map(|op| ops::conforming(ops::frozen(op))).collect();
    let mut extensions = vec![
        deno_webidl::deno_webidl::init(),
        web,
        deno_telemetry::deno_telemetry::init(),
        deno_tls::deno_tls::init(),
        deno_net::deno_net::init(None, None),
        deno_fetch::deno_fetch::init(fetch),
        deno_crypto::deno_crypto::init(None),
        node::extension(),
        ops::eyot::init(),
    ];
    for extension in &mut extensions {
        // deno_fetch's scripts name them and never get to calling them. Every op is a function in every heap.
        if WITHOUT_OPS.contains(&extension.name) {
            extension.ops = Cow::Borrowed(&[]);
            extension.objects = Cow::Borrowed(&[]);
        }
        // WebTransport, locks and QUIC: nothing of ours imports them.
        extension.lazy_loaded_esm_files = Cow::Borrowed(&[]);
        extension.js_files = with_sources(&extension.js_files);
        extension.lazy_loaded_js_files = match made_for {
            Use::Building if extension.name == node::NAME => Cow::Owned(node::files()),
            Use::Building => with_sources(&extension.lazy_loaded_js_files),
            Use::Serving | Use::ServingFromBase => Cow::Borrowed(&[]),
        };
    }
    extensions
}

/// Names of the extensions and the V8 they run on: a snapshot fits only a runtime that agrees.
#[must_use]
pub fn identity() -> String {
    let names: Vec<&str> = extensions(Use::Serving, deno_fetch::Options::default(), &MemoryGauge::new(0))
        .iter()
        .map(|extension| extension.name)
        .collect();
    format!("v8 {} extensions {}", v8::VERSION_STRING, names.join(","))
}

fn with_sources(files: &[ExtensionFileSource]) -> Cow<'static, [ExtensionFileSource]> {
    if files.is_empty() { Cow::Borrowed(&[]) } else { files.iter().map(embedded).collect() }
}

/// Extensions that are there for their JavaScript alone.
const WITHOUT_OPS: [&str; 3] = ["deno_telemetry", "deno_tls", "deno_net"];
