//! `/storage/kv/namespaces`: make, list, rename, remove.

use serde::Deserialize;
use serde_json::{Value, json};

use super::body::Body;
use super::call::Call;
use super::envelope::{ApiError, ApiResult, Reply};
use crate::control::Namespace;

/// `GET …/namespaces`, by title.
pub(super) async fn list(call: Call) -> ApiResult {
    if call.query("order").is_some_and(|order| order != "title")
        || call.query("direction").is_some_and(|direction| direction != "asc")
    {
        return Err(ApiError::bad_parameter("namespaces are listed with order=title and direction=asc only"));
    }
    let page = call.page(20, 1_000)?;
    let namespaces = call.state.control.namespaces(&call.account()?, page).await?;
    Reply::page(namespaces.items.iter().map(view).collect(), page, namespaces.total)
}

/// `POST …/namespaces`
pub(super) async fn create(call: Call, body: Body) -> ApiResult {
    let wanted: Wanted = body.json().await?;
    let (account, actor) = (call.account()?, call.principal.actor());
    let control = &call.state.control;
    let made = control.create_namespace(&actor, &account, &wanted.title).await?;
    if let Err(error) = call.state.kv.create_namespace(&made.id).await {
        // A title without values would be taken and useless.
        control.remove_namespace(&actor, &account, &made.id).await?;
        return Err(error.into());
    }
    Reply::of(view(&made))
}

/// `GET …/namespaces/{namespace}`
pub(super) async fn show(call: Call) -> ApiResult {
    Reply::of(view(&call.state.control.namespace(&call.account()?, &call.namespace()?).await?))
}

/// `PUT …/namespaces/{namespace}`
pub(super) async fn rename(call: Call, body: Body) -> ApiResult {
    let wanted: Wanted = body.json().await?;
    let (account, namespace) = (call.account()?, call.namespace()?);
    let control = &call.state.control;
    let renamed = control.rename_namespace(&call.principal.actor(), &account, &namespace, &wanted.title).await?;
    Reply::of(view(&renamed))
}

/// `DELETE …/namespaces/{namespace}`: first out of the registry, so that nobody writes to what is being removed.
pub(super) async fn delete(call: Call) -> ApiResult {
    let (account, namespace) = (call.account()?, call.namespace()?);
    call.state.control.remove_namespace(&call.principal.actor(), &account, &namespace).await?;
    call.state.kv.remove_namespace(&namespace).await?;
    Reply::null()
}

fn view(namespace: &Namespace) -> Value {
    json!({ "id": namespace.id, "title": namespace.title, "supports_url_encoding": true })
}

#[derive(Deserialize)]
struct Wanted {
    title: String,
}
