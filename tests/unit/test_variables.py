"""Variables that begin with MOCKPOS_: one that nobody reads is told, with the one that was probably meant."""

import pytest

from mockpos.settings import SETTINGS, told_of_variables

OWN = [setting.env for setting in SETTINGS]


def told(others: tuple[str, ...] = (), /, **environment: str) -> list[str]:
    return told_of_variables(environment, OWN, lambda: others)


def test_a_variable_that_is_read_is_not_told() -> None:
    assert told(MOCKPOS_PORT="1", MOCKPOS_URL="http://a", MOCKPOS_API_KEY="k", PATH="/bin", MOCKPOSX="y") == []
    assert told(("MOCKPOS_LISTINGS",), MOCKPOS_LISTINGS="3") == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("MOCKPOS_HOLD_TLL", "; did you mean MOCKPOS_HOLD_TTL?"),
        ("MOCKPOS_INVENTORY_FILE", "; did you mean MOCKPOS_INVENTORY?"),
        ("MOCKPOS_ZZZ", ""),
    ],
)
def test_one_that_nobody_reads_is_told_with_the_nearest(name: str, meant: str) -> None:
    assert told(**{name: "1"}) == [f"{name}: nobody reads this variable{meant}"]
    assert told(**{name: ""}) == []


def test_what_kubernetes_sets_is_told_once() -> None:
    of_a_service = {
        "MOCKPOS_PORT": "tcp://10.96.12.34:8000", "MOCKPOS_SERVICE_HOST": "10.96.12.34", "MOCKPOS_SERVICE_PORT": "8000",
        "MOCKPOS_SERVICE_PORT_HTTP": "8000", "MOCKPOS_PORT_8000_TCP": "tcp://10.96.12.34:8000",
        "MOCKPOS_PORT_8000_TCP_ADDR": "10.96.12.34", "MOCKPOS_PORT_8000_TCP_PROTO": "tcp",
    }  # fmt: skip
    (message,) = told(**of_a_service)
    assert message.startswith("MOCKPOS_PORT=tcp://10.96.12.34:8000 is passed over: Kubernetes")
