"""``/metrics``: the numbers of the whole server for Prometheus. Protected as the control plane is."""

from flask import Blueprint, Response, request

from mockpos.bootstrap import Mock
from mockpos.telemetry.metrics.metrics import CONTENT_TYPE
from mockpos.web.control.guard import Guard


def metrics_blueprint(mock: Mock, guard: Guard) -> Blueprint:
    """Return ``/metrics``."""
    blueprint = Blueprint("metrics", __name__)

    def metrics() -> Response:
        guard.check(request.environ)
        return Response(mock.metrics.render(), 200, {"Cache-Control": "no-store"}, content_type=CONTENT_TYPE)

    blueprint.add_url_rule("/metrics", view_func=metrics, methods=["GET"], provide_automatic_options=False)
    return blueprint
