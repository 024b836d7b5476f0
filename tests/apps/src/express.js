// Express through nodejs_compat, with its body parsers, static errors and middleware.
import express from "express";
import { httpServerHandler } from "cloudflare:node";

const app = express();
app.use(express.json({ limit: "1kb" }));
app.use(express.urlencoded({ extended: true }));
app.get("/", (request, response) => {
  response.json({ message: "Hello from Express", query: request.query });
});
app.post("/data", (request, response) => {
  if (!request.body?.name) {
    response.status(400).json({ error: "name is required" });
    return;
  }
  response.status(201).json({ received: request.body });
});
app.get("/items/:id", (request, response) => {
  response.set("X-Item", request.params.id).cookie("seen", request.params.id).type("text").send(`item ${request.params.id}`);
});
app.get("/away", (_request, response) => response.redirect("/elsewhere"));
app.get("/later", async (_request, response) => {
  await new Promise((resolve) => setTimeout(resolve, 2));
  response.write("one ");
  setTimeout(() => response.end("two"), 2);
});
app.get("/fails", () => {
  const error = new Error("teapot");
  error.status = 418;
  throw error;
});
app.use((error, _request, response, _next) => {
  response.status(error.status ?? 500).json({ error: error.message });
});
app.listen(3000);

export default httpServerHandler({ port: 3000 });
