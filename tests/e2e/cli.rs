//! Promise: the client commands do what they say with nothing set up but `./eyot-data/admin.token`, and end in one line
//! and the contract's exit status when they cannot.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::harness::{Node, Options, PATIENCE, client, repository, run_for};

/// Makes the namespace an example asks for, puts its id where the configuration says, and deploys.
#[tokio::test]
async fn a_newcomer_deploys_an_example() {
    let shell = Shell::new();
    let project = shell.copy_of_example("kv-counter");
    let project = project.to_str().expect("a plain path");
    let early = shell.fails(1, &["deploy", project]).await;
    assert!(early.contains("eyot kv namespace create COUNTERS"), "{early}");
    assert!(shell.ok(&["deploy", project, "--dry-run", "--api", "http://127.0.0.1:1"]).await.contains("would deploy"));
    let id = shell.ok(&["kv", "namespace", "create", "COUNTERS"]).await;
    let config = format!("{project}/wrangler.toml");
    let text = fs::read_to_string(&config).expect("wrangler.toml").replace(&"0".repeat(32), id.trim());
    fs::write(&config, text).expect("writes");
    let printed = shell.ok(&["deploy", project]).await;
    let url = printed.lines().find(|line| line.starts_with("https://")).expect("where it serves");
    let answer = client(&shell.node).post(format!("{url}apples")).send().await.expect("an answer");
    assert_eq!((answer.status().as_u16(), answer.text().await.expect("a body").trim()), (200, "1"));
}

/// Deploys modules in folders: their names arrive as they are and their imports work.
#[tokio::test]
async fn modules_in_folders_keep_their_names() {
    let shell = Shell::new();
    let folder = shell.file("nested/wrangler.toml", "name = \"nested\"\nmain = \"main.js\"\n");
    let folder = folder.parent().expect("its folder").to_str().expect("a plain path");
    shell.file(
        "nested/main.js",
        "import { a } from './lib/deep/a.js';\nexport default { fetch: () => new Response(a) };",
    );
    shell.file("nested/lib/deep/a.js", "import { b } from '../b.js'; export const a = `a and ${b}`;");
    shell.file("nested/lib/b.js", "export const b = 'b';");
    let printed = shell.ok(&["deploy", folder]).await;
    let url = printed.lines().find(|line| line.starts_with("https://")).expect("where it serves");
    let answer = client(&shell.node).get(url).send().await.expect("an answer");
    assert_eq!(answer.text().await.expect("a body"), "a and b");
}

