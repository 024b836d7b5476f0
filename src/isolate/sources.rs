//! The JavaScript of the extensions, embedded in the binary by `build/main.rs`.
//!
//! The snapshot builder's child is given the files an extension declares. An isolate that serves is given one table for
//! all: what its snapshot does not have is found there when a script first wants it, and nothing is done for it before.

use std::sync::{Arc, OnceLock};

use deno_core::{ExtensionFileSource, FastStaticString};

use crate::script;

/// A source as it is embedded.
#[derive(Clone, Copy)]
enum Source {
    JavaScript(FastStaticString),
    /// A script as the body of the function that is compiled.
    Lazy(&'static str),
    TypeScript(&'static str),
}

include!(concat!(env!("OUT_DIR"), "/sources.rs"));

/// The same file with its source from the binary instead of from the build machine's disk.
pub(super) fn embedded(file: &ExtensionFileSource) -> ExtensionFileSource {
    let at = SOURCES.binary_search_by_key(&file.specifier, |(specifier, _)| specifier);
    match at.map(|at| SOURCES[at].1) {
        Ok(Source::JavaScript(source)) => ExtensionFileSource::new(file.specifier, source),
        Ok(Source::Lazy(wrapped)) => ExtensionFileSource::new_computed(file.specifier, Arc::from(unwrapped(wrapped))),
        Ok(Source::TypeScript(source)) => {
            ExtensionFileSource::new_computed(file.specifier, stripped(file.specifier, source))
        }
        Err(_) => file.clone(),
    }
}

/// All sources of our own whose specifiers start with `prefix`.
pub(super) fn all_below(prefix: &str) -> Vec<ExtensionFileSource> {
    let ours = SOURCES.iter().filter(|(specifier, _)| specifier.starts_with(prefix));
    ours.filter_map(|(specifier, source)| match source {
        Source::Lazy(wrapped) => Some(ExtensionFileSource::new_computed(specifier, Arc::from(unwrapped(wrapped)))),
        Source::JavaScript(_) | Source::TypeScript(_) => None,
    })
    .collect()
}

/// Every script that is loaded when it is first wanted, as deno_core compiles it, sorted by specifier.
pub(super) fn lazy_scripts() -> &'static [(&'static str, &'static str)] {
    static TABLE: OnceLock<Vec<(&'static str, &'static str)>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let scripts = SOURCES.iter().filter_map(|(specifier, source)| match source {
            Source::JavaScript(_) => None,
            Source::Lazy(wrapped) => Some((*specifier, *wrapped)),
            Source::TypeScript(source) => {
                let wrapped = deno_core::wrap_lazy_ext_script(&stripped(specifier, source));
                // deno_core wants the table to live as long as the process, and so it does.
                Some((*specifier, &*wrapped.leak()))
            }
        });
        scripts.collect()
    })
}

/// The script as its file has it, without what comes before the function.
fn unwrapped(wrapped: &'static str) -> &'static str {
    let inner = wrapped.strip_prefix(WRAPPED_BEFORE).and_then(|rest| rest.strip_suffix(WRAPPED_AFTER));
    inner.unwrap_or(wrapped)
}

/// TypeScript that Deno ships, stripped once a process.
fn stripped(specifier: &'static str, source: &'static str) -> Arc<str> {
    static STRIPPED: OnceLock<Vec<(&'static str, Arc<str>)>> = OnceLock::new();
    let all = STRIPPED.get_or_init(|| {
        let typescript = SOURCES.iter().filter_map(|(specifier, source)| match source {
            Source::TypeScript(source) => Some((*specifier, *source)),
            Source::JavaScript(_) | Source::Lazy(_) => None,
        });
        typescript
            .map(|(specifier, source)| {
                let stripped = script::strip_types_fast(specifier, source);
                (specifier, Arc::from(stripped.expect("Deno ships TypeScript that parses")))
            })
            .collect()
    });
    all.iter().find(|(name, _)| *name == specifier).map_or_else(|| Arc::from(source), |(_, source)| Arc::clone(source))
}

/// What `build/main.rs` puts before and after a script.
const WRAPPED_BEFORE: &str = "\"use strict\"; return (";
const WRAPPED_AFTER: &str = ");";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isolate::extension::{Use, extensions};
    use crate::isolate::gauge::MemoryGauge;

    /// Looks every declared file of every extension up in the table.
    #[test]
    fn no_extension_reads_its_sources_from_the_build_machines_disk() {
        for extension in extensions(Use::Building, deno_fetch::Options::default(), &MemoryGauge::new(0)) {
            let lists = [
                &extension.js_files,
                &extension.esm_files,
                &extension.lazy_loaded_js_files,
                &extension.lazy_loaded_esm_files,
            ];
            for file in lists.into_iter().flat_map(|list| list.iter()) {
                assert!(file.is_runtime_loadable(), "{}", file.specifier);
            }
        }
    }

    /// Every script an extension declares is in the table of those that serve, in order, and as deno_core would wrap it.
    #[test]
    fn what_a_snapshot_may_lack_is_in_the_table() {
        let table = lazy_scripts();
        assert!(table.is_sorted());
        for extension in extensions(Use::Building, deno_fetch::Options::default(), &MemoryGauge::new(0)) {
            for file in &*extension.lazy_loaded_js_files {
                let at = table.binary_search_by_key(&file.specifier, |(specifier, _)| specifier);
                let wrapped = table[at.unwrap_or_else(|_| panic!("{} is in the table", file.specifier))].1;
                let source = file.load().expect("is in the binary");
                assert_eq!(deno_core::wrap_lazy_ext_script(source.as_str()), wrapped, "{}", file.specifier);
            }
        }
    }
}
