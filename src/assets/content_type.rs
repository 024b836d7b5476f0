//! Content types by a file's ending.

/// The type of the file at a path; none when the ending says nothing.
pub fn of_path(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.')?.1.to_ascii_lowercase();
    TYPES.iter().find(|(endings, _)| endings.split(' ').any(|known| known == ending)).map(|(_, kind)| *kind)
}

/// Whether bytes of this type become smaller when they are compressed.
pub(super) fn is_worth_compressing(kind: &str) -> bool {
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.starts_with("text/")
        || essence.ends_with("+json")
        || essence.ends_with("+xml")
        || [
            "application/json",
            "application/javascript",
            "application/xml",
            "application/wasm",
            "image/bmp",
            "font/ttf",
        ]
        .contains(&essence)
}

/// Endings and their types, the common ones of the web.
const TYPES: &[(&str, &str)] = &[
    ("html htm", "text/html; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("js mjs cjs", "text/javascript; charset=utf-8"),
    ("json map", "application/json"),
    ("webmanifest", "application/manifest+json"),
    ("txt text log", "text/plain; charset=utf-8"),
    ("md markdown", "text/markdown; charset=utf-8"),
    ("csv", "text/csv; charset=utf-8"),
    ("ics", "text/calendar; charset=utf-8"),
    ("vtt", "text/vtt; charset=utf-8"),
    ("xml", "application/xml"),
    ("rss", "application/rss+xml"),
    ("atom", "application/atom+xml"),
    ("xhtml", "application/xhtml+xml"),
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("jpg jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("avif", "image/avif"),
    ("ico", "image/vnd.microsoft.icon"),
    ("bmp", "image/bmp"),
    ("tif tiff", "image/tiff"),
    ("woff", "font/woff"),
    ("woff2", "font/woff2"),
    ("ttf", "font/ttf"),
    ("otf", "font/otf"),
    ("wasm", "application/wasm"),
    ("pdf", "application/pdf"),
    ("zip", "application/zip"),
    ("gz", "application/gzip"),
    ("tar", "application/x-tar"),
    ("mp3", "audio/mpeg"),
    ("ogg oga", "audio/ogg"),
    ("wav", "audio/wav"),
    ("m4a", "audio/mp4"),
    ("mp4 m4v", "video/mp4"),
    ("webm", "video/webm"),
    ("mov", "video/quicktime"),
    ("m3u8", "application/vnd.apple.mpegurl"),
    ("yaml yml", "text/yaml; charset=utf-8"),
    ("toml", "application/toml"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Endings in all spellings, and names without one.
    #[test]
    fn types_go_by_the_ending() {
        assert_eq!(of_path("/a/b.HTML"), Some("text/html; charset=utf-8"));
        assert_eq!(of_path("/a.b/c"), None);
        assert_eq!(of_path("/x.unknown"), None);
        assert_eq!(of_path("/.well-known/a.json"), Some("application/json"));
        assert!(is_worth_compressing("text/css; charset=utf-8") && is_worth_compressing("image/svg+xml"));
        assert!(!is_worth_compressing("image/png") && !is_worth_compressing("font/woff2"));
    }
}
