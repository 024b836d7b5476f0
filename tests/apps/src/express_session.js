// Express with a session and security headers: middleware that adds to an answer's head at the last moment.
import { createServer } from "node:http";
import { httpServerHandler } from "cloudflare:node";
import express from "express";
import session from "express-session";
import helmet from "helmet";

const app = express();
app.use(helmet());
app.use(session({ secret: "a secret of no use", resave: false, saveUninitialized: false, genid: () => "the-only-one" }));
app.get("/", (request, response) => {
  request.session.count = (request.session.count ?? 0) + 1;
  response.json({ count: request.session.count });
});
app.get("/pieces", (request, response) => {
  request.session.seen = true;
  response.type("text");
  response.write("one ");
  response.end("two");
});
app.get("/none", (_request, response) => response.send("no session"));
createServer(app).listen(8081);

export default httpServerHandler({ port: 8081 });
