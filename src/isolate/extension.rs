//! The extensions every runtime of ours has, in one order: builder and server must agree, or snapshots do not load.

use std::borrow::Cow;
use std::sync::Arc;

use deno_core::{Extension, ExtensionFileSource, v8};

use super::blobs::CountedBlobs;
use super::gauge::MemoryGauge;
use super::sources::embedded;
use super::{node, ops};

/// The extension list, all sources from the binary.
#[must_use]
pub(super) fn extensions(fetch: deno_fetch::Options, gauge: &Arc<MemoryGauge>) -> Vec<Extension> {
    let blob_store: Arc<dyn deno_web::BlobStoreTrait> = Arc::new(CountedBlobs::new(Arc::clone(gauge)));
    let mut web = deno_web::deno_web::init(blob_store, None, false, deno_web::InMemoryBroadcastChannel::default());
    web.middleware_fn = Some(Box::new(|op| ops::conforming(ops::frozen(op))));
    let mut extensions = vec![
        deno_webidl::deno_webidl::init(),
        web,
        deno_telemetry::deno_telemetry::init(),
        deno_tls::deno_tls::init(),
        deno_net::deno_net::init(None, None),
        deno_fetch::deno_fetch::init(fetch),
        deno_crypto::deno_crypto::init(None),
        ops::eyot::init(),
    ];
    for extension in &mut extensions {
        for files in [
            &mut extension.js_files,
            &mut extension.esm_files,
            &mut extension.lazy_loaded_js_files,
            &mut extension.lazy_loaded_esm_files,
        ] {
            *files = Cow::Owned(files.iter().map(embedded).collect::<Vec<ExtensionFileSource>>());
        }
    }
    // Its files are many and from the binary already; before ours, which uses its ops.
    extensions.insert(extensions.len() - 1, node::extension());
    extensions
}

/// Names of the extensions and the V8 they run on: a snapshot fits only a runtime that agrees.
#[must_use]
pub fn identity() -> String {
    let names: Vec<&str> = extensions(deno_fetch::Options::default(), &MemoryGauge::new(0))
        .iter()
        .map(|extension| extension.name)
        .collect();
    format!("v8 {} extensions {}", v8::VERSION_STRING, names.join(","))
}
