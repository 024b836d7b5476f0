// Preact rendered on the server, with hooks and signals of its own.
import { createContext, h } from "preact";
import { useContext, useMemo, useState } from "preact/hooks";
import { renderToString } from "preact-render-to-string";

const Theme = createContext("light");
function Counter({ start }) {
  const [count] = useState(start);
  const squared = useMemo(() => count * count, [count]);
  return h("button", { class: useContext(Theme), "data-n": squared }, count, " clicks");
}
export default {
  fetch(request) {
    const start = Number(new URL(request.url).searchParams.get("start") ?? 0);
    const page = h(Theme.Provider, { value: "dark" }, h("main", null, h(Counter, { start }), h("p", { style: { color: "red" } }, "<&>")));
    return new Response(`<!doctype html>${renderToString(page)}`, { headers: { "content-type": "text/html" } });
  },
};
