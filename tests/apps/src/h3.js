// h3, the server under Nitro and Nuxt.
import { H3, HTTPError, getCookie, getQuery, readBody, redirect, setCookie } from "h3";

const app = new H3();
app.use((event) => {
  event.res.headers.set("x-powered-by", "h3");
});
app.get("/", () => "hello");
app.get("/user/:name", (event) => ({ name: event.context.params.name, query: getQuery(event) }));
app.post("/body", async (event) => ({ body: await readBody(event) }));
app.get("/cookie", (event) => {
  setCookie(event, "seen", "yes", { path: "/" });
  return { seen: getCookie(event, "seen") ?? null };
});
app.get("/away", () => redirect("/elsewhere", 302));
app.get("/denied", () => {
  throw new HTTPError({ status: 403, message: "not for you" });
});
app.get("/stream", () => new ReadableStream({
  start(controller) {
    controller.enqueue(new TextEncoder().encode("streamed"));
    controller.close();
  },
}));
export default { fetch: (request) => app.fetch(request) };
