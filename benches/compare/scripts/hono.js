// A router with middleware and parameters, as people write them.
import { Hono } from "hono";

const app = new Hono();
app.use("*", async (context, next) => {
  await next();
  context.header("x-served-by", "bench");
});
app.get("/", (context) => context.text("home"));
app.get("/users", (context) => context.json([]));
app.get("/users/:id", (context) => context.json({ id: context.req.param("id"), wanted: context.req.query("q") ?? null }));
app.post("/users/:id", async (context) => context.json(await context.req.json()));

export default app;
