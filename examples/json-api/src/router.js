// A router in a page: routes are tried in order, `:name` matches one path segment.

export class Router {
  #routes = [];

  on(method, pathname, handler) {
    this.#routes.push({ method, pattern: new URLPattern({ pathname }), handler });
    return this;
  }

  async handle(request, env, ctx) {
    const allowed = new Set();
    for (const { method, pattern, handler } of this.#routes) {
      const match = pattern.exec(request.url);
      if (match === null) continue;
      if (method === request.method) return await handler({ request, env, ctx, params: match.pathname.groups });
      allowed.add(method);
    }
    if (allowed.size > 0) {
      return problem(405, "method not allowed", { allow: [...allowed].join(", ") });
    }
    return problem(404, "not found");
  }
}

export function problem(status, error, headers = {}) {
  return Response.json({ error }, { status, headers });
}
