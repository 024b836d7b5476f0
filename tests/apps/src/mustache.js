// Mustache templates.
import Mustache from "mustache";

const page = "<h1>{{title}}</h1>{{#items}}<li>{{name}}{{^last}}, {{/last}}</li>{{/items}}{{{raw}}}{{> part}}";
export default {
  fetch(request) {
    const title = new URL(request.url).searchParams.get("title");
    const view = { title, items: [{ name: "a" }, { name: "b", last: true }], raw: "<hr>" };
    return new Response(Mustache.render(page, view, { part: "by {{title}}" }), { headers: { "content-type": "text/html" } });
  },
};
