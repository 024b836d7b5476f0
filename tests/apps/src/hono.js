// Hono with the middlewares that most applications have.
import { Hono } from "hono";
import { basicAuth } from "hono/basic-auth";
import { bodyLimit } from "hono/body-limit";
import { compress } from "hono/compress";
import { contextStorage, getContext } from "hono/context-storage";
import { getCookie, setCookie, setSignedCookie, getSignedCookie } from "hono/cookie";
import { cors } from "hono/cors";
import { csrf } from "hono/csrf";
import { etag } from "hono/etag";
import { html } from "hono/html";
import { jwt, sign } from "hono/jwt";
import { prettyJSON } from "hono/pretty-json";
import { secureHeaders } from "hono/secure-headers";
import { stream, streamSSE, streamText } from "hono/streaming";
import { validator } from "hono/validator";

const app = new Hono();
app.use(secureHeaders(), prettyJSON(), contextStorage());
app.use("/api/*", cors({ origin: "https://example.com", maxAge: 600 }));
app.use("/tagged", etag());
app.use("/forms", csrf({ origin: "https://example.com" }));
app.use("/admin/*", basicAuth({ username: "me", password: "secret" }));
app.use("/token/*", jwt({ secret: "it-is-very-secret", alg: "HS256" }));
app.get("/", (c) => c.text("hello"));
app.get("/api/items/:id{[0-9]+}", (c) => c.json({ id: c.req.param("id"), query: c.req.query(), list: c.req.queries("a") }));
app.get("/tagged", (c) => c.text("tagged"));
app.get("/admin/page", (c) => c.text("welcome"));
app.get("/html", (c) => c.html(html`<p>${"<escaped>"}</p>`));
app.get("/cookies", async (c) => {
  setCookie(c, "plain", "a b", { path: "/", httpOnly: true, sameSite: "Lax", maxAge: 60 });
  await setSignedCookie(c, "signed", "value", "key");
  return c.json({ plain: getCookie(c, "plain") ?? null, signed: await getSignedCookie(c, "key", "signed") ?? null });
});
app.get("/sign", async (c) => c.text(await sign({ sub: "me", exp: 4102444800 }, "it-is-very-secret", "HS256")));
app.get("/token/who", (c) => c.json(c.get("jwtPayload")));
app.get("/stream", (c) => streamText(c, async (out) => {
  for (const word of ["one ", "two ", "three"]) {
    await out.write(word);
    await out.sleep(1);
  }
}));
app.get("/events", (c) => streamSSE(c, async (out) => {
  await out.writeSSE({ event: "greeting", id: "1", data: "hello\nthere" });
}));
app.get("/bytes", (c) => stream(c, async (out) => {
  await out.write(new Uint8Array([1, 2, 3]));
}));
app.get("/context", async (c) => {
  c.set("user", "somebody");
  await new Promise((resolve) => setTimeout(resolve, 1));
  return c.text(getContext().get("user"));
});
app.post("/echo", bodyLimit({ maxSize: 20 }), async (c) => c.json(await c.req.json()));
app.post("/forms", async (c) => c.json(await c.req.parseBody()));
app.post("/checked", validator("json", (value, c) => value.name ? value : c.text("name is missing", 400)), (c) => c.json(c.req.valid("json")));
app.get("/packed", compress({ threshold: 10 }), (c) => c.text("compress me ".repeat(100)));
app.get("/throws", () => {
  throw new Error("broken");
});
app.get("/moved", (c) => c.redirect("/elsewhere", 301));
app.notFound((c) => c.json({ missing: c.req.path }, 404));
app.onError((error, c) => c.text(`caught ${error.message}`, 500));
export default app;
