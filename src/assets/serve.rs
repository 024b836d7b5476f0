//! Serving assets: a decision becomes a response, with everything HTTP has for files.
//!
//! Validators, ranges, and the form the client can read. Small files are read whole, large ones streamed. Blocking work
//! happens off the caller's thread.

use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::num::NonZeroUsize;
use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt as _;
use http::header::{
    ACCEPT_ENCODING, ACCEPT_RANGES, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_TYPE, ETAG, IF_NONE_MATCH, IF_RANGE, LOCATION, RANGE, VARY,
};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use lru::LruCache;
use parking_lot::Mutex;
use tokio::io::AsyncReadExt as _;
use tokio_util::io::ReaderStream;

use super::content_type;
use super::decide::{Decision, Fallback};
use super::files::{AssetFiles, Form};
use super::headers;
use super::manifest::{Entry, Manifest, NotFoundHandling};
use crate::codings;
use crate::ids::{BlobHash, TenantId};
use crate::isolate::{Body, BodyError};
use crate::store::Blobs;

/// Serves the assets of all tenants.
pub struct AssetServer {
    files: AssetFiles,
    blobs: Blobs,
    manifests: Mutex<LruCache<BlobHash, Arc<Manifest>>>,
}

/// What a request from downstream gets before a script is asked.
pub enum Front {
    /// An asset, or what stands for one.
    Answer(Response<Body>),
    /// The script is to answer.
    Script,
}

/// What of a request counts for assets.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Its method.
    pub method: &'a Method,
    /// Its path, as it was sent.
    pub path: &'a str,
    /// Its query.
    pub query: Option<&'a str>,
    /// Its headers.
    pub headers: &'a HeaderMap,
}

impl<'a> Asked<'a> {
    /// Of this request.
    #[must_use]
    pub fn of<B>(request: &'a http::Request<B>) -> Self {
        Self {
            method: request.method(),
            path: request.uri().path(),
            query: request.uri().query(),
            headers: request.headers(),
        }
    }
}

/// A file on its way out.
struct Opened {
    file: std::fs::File,
    length: u64,
    encoding: Option<&'static str>,
    whole: Option<Bytes>,
}

impl AssetServer {
    /// Files of `files`, manifests of `blobs`.
    #[must_use]
    pub fn new(files: AssetFiles, blobs: Blobs) -> Self {
        let kept = NonZeroUsize::new(MANIFESTS_KEPT).unwrap_or(NonZeroUsize::MIN);
        Self { files, blobs, manifests: Mutex::new(LruCache::new(kept)) }
    }

