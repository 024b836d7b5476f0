//! Uploads: from a form with metadata and modules to what the control plane takes, and back to the reply.
//!
//! The two ways to upload (`PUT …/scripts/{name}`, which deploys, and `POST …/versions`, which does not) share this.
//! Knows nothing of how a version is evaluated or kept.

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use super::body::{Body, BytesOrParts};
use super::call::Call;
use super::envelope::{ApiError, Reply};
use super::metadata::Metadata;
use super::modules::{Entry, StripTypes, assemble};
use super::multipart::Part;
use super::nested::{name_files, take_object};
use crate::assets::{Manifest, SessionToken};
use crate::control::{Deploy, Upload, UploadAssets, Uploaded};
use crate::deployment::Start;
use crate::ids::{ScriptName, TenantId};
use crate::script::{Code, Syntax};

/// A form as it was understood.
#[derive(Debug)]
pub(super) struct Form {
    /// Its metadata.
    pub(super) metadata: Metadata,
    /// Its modules.
    pub(super) code: Code,
}

/// Reads the form and hands it to the control plane.
pub(super) async fn upload(call: &Call, body: Body, deploy: Deploy) -> Result<(Metadata, Uploaded), ApiError> {
    let (account, script) = (call.account()?, call.script()?);
    let Form { metadata, code } = read_form(body, &*call.state.strip_types).await?;
    let upload = Upload {
        code,
        bindings: metadata.bindings()?.unwrap_or_default(),
        keep_bindings: metadata.keep_bindings().to_vec(),
        limits: metadata.limits()?.unwrap_or_default(),
        annotations: metadata.annotations()?,
        settings: metadata.settings(),
        source: call.source().to_owned(),
        assets: assets(call, &metadata, &account, &script).await?,
    };
    let uploaded = call.state.control.upload(&call.principal.actor(), &account, &script, upload, deploy).await?;
    Ok((metadata, uploaded))
}

/// Reads a form of metadata and modules; or, as `curl --data-binary @script.js` sends it, a script alone, whose content
/// type says which syntax it has.
pub(super) async fn read_form(body: Body, strip: &dyn StripTypes) -> Result<Form, ApiError> {
    let content_type = body.media_type();
    let metadata = match content_type.as_str() {
        "application/javascript" | "text/javascript" => json!({ "body_part": LONE_SCRIPT }),
        "application/javascript+module" | "text/javascript+module" => json!({ "main_module": LONE_SCRIPT }),
        _ => return form(body.parts().await?, strip).await,
    };
    let lone = match body.bytes_or_parts().await? {
        BytesOrParts::Parts(parts) => return form(parts, strip).await,
        BytesOrParts::Bytes(bytes) => bytes,
    };
    let part = |name: &str, content_type: String, bytes: Bytes| {
        let name = name.to_owned();
        Part { name, file_name: None, content_type, bytes }
    };
    let metadata = part(METADATA, String::new(), metadata.to_string().into());
    form(vec![metadata, part(LONE_SCRIPT, content_type, lone)], strip).await
}

/// The static assets that the metadata speaks of.
async fn assets(
    call: &Call,
    metadata: &Metadata,
    account: &TenantId,
    script: &ScriptName,
) -> Result<UploadAssets, ApiError> {
    let Some(token) = metadata.assets_token() else {
        return Ok(if metadata.keeps_assets() { UploadAssets::Keep } else { UploadAssets::None });
    };
    let token = SessionToken::parse(token).filter(|token| token.tenant == *account);
    let token =
        token.ok_or_else(|| ApiError::new(StatusCode::BAD_REQUEST, 10021, "assets.jwt is not a valid token"))?;
    let (session, _) = call.state.control.asset_session(token).await?;
    if session.script != script.as_str() {
        let message = format!("the assets were uploaded for script {} and not for {script}", session.script);
        return Err(ApiError::new(StatusCode::BAD_REQUEST, 10021, message));
    }
    let (config, _) = metadata.assets_config()?;
    Ok(UploadAssets::New(Manifest { files: session.files, config, has_script: !metadata.is_assets_alone() }))
}

/// How the version starts, for the reply.
pub(super) fn start_view(start: &Start) -> Value {
    match start {
        Start::Snapshot { .. } => json!({ "start": "snapshot", "reason": null }),
        Start::Plain { reason } => json!({ "start": "plain", "reason": reason }),
    }
}

