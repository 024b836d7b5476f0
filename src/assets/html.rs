//! HTML handling: which file a path means, or which path it should have been.
//!
//! The four ways of <https://developers.cloudflare.com/workers/static-assets/routing/advanced/html-handling/>. Pure: asks
//! only whether a path has a file.

use serde::{Deserialize, Serialize};

/// How paths without an ending find HTML files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HtmlHandling {
    /// `/a.html` at `/a`, `/a/index.html` at `/a/`.
    #[default]
    AutoTrailingSlash,
    /// Both at `/a/`.
    ForceTrailingSlash,
    /// Both at `/a`.
    DropTrailingSlash,
    /// Files are at their own paths only.
    None,
}

/// What a path comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// This file.
    File(String),
    /// This path is the one to ask for.
    Elsewhere(String),
}

/// Finds what `path` means among the files that `exists` knows.
pub(super) fn find(handling: HtmlHandling, path: &str, exists: &dyn Fn(&str) -> bool) -> Option<Found> {
    match handling {
        HtmlHandling::AutoTrailingSlash => auto(path, exists),
        HtmlHandling::ForceTrailingSlash => force(path, exists),
        HtmlHandling::DropTrailingSlash => dropped(path, exists),
        HtmlHandling::None => exists(path).then(|| Found::File(path.to_owned())),
    }
}

type Exists<'a> = &'a dyn Fn(&str) -> bool;

/// `to`, when `file` is there, nothing of its own is at `to`, and `to` leads to that very file.
fn elsewhere(handling: HtmlHandling, file: &str, to: &str, exists: Exists<'_>) -> Option<Found> {
    if !exists(file) || exists(to) {
        return None;
    }
    let leads_there = served_at(handling, to, exists).is_some_and(|found| found == file);
    leads_there.then(|| Found::Elsewhere(to.to_owned()))
}

/// The file that is served at a path without a redirect.
fn served_at(handling: HtmlHandling, path: &str, exists: Exists<'_>) -> Option<String> {
    let (html, index) = match (handling, path.strip_suffix('/')) {
        (HtmlHandling::AutoTrailingSlash, Some(_)) => (None, Some(format!("{path}index.html"))),
        (HtmlHandling::AutoTrailingSlash, None) => (Some(format!("{path}.html")), None),
        (HtmlHandling::ForceTrailingSlash, Some(bare)) => {
            (Some(format!("{bare}.html")), Some(format!("{path}index.html")))
        }
        (HtmlHandling::DropTrailingSlash, Some("")) => (None, Some("/index.html".to_owned())),
        (HtmlHandling::DropTrailingSlash, None) => (Some(format!("{path}.html")), Some(format!("{path}/index.html"))),
        _ => (None, None),
    };
    // With a slash behind it, the folder's own page comes first.
    let (first, second) = if path.ends_with('/') { (index, html) } else { (html, index) };
    first.into_iter().chain(second).find(|file| exists(file))
}

fn auto(path: &str, exists: Exists<'_>) -> Option<Found> {
    let elsewhere = |file: &str, to: &str| elsewhere(HtmlHandling::AutoTrailingSlash, file, to, exists);
    let file = |file: String| exists(&file).then_some(Found::File(file));
    let exact = || file(path.to_owned());
    let special = if let Some(stem) = path.strip_suffix("/index") {
        return exact()
            .or_else(|| elsewhere(&format!("{path}.html"), &format!("{stem}/")))
            .or_else(|| elsewhere(&format!("{stem}.html"), stem));
    } else if let Some(stem) = path.strip_suffix("/index.html") {
        elsewhere(path, &format!("{stem}/")).or_else(|| elsewhere(&format!("{stem}.html"), stem))
    } else if let Some(stem) = path.strip_suffix('/') {
        file(format!("{path}index.html")).or_else(|| elsewhere(&format!("{stem}.html"), stem))
    } else if let Some(stem) = path.strip_suffix(".html") {
        elsewhere(path, stem).or_else(|| elsewhere(&format!("{stem}/index.html"), &format!("{stem}/")))
    } else {
        None
    };
    special
        .or_else(exact)
        .or_else(|| file(format!("{path}.html")))
        .or_else(|| elsewhere(&format!("{path}/index.html"), &format!("{path}/")))
}

