// Hands every request on to another script of the same tenant.
export default {
  fetch(request, env) {
    return env.BACK.fetch(request);
  },
};
