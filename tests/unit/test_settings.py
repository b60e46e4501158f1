"""One table of settings: defaults, environment, options, and errors that name their source."""

from pathlib import Path

import pytest

from mockpos.domain.errors import BadInput
from mockpos.settings import SETTINGS, Setting, read_settings


def test_the_defaults_are_the_documented_ones() -> None:
    settings = read_settings({}, {})
    assert (settings.host, settings.port, settings.inventory) == ("127.0.0.1", 8000, Path("inventory.json"))
    assert (settings.api_key, settings.disabled_key) == ("mockpos-dev-key", None)
    assert (settings.hold_ttl, settings.lapsed_hold, settings.orders_may_repeat) == (900_000, "strict", False)
    assert (settings.durability, settings.rate_limit) == ("os", None)
    assert (settings.remember_holds, settings.remember_releases) == (200_000, 100_000)


def test_an_option_wins_over_the_environment_which_wins_over_the_default() -> None:
    environment = {"MOCKPOS_PORT": "9000", "MOCKPOS_HOLD_TTL": "30s", "PORT": "1", "MOCKPOS_UNKNOWN": "x"}
    settings = read_settings({"port": "9001", "hold_ttl": None}, environment)
    assert (settings.port, settings.hold_ttl) == (9001, 30_000)


def test_a_hold_may_live_for_a_year_and_a_day() -> None:
    assert read_settings({"hold_ttl": "366d"}, {}).hold_ttl == 366 * 86_400_000


BAD = {
    "port": ["-1", "65536", "http", "", "8000.0"],
    "hold_ttl": ["0s", "soon", "-1s", "367d", "15"],
    "lapsed_hold": ["lenient", "STRICT", ""],
    "durability": ["ram", ""],
    "orders_may_repeat": ["maybe", "2"],
    "rate_limit": ["5", "0/s", "fast"],
    "remember_holds": ["0", "-1", "1.5", "100000001", "many"],
    "remember_releases": ["0", ""],
    "api_key": ["", " key", "ke\ny", "schlüssel", "x" * 257],
    "disabled_key": [" key", "\x00"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_a_bad_value_is_refused_naming_where_it_came_from(name: str, value: str) -> None:
    option, env = "--" + name.replace("_", "-"), "MOCKPOS_" + name.upper()
    with pytest.raises(BadInput, match=f"^{option}: "):
        read_settings({name: value}, {})
    if value:
        with pytest.raises(BadInput, match=f"^{env}: "):
            read_settings({}, {env: value})


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_an_empty_variable_is_an_unset_one(setting: Setting) -> None:
    plain, empty = read_settings({"control_token": "t"}, {}), read_settings({"control_token": "t"}, {setting.env: ""})
    assert plain == empty
    assert setting.name == "control_token" or setting.name not in empty.given


def test_the_port_of_a_kubernetes_service_is_passed_over() -> None:
    assert read_settings({}, {"MOCKPOS_PORT": "tcp://10.96.12.34:8000"}).port == 8000


def test_allowed_hosts_have_commas_between_them_and_are_names() -> None:
    settings = read_settings({}, {"MOCKPOS_ALLOWED_HOST": "mockpos, CI.example,::1,"})
    assert settings.allowed_host == ("mockpos", "ci.example", "::1")
    for wrong in ("*", "a b", "http://a", "a:8000", "a/b", "-a", "ä"):
        with pytest.raises(BadInput, match=r"^--allowed-host: .* is not the name of a host"):
            read_settings({"allowed_host": wrong}, {})


@pytest.mark.parametrize(("word", "on"), [("1", True), ("TRUE", True), (" yes ", True), ("on", True), ("0", False),
                                          ("No", False), ("off", False), ("", False)])  # fmt: skip
def test_flags_read_the_usual_words(word: str, on: bool) -> None:
    assert read_settings({}, {"MOCKPOS_ORDERS_MAY_REPEAT": word}).orders_may_repeat is on


def test_every_setting_has_help_and_a_default_that_is_valid() -> None:
    for setting in SETTINGS:
        assert setting.help.endswith(".")
        assert setting.option.startswith("--")
    read_settings({setting.name: setting.default for setting in SETTINGS}, {})
