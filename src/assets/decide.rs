//! What a request for an asset gets: the decision, without the doing.

use http::{Method, StatusCode};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use super::html::{self, Found};
use super::manifest::{Entry, Manifest, NotFoundHandling};
use super::redirects::{self, Led};

/// What a request gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Decision {
    /// This file with this status.
    File {
        /// The path it is kept at.
        path: String,
        /// The file.
        entry: Entry,
        /// 200, or 404 for a page that says so.
        status: StatusCode,
    },
    /// The client is to ask there.
    Redirect {
        /// Where.
        to: String,
        /// How.
        status: StatusCode,
    },
    /// There is an asset, and it cannot be used like this.
    MethodNotAllowed,
    /// There is none.
    Nothing,
}

/// Who stands behind the assets when there is none at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fallback {
    /// The script: nothing is made up for it.
    Script,
    /// Nobody: what the configuration says of missing files.
    Configured,
}

impl Manifest {
    /// Decides from the request's method, path and query.
    pub(super) fn decide(&self, method: &Method, path: &str, query: Option<&str>, fallback: Fallback) -> Decision {
        let Some(decoded) = decode(path) else { return Decision::Nothing };
        let reads = matches!(*method, Method::GET | Method::HEAD);
        let mut wanted = decoded;
        match redirects::led(&self.config.redirects, &wanted, query) {
            Some(Led::Away { to, status }) => return Decision::Redirect { to, status },
            Some(Led::Proxied { path }) => wanted = path,
            None => {
                // One way to write a path, so that caches and relative links agree.
                let exists = |path: &str| self.files.contains_key(path);
                if encode(&wanted) != path
                    && let Some(found) = html::find(self.config.html_handling, &wanted, &exists)
                    && reads
                {
                    let (Found::File(_) | Found::Elsewhere(_)) = &found;
                    let to = match found {
                        Found::File(_) => wanted,
                        Found::Elsewhere(to) => to,
                    };
                    return redirect(&to, query);
                }
            }
        }
        match html::find(self.config.html_handling, &wanted, &|path| self.files.contains_key(path)) {
            Some(_) if !reads => Decision::MethodNotAllowed,
            Some(Found::Elsewhere(to)) => redirect(&to, query),
            Some(Found::File(path)) => self.file(path, StatusCode::OK),
            None if fallback == Fallback::Script || !reads => Decision::Nothing,
            None => self.missing(&wanted),
        }
    }

    fn missing(&self, path: &str) -> Decision {
        match self.config.not_found_handling {
            NotFoundHandling::None => Decision::Nothing,
            NotFoundHandling::SinglePage => self.file("/index.html".to_owned(), StatusCode::OK),
            NotFoundHandling::Page => {
                let mut folder = path;
                while let Some((above, _)) = folder.rsplit_once('/') {
                    let page = format!("{above}/404.html");
                    if self.files.contains_key(&page) {
                        return self.file(page, StatusCode::NOT_FOUND);
                    }
                    folder = above;
                }
                Decision::Nothing
            }
        }
    }

    fn file(&self, path: String, status: StatusCode) -> Decision {
        match self.files.get(&path) {
            Some(entry) => Decision::File { entry: entry.clone(), path, status },
            None => Decision::Nothing,
        }
    }
}

fn redirect(to: &str, query: Option<&str>) -> Decision {
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    Decision::Redirect { to: format!("{}{query}", encode(to)), status: StatusCode::TEMPORARY_REDIRECT }
}

/// The path in plain text, repeated slashes as one; none when it is no text.
fn decode(path: &str) -> Option<String> {
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    let mut plain = String::with_capacity(decoded.len());
    for char in decoded.chars() {
        if char != '/' || !plain.ends_with('/') {
            plain.push(char);
        }
    }
    plain.starts_with('/').then_some(plain)
}

/// The path as it stands in a URL.
fn encode(path: &str) -> String {
    utf8_percent_encode(path, ESCAPED).to_string()
}

/// What `encodeURIComponent` escapes, but for the slash and what URLs keep in paths anyway.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

#[cfg(test)]
mod tests {
    use super::super::manifest::AssetsConfig;
    use super::*;

    fn manifest(config: &serde_json::Value) -> Manifest {
        let entry = |hash: char| Entry { hash: hash.to_string().repeat(32), size: 1 };
        let files = ["/index.html", "/404.html", "/docs/404.html", "/docs/a b.html", "/app.js"];
        let files = files.iter().zip('a'..).map(|(path, hash)| ((*path).to_owned(), entry(hash))).collect();
        Manifest { files, config: AssetsConfig::parse(config).expect("is one").0, has_script: true }
    }

    fn decided(manifest: &Manifest, path: &str, fallback: Fallback) -> String {
        match manifest.decide(&Method::GET, path, Some("q"), fallback) {
            Decision::File { path, status, .. } => format!("{} {path}", status.as_u16()),
            Decision::Redirect { to, status } => format!("{} {to}", status.as_u16()),
            Decision::MethodNotAllowed => "405".to_owned(),
            Decision::Nothing => "-".to_owned(),
        }
    }

    /// Missing files in three ways, with a script behind them and without.
    #[test]
    fn a_missing_file_is_the_scripts_or_the_configurations() {
        let page = manifest(&serde_json::json!({ "not_found_handling": "404-page" }));
        let single = manifest(&serde_json::json!({ "not_found_handling": "single-page-application" }));
        let none = manifest(&serde_json::json!({}));
        for manifest in [&page, &single, &none] {
            assert_eq!(decided(manifest, "/docs/x/y", Fallback::Script), "-");
        }
        assert_eq!(decided(&page, "/docs/x/y", Fallback::Configured), "404 /docs/404.html");
        assert_eq!(decided(&page, "/x", Fallback::Configured), "404 /404.html");
        assert_eq!(decided(&single, "/docs/x/y", Fallback::Configured), "200 /index.html");
        assert_eq!(decided(&none, "/x", Fallback::Configured), "-");
    }

    /// Paths that are written in other ways, that lead out, and that are no text.
    #[test]
    fn a_path_has_one_way_to_be_written() {
        let manifest = manifest(&serde_json::json!({}));
        for (path, wanted) in [
            ("/docs/a%20b", "200 /docs/a b.html"),
            ("/docs/%61%20b", "307 /docs/a%20b?q"),
            ("//app.js", "307 /app.js?q"),
            ("/docs/a%20b.html", "307 /docs/a%20b?q"),
            ("/docs/..%2f..%2fapp.js", "-"),
            ("/%2e%2e/app.js", "-"),
            ("/%ff", "-"),
            ("/index.html", "307 /?q"),
        ] {
            assert_eq!(decided(&manifest, path, Fallback::Script), wanted, "{path}");
        }
        let posted = |path: &str| manifest.decide(&Method::POST, path, None, Fallback::Configured);
        assert_eq!(posted("/app.js"), Decision::MethodNotAllowed);
        assert_eq!(posted("/absent"), Decision::Nothing);
    }
}
