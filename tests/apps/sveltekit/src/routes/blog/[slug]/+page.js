import { error, redirect } from "@sveltejs/kit";

export async function load({ params, fetch }) {
  if (params.slug === "old") redirect(308, "/blog/one");
  if (params.slug === "secret") error(403, "not for you");
  if (params.slug === "broken") throw new TypeError("a bug");
  const answer = await fetch(`/api/echo?slug=${params.slug}`);
  return { slug: params.slug, echoed: await answer.json() };
}
