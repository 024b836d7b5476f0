// React Router's static handler: loaders, actions, redirects and errors, rendered on the server.
import { createElement as h } from "react";
import { renderToString } from "react-dom/server";
import { createStaticHandler, createStaticRouter, data, Outlet, redirect, StaticRouterProvider, useLoaderData, useRouteError } from "react-router";

const routes = [{
  path: "/",
  Component: () => h("main", null, h("h1", null, "site"), h(Outlet)),
  ErrorBoundary: () => h("p", null, `error ${useRouteError().status ?? "unknown"}`),
  children: [
    { index: true, loader: () => ({ message: "welcome" }), Component: () => h("p", null, useLoaderData().message) },
    { path: "user/:id", loader: ({ params }) => params.id === "0" ? redirect("/") : { id: params.id }, Component: () => h("p", null, `user ${useLoaderData().id}`) },
    { path: "gone", loader: () => {
      throw data("gone", { status: 410 });
    }, Component: () => null },
  ],
}];
const handler = createStaticHandler(routes);
export default {
  async fetch(request) {
    const context = await handler.query(request);
    if (context instanceof Response) return context;
    const router = createStaticRouter(handler.dataRoutes, context);
    const body = renderToString(h(StaticRouterProvider, { router, context, hydrate: false }));
    return new Response(body, { status: context.statusCode, headers: { "content-type": "text/html" } });
  },
};
