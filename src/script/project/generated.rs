//! What a build leaves to deploy: the configuration that `.wrangler/deploy/config.json` leads to.
//!
//! Cloudflare's plug-in for vite, and the frameworks that build with it, write their output with a configuration of its own and
//! leave this pointer beside the user's, which wrangler then follows instead. So do we. Reads both files; the output's folder
//! is the project's root.
//!
//! <https://developers.cloudflare.com/workers/wrangler/configuration/#generated-wrangler-configuration>

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::LoadError;
use super::wrangler::{Format, Settings, Source, read_if_there, settle};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pointer {
    config_path: PathBuf,
    #[serde(default)]
    auxiliary_workers: Vec<Value>,
}

/// The folder and the configuration that were generated for the project in `folder`, or `None`.
pub(super) fn find(folder: &Path, environment: Option<&str>) -> Result<Option<(PathBuf, Settings)>, LoadError> {
    let pointer_path = folder.join(POINTER);
    let Some(text) = read_if_there(&pointer_path)? else { return Ok(None) };
    let source = Source { file: POINTER, text: &text, format: Format::Jsonc };
    let pointer: Pointer = source.parse()?;
    if let Some(environment) = environment {
        let message = format!(
            "was built for one environment: build with CLOUDFLARE_ENV={environment} instead of choosing it now"
        );
        return Err(source.unsupported(message));
    }
    let written = pointer_path.with_file_name("").join(pointer.config_path);
    let path = fs::canonicalize(&written).map_err(|source| LoadError::Read { path: written, source })?;
    let text = fs::read_to_string(&path).map_err(|source| LoadError::Read { path: path.clone(), source })?;
    let shown = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
    let root = path.parent().unwrap_or(folder).to_owned();
    let mut settings = settle(&root, &Source { file: &shown, text: &text, format: Format::Jsonc }, None)?;
    if !pointer.auxiliary_workers.is_empty() {
        let count = pointer.auxiliary_workers.len();
        settings.warnings.push(format!("{POINTER}: {count} more scripts were built: deploy each by its own folder"));
    }
    settings.files.extend([pointer_path, path]);
    Ok(Some((root, settings)))
}

/// Where the pointer is, below the project's folder.
const POINTER: &str = ".wrangler/deploy/config.json";

#[cfg(test)]
mod tests {
    use super::*;

    /// A project as vite leaves it, the same asked for an environment, with a second script, and with its output gone.
    #[test]
    fn the_pointer_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = fs::canonicalize(folder.path()).unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        assert!(find(&folder, None).unwrap().is_none());
        write(POINTER, r#"{ "configPath": "../../dist/a/wrangler.json", "auxiliaryWorkers": [] }"#);
        let gone = find(&folder, None).unwrap_err().to_string();
        assert!(gone.contains("dist/a/wrangler.json"), "{gone}");
        write(
            "dist/a/wrangler.json",
            r#"{ "name": "a", "main": "index.js", "no_bundle": true, "topLevelName": "a", "assets": { "directory": "../client" },
                "queues": { "producers": [], "consumers": [] }, "python_modules": { "exclude": ["**/*.pyc"] } }"#,
        );
        let (root, settings) = find(&folder, None).unwrap().unwrap();
        assert_eq!((root, settings.main), (folder.join("dist/a"), folder.join("dist/a/index.js")));
        assert_eq!((settings.warnings.len(), settings.files.len()), (0, 2), "{:?}", settings.warnings);
        let chosen = find(&folder, Some("live")).unwrap_err().to_string();
        assert!(chosen.contains("CLOUDFLARE_ENV=live"), "{chosen}");
        write(
            POINTER,
            r#"{ "configPath": "../../dist/a/wrangler.json", "auxiliaryWorkers": [{ "configPath": "x" }] }"#,
        );
        assert!(find(&folder, None).unwrap().unwrap().1.warnings[0].contains("1 more"));
    }
}
