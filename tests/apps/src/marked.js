// marked: Markdown to HTML.
import { Marked } from "marked";

const marked = new Marked({ gfm: true, renderer: { heading: ({ tokens, depth }) => `<h${depth} class="t">${tokens[0].text}</h${depth}>\n` } });
export default {
  async fetch(request) {
    return new Response(await marked.parse(await request.text()), { headers: { "content-type": "text/html" } });
  },
};
