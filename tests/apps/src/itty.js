// itty-router, its automatic JSON and its errors.
import { AutoRouter, cors, error, json, withParams } from "itty-router";

const { preflight, corsify } = cors({ origin: "*" });
const router = AutoRouter({ before: [preflight, withParams], finally: [corsify] });
router
  .get("/", () => ({ hello: "itty" }))
  .get("/todos/:id", ({ id, query }) => json({ id, query }))
  .get("/files/:path+", ({ params }) => params.path)
  .post("/todos", async (request) => ({ created: await request.json() }))
  .get("/teapot", () => error(418, "short and stout"))
  .get("/throws", () => {
    throw new Error("broken");
  });
export default { fetch: router.fetch };
