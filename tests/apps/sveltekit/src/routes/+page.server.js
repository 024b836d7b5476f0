export function load({ platform, url, setHeaders, cookies }) {
  setHeaders({ "cache-control": "max-age=60" });
  cookies.set("seen", "yes", { path: "/" });
  return { greeting: platform.env.GREETING, name: url.searchParams.get("name") ?? "nobody", waits: typeof platform.ctx.waitUntil };
}
