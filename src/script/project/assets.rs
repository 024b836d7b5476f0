//! Static assets of a project: the files of its `assets.directory`, as an upload names them.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::LoadError;
use super::ignored::Ignored;

/// Static assets of a project.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectAssets {
    /// The files, by path in the URL.
    pub files: Vec<AssetFile>,
    /// Cloudflare's `assets.config`: how paths find them, with the texts of `_redirects` and `_headers`.
    pub config: serde_json::Value,
    /// Whether a script stands behind them.
    pub has_script: bool,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetFile {
    /// Its path in the URL.
    pub path: String,
    /// Where it lies.
    pub file: PathBuf,
    /// What it is called in uploads: 32 hexadecimal digits of its content and its ending.
    pub hash: String,
    /// Its length.
    pub size: u64,
}

/// Reads the folder. `config` is completed with the rules in it.
pub(super) fn collect(
    folder: &Path,
    mut config: serde_json::Value,
    has_script: bool,
) -> Result<ProjectAssets, LoadError> {
    for name in RULES {
        let path = folder.join(name);
        match fs::read_to_string(&path) {
            Ok(text) => config[name] = text.into(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(LoadError::Read { path, source }),
        }
    }
    let path = folder.join(IGNORE_FILE);
    let ignored = match fs::read_to_string(&path) {
        Ok(text) => Some(Ignored::parse(&text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(source) => return Err(LoadError::Read { path, source }),
    };
    let mut files = Vec::new();
    walk(folder, "", ignored.as_ref().unwrap_or(&Ignored::default()), &mut files)?;
    if ignored.is_none() && files.iter().any(|file| file.path == SERVER_CODE) {
        return Err(LoadError::Unsupported {
            file: folder.join("_worker.js").display().to_string(),
            message: "this would publish the code of a server as an asset: name it in .assetsignore, or make an empty \
                      .assetsignore if it is meant"
                .to_owned(),
        });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(ProjectAssets { files, config, has_script })
}

/// Links are not followed: a folder that contains itself has no end.
fn walk(folder: &Path, prefix: &str, ignored: &Ignored, files: &mut Vec<AssetFile>) -> Result<(), LoadError> {
    let failed = |source| LoadError::Read { path: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let (path, kind) = (entry.path(), entry.file_type().map_err(failed)?);
        let is_rule = prefix.is_empty() && RULES.contains(&name.as_str());
        if is_rule || IGNORED.contains(&name.as_str()) {
            continue;
        }
        let in_url = format!("{prefix}/{name}");
        if ignored.matches(&in_url[1..], kind.is_dir()) {
            continue;
        }
        if kind.is_dir() {
            walk(&path, &in_url, ignored, files)?;
        } else if kind.is_file() {
            let bytes = fs::read(&path).map_err(|source| LoadError::Read { path: path.clone(), source })?;
            let ending = path.extension().map(|ending| ending.to_string_lossy().into_owned()).unwrap_or_default();
            let digest = Sha256::new().chain_update(&bytes).chain_update(ending).finalize();
            let hash = hex::encode(digest).chars().take(HASH_DIGITS).collect();
            files.push(AssetFile { path: in_url, file: path, hash, size: bytes.len() as u64 });
        }
    }
    Ok(())
}

/// Files of rules, which are not assets themselves.
const RULES: [&str; 2] = ["_redirects", "_headers"];

/// What nobody means to publish.
const IGNORED: [&str; 4] = [IGNORE_FILE, ".git", ".DS_Store", "node_modules"];

/// Names what else is not published.
const IGNORE_FILE: &str = ".assetsignore";

/// Where frameworks for Cloudflare Pages leave their server, between the assets.
const SERVER_CODE: &str = "/_worker.js";

/// Digits of a hash in an upload.
const HASH_DIGITS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with rules, folders in it, and what is not published.
    #[test]
    fn a_folder_becomes_paths_and_rules() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in [
            ("index.html", "home"),
            ("a/b c.txt", "text"),
            ("a/_headers", "not a rule here"),
            ("_headers", "/*\n  X: 1"),
            (".git/config", "secret"),
        ] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("makes");
            fs::write(path, text).expect("writes");
        }
        let assets = collect(folder.path(), serde_json::json!({}), true).expect("reads");
        let paths: Vec<&str> = assets.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["/a/_headers", "/a/b c.txt", "/index.html"]);
        assert_eq!(assets.config, serde_json::json!({ "_headers": "/*\n  X: 1" }));
        assert!(assets.files.iter().all(|file| file.hash.len() == 32));
        assert!(collect(&folder.path().join("absent"), serde_json::json!({}), true).is_err());
    }

    /// Files and folders that `.assetsignore` names, and a server's code that nobody named.
    #[test]
    fn what_assetsignore_names_is_not_published() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for name in ["_worker.js", "index.html", "drafts/a.html", "drafts/b/c.html", "x.map", "a/_routes.json"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("makes");
            fs::write(path, name).expect("writes");
        }
        let collected = || collect(folder.path(), serde_json::json!({}), true);
        let refused = collected().expect_err("is refused").to_string();
        assert!(refused.contains(".assetsignore"), "{refused}");
        let rules = "_worker.js\n/_routes.json\n# drafts\ndrafts/\n!drafts/a.html\n*.map\n";
        fs::write(folder.path().join(".assetsignore"), rules).expect("writes");
        let assets = collected().expect("reads");
        let paths: Vec<&str> = assets.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["/a/_routes.json", "/index.html"]);
    }
}
