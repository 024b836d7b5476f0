// Solid: rendered on the server, whole and as a stream, with resources and suspense.
import { createResource, createSignal, For, Show, Suspense } from "solid-js";
import { renderToStream, renderToString, renderToStringAsync } from "solid-js/web";

function Item(props) {
  return <li class={props.done ? "done" : "open"} data-id={props.id}>{props.children}</li>;
}

function Page(props) {
  const [count] = createSignal(3);
  return (
    <main>
      <h1 title={props.name}>Hello, {props.name}</h1>
      <Show when={props.name !== "nobody"} fallback={<p>Nobody is here</p>}>
        <ul>
          <For each={Array.from({ length: count() }, (_, at) => at)}>{(at) => <Item id={at} done={at > 1}>Item {at}</Item>}</For>
        </ul>
      </Show>
    </main>
  );
}

function Later() {
  const [text] = createResource(() => new Promise((resolve) => setTimeout(() => resolve("loaded <later>"), 5)));
  return <Suspense fallback={<p>Loading</p>}><p>{text()}</p></Suspense>;
}

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const headers = { "content-type": "text/html; charset=utf-8" };
    const name = searchParams.get("name") ?? "nobody";
    if (pathname === "/async") return new Response(await renderToStringAsync(() => <Later />), { headers });
    if (pathname === "/stream") {
      const { readable, writable } = new TransformStream();
      renderToStream(() => <Later />).pipeTo(writable);
      return new Response(readable, { headers });
    }
    return new Response(renderToString(() => <Page name={name} />), { headers });
  },
};
