// zod: what is accepted, and how what is not is explained.
import { z } from "zod";

const Order = z.object({
  id: z.uuid(),
  email: z.email(),
  lines: z.array(z.object({ sku: z.string().regex(/^[A-Z]{3}$/), count: z.coerce.number().int().positive() })).min(1),
  when: z.iso.datetime().optional(),
  kind: z.enum(["new", "again"]).default("new"),
}).strict();
export default {
  async fetch(request) {
    const parsed = Order.safeParse(await request.json());
    if (parsed.success) return Response.json(parsed.data);
    return Response.json({ issues: parsed.error.issues, tree: z.treeifyError(parsed.error) }, { status: 422 });
  },
};
