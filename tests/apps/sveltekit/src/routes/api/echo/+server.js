import { json, text } from "@sveltejs/kit";

export const GET = ({ url }) => json({ query: Object.fromEntries(url.searchParams) });
export const POST = async ({ request }) => text((await request.text()).toUpperCase(), { status: 201, headers: { "x-kind": request.headers.get("content-type") } });
export const fallback = ({ request }) => text(`any ${request.method}`);
