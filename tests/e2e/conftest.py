"""Servers that several race tests share, one for each durability; each test begins with a new world."""

from collections.abc import Callable, Iterator

import pytest

from tests.conftest import RunningServer, running_server
from tests.e2e.racers import CLIENTS, Racer, Together, racing


@pytest.fixture(scope="module", params=["os", "disk"])
def racing_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("races")
    with running_server(folder, "--quiet", "--fixture", "tiny", "--durability", request.param) as running:
        yield running
        assert running.stop() == 0
        assert "Traceback" not in running.log.read_text()


@pytest.fixture
def together(racing_server: RunningServer) -> Iterator[Together]:
    """Let all clients do something at the same moment, in a new world whose clock stands still."""
    racers = [Racer(racing_server.url) for _ in range(CLIENTS)]
    racers[0].control("POST", "/reset")
    racers[0].control("POST", "/clock", {"freeze": True})
    with racing(racers) as run:
        yield run


@pytest.fixture
def renew(racing_server: RunningServer) -> Iterator[Callable[[], None]]:
    """Let the world begin anew in between, its clock standing still."""
    keeper = Racer(racing_server.url)

    def begin_anew() -> None:
        keeper.control("POST", "/reset")
        keeper.control("POST", "/clock", {"freeze": True})

    yield begin_anew
    keeper.connection.close()
