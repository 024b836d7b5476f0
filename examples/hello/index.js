// The sample script that `eyot serve` deploys into a new data folder: it counts its visits in KV.
// Binding: VISITS, a KV namespace.

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    if (url.pathname !== "/") {
      return new Response("not found\n", { status: 404 });
    }
    const visits = Number((await env.VISITS.get("visits")) ?? 0) + 1;
    await env.VISITS.put("visits", String(visits));
    return new Response(`Hello from ${url.hostname}! Visit number ${visits}.\n`, {
      headers: { "content-type": "text/plain; charset=utf-8" },
    });
  },
};
