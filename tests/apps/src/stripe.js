// stripe: webhooks, signed and verified.
import Stripe from "stripe";
export default { async fetch() {
  const stripe = new Stripe("sk_test_1", { httpClient: Stripe.createFetchHttpClient(), maxNetworkRetries: 0 });
  const payload = JSON.stringify({ id: "evt_1", object: "event", type: "x" });
  const header = await stripe.webhooks.generateTestHeaderStringAsync({ payload, secret: "whsec", timestamp: 1700000000 });
  const out = [header];
  try { const e = await stripe.webhooks.constructEventAsync(payload, header, "whsec", 1e12); out.push(e.id); } catch (e) { out.push(e.type, e.message); }
  try { await stripe.webhooks.constructEventAsync(payload, header, "other", 1e12); } catch (e) { out.push(e.type); }
  return Response.json(out);
} };