fn force(path: &str, exists: Exists<'_>) -> Option<Found> {
    let elsewhere = |file: &str, to: &str| elsewhere(HtmlHandling::ForceTrailingSlash, file, to, exists);
    let file = |file: String| exists(&file).then_some(Found::File(file));
    let exact = || file(path.to_owned());
    let special = if let Some(stem) = path.strip_suffix("/index") {
        let to = format!("{stem}/");
        return exact()
            .or_else(|| elsewhere(&format!("{path}.html"), &to))
            .or_else(|| elsewhere(&format!("{stem}.html"), &to));
    } else if let Some(stem) = path.strip_suffix("/index.html") {
        let to = format!("{stem}/");
        elsewhere(path, &to).or_else(|| elsewhere(&format!("{stem}.html"), &to))
    } else if let Some(stem) = path.strip_suffix('/') {
        file(format!("{path}index.html")).or_else(|| file(format!("{stem}.html")))
    } else if let Some(stem) = path.strip_suffix(".html") {
        let to = format!("{stem}/");
        elsewhere(path, &to).or_else(exact).or_else(|| elsewhere(&format!("{stem}/index.html"), &to))
    } else {
        None
    };
    let slashed = format!("{path}/");
    special
        .or_else(exact)
        .or_else(|| elsewhere(&format!("{path}.html"), &slashed))
        .or_else(|| elsewhere(&format!("{path}/index.html"), &slashed))
}

fn dropped(path: &str, exists: Exists<'_>) -> Option<Found> {
    let elsewhere = |file: &str, to: &str| elsewhere(HtmlHandling::DropTrailingSlash, file, to, exists);
    let file = |file: String| exists(&file).then_some(Found::File(file));
    let exact = || file(path.to_owned());
    let root = |stem: &str| if stem.is_empty() { "/".to_owned() } else { stem.to_owned() };
    let special = if let Some(stem) = path.strip_suffix("/index") {
        return exact()
            .or_else(|| elsewhere(&format!("{path}.html"), &root(stem)))
            .or_else(|| elsewhere(&format!("{stem}.html"), &root(stem)));
    } else if let Some(stem) = path.strip_suffix("/index.html") {
        elsewhere(path, &root(stem)).or_else(exact).or_else(|| elsewhere(&format!("{stem}.html"), &root(stem)))
    } else if path == "/" {
        file("/index.html".to_owned())
    } else if let Some(stem) = path.strip_suffix('/') {
        elsewhere(&format!("{stem}.html"), stem).or_else(|| elsewhere(&format!("{stem}/index.html"), stem))
    } else if let Some(stem) = path.strip_suffix(".html") {
        elsewhere(path, stem).or_else(|| elsewhere(&format!("{stem}/index.html"), stem))
    } else {
        None
    };
    special.or_else(exact).or_else(|| file(format!("{path}.html"))).or_else(|| file(format!("{path}/index.html")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: [&str; 7] =
        ["/index.html", "/file.html", "/folder/index.html", "/both.html", "/both/index.html", "/bin", "/404.html"];

    fn found(handling: HtmlHandling, path: &str) -> String {
        match find(handling, path, &|path| FILES.contains(&path)) {
            Some(Found::File(file)) => file,
            Some(Found::Elsewhere(to)) => format!("-> {to}"),
            None => "-".to_owned(),
        }
    }

    /// The tables of Cloudflare's documentation, and the corners between them.
    #[test]
    fn paths_find_their_files_in_four_ways() {
        use HtmlHandling::{AutoTrailingSlash, DropTrailingSlash, ForceTrailingSlash, None};
        let table = [
            ("/", "/index.html", "/index.html", "/index.html", "-"),
            ("/index", "-> /", "-> /", "-> /", "-"),
            ("/index.html", "-> /", "-> /", "-> /", "/index.html"),
            ("/file", "/file.html", "-> /file/", "/file.html", "-"),
            ("/file/", "-> /file", "/file.html", "-> /file", "-"),
            ("/file.html", "-> /file", "-> /file/", "-> /file", "/file.html"),
            ("/file/index", "-> /file", "-> /file/", "-> /file", "-"),
            ("/file/index.html", "-> /file", "-> /file/", "-> /file", "-"),
            ("/folder", "-> /folder/", "-> /folder/", "/folder/index.html", "-"),
            ("/folder/", "/folder/index.html", "/folder/index.html", "-> /folder", "-"),
            ("/folder.html", "-> /folder/", "-> /folder/", "-> /folder", "-"),
            ("/folder/index.html", "-> /folder/", "-> /folder/", "-> /folder", "/folder/index.html"),
            ("/both", "/both.html", "-> /both/", "/both.html", "-"),
            ("/both/", "/both/index.html", "/both/index.html", "-> /both", "-"),
            ("/bin", "/bin", "/bin", "/bin", "/bin"),
            ("/absent", "-", "-", "-", "-"),
            ("/absent/", "-", "-", "-", "-"),
        ];
        for (path, auto, force, dropped, none) in table {
            assert_eq!(found(AutoTrailingSlash, path), auto, "auto {path}");
            assert_eq!(found(ForceTrailingSlash, path), force, "force {path}");
            assert_eq!(found(DropTrailingSlash, path), dropped, "drop {path}");
            assert_eq!(found(None, path), none, "none {path}");
        }
    }
}
