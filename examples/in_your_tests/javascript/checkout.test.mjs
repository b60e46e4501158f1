// mockpos exec --audit error -- node --test
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { Checkout, Refused } from "./checkout.mjs";

// Each test has a key of its own: its first call makes a sandbox, a whole world that no other test sees.
const world = (key = `test-${randomUUID()}`) => ({
  checkout: new Checkout(process.env.MOCKPOS_URL, key),
  mockpos: (method, path, body) => fetch(process.env.MOCKPOS_CONTROL_URL + path, { method, body: JSON.stringify(body),
    headers: { "X-API-Key": key, "Content-Type": "application/json" } }).then((answer) => answer.json()),
});
const clean = async ({ mockpos }) => assert.deepEqual((await mockpos("GET", "/audit")).findings, []);
const codes = async ({ mockpos }) => (await mockpos("GET", "/requests")).requests.map((call) => call.code).reverse();
const misbehave = ({ mockpos }, rule) =>
  mockpos("PUT", "/scenario", { scenario: { name: "bad-day", rules: [{ id: "once", times: 1, ...rule }] } });
const ids = { globalId: "g-1", orderId: "o-1" };

describe("a checkout", { concurrency: true }, () => {
  it("buys two tickets", async () => {
    const here = world();
    const sold = await here.checkout.buy("TG-1042", 2, ids);
    assert.deepEqual([sold.status, sold.seats], ["invoiced", ["5", "6"]]);
    await clean(here);
  });

  it("holds tickets once, however often it is asked", async () => {
    const here = world();
    await here.checkout.hold("TG-1042", 2, "g-1");
    assert.equal((await here.checkout.hold("TG-1042", 2, "g-1")).replayed, true);
    assert.equal((await here.mockpos("GET", "/listings/TG-1042")).held, 2);
    await here.checkout.release("g-1");
    await clean(here);
  });

  it("does not repeat a refusal that is final", async () => {
    const here = world();
    await assert.rejects(here.checkout.buy("MOCK-LISTING_SOLD_OUT", 2, ids), new Refused("listing_sold_out"));
    assert.deepEqual(await codes(here), ["listing_sold_out"]);
    await clean(here);
  });

  it("does not repeat a call that is wrong", async () => {
    const here = world();
    await assert.rejects(here.checkout.hold("TG-1042", 0, "g-1"), new Refused("validation_failed"));
    assert.deepEqual(await codes(here), ["validation_failed"]);
    await clean(here);
  });

  it("asks a busy automator again", async () => {
    const here = world();
    await misbehave(here, { on: "hold", respond: "pos_unavailable" });
    await here.checkout.buy("TG-1042", 2, ids);
    assert.deepEqual(await codes(here), ["pos_unavailable", "held", "invoiced"]);
    await clean(here);
  });

  it("repeats a hold whose answer was lost, with the same Global ID", async () => {
    const here = world();
    await misbehave(here, { on: "hold", fault: "reset", phase: "after_commit" });
    assert.equal((await here.checkout.hold("TG-1042", 2, "g-1")).replayed, true);
    await here.checkout.release("g-1");
    await clean(here);
  });

  it("repeats an invoice of which nobody knows what became", async () => {
    const here = world();
    await misbehave(here, { on: "invoice", respond: "pos_timeout", phase: "after_commit" });
    assert.equal((await here.checkout.buy("TG-1042", 2, ids)).replayed, true);
    await clean(here);
  });

  it("releases the tickets when the invoice is refused", async () => {
    const here = world();
    await misbehave(here, { on: "invoice", respond: "invoice_rejected" });
    await assert.rejects(here.checkout.buy("TG-1042", 2, ids), new Refused("invoice_rejected"));
    assert.deepEqual(await codes(here), ["held", "invoice_rejected", "released"]);
    await clean(here);
  });

  it("releases the tickets when there is no order", async () => {
    const here = world();
    await here.checkout.hold("TG-1042", 2, "g-1");
    assert.equal((await here.checkout.release("g-1")).status, "released");
    await clean(here);
  });

  it("loses its tickets when it takes too long", async () => {
    const here = world();
    await here.checkout.hold("TG-1042", 2, "g-1");
    assert.equal((await here.mockpos("POST", "/clock", { advance: "20m" })).expired[0].global_id, "g-1");
    await here.checkout.release("g-1");
    await clean(here);
  });
});
