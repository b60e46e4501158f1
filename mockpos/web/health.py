"""Is mockpos alive, and can it take orders? For whoever starts it and waits. Always open, and about no sandbox."""

from flask import Blueprint, Response, request

from mockpos.bootstrap import Mock
from mockpos.domain.errors import MockMisuse, StoreUnavailable
from mockpos.telemetry.metrics.metrics import CONTENT_TYPE
from mockpos.web.control.guard import Guard
from mockpos.web.replies import JSON_TYPE, dump

_NEVER_KEPT = {"Cache-Control": "no-store"}


def health_blueprint(mock: Mock) -> Blueprint:
    """Return ``/healthz`` and ``/readyz``."""
    blueprint = Blueprint("health", __name__)

    def alive() -> Response:
        return Response(dump({"status": "alive"}), 200, _NEVER_KEPT, content_type=JSON_TYPE)

    def ready() -> Response:
        try:
            mock.inventory.check_writable()
        except StoreUnavailable as error:
            raise MockMisuse("mock_not_ready", f"Nothing could be committed now. {error}") from None
        return Response(dump({"status": "ready"}), 200, _NEVER_KEPT, content_type=JSON_TYPE)

    blueprint.add_url_rule("/healthz", view_func=alive, methods=["GET"], provide_automatic_options=False)
    blueprint.add_url_rule("/readyz", view_func=ready, methods=["GET"], provide_automatic_options=False)
    return blueprint


def metrics_blueprint(mock: Mock, guard: Guard) -> Blueprint:
    """Return ``/metrics``."""
    blueprint = Blueprint("metrics", __name__)

    def metrics() -> Response:
        guard.check(request.environ)
        return Response(mock.metrics.render(), 200, {"Cache-Control": "no-store"}, content_type=CONTENT_TYPE)

    blueprint.add_url_rule("/metrics", view_func=metrics, methods=["GET"], provide_automatic_options=False)
    return blueprint
