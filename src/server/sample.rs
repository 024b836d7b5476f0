//! The sample script: what a newcomer finds serving in a new data folder.
//!
//! A file says that it is still to come, so that a first start that fails, say for a taken port, does not lose it, and
//! one that was deleted does not come back.

use std::fs;
use std::io;
use std::path::Path;

use super::ServerError;
use crate::control::{
    Actor, Annotations, Control, Deploy, Page, SettingsChange, Upload, UploadAssets, UploadBinding, UploadKind,
};
use crate::kv::Kv;
use crate::limits::Overrides;
use crate::script::Code;

/// Notes that the sample is to be deployed here.
pub(super) fn plan(data: &Path) -> io::Result<()> {
    fs::write(data.join(PLANNED), "")
}

/// Is it still to be deployed?
pub(super) fn is_planned(data: &Path) -> bool {
    data.join(PLANNED).exists()
}

/// Notes that it has been deployed.
pub(super) fn settle(data: &Path) -> io::Result<()> {
    fs::remove_file(data.join(PLANNED))
}

/// Deploys `hello` for the tenant `demo`, with a KV namespace that counts its visits.
pub(super) async fn deploy(control: &Control, kv: &Kv) -> Result<(), ServerError> {
    let by = Actor::Node;
    let demo = control.tenant_by_subdomain(&"demo".parse().expect("a label")).await?;
    // An earlier start may have got this far.
    let namespaces = control.namespaces(&demo.id, Page { number: 1, per_page: 1_000 }).await?;
    let namespace = match namespaces.items.into_iter().find(|namespace| namespace.title == NAMESPACE_TITLE) {
        Some(namespace) => namespace,
        None => control.create_namespace(&by, &demo.id, NAMESPACE_TITLE).await?,
    };
    kv.create_namespace(&namespace.id).await?;
    let upload = Upload {
        assets: UploadAssets::None,
        code: Code::one_module(SOURCE, ""),
        bindings: vec![UploadBinding {
            name: "VISITS".to_owned(),
            kind: UploadKind::KvNamespace(namespace.id.to_string()),
        }],
        keep_bindings: Vec::new(),
        limits: Overrides::default(),
        annotations: Annotations::default(),
        settings: SettingsChange::default(),
        source: "sample".to_owned(),
    };
    control.upload(&by, &demo.id, &"hello".parse().expect("a name"), upload, Deploy::Now).await?;
    Ok(())
}

const PLANNED: &str = "sample.planned";

const SOURCE: &str = include_str!("../../examples/hello/index.js");

const NAMESPACE_TITLE: &str = "hello-visits";
