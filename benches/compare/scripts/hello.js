// The smallest answer: what is measured is everything around the script.
export default {
  fetch() {
    return new Response("hello");
  },
};
