// tRPC over its fetch adapter, batches and typed errors included.
import { initTRPC, TRPCError } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { z } from "zod";

const t = initTRPC.context().create({ isDev: false });
const router = t.router({
  greet: t.procedure.input(z.object({ name: z.string().min(1) })).query(({ input }) => `hello ${input.name}`),
  add: t.procedure.input(z.array(z.number())).mutation(({ input }) => input.reduce((sum, value) => sum + value, 0)),
  secret: t.procedure.query(() => {
    throw new TRPCError({ code: "UNAUTHORIZED", message: "who are you?" });
  }),
});
export default {
  fetch: (request) => fetchRequestHandler({ endpoint: "/trpc", req: request, router, createContext: () => ({}) }),
};
