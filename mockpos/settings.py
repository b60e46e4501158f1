"""All settings of mockpos: one table that the command line, the environment and the docs read."""

import ipaddress
import os
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from mockpos.domain.clock import parse_duration, parse_rate
from mockpos.domain.errors import BadInput

PREFIX = "MOCKPOS_"
_OF_CLIENTS = (
    "MOCKPOS_URL", "MOCKPOS_CONTROL_URL", "MOCKPOS_CONTROL_TOKEN", "MOCKPOS_API_KEY", "MOCKPOS_SANDBOX", "MOCKPOS_JSON",
    "MOCKPOS_KEY", "MOCKPOS_TOKEN", "MOCKPOS_COOKIE",
)  # fmt: skip
"""Variables of client commands, of test runs, and of the commands that ``mockpos requests curl`` writes."""

_OF_KUBERNETES = re.compile(r"MOCKPOS_SERVICE_(HOST|PORT(_\w+)?)|MOCKPOS_PORT_\d+_(TCP|UDP|SCTP)(_\w+)?")


def is_kubernetes_port(name: str, value: str) -> bool:
    """Tell whether a variable is the address that Kubernetes puts into containers for a Service called mockpos."""
    return name == "MOCKPOS_PORT" and "://" in value


def told_of_variables(
    environment: Mapping[str, str], settings: Iterable[str], others: Callable[[], Iterable[str]] = tuple
) -> list[str]:
    """Say which variables are passed over, with the name that was probably meant.

    ``settings`` are those that settings read, ``others`` finds those of commands: it is asked only when it has to be.
    """
    known = {*settings, *_OF_CLIENTS}
    unread = [name for name, value in environment.items() if name.startswith(PREFIX) and value and name not in known]
    if unread:
        known.update(others())
    told = [
        f"{name}: nobody reads this variable{_meant(name, known)}"
        for name in sorted(unread)
        if name not in known and _OF_KUBERNETES.fullmatch(name) is None
    ]
    port = environment.get("MOCKPOS_PORT", "")
    if is_kubernetes_port("MOCKPOS_PORT", port):
        told.append(
            f"MOCKPOS_PORT={port[:80]} is passed over: Kubernetes sets it for a Service called mockpos; "
            "say --port, or give the Service another name"
        )
    return told


_LONG_WORD = re.compile(r"\S{161,}")


def error_text(message: str, arguments: Iterable[str], environment: Mapping[str, str]) -> str:
    """Return an error with the variable that is to blame named, and no value of it longer than a line.

    One is to blame whose option, name or value the message has, where the arguments of the command line do not.
    """
    said = " ".join(arguments)
    for name, value in sorted(environment.items()):
        words = name.removeprefix(PREFIX).lower().split("_")
        option, last = f"--{'-'.join(words)}", f"--{words[-1]}"  # --control-token is --token for some commands
        if not value or not name.startswith(PREFIX) or option in said or last in said:
            continue
        if message.startswith((f"{option}:", f"{option} ")):
            message = name + message.removeprefix(option)
        elif message.lower().startswith(f"the {' '.join(words)}:") or (
            len(value) > 1 and value not in said and not message.startswith(name) and _has_word(message, value)
        ):
            message = f"{name}: {message}"
    return shortened(message)


def shortened(message: str) -> str:
    """Return a message without words that are longer than a line."""
    return _LONG_WORD.sub(lambda word: f"{word[0][:100]}...{word[0][-40:]}", message)


def _has_word(message: str, word: str) -> bool:
    return re.search(rf"(?<![\w./-]){re.escape(word)}(?![\w/-])", message.partition("\n")[0]) is not None


def _meant(name: str, known: set[str]) -> str:
    shorter = {variable.removeprefix(PREFIX): variable for variable in sorted(known)}
    close = get_close_matches(name.removeprefix(PREFIX).upper(), shorter, n=1)
    return f"; did you mean {shorter[close[0]]}?" if close else ""


