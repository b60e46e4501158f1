"""What a shop does at the checkout, with requests: hold, then invoice; release when there will be no order."""

import time

import requests


class Refused(Exception):
    """A refusal that is final; the message is its code."""


class Unknown(Exception):
    """Nobody knows what became of a call, however often it was asked."""


class Checkout:
    def __init__(self, url, key):
        self.url = url
        self.http = requests.Session()
        self.http.headers["X-API-Key"] = key

    def buy(self, remote_id, quantity, *, global_id, order_id):
        self.hold(remote_id, quantity, global_id=global_id)
        try:
            return self._call("POST", "/v1/invoices", {"global_id": global_id, "order_id": order_id})
        except Refused:
            self.release(global_id)  # no order: the tickets must not stay held
            raise

    def hold(self, remote_id, quantity, *, global_id):
        body = {"remote_id": remote_id, "quantity": quantity, "global_id": global_id}
        return self._call("POST", "/v1/holds", body)

    def release(self, global_id):
        return self._call("DELETE", f"/v1/holds/{global_id}")

    def close(self):
        self.http.close()

    def _call(self, method, path, body=None):
        # One call until its outcome is known. An answer that was lost, and one that says retryable, is asked for again
        # with the same ids; any other refusal is final.
        for _ in range(5):
            try:
                answer = self.http.request(method, self.url + path, json=body, timeout=5)
            except (requests.ConnectionError, requests.Timeout):
                continue
            said = answer.json()
            if answer.ok:
                return said
            if not said["retryable"]:
                raise Refused(said["code"])
            time.sleep(min(float(answer.headers.get("Retry-After", 0)), 1))
        raise Unknown(path)