    /// What a request from downstream gets of the assets whose manifest this is.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn front(&self, tenant: &TenantId, manifest: &BlobHash, asked: Asked<'_>) -> io::Result<Front> {
        let manifest = self.manifest(manifest).await?;
        let has_script = manifest.has_script;
        if has_script && manifest.config.run_worker_first.covers(asked.path) {
            return Ok(Front::Script);
        }
        // A browser that opens a page gets the single page, or the page that says there is none, before the script.
        let navigates = asked.headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate");
        let page_first =
            manifest.config.prefers_pages && navigates && manifest.config.not_found_handling != NotFoundHandling::None;
        let fallback = if has_script && !page_first { Fallback::Script } else { Fallback::Configured };
        match manifest.decide(asked.method, asked.path, asked.query, fallback) {
            Decision::Nothing if has_script => Ok(Front::Script),
            decision => self.answer(tenant, &manifest, decision, asked, Audience::Client).await.map(Front::Answer),
        }
    }

    /// What a script gets that asks for an asset.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn fetch(&self, tenant: &TenantId, manifest: &BlobHash, asked: Asked<'_>) -> io::Result<Response<Body>> {
        let manifest = self.manifest(manifest).await?;
        let decision = manifest.decide(asked.method, asked.path, asked.query, Fallback::Configured);
        self.answer(tenant, &manifest, decision, asked, Audience::Script).await
    }

    async fn manifest(&self, hash: &BlobHash) -> io::Result<Arc<Manifest>> {
        if let Some(manifest) = self.manifests.lock().get(hash) {
            return Ok(Arc::clone(manifest));
        }
        let (blobs, wanted) = (self.blobs.clone(), hash.clone());
        let read = tokio::task::spawn_blocking(move || {
            Manifest::decode(&blobs.load(&wanted)?).map_err(|error| io::Error::other(error.to_string()))
        });
        let manifest = Arc::new(read.await.map_err(io::Error::other)??);
        self.manifests.lock().put(hash.clone(), Arc::clone(&manifest));
        Ok(manifest)
    }

    async fn answer(
        &self,
        tenant: &TenantId,
        manifest: &Manifest,
        decision: Decision,
        asked: Asked<'_>,
        audience: Audience,
    ) -> io::Result<Response<Body>> {
        let mut response = match decision {
            Decision::Nothing => empty(StatusCode::NOT_FOUND),
            Decision::MethodNotAllowed => {
                let mut response = empty(StatusCode::METHOD_NOT_ALLOWED);
                response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
                response
            }
            Decision::Redirect { to, status } => {
                let mut response = empty(status);
                let to = HeaderValue::try_from(to).map_err(io::Error::other)?;
                response.headers_mut().insert(LOCATION, to);
                response
            }
            Decision::File { path, entry, status } => self.file(tenant, &path, &entry, status, asked, audience).await?,
        };
        headers::apply(&manifest.config.headers, asked.path, response.headers_mut());
        Ok(response)
    }

    async fn file(
        &self,
        tenant: &TenantId,
        path: &str,
        entry: &Entry,
        status: StatusCode,
        asked: Asked<'_>,
        audience: Audience,
    ) -> io::Result<Response<Body>> {
        let kind = content_type::of_path(path);
        let varies = kind.is_some_and(content_type::is_worth_compressing);
        let mut headers = HeaderMap::new();
        if let Some(kind) = kind {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=0, must-revalidate"));
        if varies {
            headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        }
        let etag = format!("\"{}\"", entry.hash);
        if status == StatusCode::OK && is_known(asked.headers, &etag) {
            headers.insert(ETAG, HeaderValue::try_from(etag).map_err(io::Error::other)?);
            return Ok(with_headers(StatusCode::NOT_MODIFIED, headers, Body::empty()));
        }
        let range = match status {
            StatusCode::OK => wanted_range(asked.headers, &etag, entry.size),
            _ => Ranged::All,
        };
        let form = match range {
            Ranged::All if audience == Audience::Client && varies => accepted_form(asked.headers),
            _ => Form::Plain,
        };
        if let Ranged::Unsatisfiable = range {
            let all = format!("bytes */{}", entry.size);
            headers.insert(CONTENT_RANGE, HeaderValue::try_from(all).map_err(io::Error::other)?);
            return Ok(with_headers(StatusCode::RANGE_NOT_SATISFIABLE, headers, Body::empty()));
        }
        let opened = self.open(tenant, &entry.hash, form, range).await?;
        // Two forms are equivalent and not the same bytes.
        let etag = if opened.encoding.is_some() { format!("W/{etag}") } else { etag };
        headers.insert(ETAG, HeaderValue::try_from(etag).map_err(io::Error::other)?);
        let mut status = status;
        match opened.encoding {
            Some(encoding) => drop(headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding))),
            None => drop(headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"))),
        }
        if let Ranged::Part { from, to } = range {
            let part = format!("bytes {from}-{to}/{}", entry.size);
            headers.insert(CONTENT_RANGE, HeaderValue::try_from(part).map_err(io::Error::other)?);
            status = StatusCode::PARTIAL_CONTENT;
        }
        if *asked.method == Method::HEAD {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(opened.length));
            return Ok(with_headers(status, headers, Body::empty()));
        }
        Ok(with_headers(status, headers, opened.into_body()))
    }

    /// Opens the file, off this thread; one that is small is read at once.
    async fn open(&self, tenant: &TenantId, hash: &str, form: Form, range: Ranged) -> io::Result<Opened> {
        let (files, tenant, hash) = (self.files.clone(), tenant.clone(), hash.to_owned());
        let opening = tokio::task::spawn_blocking(move || {
            let found = match form {
                Form::Plain => None,
                form => files.open(&tenant, &hash, form)?.map(|found| (found, form)),
            };
            let ((mut file, mut length), form) = match found {
                Some(found) => found,
                None => (files.open(&tenant, &hash, Form::Plain)?.ok_or(io::ErrorKind::NotFound)?, Form::Plain),
            };
            if let Ranged::Part { from, to } = range {
                file.seek(SeekFrom::Start(from))?;
                length = to - from + 1;
            }
            let mut opened = Opened { file, length, encoding: form.name(), whole: None };
            if length <= WHOLE_BYTES_MAX {
                let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
                (&mut opened.file).take(length).read_to_end(&mut bytes)?;
                opened.whole = Some(bytes.into());
            }
            Ok::<_, io::Error>(opened)
        });
        opening.await.map_err(io::Error::other)?
    }
}

impl Opened {
    fn into_body(self) -> Body {
        if let Some(bytes) = self.whole {
            return Body::from_bytes(bytes);
        }
        let reader = tokio::fs::File::from_std(self.file).take(self.length);
        let frames = ReaderStream::with_capacity(reader, PIECE_BYTES).map_ok(Frame::data).map_err(|_| BodyError::Disk);
        Body::of_length(StreamBody::new(frames).boxed_unsync(), self.length)
    }
}

/// Who reads the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Audience {
    /// A client, who can read compressed forms when it says so.
    Client,
    /// A script, which gets bytes as they are.
    Script,
}

/// Which bytes are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ranged {
    All,
    Part { from: u64, to: u64 },
    Unsatisfiable,
}

