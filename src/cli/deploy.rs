//! `eyot deploy`: a project on disk becomes a version on a node.
//!
//! Uploads as wrangler does: one multipart PUT with the metadata and every module. The node decides; a refused upload
//! changes nothing there.

use std::path::PathBuf;

use clap::Args;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::client::{Api, Reply, text};
use super::deploy_assets;
use super::failure::Failure;
use super::output;
use super::target::ConnectionArguments;
use crate::ids::ScriptName;
use crate::script::{KvBinding, LoadOptions, Project, ProjectRoutes, Syntax, Variable, load_project};

/// Flags of `eyot deploy`.
#[derive(Debug, Args)]
#[command(
    before_help = "Example:\n  eyot deploy                          the project in this folder\n  \
                   eyot deploy hello.ts --name greeter  one file\n  eyot deploy --env staging --dry-run",
    long_about = "Upload a project to a node and print the URL it serves at.\n\n\
                  PATH is a script file (.js .mjs .ts .wasm) or a folder with wrangler.toml, wrangler.jsonc, \
                  wrangler.json or a package.json with \"main\". Imported files come along; imports of packages are \
                  bundled with the project's own esbuild. Secrets of the script are kept."
)]
pub struct DeployArguments {
    /// Script file or project folder
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Name to deploy as, instead of the project's
    #[arg(long)]
    name: Option<String>,
    /// Environment: the section [env.NAME] of the wrangler configuration
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// Say what would be uploaded, and upload nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// Runs `eyot deploy`. Ctrl-C ends it between two steps, so that the bundler's files are removed; an upload that the node
/// has not read whole by then changes nothing there.
pub(super) async fn run(arguments: DeployArguments) -> Result<(), Failure> {
    tokio::select! {
        result = deploy(arguments) => result,
        _ = tokio::signal::ctrl_c() => Err(Failure::failed("interrupted: only an upload that was complete is served")),
    }
}

async fn deploy(arguments: DeployArguments) -> Result<(), Failure> {
    let options = LoadOptions { environment: arguments.env.clone(), name: arguments.name.clone() };
    let path = arguments.path.clone();
    let mut project = tokio::task::spawn_blocking(move || load_project(&path, &options))
        .await
        .map_err(|error| Failure::failed(format!("read the project: {error}")))??;
    let name: ScriptName = project.name.parse().map_err(|error| Failure::usage(format!("{error}")))?;
    for warning in &project.warnings {
        eprintln!("eyot: warning: {warning}");
    }
    if arguments.dry_run {
        return describe(&project, &metadata(&project), arguments.connection.json.into());
    }

    let api = arguments.connection.connect()?;
    let account = api.account().await?;
    check_namespaces(&api, &account, &project).await?;
    provide_namespaces(&api, &account, &name, &mut project.kv).await?;
    let mut metadata = metadata(&project);
    if let Some(assets) = &project.assets {
        let token = deploy_assets::upload(&api, &account, name.as_str(), assets).await?;
        metadata["assets"] = json!({ "jwt": token, "config": assets.config });
    }
    let request = api
        .request(Method::PUT, &["accounts", &account, "workers", "scripts", name.as_str()])
        .multipart(form(&project, &metadata)?);
    let reply = api.call(request).await?;
    if let Some(crons) = &project.crons {
        let crons: Vec<Value> = crons.iter().map(|cron| json!({ "cron": cron })).collect();
        let path = ["accounts", &account, "workers", "scripts", name.as_str(), "schedules"];
        api.call(api.request(Method::PUT, &path).json(&crons)).await?;
    }
    if let Some(routes) = &project.routes {
        put_routes(&api, &account, &name, routes).await?;
    }
    put_subdomain(&api, &account, &name, project.subdomain).await?;
    report(&name, &reply, &project, arguments.connection.json.into())
}

/// Has the script answer at exactly these names beside its own.
async fn put_routes(api: &Api, account: &str, name: &ScriptName, routes: &ProjectRoutes) -> Result<(), Failure> {
    let script = ["accounts", account, "workers", "scripts", name.as_str()];
    let patterns: Vec<Value> = routes.patterns.iter().map(|pattern| json!({ "pattern": pattern })).collect();
    api.call(api.request(Method::PUT, &[&script[..], &["routes"]].concat()).json(&patterns)).await?;
    let origins: Vec<Value> = routes.hostnames.iter().map(|hostname| json!({ "hostname": hostname })).collect();
    let records = json!({ "override_existing_origin": false, "origins": origins });
    api.call(api.request(Method::PUT, &[&script[..], &["domains", "records"]].concat()).json(&records)).await?;
    Ok(())
}

/// Has the script answer at its own name, or no longer, where the project says so.
async fn put_subdomain(
    api: &Api,
    account: &str,
    name: &ScriptName,
    (enabled, previews): (Option<bool>, Option<bool>),
) -> Result<(), Failure> {
    let path = ["accounts", account, "workers", "scripts", name.as_str(), "subdomain"];
    let enabled = match (enabled, previews) {
        (None, None) => return Ok(()),
        (Some(enabled), _) => enabled,
        (None, Some(_)) => api.get(&path).await?["enabled"].as_bool().unwrap_or(true),
    };
    let mut wanted = json!({ "enabled": enabled });
    if let Some(previews) = previews {
        wanted["previews_enabled"] = json!(previews);
    }
    api.call(api.request(Method::POST, &path).json(&wanted)).await?;
    Ok(())
}

/// The `metadata` part of an upload.
fn metadata(project: &Project) -> Value {
    let mut bindings = Vec::new();
    for (name, variable) in &project.vars {
        bindings.push(match variable {
            Variable::Text(text) => json!({ "name": name, "type": "plain_text", "text": text }),
            Variable::Json(value) => json!({ "name": name, "type": "json", "json": value }),
        });
    }
    for kv in &project.kv {
        bindings.push(json!({ "name": kv.binding, "type": "kv_namespace", "namespace_id": kv.id }));
    }
    if let Some(name) = &project.version_metadata {
        bindings.push(json!({ "name": name, "type": "version_metadata" }));
    }
    bindings.extend(project.other_bindings.iter().cloned());
    let entry = match project.code.syntax {
        Syntax::Modules => "main_module",
        Syntax::ServiceWorker => "body_part",
    };
    let mut kept = vec!["secret_text", "secret_key"];
    if project.keep_vars {
        kept.extend(["plain_text", "json"]);
    }
    let mut metadata = json!({ "bindings": bindings, "keep_bindings": kept });
    if project.has_script() {
        metadata[entry] = json!(project.code.main_module);
    }
    if !project.code.compatibility_date.is_empty() {
        metadata["compatibility_date"] = json!(project.code.compatibility_date);
    }
    if !project.code.compatibility_flags.is_empty() {
        metadata["compatibility_flags"] = json!(project.code.compatibility_flags);
    }
    let mut limits = serde_json::Map::new();
    for (key, value) in [("cpu_ms", project.limits.cpu_ms), ("subrequests", project.limits.subrequests_max)] {
        limits.extend(value.map(|value| (key.to_owned(), json!(value))));
    }
    if !limits.is_empty() {
        metadata["limits"] = Value::Object(limits);
    }
    metadata
}

fn form(project: &Project, metadata: &Value) -> Result<Form, Failure> {
    let part = |bytes: Vec<u8>, name: &str, kind: &str| {
        let part = Part::bytes(bytes).file_name(name.to_owned()).mime_str(kind);
        part.map_err(|error| Failure::failed(format!("pack {name}: {error}")))
    };
    // As wrangler sends them: by default reqwest 0.13 writes `name*=` for a name with a slash, which RFC 7578 forbids.
    let mut form = Form::new().percent_encode_noop().text("metadata", metadata.to_string());
    for module in project.code.modules.iter().filter(|_| project.has_script()) {
        let kind = module.kind.content_type(project.code.syntax);
        let name = quotable(&module.name);
        form = form.part(name.clone(), part(module.source.to_vec(), &name, kind)?);
        if let Some(map) = &module.source_map {
            let name = format!("{name}.map");
            form = form.part(name.clone(), part(map.to_vec(), &name, "application/source-map")?);
        }
    }
    Ok(form)
}

/// The name as browsers write it between the quotes of a part's header:
/// <https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data>.
fn quotable(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// Says which namespace is missing and how to make it, before the node says less.
async fn check_namespaces(api: &Api, account: &str, project: &Project) -> Result<(), Failure> {
    for kv in &project.kv {
        let Some(id) = kv.id.as_deref() else { continue };
        match api.get(&["accounts", account, "storage", "kv", "namespaces", id]).await {
            Ok(_) => {}
            Err(error) if error.is_not_found() => {
                return Err(Failure::failed(format!(
                    "KV binding {0}: this node has no namespace {id:?}; run `eyot kv namespace create {0}` and put \
                     the id it prints into the wrangler configuration",
                    kv.binding
                )));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Gives each KV binding that names no namespace the one it has already, or one of its own, as wrangler does: made now if there is none.
async fn provide_namespaces(
    api: &Api,
    account: &str,
    name: &ScriptName,
    bindings: &mut [KvBinding],
) -> Result<(), Failure> {
    if bindings.iter().all(|kv| kv.id.is_some()) {
        return Ok(());
    }
    let present = match api.get(&["accounts", account, "workers", "scripts", name.as_str(), "settings"]).await {
        Ok(settings) => settings,
        Err(error) if error.is_not_found() => Value::Null,
        Err(error) => return Err(error.into()),
    };
    let all = ["accounts", account, "storage", "kv", "namespaces"];
    for kv in bindings.iter_mut().filter(|kv| kv.id.is_none()) {
        let is_bound = |bound: &&Value| bound["name"] == *kv.binding && bound["type"] == "kv_namespace";
        let bound = present["bindings"].as_array().and_then(|bound| bound.iter().find(is_bound));
        let title = format!("{name}-{}", kv.binding.to_lowercase().replace('_', "-"));
        let id = match bound {
            Some(bound) => bound["namespace_id"].clone(),
            None => match api.all_pages(&all).await?.iter().find(|namespace| namespace["title"] == *title) {
                Some(namespace) => namespace["id"].clone(),
                None => {
                    let made = api.call(api.request(Method::POST, &all).json(&json!({ "title": title }))).await?;
                    eprintln!("eyot: note: made the KV namespace {title} for the binding {}", kv.binding);
                    made.result["id"].clone()
                }
            },
        };
        let id = id.as_str().ok_or_else(|| Failure::failed(format!("the node gave no id of the namespace {title}")))?;
        kv.id = Some(id.to_owned());
    }
    Ok(())
}

fn report(name: &ScriptName, reply: &Reply, project: &Project, form: output::Form) -> Result<(), Failure> {
    if form == output::Form::Json {
        return output::json(&reply.result);
    }
    for message in &reply.messages {
        eprintln!("eyot: note: {}", text(message.get("message").unwrap_or(message)));
    }
    let version = ["/eyot/version_id", "/deployment_id", "/id"]
        .iter()
        .find_map(|pointer| reply.result.pointer(pointer))
        .map(text)
        .unwrap_or_default();
    output::line(&format!("deployed {name}, version {version}"))?;
    if let Some(url) = reply.result.pointer("/eyot/url").and_then(Value::as_str) {
        output::line(url)?;
    }
    let mut routes = project.routes.iter().flat_map(|routes| routes.patterns.iter().chain(&routes.hostnames));
    routes.try_for_each(|route| output::line(route))
}

fn describe(project: &Project, metadata: &Value, form: output::Form) -> Result<(), Failure> {
    let modules: Vec<Value> = project
        .code
        .modules
        .iter()
        .map(|module| {
            let kind = module.kind.content_type(project.code.syntax);
            json!({ "name": module.name, "type": kind, "bytes": module.source.len() })
        })
        .collect();
    if form == output::Form::Json {
        return output::json(&json!({ "name": project.name, "metadata": metadata, "modules": modules }));
    }
    output::line(&format!("would deploy {} ({} bytes)", project.name, project.code.source_bytes()))?;
    output::list(&modules, &[("MODULE", "/name"), ("TYPE", "/type"), ("BYTES", "/bytes")], form)?;
    let bindings = metadata["bindings"].as_array().map(Vec::as_slice).unwrap_or_default();
    output::list(bindings, &[("BINDING", "/name"), ("TYPE", "/type")], form)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::Router;
    use axum::extract::Request;
    use axum::response::IntoResponse as _;
    use clap::Parser as _;
    use http_body_util::BodyExt as _;
    use parking_lot::Mutex;

    use super::*;
    use crate::cli::{Cli, ClientCommand, Command};

    const ACCOUNT: &str = "0123456789abcdef0123456789abcdef";

    /// What a node was sent: method and path, then the body.
    type Calls = Arc<Mutex<Vec<(String, String)>>>;

    /// A node that answers every call with success, but knows no KV namespace of zeros.
    async fn node() -> (String, Calls) {
        let calls = Calls::default();
        let seen = Arc::clone(&calls);
        let app = Router::new().fallback(async move |request: Request| {
            let line = format!("{} {}", request.method(), request.uri().path());
            assert_eq!(request.headers()["authorization"], "Bearer s3cret");
            let body = request.into_body().collect().await.unwrap().to_bytes();
            let is_missing = line.ends_with(&"0".repeat(32));
            seen.lock().push((line.clone(), String::from_utf8_lossy(&body).into_owned()));
            let result = match line.split_once(ACCOUNT).unwrap_or_default() {
                ("GET /client/v4/accounts/", "/storage/kv/namespaces") => {
                    json!([{ "id": "titled", "title": "shop-old" }])
                }
                ("POST /client/v4/accounts/", "/storage/kv/namespaces") => json!({ "id": "new" }),
                ("GET /client/v4/accounts/", "/workers/scripts/shop/settings") => {
                    json!({ "bindings": [{ "name": "HAD", "type": "kv_namespace", "namespace_id": "bound" }] })
                }
                _ => json!({ "eyot": { "url": "https://a.b.c" } }),
            };
            let reply = if is_missing {
                json!({ "success": false, "errors": [{ "code": 10013, "message": "namespace not found" }] })
            } else {
                json!({ "success": true, "result": result, "errors": [], "messages": [] })
            };
            let status = if is_missing { 404 } else { 200 };
            (http::StatusCode::from_u16(status).unwrap(), reply.to_string()).into_response()
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        (format!("http://{address}"), calls)
    }

    async fn deployed(folder: &std::path::Path, node: &str) -> Result<(), Failure> {
        std::fs::write(folder.join("admin.token"), "s3cret\n").unwrap();
        let folder = folder.to_str().unwrap();
        let line = ["eyot", "deploy", folder, "--api", node, "--account", ACCOUNT, "--data", folder];
        match Cli::try_parse_from(line).unwrap().command {
            Command::Client(ClientCommand::Deploy(arguments)) => run(arguments).await,
            other => panic!("{other:?}"),
        }
    }

    /// Deploys a TypeScript project to a stand-in for a node and reads what arrived there.
    #[tokio::test]
    async fn an_upload_carries_modules_maps_and_metadata() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("wrangler.toml"), "name = 'shop'\nmain = 'a.ts'\nvars = { A = 'x' }")
            .unwrap();
        std::fs::write(folder.path().join("a.ts"), "export default { fetch(): void {} }").unwrap();
        let (url, calls) = node().await;
        deployed(folder.path(), &url).await.unwrap();
        let calls = calls.lock();
        let [(line, body)] = calls.as_slice() else { panic!("{calls:?}") };
        assert_eq!(*line, format!("PUT /client/v4/accounts/{ACCOUNT}/workers/scripts/shop"));
        for part in [
            "name=\"metadata\"",
            "\"main_module\":\"a.js\"",
            "name=\"a.js\"; filename=\"a.js\"",
            "application/javascript+module",
            "name=\"a.js.map\"",
            "application/source-map",
            "fetch() {}",
        ] {
            assert!(body.contains(part), "{part} is not in {body}");
        }
        assert!(!body.contains("(): void {}\n"), "{body}");
    }

    /// Files in folders keep their names as wrangler sends them; a quote in one cannot end the header early.
    #[tokio::test]
    async fn module_names_are_sent_plainly() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("wrangler.toml"), "name = 'shop'\nmain = 'a.js'").unwrap();
        std::fs::write(folder.path().join("a.js"), "import './x/b c.js'; import './x/\"q.js'; export default {}")
            .unwrap();
        std::fs::create_dir(folder.path().join("x")).unwrap();
        for name in ["x/b c.js", "x/\"q.js"] {
            std::fs::write(folder.path().join(name), "export {}").unwrap();
        }
        let (url, calls) = node().await;
        deployed(folder.path(), &url).await.unwrap();
        let body = &calls.lock()[0].1;
        for name in ["a.js", "x/b c.js", "x/%22q.js"] {
            let header = format!("name=\"{name}\"; filename=\"{name}\"");
            assert!(body.contains(&header), "{header} is not in {body}");
        }
    }

    /// A namespace the node does not know ends the deployment before anything is uploaded.
    #[tokio::test]
    async fn nothing_is_uploaded_for_a_missing_namespace() {
        let folder = tempfile::tempdir().unwrap();
        let id = "0".repeat(32);
        let config = format!("name = 'shop'\nmain = 'a.js'\nkv_namespaces = [{{ binding = 'KV', id = '{id}' }}]");
        std::fs::write(folder.path().join("wrangler.toml"), config).unwrap();
        std::fs::write(folder.path().join("a.js"), "export default {}").unwrap();
        let (url, calls) = node().await;
        let failure = deployed(folder.path(), &url).await.unwrap_err();
        assert!(failure.message.contains("eyot kv namespace create KV"), "{failure}");
        assert!(calls.lock().iter().all(|(line, _)| line.starts_with("GET ")));
    }

    fn project() -> Project {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.js");
        std::fs::write(&path, "import t from './t.txt'; export default { fetch() {} }").unwrap();
        std::fs::write(folder.path().join("t.txt"), "text").unwrap();
        load_project(&path, &LoadOptions::default()).unwrap()
    }

    /// What is written in the project reaches the metadata in wrangler's shapes; secrets of the version are kept.
    #[test]
    fn metadata_has_wranglers_shape() {
        let mut project = project();
        project.vars.insert("A".into(), Variable::Text("x".into()));
        project.vars.insert("B".into(), Variable::Json(json!([1])));
        project.kv.push(KvBinding { binding: "KV".into(), id: Some("77".into()) });
        project.limits.cpu_ms = Some(7);
        project.code.compatibility_date = "2026-01-01".into();
        assert_eq!(
            metadata(&project),
            json!({
                "main_module": "a.js",
                "bindings": [
                    { "name": "A", "type": "plain_text", "text": "x" },
                    { "name": "B", "type": "json", "json": [1] },
                    { "name": "KV", "type": "kv_namespace", "namespace_id": "77" },
                ],
                "keep_bindings": ["secret_text", "secret_key"],
                "compatibility_date": "2026-01-01",
                "limits": { "cpu_ms": 7 },
            })
        );
        assert!(form(&project, &metadata(&project)).is_ok());
    }

    /// A binding without an id gets a namespace of its own name, once; one that the script has already is kept.
    #[tokio::test]
    async fn a_binding_without_an_id_gets_a_namespace() {
        let folder = tempfile::tempdir().unwrap();
        let config = "name = 'shop'\nmain = 'a.js'\nkv_namespaces = [{ binding = 'MY_VISITS' }, { binding = 'OLD' }, { binding = 'HAD' }]";
        std::fs::write(folder.path().join("wrangler.toml"), config).unwrap();
        std::fs::write(folder.path().join("a.js"), "export default {}").unwrap();
        let (url, calls) = node().await;
        deployed(folder.path(), &url).await.unwrap();
        let calls = calls.lock();
        let made: Vec<&(String, String)> = calls.iter().filter(|(line, _)| line.starts_with("POST ")).collect();
        assert_eq!(
            made,
            [&(
                format!("POST /client/v4/accounts/{ACCOUNT}/storage/kv/namespaces"),
                json!({ "title": "shop-my-visits" }).to_string()
            )]
        );
        let (_, upload) = calls.iter().find(|(line, _)| line.starts_with("PUT ")).unwrap();
        for (name, id) in [("MY_VISITS", "new"), ("OLD", "titled"), ("HAD", "bound")] {
            let binding = json!({ "name": name, "type": "kv_namespace", "namespace_id": id });
            assert!(upload.contains(&binding.to_string()), "{upload}");
        }
    }
}
