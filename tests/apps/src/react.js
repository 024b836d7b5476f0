// React: a page streamed from the server, a part of which comes late.
import { createElement as h, Suspense, use } from "react";
import { renderToReadableStream, renderToString } from "react-dom/server";

function Late({ value }) {
  return h("p", null, `late: ${use(value)}`);
}
function Page({ name, value }) {
  return h("html", null, h("head", null, h("title", null, name)), h("body", null,
    h("ul", null, [1, 2, 3].map((item) => h("li", { key: item, className: "item" }, item))),
    h(Suspense, { fallback: h("p", null, "waiting") }, h(Late, { value }))));
}
export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const name = searchParams.get("name") ?? "<nobody>";
    if (pathname === "/string") return new Response(renderToString(h("b", { title: "\"q\"" }, name)));
    const value = new Promise((resolve) => setTimeout(resolve, 5, "arrived"));
    const stream = await renderToReadableStream(h(Page, { name, value }));
    if (pathname === "/whole") await stream.allReady;
    return new Response(stream, { headers: { "content-type": "text/html; charset=utf-8" } });
  },
};
