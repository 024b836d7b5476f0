// Vue rendered on the server, whole and streamed.
import { createSSRApp, h, ref } from "vue";
import { renderToString, renderToWebStream } from "@vue/server-renderer";

const Item = { props: ["text"], setup: (props) => () => h("li", props.text) };
const make = (list) => createSSRApp({
  async setup() {
    const items = ref([]);
    await null;
    items.value = list;
    return () => h("div", { id: "app", style: { margin: "1px" } }, [h("ul", items.value.map((text) => h(Item, { text }))), "<end>"]);
  },
});
export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const app = make(searchParams.getAll("item"));
    const headers = { "content-type": "text/html" };
    if (pathname === "/stream") return new Response(renderToWebStream(app), { headers });
    return new Response(await renderToString(app), { headers });
  },
};
