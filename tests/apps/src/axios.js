// axios: what it makes of a request and its answer.
import axios from "axios";

export default {
  async fetch() {
    const api = axios.create({
      adapter: async (config) => ({
        data: JSON.stringify({ url: axios.getUri(config), header: config.headers.get("x-a"), sent: config.data }),
        status: config.url.endsWith("missing") ? 404 : 200,
        statusText: "",
        headers: {},
        config,
      }),
    });
    api.interceptors.response.use((response) => ({ ...response, data: [response.status, response.data] }));
    const { data } = await api.post("https://e.x/a", { b: 1 }, { params: { q: [1, 2] }, headers: { "x-a": "1" } });
    return Response.json([data, axios.isAxiosError(new Error("x"))]);
  },
};
