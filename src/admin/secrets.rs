//! Secrets of a script: put, bulk, list, remove. Every change is a new version; no call gives a secret's text back.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::body::Body;
use super::call::Call;
use super::envelope::{ApiError, ApiResult, Reply};
use super::metadata::annotations;
use super::versions;
use crate::control::{Amendment, Annotations, ControlError, Deploy, Missing, SecretChange, Uploaded};
use crate::deployment::SecretText;

/// `GET …/secrets`
pub(super) async fn list(call: Call) -> ApiResult {
    let names = call.state.control.secrets(&call.account()?, &call.script()?).await?;
    Reply::of(names.iter().map(|name| view(name)).collect::<Vec<_>>())
}

/// `GET …/secrets/{secret}`: that it is there, not what it says.
pub(super) async fn show(call: Call) -> ApiResult {
    let names = call.state.control.secrets(&call.account()?, &call.script()?).await?;
    let wanted = call.param("secret")?;
    if !names.iter().any(|name| name == wanted) {
        return Err(ControlError::NotFound { what: Missing::Secret }.into());
    }
    Reply::of(view(wanted))
}

/// `PUT …/secrets`
pub(super) async fn put(call: Call, body: Body) -> ApiResult {
    let secret: NamedSecret = read(body).await?;
    let name = secret.name.ok_or(ControlError::BindingWithoutName)?;
    let change = SecretChange { name: name.clone(), text: Some(secret.value.checked()?) };
    amend(&call, vec![change], Annotations::new(), Deploy::Now).await?;
    Reply::of(view(&name))
}

/// `DELETE …/secrets/{secret}`
pub(super) async fn delete(call: Call) -> ApiResult {
    let change = SecretChange { name: call.param("secret")?.to_owned(), text: None };
    amend(&call, vec![change], Annotations::new(), Deploy::Now).await?;
    Reply::null()
}

/// `PATCH …/secrets-bulk`: several at once, `null` removes one.
pub(super) async fn patch(call: Call, body: Body) -> ApiResult {
    let wanted: Bulk = read(body).await?;
    let changes: Result<Vec<_>, ApiError> = wanted
        .secrets
        .into_iter()
        .map(|(name, secret)| {
            let text = secret.map(|secret| secret.value.checked()).transpose()?;
            Ok(SecretChange { name, text })
        })
        .collect();
    amend(&call, changes?, Annotations::new(), Deploy::Now).await?;
    list(call).await
}

/// `PATCH /workers/workers/{script}/versions/latest`: the same, in a version that does not serve yet.
pub(super) async fn patch_latest(call: Call, body: Body) -> ApiResult {
    let wanted: Latest = read(body).await?;
    let changes: Result<Vec<_>, ApiError> = wanted
        .env
        .into_iter()
        .map(|(name, secret)| Ok(SecretChange { name, text: secret.map(SecretValue::checked).transpose()? }))
        .collect();
    let uploaded = amend(&call, changes?, annotations(wanted.annotations.as_ref())?, Deploy::Later).await?;
    Reply::of(versions::view(&uploaded.version))
}

async fn amend(
    call: &Call,
    secrets: Vec<SecretChange>,
    annotations: Annotations,
    deploy: Deploy,
) -> Result<Uploaded, ApiError> {
    let amendment = Amendment { secrets, annotations, source: call.source().to_owned(), ..Amendment::default() };
    let (account, script) = (call.account()?, call.script()?);
    Ok(call.state.control.amend(&call.principal.actor(), &account, &script, amendment, deploy).await?)
}

/// Reads a body that holds secrets. What serde says of a wrong value may quote it, so only the position is told.
async fn read<T: serde::de::DeserializeOwned>(body: Body) -> Result<T, ApiError> {
    let bytes = body.bytes().await?;
    serde_json::from_slice(&bytes).map_err(|error| {
        ApiError::unreadable_body(format_args!("expected a secret, at line {} column {}", error.line(), error.column()))
    })
}

fn view(name: &str) -> Value {
    json!({ "name": name, "type": SECRET_TEXT })
}

#[derive(Deserialize)]
struct NamedSecret {
    name: Option<String>,
    #[serde(flatten)]
    value: SecretValue,
}

#[derive(Deserialize)]
struct Bulk {
    secrets: BTreeMap<String, Option<NamedSecret>>,
}

#[derive(Deserialize)]
struct Latest {
    #[serde(default)]
    env: BTreeMap<String, Option<SecretValue>>,
    annotations: Option<Map<String, Value>>,
}

/// A secret as it is sent. Its `Debug` form hides the text.
#[derive(Deserialize)]
struct SecretValue {
    #[serde(rename = "type")]
    kind: Option<String>,
    text: Option<String>,
}

impl SecretValue {
    fn checked(self) -> Result<SecretText, ApiError> {
        if let Some(kind) = self.kind.filter(|kind| kind != SECRET_TEXT) {
            let kind: String = kind.chars().take(40).collect();
            return Err(ApiError::unsupported(&format!("a secret of type {kind:?}")));
        }
        self.text.map(SecretText::new).ok_or_else(|| ApiError::unreadable_body("a secret needs a \"text\""))
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretValue(…)")
    }
}

/// The only type of secret there is.
const SECRET_TEXT: &str = "secret_text";