/// Writes a value each way, reads, lists and deletes.
#[tokio::test]
async fn kv_keys_round_trip() {
    let shell = Shell::new();
    shell.ok(&["kv", "namespace", "create", "ROUND"]).await;
    assert!(shell.ok(&["kv", "namespace", "list"]).await.contains("ROUND"));
    let key = |rest: &[&'static str]| [&["kv", "key"], rest, &["--namespace", "ROUND"]].concat();
    let file = shell.file("value", "from a file");
    let file = file.to_str().expect("a plain path");
    shell.ok(&key(&["put", "argument", "given"])).await;
    shell.ok(&[&key(&["put", "file"])[..], &["--path", file, "--metadata", "{\"a\":1}"]].concat()).await;
    shell.ok_with(&key(&["put", "a/b ?"]), "piped\n").await;
    for (name, value) in [("argument", "given"), ("file", "from a file"), ("a/b ?", "piped\n")] {
        assert_eq!(shell.ok(&[&key(&["get"])[..], &[name]].concat()).await, value);
    }
    let listed: Value = serde_json::from_str(&shell.ok(&key(&["list", "--json"])).await).expect("JSON");
    assert_eq!(listed[0]["name"], "a/b ?");
    assert_eq!((&listed[2]["name"], &listed[2]["metadata"]["a"]), (&"file".into(), &1.into()));
    shell.ok(&key(&["delete", "argument"])).await;
    assert!(shell.fails(1, &key(&["get", "argument"])).await.contains("key not found"));

    let pairs = shell.file("pairs.json", r#"[{"key":"x","value":"1"},{"key":"y","value":"Mg==","base64":true}]"#);
    let keys = shell.file("keys.json", r#"["x","y"]"#);
    let bulk = |what: &'static str, file: &Path| {
        ["kv", "bulk", what, "--namespace", "ROUND", file.to_str().expect("a plain path")].map(str::to_owned)
    };
    shell.ok(&bulk("put", &pairs)).await;
    let read: Value = serde_json::from_str(&shell.ok(&bulk("get", &keys)).await).expect("JSON");
    assert_eq!(read, serde_json::json!({ "x": "1", "y": "2" }));
    shell.ok(&bulk("delete", &keys)).await;
    assert!(!shell.ok(&key(&["list"])).await.contains('x'));
    for wrong in [&["put", "short", "v", "--ttl", "5"][..], &["put", "none", "--path", "no-such-file"]] {
        shell.fails(1, &key(wrong)).await;
    }
    let none = shell.fails(1, &["kv", "key", "list", "--namespace", "NOWHERE"]).await;
    assert!(none.contains("eyot kv namespace create NOWHERE"), "{none}");
}

/// Gives a script a secret, deploys it again and goes back.
#[tokio::test]
async fn secrets_versions_and_rollback() {
    let shell = Shell::new();
    let source = |version: u8| {
        format!(
            "export default {{ fetch(_, env) {{ return new Response(`{version} ${{env.PASSWORD ?? 'none'}}`); }} }};"
        )
    };
    let file = shell.file("going-back.js", &source(1));
    let file = file.to_str().expect("a plain path");
    let printed = shell.ok(&["deploy", file]).await;
    let url = printed.lines().find(|line| line.starts_with("https://")).expect("where it serves").to_owned();
    let ask = async || client(&shell.node).get(&url).send().await.expect("an answer").text().await.expect("a body");
    assert_eq!(ask().await, "1 none");
    shell.ok_with(&["secret", "put", "going-back", "PASSWORD"], "sesame\n").await;
    assert_eq!(ask().await, "1 sesame");
    let listed = shell.ok(&["secret", "list", "going-back"]).await;
    assert!(listed.contains("PASSWORD") && !listed.contains("sesame"), "{listed}");

    shell.file("going-back.js", &source(2));
    shell.ok(&["deploy", file]).await;
    assert_eq!(ask().await, "2 sesame");
    let versions: Value =
        serde_json::from_str(&shell.ok(&["versions", "list", "going-back", "--json"]).await).expect("JSON");
    assert_eq!(versions.as_array().map(Vec::len), Some(3), "{versions}");
    shell.ok(&["rollback", "going-back"]).await;
    assert_eq!(ask().await, "1 sesame");
    shell.fails(1, &["rollback", "no-such-script"]).await;

    shell.ok(&["deploy", file]).await;
    shell.ok(&["secret", "delete", "going-back", "PASSWORD"]).await;
    assert_eq!(ask().await, "2 none");
    shell.fails(1, &["secret", "delete", "going-back", "PASSWORD"]).await;
    shell.fails(1, &["versions", "list", "no-such-script"]).await;
}

/// Makes a tenant with limits and a token, uses the token, revokes it, and deletes the tenant.
#[tokio::test]
async fn tenants_and_tokens_come_and_go() {
    let shell = Shell::new();
    let id = shell.ok(&["tenant", "create", "cli-acme"]).await;
    assert!(shell.ok(&["tenant", "list"]).await.contains(id.trim()));
    shell.ok(&["tenant", "limits", "set", "cli-acme", "cpu_ms=20"]).await;
    let shown: Vec<String> =
        shell.ok(&["tenant", "show", "cli-acme"]).await.lines().map(|line| line.replace(' ', "")).collect();
    assert!(shown.contains(&"cpu_ms20".to_owned()), "{shown:?}");
    for wrong in ["cpu_ms=0", "no_such_limit=1"] {
        shell.fails(1, &["tenant", "limits", "set", "cli-acme", wrong]).await;
    }

    let token = shell.ok(&["token", "create", "ci", "--scope", "kv", "--account", "cli-acme"]).await;
    let listed: Value =
        serde_json::from_str(&shell.ok(&["token", "list", "--account", "cli-acme", "--json"]).await).expect("JSON");
    assert_eq!(listed[0]["name"], "ci");
    let mut limited = Shell { token: Some(token.trim().to_owned()), ..shell.beside() };
    limited.ok(&["kv", "namespace", "list"]).await;
    limited.fails(1, &["tenant", "create", "more"]).await;
    let token_id = listed[0]["id"].as_str().expect("its id");
    shell.ok(&["token", "revoke", token_id, "--account", "cli-acme"]).await;
    limited.fails(1, &["kv", "namespace", "list"]).await;
    limited.token = Some("not-a-token".to_owned());
    limited.fails(1, &["kv", "namespace", "list"]).await;

    shell.fails(2, &["tenant", "delete", "cli-acme"]).await;
    shell.ok(&["tenant", "delete", "cli-acme", "--yes"]).await;
    shell.fails(1, &["tenant", "show", "cli-acme"]).await;
}

/// Uses the commands wrongly, without a token, against nobody, and with projects that cannot be meant.
#[tokio::test]
async fn failures_are_one_line_with_their_exit_status() {
    let shell = Shell::new();
    let bad = shell.file("bad/wrangler.toml", "name = [\n");
    let bad = bad.parent().expect("its folder").to_str().expect("a plain path").to_owned();
    let broken = shell.file("broken.js", "export default {\n  fetch( {\n};\n").display().to_string();
    let throws = shell.file("throws.js", "export default {};\nthrow new Error('no top');\n").display().to_string();
    for (status, arguments, named) in [
        (64, vec!["deploy", bad.as_str()], "wrangler.toml:1:"),
        (1, vec!["deploy", "no-such-folder"], "no-such-folder"),
        (1, vec!["deploy", broken.as_str()], "broken.js:3:2: "),
        (1, vec!["deploy", throws.as_str()], "throws.js:2:7"),
        (1, vec!["kv", "namespace", "list", "--api", "http://127.0.0.1:1"], "127.0.0.1:1"),
        (64, vec!["kv", "namespace", "list", "--data", "elsewhere"], "EYOT_TOKEN"),
        (64, vec!["kv", "namespace", "list", "--api", "nonsense"], "nonsense"),
        (64, vec!["kv", "namespace", "list", "--ca", "no-such-file"], "no-such-file"),
    ] {
        let printed = shell.fails(status, &arguments).await;
        assert!(printed.contains(named), "{arguments:?}: {printed}");
    }
    let usage = shell.run(&["kv", "key", "put"], "").await;
    assert_eq!(usage.0, 2, "{}", usage.2);
}

/// Interrupts a deployment whose upload nobody answers, and breaks one off in its middle.
#[tokio::test]
async fn a_deployment_that_is_broken_off_leaves_nothing() {
    let shell = Shell::new();
    let file = shell.file("halfway.js", "export default { fetch() { return new Response('whole'); } };");
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = silent.local_addr().expect("an address").to_string();
    let mut command = shell.command(&["deploy", file.to_str().expect("a plain path"), "--api"]);
    command.arg(format!("http://{address}")).args(["--account", &"0".repeat(32)]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let child = tokio::process::Command::from(command).kill_on_drop(true).spawn().expect("eyot starts");
    let mut upload = tokio::time::timeout(PATIENCE, silent.accept()).await.expect("in time").expect("a connection").0;
    let mut head = [0; 512];
    let read = upload.read(&mut head).await.expect("the upload begins");
    let head = String::from_utf8_lossy(&head[..read]).into_owned();
    let pid = child.id().expect("it runs").to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill runs").success());
    let ended = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("it ends").expect("a status");
    let stderr = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("interrupted") && stderr.lines().count() == 1, "{stderr}");

    // What a node sees of it: a request that is announced and then cut.
    assert!(head.starts_with("PUT /client/v4/accounts/"), "{head}");
    let account: Value = serde_json::from_str(&shell.ok(&["tenant", "list", "--json"]).await).expect("JSON");
    let demo = account.as_array().into_iter().flatten().find(|account| account["subdomain"] == "demo").expect("demo");
    let admin = shell.node.admin.strip_prefix("http://").expect("the admin API speaks http here");
    let mut cut = TcpStream::connect(admin).await.expect("connects");
    let request = format!(
        "PUT /client/v4/accounts/{}/workers/scripts/halfway HTTP/1.1\r\nhost: {admin}\r\nauthorization: Bearer {}\r\n\
         content-type: multipart/form-data; boundary=b\r\ncontent-length: 4000\r\n\r\n--b\r\n\
         content-disposition: form-data; name=\"metadata\"\r\n\r\n{{\"main_module\":\"index.js\"}}\r\n--b\r\n\
         content-disposition: form-data; name=\"index.js\"; filename=\"index.js\"\r\n\
         content-type: application/javascript+module\r\n\r\nexport default {{",
        demo["id"].as_str().expect("an id"),
        shell.node.token
    );
    cut.write_all(request.as_bytes()).await.expect("the node reads");
    drop(cut);
    shell.fails(1, &["versions", "list", "halfway"]).await;
    shell.ok(&["deploy", file.to_str().expect("a plain path")]).await;
    let versions: Value =
        serde_json::from_str(&shell.ok(&["versions", "list", "halfway", "--json"]).await).expect("JSON");
    assert_eq!(versions.as_array().map(Vec::len), Some(1), "{versions}");
}

/// Starts nodes that cannot start: on a taken port, on a folder in use or of no use, with no certificate.
#[tokio::test]
async fn a_node_that_cannot_start_says_why_in_one_line() {
    let node = Node::shared();
    let data = tempfile::tempdir().expect("a temporary folder");
    let file = data.path().join("file");
    fs::write(&file, "").expect("writes");
    let (file, fresh) = (file.display().to_string(), data.path().join("fresh").display().to_string());
    let (used, edge) = (node.data().path().display().to_string(), node.edge.to_string());
    let admin = node.admin.strip_prefix("http://").expect("the admin API speaks http here").to_owned();
    let config = data.path().join("c.toml");
    fs::write(&config, "[[edge.certificates]]\ncertificate = \"/none/c.pem\"\nkey = \"/none/k.pem\"\n")
        .expect("writes");
    let config = config.display().to_string();
    let free = "127.0.0.1:0";
    for (status, arguments, named) in [
        (1, ["--data", &used, "--listen", free, "--admin-listen", free], "another eyot is using it"),
        (1, ["--data", &file, "--listen", free, "--admin-listen", free], "not a directory"),
        (1, ["--data", "/proc/none", "--listen", free, "--admin-listen", free], "/proc/none"),
        (1, ["--data", &fresh, "--listen", &edge, "--admin-listen", free], &edge),
        (1, ["--data", &fresh, "--listen", free, "--admin-listen", &admin], &admin),
        (64, ["--data", &fresh, "--listen", free, "--config", "/none.toml"], "/none.toml"),
        (64, ["--data", &fresh, "--listen", free, "--config", &config], "/none/c.pem"),
    ] {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_eyot"));
        let output = run_for(command.arg("serve").args(arguments), PATIENCE).await;
        let stderr = String::from_utf8_lossy(&output.stderr).to_lowercase();
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {stderr}");
        assert!(stderr.contains(named) && stderr.trim().lines().count() == 1, "{arguments:?}: {stderr}");
    }
    let mut check = tokio::process::Command::new(env!("CARGO_BIN_EXE_eyot"));
    check.args(["serve", "--check", "--data", &used, "--listen", &edge, "--admin-listen", &admin]);
    let output = run_for(&mut check, PATIENCE).await;
    assert!(output.status.success(), "--check binds nothing: {}", String::from_utf8_lossy(&output.stderr));
}

/// Starts on a taken port first: the sample script is there nevertheless when the node does start.
#[tokio::test]
async fn a_failed_first_start_does_not_cost_the_sample_script() {
    let data = Arc::new(tempfile::tempdir().expect("a temporary folder"));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_eyot"));
    command.arg("serve").arg("--data").arg(data.path()).args(["--admin-listen", "127.0.0.1:0", "--listen"]);
    command.arg(taken.local_addr().expect("an address").to_string());
    assert_eq!(run_for(&mut command, PATIENCE).await.status.code(), Some(1));
    let node = Node::start(Options { data: Some(data), ..Options::default() });
    let url = format!("https://hello.demo.localhost:{}/", node.edge.port());
    let answer = client(&node).get(url).send().await.expect("an answer");
    assert!(answer.text().await.expect("a body").contains("Visit number 1"));
}

/// A folder as a newcomer has it beside a node: `eyot-data/admin.token` and nothing else.
pub(crate) struct Shell {
    pub(crate) node: Arc<Node>,
    folder: Arc<tempfile::TempDir>,
    token: Option<String>,
}

impl Shell {
    pub(crate) fn new() -> Self {
        let node = Node::shared();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = folder.path().join("eyot-data");
        fs::create_dir(&data).expect("a folder");
        fs::write(data.join("admin.token"), format!("{}\n", node.token)).expect("writes");
        Self { node, folder: Arc::new(folder), token: None }
    }

    fn beside(&self) -> Self {
        Self { node: self.node.clone(), folder: self.folder.clone(), token: self.token.clone() }
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(&path, text).expect("writes");
        path
    }

    fn copy_of_example(&self, name: &str) -> PathBuf {
        let from = repository().join("examples").join(name);
        for file in ["wrangler.toml", "src/index.js"] {
            let text = fs::read_to_string(from.join(file)).expect("the example");
            self.file(&format!("{name}/{file}"), &text);
        }
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[impl AsRef<str>]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_eyot"));
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("EYOT_") || text.starts_with("CLOUDFLARE_") {
                command.env_remove(name);
            }
        }
        // The node of a test is on a free port; a newcomer's is where the default says.
        command.env("EYOT_API", &self.node.admin).current_dir(self.folder.path());
        command.envs(self.token.iter().map(|token| ("EYOT_TOKEN", token)));
        command.args(arguments.iter().map(AsRef::as_ref));
        command
    }

    /// Exit status, standard output and standard error.
    async fn run(&self, arguments: &[impl AsRef<str>], input: &str) -> (i32, String, String) {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = tokio::process::Command::from(command).kill_on_drop(true).spawn().expect("eyot starts");
        let mut stdin = child.stdin.take().expect("standard input is piped");
        // A command that reads nothing may have ended already.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let output =
            tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("it ends").expect("a status");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().expect("an exit status"), text(&output.stdout), text(&output.stderr))
    }

    /// Runs what must succeed, and gives its output.
    pub(crate) async fn ok(&self, arguments: &[impl AsRef<str>]) -> String {
        self.ok_with(arguments, "").await
    }

    async fn ok_with(&self, arguments: &[impl AsRef<str>], input: &str) -> String {
        let (status, stdout, stderr) = self.run(arguments, input).await;
        let arguments: Vec<&str> = arguments.iter().map(AsRef::as_ref).collect();
        assert_eq!(status, 0, "{arguments:?}: {stdout}{stderr}");
        stdout
    }

    /// Runs what must fail with this status, and gives the line it says.
    async fn fails(&self, wanted: i32, arguments: &[impl AsRef<str>]) -> String {
        let (status, stdout, stderr) = self.run(arguments, "").await;
        let arguments: Vec<&str> = arguments.iter().map(AsRef::as_ref).collect();
        assert_eq!(status, wanted, "{arguments:?}: {stdout}{stderr}");
        // Wrong use is explained by the argument parser, in as many lines as it takes.
        assert!(wanted == 2 || stderr.trim().lines().count() == 1, "{arguments:?}: {stderr}");
        stderr
    }
}
