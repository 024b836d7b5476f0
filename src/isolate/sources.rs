//! The JavaScript of the extensions, embedded in the binary by `build.rs`.

use std::sync::{Arc, OnceLock};

use deno_core::{ExtensionFileSource, FastStaticString};

use crate::script;

/// A source as it is embedded.
#[derive(Clone, Copy)]
enum Source {
    JavaScript(FastStaticString),
    TypeScript(&'static str),
}

include!(concat!(env!("OUT_DIR"), "/sources.rs"));

/// The same file with its source from the binary instead of from the build machine's disk.
pub(super) fn embedded(file: &ExtensionFileSource) -> ExtensionFileSource {
    let at = SOURCES.binary_search_by_key(&file.specifier, |(specifier, _)| specifier);
    match at.map(|at| SOURCES[at].1) {
        Ok(Source::JavaScript(source)) => ExtensionFileSource::new(file.specifier, source),
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
        Source::JavaScript(source) => Some(ExtensionFileSource::new(specifier, *source)),
        Source::TypeScript(_) => None,
    })
    .collect()
}

/// TypeScript that Deno ships, stripped once a process.
fn stripped(specifier: &'static str, source: &'static str) -> Arc<str> {
    static STRIPPED: OnceLock<Vec<(&'static str, Arc<str>)>> = OnceLock::new();
    let all = STRIPPED.get_or_init(|| {
        let typescript = SOURCES.iter().filter_map(|(specifier, source)| match source {
            Source::TypeScript(source) => Some((*specifier, *source)),
            Source::JavaScript(_) => None,
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

#[cfg(test)]
mod tests {
    use crate::isolate::gauge::MemoryGauge;

    /// Looks every declared file of every extension up in the table.
    #[test]
    fn no_extension_reads_its_sources_from_the_build_machines_disk() {
        for extension in crate::isolate::extension::extensions(deno_fetch::Options::default(), &MemoryGauge::new(0)) {
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
}
