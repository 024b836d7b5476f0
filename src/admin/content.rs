//! The code of a version, given back: a form for modules, the bare script for service-worker syntax.
//!
//! A TypeScript module comes back as the JavaScript it became, with its source map beside it.

use axum::body::Body as RawBody;
use axum::response::Response;
use http::{HeaderValue, header};

use super::call::Call;
use super::envelope::ApiError;
use crate::ids::VersionId;
use crate::script::{Code, Syntax};

/// `GET /workers/scripts/{script}`, `…/content` and `…/content/v2?version=`: what serves, unless a version is named.
pub(super) async fn download(call: Call) -> Result<Response, ApiError> {
    let (account, script) = (call.account()?, call.script()?);
    let control = &call.state.control;
    let version: VersionId = match call.query("version") {
        Some(text) => text.parse().map_err(|_| call.not_found())?,
        None => {
            let found = control.script(&account, &script).await?;
            let serves = found.deployment.and_then(|deployment| deployment.versions.into_iter().next());
            serves.map_or(found.latest.id, |(version, _)| version)
        }
    };
    let code = control.code(&account, &script, &version).await?;
    match code.syntax {
        Syntax::ServiceWorker => bare(&code),
        Syntax::Modules => form(&code, &uuid::Uuid::new_v4().simple().to_string()),
    }
}

fn bare(code: &Code) -> Result<Response, ApiError> {
    let main = code.module(&code.main_module).ok_or_else(|| ApiError::internal("find the main module", &"missing"))?;
    let body = RawBody::from(main.source.to_vec());
    Ok(respond(body, HeaderValue::from_static("application/javascript")))
}

fn form(code: &Code, boundary: &str) -> Result<Response, ApiError> {
    let mut bytes = Vec::new();
    for module in &code.modules {
        write_part(&mut bytes, boundary, &module.name, module.kind.content_type(code.syntax), &module.source);
        if let Some(map) = &module.source_map {
            write_part(&mut bytes, boundary, &format!("{}.map", module.name), "application/source-map", map);
        }
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    let kind = HeaderValue::try_from(format!("multipart/form-data; boundary={boundary}"));
    let kind = kind.map_err(|error| ApiError::internal("write a boundary", &error))?;
    let mut response = respond(RawBody::from(bytes), kind);
    // A name beyond ASCII cannot be a header; such a client has to take the first part for the entry.
    if let Ok(entry) = HeaderValue::from_str(&code.main_module) {
        response.headers_mut().insert("cf-entrypoint", entry);
    }
    Ok(response)
}

fn respond(body: RawBody, content_type: HeaderValue) -> Response {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn write_part(bytes: &mut Vec<u8>, boundary: &str, name: &str, content_type: &str, source: &[u8]) {
    let name = name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n\
         Content-Type: {content_type}\r\n\r\n"
    );
    bytes.extend_from_slice(head.as_bytes());
    bytes.extend_from_slice(source);
    bytes.extend_from_slice(b"\r\n");
}