_YES = ("1", "true", "yes", "on")
_NO = ("0", "false", "no", "off", "")
_ORIGIN = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^/\s,]+")
_HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?")


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table. ``default`` is the text a person would write; an empty one means off."""

    name: str
    default: str
    metavar: str
    help: str
    parse: Callable[[str], Any]
    choices: tuple[str, ...] = ()
    separator: str = ""  # between the values of one that may be given several times

    @property
    def option(self) -> str:
        """Return the setting's spelling on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def env(self) -> str:
        """Return the setting's environment variable."""
        return "MOCKPOS_" + self.name.upper()

    @property
    def repeatable(self) -> bool:
        """True for a setting that may be given several times."""
        return bool(self.separator)

    @property
    def is_flag(self) -> bool:
        """True for a setting that is on or off."""
        return self.parse is is_yes

    def words(self, value: object) -> list[str]:
        """Return a value as words of a command line: none of None, nor of a flag that is off; a list may be several."""
        if self.is_flag:
            return [self.option] if value else []
        values = value if isinstance(value, list | tuple) else [] if value is None else [value]
        return [word for each in values for word in (self.option, str(each))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one mockpos runs with. Durations are milliseconds, a rate is (calls, seconds)."""

    host: str
    port: int
    inventory: Path
    memory: bool
    fixture: str
    dates: str
    api_key: str
    disabled_key: str | None
    sandbox_keys: str | None
    hold_ttl: int
    lapsed_hold: str
    orders_may_repeat: bool
    durability: str
    rate_limit: tuple[int, float] | None
    remember_holds: int
    remember_releases: int
    contract: Path | None
    scenario: str | None
    scenarios: tuple[Path, ...]
    no_magic: bool
    seed: int
    control_token: str = field(repr=False)
    allowed_host: tuple[str, ...]
    cors_origin: tuple[str, ...]
    ready_file: Path | None
    stop_on_eof: bool
    log_control: bool
    quiet: bool
    given: frozenset[str]
    """The names of those that somebody gave, on the command line or in the environment."""


def is_yes(text: str) -> bool:
    """Read a word that turns something on or off. Raises ValueError for any other."""
    word = text.strip().lower()
    if word not in _YES + _NO:
        raise ValueError(f"{text!r} is neither true nor false")
    return word in _YES


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise ValueError(f"{text!r} is not a port; ports are 1 to 65535, and 0 picks a free one")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100_000_000:
        raise ValueError(f"{text!r} is not a whole number from 1 to 100,000,000")
    return int(text)


def _seed(text: str) -> int:
    if not text.removeprefix("-").isdecimal() or len(text) > 19:
        raise ValueError(f"{text!r} is not a whole number of up to 18 digits")
    return int(text)


class MadeToken(str):
    """A control token that nobody chose: whoever needs it has to be told."""


def _token(text: str) -> str:
    return _api_key(text) if text else MadeToken(secrets.token_urlsafe(24))


def _host_names(text: str) -> tuple[str, ...]:
    names = tuple(part.strip().lower().strip("[]") for part in text.split(",") if part.strip())
    for name in names:
        if _HOST_NAME.fullmatch(name) is None and not _is_address(name):
            raise ValueError(f"{name!r} is not the name of a host; give names without a port, with commas between them")
    return names


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(part.strip() for part in text.split(",") if part.strip())
    for origin in origins:
        if origin != "*" and _ORIGIN.fullmatch(origin) is None:
            raise ValueError(f"{origin!r} is no origin, such as http://localhost:3000, nor *")
    return tuple(origin.lower() for origin in origins)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _paths(text: str) -> tuple[Path, ...]:
    return tuple(Path(part) for part in text.split(os.pathsep) if part)


def _ttl(text: str) -> int:
    milliseconds = parse_duration(text)
    if not 1 <= milliseconds <= 366 * 86_400_000:
        raise ValueError(f"{text!r} is not between 1ms and 366d")
    return milliseconds


def _api_key(text: str) -> str:
    if not 1 <= len(text) <= 256 or not text.isascii() or not text.isprintable() or text != text.strip():
        raise ValueError("a key or token has 1 to 256 printable ASCII characters, without spaces around it")
    return text


def _optional(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return a parser that takes nothing for None."""
    return lambda text: parse(text) if text else None


DEFAULT_API_KEY = "mockpos-dev-key"
DEFAULT_URL = "http://127.0.0.1:8000"
"""Where `mockpos serve` serves when nothing else is said."""

SETTINGS = (
    Setting("host", "127.0.0.1", "HOST", "Address to listen on; 0.0.0.0 is every address of this machine.", str),
    Setting("port", "8000", "PORT", "Port to listen on; 0 picks a free one and prints it.", _port),
    Setting("inventory", "inventory.json", "FILE", "The inventory's JSON file; made from the fixture if absent.", Path),
    Setting("memory", "", "", "Keep everything in memory: read --inventory if given, write and lock nothing.", is_yes),
    Setting("fixture", "arena", "NAME", "The shipped world a missing inventory is made from.", str),
    Setting(
        "dates", "ahead", "HOW",
        "Move a fixture's or a seeded world's dates ahead of today at every start, or keep them as they are.",
        str, ("ahead", "keep"),
    ),
    Setting("api_key", DEFAULT_API_KEY, "KEY", "The key callers have to send.", _api_key),
    Setting("disabled_key", "", "KEY", "A second key that is known but switched off (403).", _optional(_api_key)),
    Setting(
        "sandbox_keys", "", "PREFIX", "An unknown key that begins with this makes a sandbox of its own, for tests.",
        _optional(_api_key),
    ),
    Setting("hold_ttl", "15m", "DURATION", "How long a hold lives: 30s, 15m, 2h.", _ttl),
    Setting(
        "lapsed_hold", "strict", "POLICY",
        "An invoice after its hold lapsed is refused (strict) or takes the same seats again if free (reacquire).",
        str, ("strict", "reacquire"),
    ),
    Setting("orders_may_repeat", "", "", "Let one Order ID invoice several Global IDs.", is_yes),
    Setting(
        "durability", "os", "LEVEL",
        "What a success survives: the death of the process (os), or a loss of power too (disk).",
        str, ("os", "disk"),
    ),
    Setting("rate_limit", "", "RATE", "Most calls a key may make: 5/s, 100/m. Off by default.", _optional(parse_rate)),
    Setting("remember_holds", "200000", "N", "How many ended Global IDs are remembered; oldest go first.", _count),
    Setting("remember_releases", "100000", "N", "How many releases of unknown Global IDs are remembered.", _count),
    Setting("contract", "", "FILE", "Speak another wire contract than the default one.", _optional(Path)),
    Setting("scenario", "", "NAME|FILE", "The scenario that is active at start.", _optional(str)),
    Setting(
        "scenarios", "", "DIR", "A folder of your own scenarios, known by name and watched for changes; repeatable.",
        _paths, separator=os.pathsep,
    ),
    Setting("no_magic", "", "", "Turn the magic Remote IDs (MOCK-...) off.", is_yes),
    Setting("seed", "0", "N", "Seed of everything drawn by chance, beside a scenario's own.", _seed),
    Setting(
        "control_token", "", "TOKEN",
        "Token of the control plane; made up, and asked for beyond loopback, if not given.", _token,
    ),
    Setting(
        "allowed_host", "", "NAME",
        "A host name the control plane answers to besides its own; repeatable, or with commas.",
        _host_names, separator=",",
    ),
    Setting(
        "cors_origin", "", "ORIGIN",
        "An origin whose pages may call the operations, or *; repeatable, or with commas. Off by default.",
        _origins, separator=",",
    ),
    Setting("ready_file", "", "FILE", "Write the server's URL here once it answers.", _optional(Path)),
    Setting("stop_on_eof", "", "", "Stop when standard input ends: whoever started mockpos is gone.", is_yes),
    Setting("log_control", "", "", "Print a line for every control call and page too.", is_yes),
    Setting("quiet", "", "", "Do not print a line for every call.", is_yes),
)  # fmt: skip
"""Every setting, in the order people meet them."""


def read_settings(given: Mapping[str, str | None], environment: Mapping[str, str]) -> Settings:
    """Return the settings: what was given, else the environment's, else the default.

    An empty variable is an unset one. Raises BadInput naming the setting and where its value came from.
    """
    values: dict[str, Any] = {}
    chosen: set[str] = set()
    for setting in SETTINGS:
        text, source = given.get(setting.name), setting.option
        if text is None:
            text, source = _from_environment(setting, environment), setting.env
        if text is None:
            text = setting.default
        else:
            chosen.add(setting.name)
        values[setting.name] = _parsed(setting, text, source)
    return Settings(**values, given=frozenset(chosen))


def _from_environment(setting: Setting, environment: Mapping[str, str]) -> str | None:
    text = environment.get(setting.env, "")
    return text if text and not is_kubernetes_port(setting.env, text) else None


def _parsed(setting: Setting, text: str, source: str) -> Any:
    if setting.choices and text not in setting.choices:
        raise BadInput(f"{source}: {text!r} is not one of {', '.join(setting.choices)}")
    try:
        return setting.parse(text)
    except ValueError as error:
        raise BadInput(f"{source}: {error}") from None


assert {setting.name for setting in SETTINGS} == {field.name for field in fields(Settings)} - {"given"}
