// The body of work that most handlers are made of: reading and writing JSON, bodies, streams and subrequests.
const LINE = new TextEncoder().encode("x".repeat(1023) + "\n");

function items() {
  const list = [];
  for (let id = 0; id < 50; id++) {
    list.push({ id, name: `item ${id}`, price: id * 1.25, tags: ["a", "b", "c"], nested: { left: id - 1, right: id + 1 } });
  }
  return list;
}

function lines() {
  let left = 100;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(LINE);
      if (--left === 0) controller.close();
    },
  });
}

export default {
  async fetch(request) {
    const url = new URL(request.url);
    switch (url.pathname) {
      case "/json":
        return Response.json(items());
      case "/length":
        return new Response(String((await request.arrayBuffer()).byteLength));
      case "/echo":
        return new Response(request.body);
      case "/stream":
        return new Response(lines());
      case "/subrequest":
        return new Response(await (await fetch(url.searchParams.get("of"))).text());
      default:
        return new Response("not found", { status: 404 });
    }
  },
};
