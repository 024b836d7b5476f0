// A Hono app: routes, a parameter, middleware, JSON, and its own 404.

import { Hono } from "hono";

interface Bindings {
  GREETING: string;
}

const app = new Hono<{ Bindings: Bindings }>();

app.use("*", async (c, next) => {
  await next();
  c.header("x-served-by", "hono");
});

app.get("/", (c) => c.text(`${c.env.GREETING} from Hono!`));
app.get("/hello/:name", (c) => c.json({ message: `${c.env.GREETING}, ${c.req.param("name")}!` }));
app.post("/echo", async (c) => c.json(await c.req.json<unknown>()));
app.notFound((c) => c.json({ error: "not found" }, 404));

export default app;
