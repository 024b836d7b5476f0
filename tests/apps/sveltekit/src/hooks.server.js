export async function handle({ event, resolve }) {
  event.locals.visited = event.url.pathname;
  const response = await resolve(event);
  response.headers.set("x-hook", event.route.id ?? "none");
  return response;
}

export function handleError({ error, status }) {
  return { message: status === 404 ? "nothing here" : error.message };
}
