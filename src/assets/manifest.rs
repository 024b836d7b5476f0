//! A version's manifest: its files by path, and the rules by which paths are read.
//!
//! Made once, when a version is accepted, from what a client sent; kept as JSON in a blob and never changed. Whatever is
//! in one has been checked: paths are absolute and plain, hashes are hexadecimal digits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::headers::{self, HeaderRule};
use super::html::HtmlHandling;
use super::pattern::Pattern;
use super::redirects::{self, Redirect};

/// All assets of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Files by path, each path starting with a slash.
    pub files: BTreeMap<String, Entry>,
    /// How paths are read.
    pub config: AssetsConfig,
    /// Whether a script stands behind the files.
    pub has_script: bool,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What its client calls its bytes: 32 hexadecimal digits.
    pub hash: String,
    /// Its length.
    pub size: u64,
}

/// How paths are read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetsConfig {
    /// How paths find HTML files.
    pub html_handling: HtmlHandling,
    /// What is answered where there is no file.
    pub not_found_handling: NotFoundHandling,
    /// Which paths the script sees first.
    pub run_worker_first: WorkerFirst,
    /// A browser that opens a page gets one of ours before the script is asked: the compatibility flag
    /// `assets_navigation_prefers_asset_serving`, the default since 2025-04-01.
    pub prefers_pages: bool,
    /// Rules of `_redirects`.
    pub redirects: Vec<Redirect>,
    /// Rules of `_headers`.
    pub headers: Vec<HeaderRule>,
}

/// What is answered where there is no file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotFoundHandling {
    /// Nothing of ours: 404.
    #[default]
    #[serde(rename = "none")]
    None,
    /// The nearest `404.html`, with status 404.
    #[serde(rename = "404-page")]
    Page,
    /// `/index.html`, with status 200.
    #[serde(rename = "single-page-application")]
    SinglePage,
}

/// Which paths the script sees before there is a look at the files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum WorkerFirst {
    /// All of them, or none.
    All(bool),
    /// Those that match a pattern and none that begins with `!`.
    Matching(Vec<String>),
}

/// Why assets cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("keep assets: {0}")]
pub struct ManifestError(pub String);

impl Default for WorkerFirst {
    fn default() -> Self {
        Self::All(false)
    }
}

impl WorkerFirst {
    /// Whether the script sees this path first.
    #[must_use]
    pub fn covers(&self, path: &str) -> bool {
        match self {
            Self::All(all) => *all,
            Self::Matching(patterns) => {
                let any = |negated: bool| {
                    patterns.iter().any(|pattern| match (pattern.strip_prefix('!'), negated) {
                        (Some(pattern), true) => Pattern::parse(pattern).matches(path).is_some(),
                        (None, false) => Pattern::parse(pattern).matches(path).is_some(),
                        _ => false,
                    })
                };
                any(false) && !any(true)
            }
        }
    }
}

impl AssetsConfig {
    /// The same with what a script's compatibility date and flags say of it.
    #[must_use]
    pub fn with_compatibility(mut self, date: &str, flags: &[String]) -> Self {
        let has = |wanted: &str| flags.iter().any(|flag| flag == wanted);
        let by_date = date >= "2025-04-01" && !has("assets_navigation_has_no_effect");
        self.prefers_pages = by_date || has("assets_navigation_prefers_asset_serving");
        self
    }

    /// Reads Cloudflare's `assets.config`; gives it and the lines of `_redirects` and `_headers` that were skipped.
    ///
    /// # Errors
    /// When a value is not one of those there are.
    pub fn parse(value: &Value) -> Result<(Self, Vec<String>), ManifestError> {
        let mut config = Self::default();
        let mut skipped = Vec::new();
        let empty = serde_json::Map::new();
        for (key, value) in value.as_object().unwrap_or(&empty) {
            let wrong = || ManifestError(format!("\"{key}\" has a value that is not known"));
            let text = || value.as_str().filter(|text| text.len() <= RULES_BYTES_MAX).ok_or_else(wrong);
            match key.as_str() {
                _ if value.is_null() => {}
                "html_handling" => config.html_handling = HtmlHandling::deserialize(value).map_err(|_| wrong())?,
                "not_found_handling" => {
                    config.not_found_handling = NotFoundHandling::deserialize(value).map_err(|_| wrong())?;
                }
                "run_worker_first" | "serve_directly" => {
                    let first = WorkerFirst::deserialize(value).map_err(|_| wrong())?;
                    config.run_worker_first = match (key.as_str(), first) {
                        ("serve_directly", WorkerFirst::All(directly)) => WorkerFirst::All(!directly),
                        (_, first) => first,
                    };
                }
                "_redirects" => {
                    let (rules, remarks) = redirects::parse(text()?);
                    config.redirects = rules;
                    skipped.extend(remarks);
                }
                "_headers" => {
                    let (rules, remarks) = headers::parse(text()?);
                    config.headers = rules;
                    skipped.extend(remarks);
                }
                _ => skipped.push(format!("\"assets.config.{key}\" has no effect on this node")),
            }
        }
        if let WorkerFirst::Matching(patterns) = &config.run_worker_first
            && (patterns.len() > PATTERNS_MAX || patterns.iter().any(|pattern| !is_route(pattern)))
        {
            return Err(ManifestError(format!(
                "\"run_worker_first\" takes at most {PATTERNS_MAX} paths of at most 100 characters that begin with / or !/"
            )));
        }
        Ok((config, skipped))
    }
}

