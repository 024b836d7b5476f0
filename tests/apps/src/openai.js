// openai: a completion, whole and streamed, from a server that is none.
import OpenAI from "openai";
export default { async fetch() {
  const seen = [];
  const client = new OpenAI({ apiKey: "k", maxRetries: 0, fetch: async (url, init) => { seen.push(String(url), init.method, String(init.body)); return new Response(JSON.stringify({ id: "1", choices: [{ message: { content: "hi" } }] }), { headers: { "content-type": "application/json" } }); } });
  const r = await client.chat.completions.create({ model: "m", messages: [{ role: "user", content: "x" }] });
  seen.push(r.choices[0].message.content);
  const s = new OpenAI({ apiKey: "k", maxRetries: 0, fetch: async () => new Response("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: [DONE]\n\n", { headers: { "content-type": "text/event-stream" } }) });
  for await (const c of await s.chat.completions.create({ model: "m", stream: true, messages: [] })) seen.push(c.choices[0].delta.content);
  return Response.json(seen);
} };
