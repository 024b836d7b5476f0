// Counters in KV: GET /NAME reads one, POST /NAME adds one, DELETE /NAME removes it, GET / lists them all.

export default {
  async fetch(request, env) {
    const name = decodeURIComponent(new URL(request.url).pathname.slice(1));
    if (name === "") {
      const { keys } = await env.COUNTERS.list({ limit: 100 });
      return Response.json(keys.map((key) => ({ name: key.name, changed: key.metadata?.changed ?? null })));
    }
    switch (request.method) {
      case "GET": {
        const count = await env.COUNTERS.get(name);
        return count === null ? new Response("no such counter\n", { status: 404 }) : new Response(`${count}\n`);
      }
      case "POST": {
        const count = Number((await env.COUNTERS.get(name)) ?? 0) + 1;
        const metadata = { changed: new Date().toISOString() };
        await env.COUNTERS.put(name, String(count), { metadata });
        return new Response(`${count}\n`);
      }
      case "DELETE":
        await env.COUNTERS.delete(name);
        return new Response(null, { status: 204 });
      default:
        return new Response("method not allowed\n", { status: 405, headers: { allow: "GET, POST, DELETE" } });
    }
  },
};