impl Manifest {
    /// Checks the files a client names.
    ///
    /// # Errors
    /// When there are too many, one is too large, or a path or hash is none.
    pub fn check_files(files: &BTreeMap<String, Entry>) -> Result<(), ManifestError> {
        if files.len() > FILES_MAX {
            return Err(ManifestError(format!("{} files exceed the limit of {FILES_MAX}", files.len())));
        }
        let mut bytes: u64 = 0;
        for (path, entry) in files {
            let shown: String = path.chars().filter(|char| !char.is_control()).take(100).collect();
            let plain = path.starts_with('/')
                && path.len() <= PATH_BYTES_MAX
                && !path.chars().any(char::is_control)
                && !path[1..].split('/').any(|segment| matches!(segment, "" | "." | ".."));
            if !plain {
                return Err(ManifestError(format!("{shown:?} is not an absolute, plain path")));
            }
            if entry.hash.len() != 32 || !entry.hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
                return Err(ManifestError(format!("the hash of {shown} is not 32 hexadecimal digits")));
            }
            if entry.size > FILE_BYTES_MAX {
                return Err(ManifestError(format!("{shown} is larger than the limit of {FILE_BYTES_MAX} bytes")));
            }
            bytes += entry.size;
        }
        if bytes > VERSION_BYTES_MAX {
            return Err(ManifestError(format!("{bytes} bytes exceed the limit of {VERSION_BYTES_MAX}")));
        }
        Ok(())
    }

    /// As it is kept.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("maps of strings are always JSON")
    }

    /// Reads what [`Manifest::encode`] wrote.
    ///
    /// # Errors
    /// When it is something else.
    pub fn decode(bytes: &[u8]) -> Result<Self, ManifestError> {
        serde_json::from_slice(bytes).map_err(|_| ManifestError("the kept manifest does not read".to_owned()))
    }
}

fn is_route(pattern: &str) -> bool {
    let path = pattern.strip_prefix('!').unwrap_or(pattern);
    path.starts_with('/') && pattern.len() <= 100
}

/// Files of one version; Cloudflare's limit.
const FILES_MAX: usize = 20_000;

/// Bytes of one file; Cloudflare's limit.
pub const FILE_BYTES_MAX: u64 = 25 << 20;

/// Bytes of all files of a version. Ours: a node's disk has an end.
const VERSION_BYTES_MAX: u64 = 2 << 30;

/// Bytes of a path.
const PATH_BYTES_MAX: usize = 1_024;

/// Bytes of `_redirects` or `_headers`.
const RULES_BYTES_MAX: usize = 1 << 20;

/// Patterns of `run_worker_first`; Cloudflare's limit.
const PATTERNS_MAX: usize = 100;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn files(path: &str, hash: &str, size: u64) -> BTreeMap<String, Entry> {
        BTreeMap::from([(path.to_owned(), Entry { hash: hash.to_owned(), size })])
    }

    /// Paths that lead out, hashes that are paths, and files that are too large.
    #[test]
    fn only_plain_paths_and_hashes_get_in() {
        let hash = "0123456789abcdef0123456789abcdef";
        assert!(Manifest::check_files(&files("/a/b c.html", hash, 5)).is_ok());
        for path in
            ["a", "/../a", "/a/../../b", "/a//b", "/a/./b", "/", "/a\0", "//a", &format!("/{}", "x".repeat(2_000))]
        {
            assert!(Manifest::check_files(&files(path, hash, 5)).is_err(), "{path}");
        }
        for hash in ["", "../../etc/passwd", &hash[1..], &hash.to_uppercase(), "0123456789abcdef0123456789abcde/"] {
            assert!(Manifest::check_files(&files("/a", hash, 5)).is_err(), "{hash}");
        }
        assert!(Manifest::check_files(&files("/a", hash, FILE_BYTES_MAX + 1)).is_err());
    }

    /// Everything wrangler sends, and what nobody has.
    #[test]
    fn a_config_is_read_or_refused_by_name() {
        let sent = json!({
            "html_handling": "drop-trailing-slash", "not_found_handling": "404-page",
            "run_worker_first": ["/api/*", "!/api/docs/*"], "_redirects": "/a /b\nbad", "_headers": "/*\n  X: 1",
        });
        let (config, skipped) = AssetsConfig::parse(&sent).expect("is one");
        assert_eq!(config.html_handling, HtmlHandling::DropTrailingSlash);
        assert_eq!((config.redirects.len(), config.headers.len(), skipped.len()), (1, 1, 1));
        let first = |path: &str| config.run_worker_first.covers(path);
        assert!(first("/api/x") && !first("/api/docs/x") && !first("/x"));
        let manifest = Manifest { files: BTreeMap::new(), config, has_script: true };
        assert_eq!(Manifest::decode(&manifest.encode()), Ok(manifest));
        for bad in
            [json!({ "html_handling": "maybe" }), json!({ "run_worker_first": ["api"] }), json!({ "_headers": 1 })]
        {
            assert!(AssetsConfig::parse(&bad).is_err(), "{bad}");
        }
    }
}
