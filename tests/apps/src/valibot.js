// valibot: pipelines of checks.
import * as v from "valibot";

const Login = v.object({
  email: v.pipe(v.string(), v.trim(), v.email()),
  password: v.pipe(v.string(), v.minLength(8, "too short")),
  age: v.optional(v.pipe(v.number(), v.integer(), v.minValue(18))),
});
export default {
  async fetch(request) {
    const { success, output, issues } = v.safeParse(Login, await request.json());
    return success ? Response.json(output) : Response.json(v.flatten(issues), { status: 400 });
  },
};
