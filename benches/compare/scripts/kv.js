// One key value operation a request; the bench compares it with hello.
let written = 0;

export default {
  async fetch(request, env) {
    switch (new URL(request.url).pathname) {
      case "/hit":
        return new Response(await env.KV.get("greeting"));
      case "/miss":
        return new Response(String(await env.KV.get("nothing")));
      default:
        await env.KV.put(`key-${written++ % 1000}`, "a value of no great length");
        return new Response("put");
    }
  },
};
