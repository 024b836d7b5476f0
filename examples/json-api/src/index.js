// A JSON API with routes, parameters, a body, and errors.

import { Router, problem } from "./router.js";
import planets from "./planets.json";

const router = new Router()
  .on("GET", "/", ({ env }) => Response.json({ greeting: env.GREETING, planets: planets.length }))
  .on("GET", "/planets", ({ request }) => {
    const least = Number(new URL(request.url).searchParams.get("moons") ?? 0);
    return Response.json(planets.filter((planet) => planet.moons >= least).map((planet) => planet.name));
  })
  .on("GET", "/planets/:name", ({ params }) => {
    const planet = planets.find(({ name }) => name.toLowerCase() === params.name.toLowerCase());
    return planet ? Response.json(planet) : problem(404, `no planet ${params.name}`);
  })
  .on("POST", "/sum", async ({ request }) => {
    const numbers = await request.json().catch(() => null);
    if (!Array.isArray(numbers) || !numbers.every(Number.isFinite)) {
      return problem(400, "expected a JSON array of numbers");
    }
    return Response.json({ sum: numbers.reduce((sum, number) => sum + number, 0) });
  });

export default {
  fetch: (request, env, ctx) => router.handle(request, env, ctx),
};