/// The reply with the remarks an upload deserves: a plain start, fields without effect.
pub(super) fn with_remarks(mut reply: Reply, metadata: &Metadata, start: &Start) -> Reply {
    if let Start::Plain { reason } = start {
        let text =
            format!("This version starts without a snapshot of its own, so its cold starts are slower: {reason}");
        reply = reply.with_note(PLAIN_START, text);
    }
    let (_, skipped) = metadata.assets_config().unwrap_or_default();
    for rule in skipped {
        reply = reply.with_note(NO_EFFECT, rule);
    }
    for key in metadata.without_effect() {
        reply = reply.with_note(NO_EFFECT, format!("\"{key}\" has no effect on this node"));
    }
    reply
}

async fn form(mut parts: Vec<Part>, strip: &dyn StripTypes) -> Result<Form, ApiError> {
    let metadata = match parts.iter().position(|part| part.name == METADATA) {
        Some(at) => Metadata::parse(&parts.remove(at).bytes)?,
        None => {
            let Some(object) = take_object(&mut parts, METADATA)? else {
                return Err(ApiError::unreadable_body("the form has no part \"metadata\""));
            };
            Metadata::parse(object.to_string().as_bytes())?
        }
    };
    if parts.iter().any(|part| part.name == METADATA) {
        return Err(ApiError::new(StatusCode::BAD_REQUEST, 10021, "module \"metadata\" is in the upload twice"));
    }
    let date = metadata.compatibility_date().unwrap_or_default().to_owned();
    let flags = metadata.compatibility_flags().unwrap_or_default().to_vec();
    let code = if metadata.is_assets_alone() {
        let (name, content_type) = (LONE_SCRIPT.to_owned(), ES_MODULE.to_owned());
        let part = Part { name, file_name: None, content_type, bytes: NO_SCRIPT.into() };
        let entry = Entry { name: LONE_SCRIPT.to_owned(), syntax: Syntax::Modules };
        assemble(entry, vec![part], date, flags, strip).await?
    } else {
        let entry = metadata.entry()?;
        name_files(&mut parts, &entry.name);
        assemble(entry, parts, date, flags, strip).await?
    };
    Ok(Form { metadata, code })
}

/// What stands in for the script of a version that has static assets alone: never asked, because those answer all.
const NO_SCRIPT: &[u8] = b"export default { fetch() { return new Response(null, { status: 404 }); } };";

/// Content type of ES modules.
const ES_MODULE: &str = "application/javascript+module";

/// Name of a script that came without one.
const LONE_SCRIPT: &str = "index.js";

/// Name of the part that says what the others are.
const METADATA: &str = "metadata";

/// Number of the remark that a version starts plain. Ours: Cloudflare has nothing of the kind.
const PLAIN_START: u32 = 90_001;

/// Number of the remark that a field has no effect. Ours.
const NO_EFFECT: u32 = 90_002;

#[cfg(test)]
mod tests {
    use futures::future::BoxFuture;

    use super::super::modules::{StripRefusal, Stripped};
    use super::*;
    use crate::script::Scanned;

    fn part(name: &str, bytes: &'static [u8]) -> Part {
        let content_type = "application/javascript+module".to_owned();
        Part { name: name.to_owned(), file_name: None, content_type, bytes: bytes.into() }
    }

    struct NoTypeScript;

    impl StripTypes for NoTypeScript {
        fn strip<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<Stripped, StripRefusal>> {
            Box::pin(std::future::ready(Err(StripRefusal::Source("no TypeScript here".to_owned()))))
        }

        fn scan<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<Scanned, StripRefusal>> {
            Box::pin(std::future::ready(Err(StripRefusal::Source("not scanned".to_owned()))))
        }
    }

    async fn read(parts: Vec<Part>) -> Result<Form, ApiError> {
        form(parts, &NoTypeScript).await
    }

    /// Leaves out the metadata, breaks it, repeats it, names a part that is not there.
    #[tokio::test]
    async fn a_form_needs_exactly_one_metadata_and_its_main_module() {
        let good = || part("metadata", b"{\"main_module\": \"index.js\"}");
        let form = read(vec![good(), part("index.js", b"x")]).await.expect("a form");
        assert_eq!(form.code.main_module, "index.js");
        assert_eq!(read(vec![part("index.js", b"x")]).await.expect_err("none").code(), 10026);
        assert_eq!(read(vec![part("metadata", b"{"), part("index.js", b"x")]).await.expect_err("broken").code(), 10026);
        assert_eq!(read(vec![good(), good(), part("index.js", b"x")]).await.expect_err("two").code(), 10021);
        assert_eq!(read(vec![good(), part("other.js", b"x")]).await.expect_err("no main").code(), 10021);
    }
}
