// Bundles every application and writes workerd's configuration for them: `node bundle.mjs OUTPUT-FOLDER`.
//
// workerd gets one service an application and a router in front that goes by the first label of the host name, as the
// node under test does.

import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";

const here = new URL(".", import.meta.url).pathname;
const { build } = createRequire(join(here, "../clients/"))("esbuild");
const out = process.argv[2];
const files = readdirSync(join(here, "src"));
const names = files.map((file) => file.replace(/\.jsx?$/, ""));
mkdirSync(out, { recursive: true });

await build({
  entryPoints: files.map((file) => join(here, "src", file)),
  outdir: out,
  bundle: true,
  format: "esm",
  target: "es2024",
  platform: "browser",
  conditions: ["workerd", "worker", "browser"],
  mainFields: ["browser", "module", "main"],
  define: { "process.env.NODE_ENV": "\"production\"", "__VUE_PROD_DEVTOOLS__": "false" },
  external: ["node:*", "cloudflare:*"],
  logLevel: "error",
  plugins: [{
    // WebAssembly as a module of its own beside the bundle, as wrangler has it: named for the application it belongs to.
    name: "wasm",
    setup(build) {
      build.onResolve({ filter: /\.wasm$/ }, ({ path, importer, resolveDir }) => {
        const name = `${basename(importer).replace(/\.jsx?$/, "")}.wasm`;
        copyFileSync(join(resolveDir, path), join(out, name));
        return { path: `./${name}`, external: true };
      });
    },
  }, {
    // Solid's compiler, as its own plug-ins for bundlers call it.
    name: "solid",
    setup(build) {
      const own = createRequire(import.meta.url);
      build.onLoad({ filter: /\.jsx$/ }, async ({ path }) => {
        const presets = [[own("babel-preset-solid"), { generate: "ssr", hydratable: true }]];
        const { code } = await own("@babel/core").transformAsync(readFileSync(path, "utf8"), { presets, filename: path, configFile: false, babelrc: false });
        return { contents: code, loader: "js" };
      });
      build.onResolve({ filter: /^solid-js(\/web)?$/ }, ({ path }) => {
        const file = path === "solid-js" ? "dist/server.js" : "web/dist/server.js";
        return { path: join(here, "node_modules/solid-js", file) };
      });
    },
  }, {
    // What a bundle of wrangler does: bare names of Node's modules by their full names, `require` of them as an import.
    name: "node-names",
    setup(build) {
      const names = createRequire(import.meta.url)("node:module").builtinModules.filter((name) => !name.startsWith("_"));
      const filter = new RegExp(`^(node:)?(${names.join("|")})/?$`);
      build.onResolve({ filter }, ({ path, kind }) => {
        const name = `node:${path.replace(/^node:/, "").replace(/\/$/, "")}`;
        return kind === "require-call" ? { path: name, namespace: "required" } : { path: name, external: true };
      });
      build.onLoad({ filter: /.*/, namespace: "required" }, ({ path }) => ({
        contents: `import value from ${JSON.stringify(path)};\nmodule.exports = value;`,
      }));
      build.onResolve({ filter: /.*/, namespace: "required" }, ({ path }) => ({ path, external: true }));
    },
  }],
});

const flags = `compatibilityDate = "2026-01-01", compatibilityFlags = ["nodejs_compat"]`;
const wasm = (name) =>
  readdirSync(out).includes(`${name}.wasm`) ? `, (name = "${name}.wasm", wasm = embed "${name}.wasm")` : "";
const services = names.map((name) =>
  `    (name = "${name}", worker = (modules = [(name = "worker", esModule = embed "${name}.js")${wasm(name)}], ${flags})),`);
const bindings = names.map((name) => `(name = "${name}", service = "${name}")`).join(", ");
const router = "export default { fetch: (request, env) => env[new URL(request.url).hostname.split(\".\")[0]].fetch(request, { redirect: \"manual\" }) };";
writeFileSync(join(out, "config.capnp"), `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
${services.join("\n")}
    (name = "router", worker = (modules = [(name = "worker", esModule = ${JSON.stringify(router)})],
      bindings = [${bindings}], ${flags})),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "router")],
);
`);
