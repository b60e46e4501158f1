// What a shop does at the checkout, with fetch: hold, then invoice; release when there will be no order.
export class Refused extends Error {}
export class Unknown extends Error {}

export class Checkout {
  constructor(url, key) {
    this.url = url;
    this.headers = { "X-API-Key": key, "Content-Type": "application/json" };
  }

  async buy(remoteId, quantity, { globalId, orderId }) {
    await this.hold(remoteId, quantity, globalId);
    try {
      return await this.#call("POST", "/v1/invoices", { global_id: globalId, order_id: orderId });
    } catch (error) {
      if (error instanceof Refused) await this.release(globalId); // no order: the tickets must not stay held
      throw error;
    }
  }

  hold(remoteId, quantity, globalId) {
    return this.#call("POST", "/v1/holds", { remote_id: remoteId, quantity, global_id: globalId });
  }

  release(globalId) {
    return this.#call("DELETE", `/v1/holds/${globalId}`);
  }

  // One call until its outcome is known. An answer that was lost, and one that says retryable, is asked for again
  // with the same ids; any other refusal is final.
  async #call(method, path, body) {
    for (let attempt = 0; attempt < 5; attempt++) {
      let answer, said;
      try {
        const signal = AbortSignal.timeout(5000);
        answer = await fetch(this.url + path, { method, headers: this.headers, body: JSON.stringify(body), signal });
        said = await answer.json();
      } catch {
        continue; // nobody knows what became of it
      }
      if (answer.ok) return said;
      if (!said.retryable) throw new Refused(said.code);
      await new Promise((wake) => setTimeout(wake, 1000 * Math.min(1, Number(answer.headers.get("retry-after")))));
    }
    throw new Unknown(path);
  }
}
