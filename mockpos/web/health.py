"""Is mockpos alive, and can it take orders? Always open, and about no sandbox. And its metrics, behind the guard."""

from flask import Blueprint, Response, request

from mockpos.bootstrap import Mock
from mockpos.domain.errors import MockMisuse, StoreUnavailable
from mockpos.telemetry.metrics.metrics import CONTENT_TYPE
from mockpos.web.control.guard import Guard
from mockpos.web.replies import JSON_TYPE, dump


def health_blueprint(mock: Mock, guard: Guard) -> Blueprint:
    """Return ``/healthz``, ``/readyz`` and ``/metrics``."""
    blueprint = Blueprint("health", __name__)

    def answer(body: bytes | str, content_type: str = JSON_TYPE) -> Response:
        return Response(body, 200, {"Cache-Control": "no-store"}, content_type=content_type)

    @blueprint.get("/healthz")
    def alive() -> Response:
        return answer(dump({"status": "alive"}))

    @blueprint.get("/readyz")
    def ready() -> Response:
        try:
            mock.inventory.check_writable()
        except StoreUnavailable as error:
            raise MockMisuse("mock_not_ready", f"Nothing could be committed now. {error}") from None
        return answer(dump({"status": "ready"}))

    @blueprint.get("/metrics")
    def metrics() -> Response:
        guard.check(request.environ)
        return answer(mock.metrics.render(), CONTENT_TYPE)

    return blueprint
