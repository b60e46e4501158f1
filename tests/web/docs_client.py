"""A client of the whole application, for tests that look at its documentation."""

from pathlib import Path

from flask.testing import FlaskClient

from mockpos.bootstrap import Mock, build
from mockpos.contract.loader import load_contract
from mockpos.settings import read_settings
from mockpos.web.app import build_app


def client_of(contract: Path | None = None, **settings: str) -> FlaskClient:
    return client_and_mock(contract, **settings)[0]


def client_and_mock(contract: Path | None = None, **settings: str) -> tuple[FlaskClient, Mock]:
    mock = build(read_settings({"memory": "true", "fixture": "tiny", **settings}, {}))
    return build_app(mock, load_contract(contract)).test_client(), mock
