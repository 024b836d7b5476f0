import { fail, redirect } from "@sveltejs/kit";

export const actions = {
  default: async ({ request }) => {
    const form = await request.formData();
    if (!form.get("name")) return fail(422, { missing: "name" });
    redirect(303, `/?name=${form.get("name")}`);
  },
};
