// Server rendering of a page of 100 rows.
import { createElement } from "react";
import { renderToString } from "react-dom/server.edge";

function Row({ id }) {
  return createElement("tr", { className: id % 2 ? "odd" : "even" }, createElement("td", null, id), createElement("td", null, `row ${id}`));
}

function Page() {
  const rows = Array.from({ length: 100 }, (_, id) => createElement(Row, { key: id, id }));
  return createElement("html", null, createElement("body", null, createElement("table", null, createElement("tbody", null, rows))));
}

export default {
  fetch() {
    return new Response("<!doctype html>" + renderToString(createElement(Page)), { headers: { "content-type": "text/html" } });
  },
};
