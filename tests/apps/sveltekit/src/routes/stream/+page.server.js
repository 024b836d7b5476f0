export const load = () => ({
  now: "first",
  later: new Promise((resolve) => setTimeout(() => resolve("second"), 5)),
});
