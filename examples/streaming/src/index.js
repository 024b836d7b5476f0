// Bodies that are never held whole: a response made line by line, and a request changed on its way through.

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/count") {
      const to = Math.min(Number(searchParams.get("to") ?? 10), 1_000_000);
      return new Response(count(to), { headers: { "content-type": "text/plain; charset=utf-8" } });
    }
    if (pathname === "/upper" && request.method === "POST") {
      const upper = new TransformStream({
        transform(text, controller) {
          controller.enqueue(text.toUpperCase());
        },
      });
      const body = request.body?.pipeThrough(new TextDecoderStream()).pipeThrough(upper);
      return new Response(body?.pipeThrough(new TextEncoderStream()) ?? null);
    }
    if (pathname === "/ticks") {
      return new Response(ticks(5), { headers: { "content-type": "text/event-stream" } });
    }
    return new Response("try GET /count?to=3, POST /upper or GET /ticks\n", { status: 404 });
  },
};

// Makes a line only when the reader wants one.
function count(to) {
  const encoder = new TextEncoder();
  let next = 1;
  return new ReadableStream({
    pull(controller) {
      if (next > to) {
        controller.close();
      } else {
        controller.enqueue(encoder.encode(`${next++}\n`));
      }
    },
  });
}

// Server-sent events, one every 100 ms.
function ticks(times) {
  const encoder = new TextEncoder();
  let tick = 0;
  return new ReadableStream({
    async pull(controller) {
      if (tick === times) {
        controller.close();
        return;
      }
      await new Promise((done) => setTimeout(done, 100));
      controller.enqueue(encoder.encode(`data: ${++tick}\n\n`));
    },
  });
}
