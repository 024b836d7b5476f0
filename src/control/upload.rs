//! Uploads: from what was sent to a version that may serve.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Control;
use super::accept::{Draft, DraftAssets};
use super::audit::Actor;
use super::bindings::UploadBinding;
use super::error::{ControlError, Missing};
use super::scripts::SettingsChange;
use super::versions::Version;
use crate::assets::Manifest;
use crate::ids::{DeploymentId, ScriptName, TenantId};
use crate::limits::Overrides;
use crate::script::Code;

/// Notes on a version or deployment: `workers/message`, `workers/tag`, `workers/alias`, `workers/triggered_by`.
pub type Annotations = BTreeMap<String, String>;

/// A whole script as it was sent.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Its modules, already JavaScript.
    pub code: Code,
    /// Its bindings.
    pub bindings: Vec<UploadBinding>,
    /// Types of bindings (`secret_text`, `plain_text`, …) that stay from the latest version when not named above.
    pub keep_bindings: Vec<String>,
    /// What it lowers of its tenant's limits.
    pub limits: Overrides,
    /// `workers/message`, `workers/tag`, …
    pub annotations: Annotations,
    /// Settings outside the version, applied only with [`Deploy::Now`].
    pub settings: SettingsChange,
    /// What uploads it: `wrangler`, `api`, …
    pub source: String,
    /// Its static assets.
    pub assets: UploadAssets,
}

/// Static assets of an upload.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum UploadAssets {
    /// It has none.
    #[default]
    None,
    /// Those of the latest version.
    Keep,
    /// These.
    New(Manifest),
}

/// Whether a new version serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deploy {
    /// All requests, from when the call returns.
    Now,
    /// Not before it is deployed.
    Later,
}

/// An accepted upload.
#[derive(Debug, Clone, PartialEq)]
pub struct Uploaded {
    /// The new version; `startup_cpu_ms`, `start` and `etag` are in it.
    pub version: Version,
    /// The deployment that makes it serve, with [`Deploy::Now`].
    pub deployment: Option<DeploymentId>,
}

