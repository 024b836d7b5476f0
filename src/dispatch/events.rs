//! Events on their way through dispatch: what is no request goes as one does.

use std::sync::{Arc, OnceLock};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Method, Response};
use http_body_util::{BodyExt as _, Empty};

use super::{Dispatcher, Ended, choose_version, run};
use crate::control::Served;
use crate::ids::{RayId, ScriptName, TenantName};
use crate::isolate::{Event, Fields, Outcome, RequestBody, RunRequest};
use crate::respond::{self, ResponseBody, Shown};

/// Whether `/cdn-cgi/handler/…` fires events: for development, never on a node that others can reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Triggers {
    /// It is a path as any other.
    Closed,
    /// It fires the script's events.
    Open,
}

impl Dispatcher {
    /// Runs an event that is no request: the same deployment, permit, limits and counts. Gives what the run answered.
    ///
    /// # Errors
    /// How it ended, when that was not well.
    pub async fn event(&self, tenant: &TenantName, script: &ScriptName, event: Event) -> Result<Bytes, Outcome> {
        let (ray, began) = (RayId::generate(), Instant::now());
        let served = self.published.script(tenant, script).ok_or(Outcome::ScriptNotFound)?;
        let deployment = choose_version(&served, &ray).ok_or(Outcome::ScriptNotFound)?;
        let unserved = |outcome: Outcome| {
            self.telemetry.unserved(deployment, outcome, began.elapsed());
            outcome
        };
        let permit = self.admission.admit(&served.tenant, &served.tenant_limits, began);
        let _permit = permit.map_err(|_| unserved(Outcome::TenantLimited))?;
        let body: RequestBody = Empty::new().map_err(|never| match never {}).boxed_unsync();
        let verdict = Arc::new(OnceLock::new());
        let request = Box::new(RunRequest {
            event,
            method: Method::POST,
            fields: Fields::default(),
            body,
            url: String::new(),
            ray,
            hops: 0,
            is_repeat: false,
            socket: None,
            connection: None,
            verdict,
            service: None,
        });
        match run(&self.pool, deployment, request, Instant::now()).await {
            Ok(response) => {
                let body = response.into_body().collect().await.map_err(|_| Outcome::Exception)?;
                Ok(body.to_bytes())
            }
            Err(Ended { outcome, counted: true }) => Err(outcome),
            Err(Ended { outcome, counted: false }) => Err(unserved(outcome)),
        }
    }

    /// Fires a script's `scheduled` handler as wrangler's development server does: `?cron=…&time=…&format=json`.
    pub(super) async fn trigger(&self, served: &Served, query: &str, ray: &RayId) -> Response<ResponseBody> {
        let value = |name: &str| {
            let mut pairs = url::form_urlencoded::parse(query.as_bytes());
            pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let scheduled_ms = value("time").and_then(|time| time.parse().ok());
        let event = Event::Scheduled {
            cron: value("cron").unwrap_or_default(),
            scheduled_ms: scheduled_ms.unwrap_or_else(|| i64::try_from(now).unwrap_or(i64::MAX)),
        };
        let Some(deployment) = served.versions.first().map(|(_, deployment)| deployment) else {
            return respond::failed(Outcome::ScriptNotFound, None, ray);
        };
        let ended = self.event(&deployment.tenant_name, &deployment.script, event).await;
        let outcome = ended.map_or_else(|outcome| outcome, |_| Outcome::Ok);
        let shown = if value("format").as_deref() == Some("json") { Shown::Json } else { Shown::Text };
        respond::fired(outcome, shown, ray)
    }
}

/// Where a development server fires `scheduled`.
pub(super) const SCHEDULED_PATH: &str = "/cdn-cgi/handler/scheduled";
