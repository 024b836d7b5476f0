//! The assets of a project on their way to a node: names first, then the files it does not have.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::client::Api;
use super::failure::Failure;
use crate::assets;
use crate::script::{AssetFile, ProjectAssets};

/// Uploads what is missing; gives the token that an upload of the script shows.
pub(super) async fn upload(api: &Api, account: &str, script: &str, project: &ProjectAssets) -> Result<String, Failure> {
    let named: serde_json::Map<String, Value> =
        project.files.iter().map(|file| (file.path.clone(), json!({ "hash": file.hash, "size": file.size }))).collect();
    let session = ["accounts", account, "workers", "scripts", script, "assets-upload-session"];
    let begun = api.call(api.request(Method::POST, &session).json(&json!({ "manifest": named }))).await?.result;
    let token = begun["jwt"].as_str().ok_or_else(|| Failure::failed("the node gave no token for assets"))?.to_owned();
    let by_hash: HashMap<&str, &AssetFile> = project.files.iter().map(|file| (file.hash.as_str(), file)).collect();
    for bucket in begun["buckets"].as_array().into_iter().flatten() {
        let mut form = Form::new();
        for hash in bucket.as_array().into_iter().flatten().filter_map(Value::as_str) {
            let file = by_hash.get(hash).ok_or_else(|| Failure::failed("the node asked for a file nobody named"))?;
            form = form.part(hash.to_owned(), part(file).await?);
        }
        let upload = ["accounts", account, "workers", "assets", "upload"];
        let request = api.request_with(&token, Method::POST, &upload).query(&[("base64", "true")]).multipart(form);
        api.call(request).await?;
    }
    Ok(token)
}

async fn part(file: &AssetFile) -> Result<Part, Failure> {
    let shown = file.file.display();
    let bytes = tokio::fs::read(&file.file).await;
    let bytes = bytes.map_err(|error| Failure::failed(format!("read {shown}: {error}")))?;
    let kind = assets::content_type_of(&file.path).unwrap_or("application/null");
    let part = Part::text(STANDARD.encode(bytes)).file_name(file.hash.clone()).mime_str(kind);
    part.map_err(|error| Failure::failed(format!("pack {shown}: {error}")))
}
