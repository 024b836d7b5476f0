//! Assets: `…/scripts/{s}/assets-upload-session` names files, `/workers/assets/upload` takes those that are missing.
//!
//! As wrangler does it: the session's token authorises the uploads and, when nothing is missing, the deployment.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::Body;
use super::call::Call;
use super::envelope::{ApiError, ApiResult, Reply};
use crate::assets::{Entry, FILE_BYTES_MAX, SessionToken};

/// Files a client has, by path.
#[derive(Deserialize)]
struct Named {
    manifest: BTreeMap<String, Entry>,
}

/// `POST …/scripts/{script}/assets-upload-session`
pub(super) async fn begin(call: Call, body: Body) -> ApiResult {
    let named: Named = body.json().await?;
    let session = call.state.control.begin_assets(&call.account()?, &call.script()?, named.manifest).await?;
    Reply::of(json!({ "jwt": session.token, "buckets": buckets(session.missing) }))
}

/// `POST /workers/assets/upload?base64=true`: a form whose parts are named for the hashes of the files in them.
pub(super) async fn upload(call: Call, body: Body) -> ApiResult {
    let is_base64 = call.flag("base64");
    let mut files = Vec::new();
    for part in body.parts().await? {
        let bytes = if is_base64 {
            let text: Vec<u8> = part.bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
            STANDARD.decode(text).map_err(|_| refused(format!("file {} is not base64", shown(&part.name))))?.into()
        } else {
            part.bytes
        };
        files.push((part.name, part.content_type, bytes));
    }
    keep(&call, files).await
}

/// `POST /workers/assets/upload/{hash}`: one file as it is.
pub(super) async fn upload_one(call: Call, body: Body) -> ApiResult {
    let (hash, kind) = (call.param("hash")?.to_owned(), body.media_type());
    let bytes = body.bytes().await?;
    keep(&call, vec![(hash, kind, bytes)]).await
}

async fn keep(call: &Call, files: Vec<(String, String, Bytes)>) -> ApiResult {
    let text = call.credentials();
    let token = SessionToken::parse(text).ok_or_else(ApiError::unknown_token)?;
    let (session, _) = call.state.control.asset_session(token.clone()).await?;
    for (hash, kind, bytes) in files {
        let named = session.files.values().find(|entry| entry.hash == hash);
        let entry = named.ok_or_else(|| refused(format!("file {} is not of this session", shown(&hash))))?;
        if bytes.len() as u64 != entry.size || entry.size > FILE_BYTES_MAX {
            return Err(refused(format!("file {hash} has {} bytes and not {}", bytes.len(), entry.size)));
        }
        call.state.control.keep_asset(&token.tenant, hash, bytes, kind).await?;
    }
    let (_, missing) = call.state.control.asset_session(token).await?;
    if missing.is_empty() {
        return Ok(Reply::of(json!({ "jwt": text }))?.with_status(StatusCode::CREATED));
    }
    Ok(Reply::of(json!({ "jwt": Value::Null }))?.with_status(StatusCode::ACCEPTED))
}

/// What one upload may carry together.
fn buckets(missing: BTreeMap<String, u64>) -> Vec<Vec<String>> {
    let mut buckets: Vec<Vec<String>> = Vec::new();
    let mut bytes = 0;
    for (hash, size) in missing {
        match buckets.last_mut() {
            Some(bucket) if bytes + size <= BUCKET_BYTES_MAX && bucket.len() < BUCKET_FILES_MAX => {
                bytes += size;
                bucket.push(hash);
            }
            _ => {
                bytes = size;
                buckets.push(vec![hash]);
            }
        }
    }
    buckets
}

fn shown(text: &str) -> String {
    text.chars().filter(|char| !char.is_control()).take(40).collect()
}

fn refused(message: String) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, 10021, message)
}

/// Bytes of one bucket, unless a single file has more; base64 makes a third more of them.
const BUCKET_BYTES_MAX: u64 = FILE_BYTES_MAX;

/// Files of one bucket.
const BUCKET_FILES_MAX: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;

    /// Many small files, and some that fill a bucket alone.
    #[test]
    fn buckets_are_bounded_and_whole() {
        let files: BTreeMap<String, u64> = (0..1_200).map(|at| (format!("{at:05}"), 10)).collect();
        assert_eq!(buckets(files).iter().map(Vec::len).collect::<Vec<_>>(), [500, 500, 200]);
        let files: BTreeMap<String, u64> = (0..3).map(|at| (at.to_string(), BUCKET_BYTES_MAX)).collect();
        assert_eq!(buckets(files).len(), 3);
    }
}
