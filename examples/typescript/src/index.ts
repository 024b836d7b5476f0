// Notes in KV that anyone may read and holders of a secret may write. Types, an enum, an interface and a parameter
// property: all that has to vanish or be written out before it runs.

import { Access, Notes, type NoteStore } from "./notes";

interface Env {
  NOTES: NoteStore;
  WRITE_TOKEN: string;
}

function access(request: Request, env: Env): Access {
  const given = request.headers.get("authorization");
  return env.WRITE_TOKEN && given === `Bearer ${env.WRITE_TOKEN}` ? Access.Write : Access.Read;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const name = new URL(request.url).pathname.slice(1);
    if (name === "") return Response.json({ access: access(request, env) });
    const notes = new Notes(env.NOTES);
    if (request.method === "PUT") {
      if (access(request, env) !== Access.Write) return Response.json({ error: "forbidden" }, { status: 403 });
      return Response.json(await notes.write(name, await request.text()), { status: 201 });
    }
    const note = await notes.read(name);
    return note === null ? Response.json({ error: "no such note" }, { status: 404 }) : Response.json(note);
  },
};
