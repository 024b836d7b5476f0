// Serves one of the other scripts with Deno.serve: script, port, certificate and key are the arguments.
const [script, port, certificate, key] = Deno.args;
const { default: main } = await import(`file://${script}`);
Deno.serve(
  { hostname: "127.0.0.1", port: Number(port), cert: Deno.readTextFileSync(certificate), key: Deno.readTextFileSync(key), onListen() {} },
  (request) => main.fetch(request, {}, {}),
);
