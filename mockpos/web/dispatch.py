"""The way of requests: calls of the three operations are found by one look, everything else goes through Flask."""

from functools import partial

from mockpos.sandboxes.registry import Sandboxes
from mockpos.server.request import Reply, Request
from mockpos.server.wsgi_lane import WsgiLane
from mockpos.web.contract.operation import ProductOperation
from mockpos.web.exchange import Exchanges

_SANDBOX_PREFIX = b"/s/"


class Dispatcher:
    """Handles the requests of one application (see ``mockpos.server.application``).

    Only plain targets are dispatched here: an escape, an address in front of the path or an unknown sandbox is left to
    Flask, which finds the same operations by its own routing.
    """

    def __init__(
        self, operations: list[ProductOperation], exchanges: Exchanges, sandboxes: Sandboxes, otherwise: WsgiLane
    ) -> None:
        self.operations = operations
        self._exchanges = exchanges
        self._sandboxes = sandboxes
        self._otherwise = otherwise
        self._fixed: dict[tuple[str, bytes], ProductOperation] = {}
        self._with_id: list[tuple[str, bytes, bytes, ProductOperation]] = []
        for operation in operations:
            method, path = operation.rule.method, operation.rule.path.encode()
            before, found, after = path.partition(b"{global_id}")
            if found:
                self._with_id.append((method, before, after, operation))
            else:
                self._fixed[method, path] = operation

    def __call__(self, request: Request) -> Reply:
        """Answer one request."""
        operation = self._fixed.get((request.method, request.target))
        if operation is not None:  # as nearly every hold and invoice
            return self._answer(request, operation, None, None, b"")
        path, _, query = request.target.partition(b"?")
        sandbox = None
        if path.startswith(_SANDBOX_PREFIX):
            name, slash, rest = path[len(_SANDBOX_PREFIX) :].partition(b"/")
            path, sandbox = slash + rest, name.decode("latin-1")
        operation, global_id = self._find(request.method, path)
        if operation is None or (sandbox is not None and self._sandboxes.get(sandbox) is None):
            return self._otherwise(request)
        return self._answer(request, operation, sandbox, global_id, query)

    def _answer(
        self, request: Request, operation: ProductOperation, sandbox: str | None, global_id: str | None, query: bytes
    ) -> Reply:
        exchange = self._exchanges.begin(request)
        exchange.path_sandbox = sandbox
        reply = operation.answer(exchange, global_id, query.decode("latin-1"))
        reply = self._exchanges.answered(exchange, reply)
        reply.when_sent = partial(self._exchanges.ended, exchange)
        return reply

    def _find(self, method: str, path: bytes) -> tuple[ProductOperation | None, str | None]:
        """Return the operation of a call and the Global ID in its path."""
        operation = self._fixed.get((method, path))
        if operation is not None:
            return operation, None
        for its_method, before, after, operation in self._with_id:
            if method == its_method and path.startswith(before) and path.endswith(after):
                global_id = path[len(before) : len(path) - len(after)]
                if global_id and b"/" not in global_id and b"%" not in global_id:
                    return operation, global_id.decode("ascii")
        return None, None
