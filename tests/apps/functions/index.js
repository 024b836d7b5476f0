// An Express application as a function of AWS Lambda, through the adapters that people use: the first part of a path names one.
import codegenie from "@codegenie/serverless-express";
import express from "express";
import inject from "light-my-request";
import serverless from "serverless-http";

const app = express();
app.use(express.json());
app.get("/", (request, response) => response.set("x-one", "1").send(`hello ${request.query.name}`));
app.post("/data", (request, response) => {
  if (request.body.name) response.status(201).json({ got: request.body });
  else response.status(400).json({ error: "no name" });
});
app.get("/pieces", (_request, response) => {
  response.write("one ");
  setTimeout(() => {
    response.write(Buffer.from("two "));
    response.end("three");
  }, 5);
});
app.get("/bytes", (_request, response) => response.type("image/png").send(Buffer.from([137, 80, 0, 255])));
app.get("/cookies", (_request, response) => response.cookie("a", "1").cookie("b", "2").redirect("/"));
app.get("/fail", () => {
  throw new Error("broken");
});
app.use((error, _request, response, _next) => response.status(500).send(`failed: ${error.message}`));

const adapters = {
  "serverless-http": serverless(app, { binary: ["image/png"] }),
  codegenie: codegenie({ app, binarySettings: { contentTypes: ["image/png"] } }),
  async inject({ rawPath, rawQueryString, headers, body, requestContext: { http } }) {
    const answer = await inject(app, { method: http.method, url: `${rawPath}?${rawQueryString}`, headers, payload: body ?? undefined });
    const { "set-cookie": cookies = [], ...others } = answer.headers;
    return {
      statusCode: answer.statusCode, headers: others, cookies,
      body: answer.rawPayload.toString("base64"), isBase64Encoded: true,
    };
  },
};

export const handler = async (event, context) => {
  const [, adapter] = event.rawPath.split("/");
  const rawPath = event.rawPath.slice(adapter.length + 1);
  const path = { rawPath, requestContext: { ...event.requestContext, http: { ...event.requestContext.http, path: rawPath } } };
  return await adapters[adapter]({ ...event, ...path }, context);
};