impl Control {
    /// Takes a whole script: checks it, evaluates it, keeps it, and with [`Deploy::Now`] makes it serve.
    ///
    /// [`Deploy::Now`] makes the script when there is none; [`Deploy::Later`] needs one.
    ///
    /// # Errors
    /// Everything [`ControlError`] has for code and bindings; nothing has changed then.
    pub async fn upload(
        &self,
        by: &Actor,
        tenant: &TenantId,
        script: &ScriptName,
        upload: Upload,
        deploy: Deploy,
    ) -> Result<Uploaded, ControlError> {
        let _turn = self.inner.script_locks.enter(tenant, script).await?;
        let base = self.base(tenant, script).await?;
        if base.script.is_none() && deploy == Deploy::Later {
            return Err(ControlError::NotFound { what: Missing::Script });
        }
        let earlier = base.latest.as_ref().map(|latest| latest.kept.as_slice()).unwrap_or_default();
        let kept = self.resolve(&base, script, &upload.code, &upload.bindings, earlier, &upload.keep_bindings)?;
        let assets = match upload.assets {
            UploadAssets::None => DraftAssets::Kept(None),
            UploadAssets::Keep => DraftAssets::Kept(base.latest.as_ref().and_then(|latest| latest.assets.clone())),
            UploadAssets::New(manifest) => DraftAssets::New(manifest),
        };
        let draft = Draft {
            code: Arc::new(upload.code),
            kept,
            limits: upload.limits,
            annotations: upload.annotations,
            settings: upload.settings,
            source: upload.source,
            action: "script.upload",
            deploy,
            assets,
        };
        self.accept(by, base, script, draft).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;
    use std::time::Duration;

    use futures::future::join_all;
    use serde_json::{Value, json};

    use super::super::fixture::{World, plain, script, secret, upload};
    use super::*;
    use crate::deployment::{Binding, SecretText, Start};

    /// Uploads with every kind of variable and looks at what the data plane sees when the call returns.
    #[tokio::test]
    async fn an_accepted_upload_serves_when_the_call_returns() {
        let world = World::new();
        let tenant = world.tenant("Acme").await;
        let namespace = world.control.create_namespace(&Actor::Operator, &tenant, "cache").await.expect("is made");
        let mut sent = upload(
            "hello",
            &[
                plain("GREETING", "hi"),
                secret("KEY", "swordfish"),
                json!({ "name": "CACHE", "type": "kv_namespace", "namespace_id": namespace.id }),
                json!({ "name": "CONFIG", "type": "json", "json": { "a": [1] } }),
                json!({ "name": "VERSION", "type": "version_metadata" }),
            ],
        );
        sent.annotations.insert("workers/tag".to_owned(), "v1".to_owned());
        sent.limits.cpu_ms = Some(20);
        let uploaded = world.try_upload(&tenant, "hello", sent).await.expect("is accepted");
        assert_eq!(uploaded.version.number, 1);
        assert_eq!(uploaded.version.startup_cpu_ms, 3);
        let served = world.served("acme", "hello").expect("serves");
        assert_eq!(Some(&served.deployment), uploaded.deployment.as_ref());
        assert!(served.subdomain_enabled);
        let [(100, version)] = served.versions.as_slice() else { panic!("one version serves") };
        assert_eq!((&version.tenant, version.version.as_str()), (&tenant, uploaded.version.id.as_str()));
        assert_eq!((version.limits.cpu_ms, served.tenant_limits.cpu_ms), (20, 50));
        assert_eq!(version.tag, "v1");
        assert!(matches!(version.start, Start::Snapshot { .. }));
        let binding = |name: &str| version.bindings.iter().find(|bound| bound.name == name).map(|bound| &bound.binding);
        assert_eq!(binding("GREETING"), Some(&Binding::PlainText("hi".to_owned())));
        assert_eq!(binding("KEY"), Some(&Binding::Secret(SecretText::new("swordfish".to_owned()))));
        assert_eq!(binding("CACHE"), Some(&Binding::KvNamespace(namespace.id)));
        assert_eq!(binding("CONFIG"), Some(&Binding::Json("{\"a\":[1]}".to_owned())));
        assert_eq!(binding("VERSION"), Some(&Binding::VersionMetadata));
        let shown = serde_json::to_value(&uploaded.version.bindings).expect("is JSON");
        assert_eq!(shown[1], json!({ "name": "KEY", "type": "secret_text" }));
        assert_eq!(shown[0], json!({ "name": "GREETING", "type": "plain_text", "text": "hi" }));
    }

    /// Sends uploads that are wrong in every way we know, each over a script that serves and as a new one, and compares
    /// every row, every blob and the published version before and after.
    #[tokio::test]
    async fn a_refused_upload_changes_nothing() {
        let world = World::new();
        let (tenant, other) = (world.tenant("Acme").await, world.tenant("Other").await);
        let theirs = world.control.create_namespace(&Actor::Operator, &other, "theirs").await.expect("is made");
        world.upload(&tenant, "hello", "good").await;
        let many: Vec<Value> = (0..=128).map(|at| plain(&format!("V{at}"), "x")).collect();
        let binding = |value: Value| upload("fine", &[value]);
        let mut no_main = upload("fine", &[]);
        no_main.code.main_module = "absent.js".to_owned();
        let mut limit = upload("fine", &[]);
        limit.limits.cpu_ms = Some(0);
        let mut note = upload("fine", &[]);
        note.annotations.insert("workers/message".to_owned(), "x".repeat(2_000));
        let bad = [
            (10021, upload("throw", &[])),
            (10021, upload("spin", &[])),
            (10068, upload("nothing", &[])),
            (10013, upload("crash", &[])),
            (10027, upload(&"x".repeat(11 << 20), &[])),
            (10021, no_main),
            (10021, limit),
            (10021, note),
            (10052, binding(json!({ "type": "plain_text", "text": "x" }))),
            (10054, binding(plain("BIG", &"x".repeat(5_121)))),
            (10054, binding(secret("BIG", &"x".repeat(5_121)))),
            (10055, upload("fine", &many)),
            (10056, binding(json!({ "name": "KV", "type": "kv_namespace", "namespace_id": theirs.id }))),
            (10056, binding(json!({ "name": "KV", "type": "kv_namespace", "namespace_id": "../../etc" }))),
            (10056, binding(json!({ "name": "W", "type": "wasm_module", "part": "absent.wasm" }))),
            (10057, binding(json!({ "name": "OLD", "type": "inherit" }))),
            (10021, binding(json!({ "name": "DB", "type": "d1", "id": "x" }))),
            (10021, upload("fine", &[plain("TWICE", "1"), plain("TWICE", "2")])),
        ];
        let before = world.everything().await;
        let served = world.served("acme", "hello").expect("serves");
        for (code, upload) in bad {
            for name in ["hello", "fresh"] {
                let error = world.try_upload(&tenant, name, upload.clone()).await.expect_err("is refused");
                assert_eq!(error.code(), code, "{error}");
                assert!(world.everything().await == before, "{error}");
                let after = world.served("acme", "hello").expect("serves");
                assert!(Arc::ptr_eq(&served, &after), "{error}");
                assert!(world.served("acme", "fresh").is_none(), "{error}");
            }
        }
        let error = world.try_upload(&tenant, "hello", upload("throw", &[])).await.expect_err("is refused");
        assert!(error.to_string().contains("index.js:3:7"), "{error}");
        let stranger = TenantId::generate();
        let error = world.try_upload(&stranger, "hello", upload("fine", &[])).await.expect_err("is refused");
        assert!(matches!(error, ControlError::NotFound { what: Missing::Tenant }));
        assert!(world.everything().await == before);
    }

    /// Uploads as many scripts as a tenant may have and one more.
    #[tokio::test]
    async fn a_tenant_cannot_have_more_scripts_than_the_operator_allows() {
        let world = World::new();
        let tenant = world.tenant("Acme").await;
        for at in 0..5 {
            world.upload(&tenant, &format!("s{at}"), "good").await;
        }
        let error = world.try_upload(&tenant, "s5", upload("good", &[])).await.expect_err("is refused");
        assert_eq!(error.code(), 10037);
        world.upload(&tenant, "s4", "a new version of one it has").await;
    }

    /// Keeps by type, inherits by name, and drops the rest; the secret that is kept still opens.
    #[tokio::test]
    async fn bindings_are_kept_only_when_asked_for() {
        let world = World::new();
        let tenant = world.tenant("Acme").await;
        let first = [plain("A", "1"), plain("B", "2"), secret("S", "swordfish"), secret("T", "mackerel")];
        world.try_upload(&tenant, "hello", upload("one", &first)).await.expect("is accepted");
        let inherit = json!({ "name": "C", "type": "inherit", "old_name": "A" });
        let mut second = upload("two", &[inherit, plain("B", "3"), secret("T", "trout")]);
        second.keep_bindings = vec!["secret_text".to_owned()];
        world.try_upload(&tenant, "hello", second).await.expect("is accepted");
        let served = world.served("acme", "hello").expect("serves");
        let text = |text: &str| Binding::PlainText(text.to_owned());
        let secret = |text: &str| Binding::Secret(SecretText::new(text.to_owned()));
        let bound: Vec<_> =
            served.versions[0].1.bindings.iter().map(|b| (b.name.as_str(), b.binding.clone())).collect();
        let wanted = [("C", text("1")), ("B", text("3")), ("T", secret("trout")), ("S", secret("swordfish"))];
        assert_eq!(bound, wanted);
    }

    /// Uploads without deploying: a new script is not found, a known one keeps serving what it served.
    #[tokio::test]
    async fn a_version_that_is_not_deployed_does_not_serve() {
        let world = World::new();
        let tenant = world.tenant("Acme").await;
        let later = |source: &str| {
            let sent = upload(source, &[]);
            let (control, tenant) = (world.control.clone(), tenant.clone());
            async move { control.upload(&Actor::Operator, &tenant, &script("hello"), sent, Deploy::Later).await }
        };
        let error = later("one").await.expect_err("is refused");
        assert_eq!(error.code(), 10007);
        let first = world.upload(&tenant, "hello", "one").await;
        let second = later("two").await.expect("is accepted");
        assert_eq!((second.version.number, second.deployment), (2, None));
        let served = world.served("acme", "hello").expect("serves");
        assert_eq!(served.versions[0].1.version, first.version.id);
    }

    /// Sends sixteen uploads of one script at once.
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn concurrent_uploads_of_a_script_take_turns() {
        let world = World::new();
        let tenant = world.tenant("Acme").await;
        let sources: Vec<String> = (0..12).map(|at| format!("source {at}")).collect();
        let all = join_all(sources.iter().map(|source| world.upload(&tenant, "hello", source))).await;
        let mut numbers: Vec<u32> = all.iter().map(|uploaded| uploaded.version.number).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
        let last = all.iter().max_by_key(|uploaded| uploaded.version.number).expect("there are some");
        let served = world.served("acme", "hello").expect("serves");
        assert_eq!(served.versions[0].1.version, last.version.id);
    }

    /// Drops an upload while it is being built; the next one is not held up.
    #[tokio::test]
    async fn an_upload_whose_caller_leaves_during_the_build_changes_nothing() {
        let world = World::new();
        let tenant = world.tenant("Acme").await;
        let before = world.everything().await;
        let mut leaving = Box::pin(world.try_upload(&tenant, "hello", upload("wait", &[])));
        while world.build.begun.load(Ordering::SeqCst) == 0 {
            assert!(futures::poll!(&mut leaving).is_pending());
            tokio::task::yield_now().await;
        }
        drop(leaving);
        assert!(world.everything().await == before);
        world.upload(&tenant, "hello", "one").await;
    }

    /// Cuts uploads off after ever longer times; the blobs of those that made no version do not stay.
    #[tokio::test]
    async fn an_upload_that_is_cut_off_leaves_no_blobs() {
        let world = World::new();
        let tenant = world.tenant("Acme").await;
        for at in 0..60u64 {
            let sent = upload(&format!("source {at}"), &[]);
            let cut_off = tokio::time::timeout(Duration::from_micros(250 * at), world.try_upload(&tenant, "cut", sent));
            if let Ok(done) = cut_off.await {
                done.expect("is accepted");
            }
        }
        let scripts = world.control.scripts(&tenant).await.expect("lists");
        let versions: usize = scripts.iter().map(|script| script.latest.number as usize).sum();
        // What a blocking thread still writes is let go when it is written.
        let tidied = async {
            while world.blobs_count() != 2 * versions {
                let collected = world.control.read(|inner, connection| {
                    inner.collect(connection, Vec::new());
                    Ok(())
                });
                collected.await.expect("collects");
            }
        };
        tokio::time::timeout(Duration::from_secs(30), tidied).await.expect("no blob stays");
    }
}