/// RFC 9110 section 14: one range of bytes. Several at once, and what does not parse, are answered whole.
fn wanted_range(headers: &HeaderMap, etag: &str, size: u64) -> Ranged {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let Some(range) = text(RANGE).and_then(|range| range.strip_prefix("bytes=")) else { return Ranged::All };
    if text(IF_RANGE).is_some_and(|validator| validator != etag) {
        return Ranged::All;
    }
    let Some((from, to)) = range.trim().split_once('-') else { return Ranged::All };
    let number =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
    match (from, to) {
        ("", last) => match number(last) {
            Some(0) => Ranged::Unsatisfiable,
            Some(_) if size == 0 => Ranged::Unsatisfiable,
            Some(last) => Ranged::Part { from: size.saturating_sub(last), to: size - 1 },
            None => Ranged::All,
        },
        (from, to) => match (number(from), if to.is_empty() { Some(u64::MAX) } else { number(to) }) {
            (Some(from), Some(to)) if from > to => Ranged::All,
            (Some(from), Some(_)) if from >= size => Ranged::Unsatisfiable,
            (Some(from), Some(to)) => Ranged::Part { from, to: to.min(size - 1) },
            _ => Ranged::All,
        },
    }
}

/// Reads what a request's headers ask for, as fuzzing does: a part lies inside of the file.
#[cfg(any(test, feature = "fuzzing"))]
pub(super) fn check_headers(headers: &HeaderMap) {
    for size in [0, 1, 100, u64::MAX] {
        if let Ranged::Part { from, to } = wanted_range(headers, "\"e\"", size) {
            assert!(from <= to && to < size, "{from}-{to} of {size}");
        }
    }
    let _ = (is_known(headers, "\"e\""), accepted_form(headers));
}

/// Whether the client has these bytes already; weak comparison.
fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').map(str::trim).any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == etag)
    })
}

/// The smallest form the client says it reads.
fn accepted_form(headers: &HeaderMap) -> Form {
    let values = || headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let accepts = |wanted: &str| values().any(|value| codings::accepts(value, wanted));
    if accepts("br") {
        Form::Brotli
    } else if accepts("gzip") {
        Form::Gzip
    } else {
        Form::Plain
    }
}

fn empty(status: StatusCode) -> Response<Body> {
    with_headers(status, HeaderMap::new(), Body::empty())
}

fn with_headers(status: StatusCode, headers: HeaderMap, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// Manifests in memory: of the largest kind they take some megabytes each.
const MANIFESTS_KEPT: usize = 64;

/// Files up to this length are read at once.
const WHOLE_BYTES_MAX: u64 = 128 << 10;

/// A larger file is read in such pieces.
const PIECE_BYTES: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_static(value))).collect()
    }

    /// Ranges of a file of ten bytes, and of one of none.
    #[test]
    fn a_range_is_cut_to_the_file_or_cannot_be_met() {
        let range = |text: &'static str, size| wanted_range(&headers(&[("range", text)]), "\"e\"", size);
        assert_eq!(range("bytes=0-3", 10), Ranged::Part { from: 0, to: 3 });
        assert_eq!(range("bytes=7-", 10), Ranged::Part { from: 7, to: 9 });
        assert_eq!(range("bytes=-3", 10), Ranged::Part { from: 7, to: 9 });
        assert_eq!(range("bytes=-30", 10), Ranged::Part { from: 0, to: 9 });
        assert_eq!(range("bytes=5-99999999999999999999", 10), Ranged::All);
        for unmet in ["bytes=10-", "bytes=-0"] {
            assert_eq!(range(unmet, 10), Ranged::Unsatisfiable, "{unmet}");
        }
        for whole in ["bytes=3-1", "bytes=a-b", "bytes=0-1,3-4", "lines=1-2", "bytes=", "bytes=-"] {
            assert_eq!(range(whole, 10), Ranged::All, "{whole}");
        }
        assert_eq!(range("bytes=0-0", 0), Ranged::Unsatisfiable);
        assert_eq!(
            wanted_range(&headers(&[("range", "bytes=0-1"), ("if-range", "\"old\"")]), "\"e\"", 10),
            Ranged::All
        );
    }

    /// Encodings a client names, refuses, or does not know.
    #[test]
    fn a_form_is_sent_only_to_who_reads_it() {
        for (accept, wanted) in [
            ("gzip, deflate, br", Form::Brotli),
            ("gzip;q=0.5", Form::Gzip),
            ("br;q=0, gzip", Form::Gzip),
            ("identity", Form::Plain),
            ("", Form::Plain),
        ] {
            assert_eq!(accepted_form(&headers(&[("accept-encoding", accept)])), wanted, "{accept}");
        }
        assert!(is_known(&headers(&[("if-none-match", "\"a\", W/\"e\"")]), "\"e\""));
        assert!(!is_known(&headers(&[("if-none-match", "\"a\"")]), "\"e\""));
    }
}
