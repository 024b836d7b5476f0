import adapter from "@sveltejs/adapter-cloudflare";

// Built twice at different times, the client's files must have the same names.
export default { kit: { adapter: adapter(), version: { name: "pinned" } } };
