//! What machines ask: is the node alive, does it take requests, what are its numbers. Plain text, no envelope.

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::{StatusCode, header};

use super::auth::{self, Needs};
use super::endpoints::BodyMax;
use super::envelope::ApiError;
use super::gate::{self, BodyMemory};
use super::{AdminState, gate_of};

/// Whether the node takes requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// It does.
    Ready,
    /// It does not, and why: `starting`, `draining`, …
    NotReady(String),
}

/// `GET /healthz`, `GET /readyz` for anyone; `GET /metrics` behind the gate.
pub(super) fn routes(state: &AdminState, memory: &BodyMemory) -> Router<AdminState> {
    let operators = gate_of(state, memory, Needs::Operator, BodyMax::Bytes(0));
    Router::new().route("/healthz", get(async || "ok\n")).route("/readyz", get(ready)).route(
        "/metrics",
        get(metrics).route_layer(from_fn_with_state(operators, gate::pass)).route_layer(from_fn(ask_for_token)),
    )
}

async fn ready(State(state): State<AdminState>) -> Response {
    match (state.readiness)() {
        Readiness::Ready => {
            let mappings = state.mappings.iter().map(|shortage| format!("mappings {shortage}\n"));
            format!("ready\nsandbox {}\n{}", state.sandbox, mappings.collect::<String>()).into_response()
        }
        Readiness::NotReady(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response(),
    }
}

/// Answers 401 without credentials, as scrapers expect; the v4 API itself says 400 there.
async fn ask_for_token(request: Request, next: Next) -> Response {
    if auth::token(request.headers()).is_err() {
        return ([(header::WWW_AUTHENTICATE, "Bearer")], ApiError::no_token()).into_response();
    }
    next.run(request).await
}

async fn metrics(State(state): State<AdminState>) -> Response {
    let content_type = [(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")];
    (content_type, (state.metrics)()).into_response()
}
