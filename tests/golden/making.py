"""Makes the golden files: runs the commands, serves a small world, calls it, and writes down what came."""

import hashlib
import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import mockpos
from tests.golden.control_calls import CALLS, Call
from tests.json_layout import laid_out

FILES = Path(__file__).parent / "files"
WORLD = Path(__file__).parent / "world.json"

_CHANGING = (
    (re.compile(r"\b[0-9a-f]{8}-\d{6}\b"), "REQUEST-ID"),
    (re.compile(r"\bex-[0-9a-f]{10}-"), "ex-RUN-"),
    (re.compile(r"\bmockpos-[0-9a-f]{24}\b"), "MADE-UP-KEY"),
    (re.compile(r'"/[^"]*/scenarios/'), '"scenarios/'),
    (re.compile(r"(127\.0\.0\.1|localhost):\d+"), r"\1:PORT"),
    (re.compile(r"2026-11-23(T20:[0-5]\d:[0-5]\d\.\d{3}Z)"), r"FROZEN\1"),
    (re.compile(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)"), "TIME"),
    (re.compile("FROZEN"), "2026-11-23"),
    (re.compile(r'"(seconds|[a-z_]*_ms)": ?\d+\.\d+'), r'"\1": 0.0'),
    (re.compile(r'("(?:average|p50|p95|p99|max|served|took)(?:_ms)?": ?)\d+(\.\d+)?'), r"\g<1>0"),
    (re.compile(r'"(bytes_used|duration_ms|took_ms)": ?\d+'), r'"\1": 0'),
)
"""What differs from run to run, and what stands in its place."""


def golden_files() -> dict[str, str]:
    """Return every golden file's text by its name."""
    with TemporaryDirectory() as folder, ThreadPoolExecutor(3) as threads:
        parts = [threads.submit(part, Path(folder)) for part in (_served, _exercised, _commands)]
        return {name: text for part in parts for name, text in part.result().items()}


def _commands(folder: Path) -> dict[str, str]:
    plan = ("scenarios", "plan", "brownout", "--global-ids", "-", "--attempts", "2")
    ids = "".join(f"order-{number}\n" for number in range(12))
    _run("seed", "--listings", "200", "--seed", "7", "--anchor", "2026-11-23", "--out", str(folder / "seeded.json"))
    schema = next(Path(mockpos.__file__).parent.glob("**/schema.json"))
    return {
        "openapi.json": _pretty(json.loads(_run("openapi"))),
        "plan.txt": _run(*plan, input=ids),
        "plan.json": _pretty(json.loads(_run(*plan, "--json", input=ids))),
        "help.txt": _helps(),
        "sha256.txt": f"{_sha256(folder / 'seeded.json')}  seeded.json\n{_sha256(schema)}  schema.json\n",
    }


def _exercised(_: Path) -> dict[str, str]:
    return {"exercise.json": _pretty(json.loads(_run("exercise", "--json")))}


def _served(folder: Path) -> dict[str, str]:
    inventory = folder / "world.json"
    inventory.write_bytes(WORLD.read_bytes())
    with _server(folder, inventory) as url:
        answers = [_answered(url, call) for call in CALLS]
        document = json.loads(_text(url, "/_mock/openapi.json"))
        metrics = _text(url, "/metrics")
    _every_control_call_was_made(document)
    return {
        "control-openapi.json": _pretty(document),
        "control-answers.txt": "\n".join(answers),
        "metrics.txt": _series(metrics),
        "inventory.json": inventory.read_text("utf-8"),
        "export.csv": _run("export", "--inventory", str(inventory), "--format", "csv"),
        "export.json": _run("export", "--inventory", str(inventory)),
    }


def _run(*arguments: str, input: str = "") -> str:  # noqa: A002  # subprocess's own name for it
    command = [sys.executable, "-m", "mockpos", *arguments]
    done = subprocess.run(command, input=input, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, f"{arguments}: {done.stderr}"
    return done.stdout


def _helps() -> str:
    """Return what ``--help`` says, of every command, at 80 columns; made in one process, which is quicker."""
    program = (
        "import click\n"
        "from mockpos.cli import cli\n"
        "def show(command, path, parent=None):\n"
        "    context = click.Context(command, info_name=path, terminal_width=80, **command.context_settings)\n"
        "    print('$', path, '--help\\n' + command.get_help(context) + '\\n')\n"
        "    for name in command.list_commands(context) if isinstance(command, click.Group) else ():\n"
        "        show(command.get_command(context, name), path + ' ' + name)\n"
        "show(cli, 'mockpos')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def _server(folder: Path, inventory: Path) -> Iterator[str]:
    ready, log = folder / "url.txt", folder / "serve.log"
    command = [sys.executable, "-m", "mockpos", "serve", "--quiet", "--port", "0", "--inventory", str(inventory)]
    with log.open("w") as output:
        process = subprocess.Popen([*command, "--ready-file", str(ready)], stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + 30
        while not ready.exists():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)
        yield ready.read_text().strip()
    finally:
        process.terminate()
        assert process.wait(30) == 0, log.read_text()


def _answered(url: str, call: Call) -> str:
    told = [f"{call.method} {call.path}"]
    told += [f"> {name}: {value}" for name, value in call.headers.items()]
    told += [f"> {json.dumps(call.body)}"] if call.body is not None else []
    try:
        status, headers, text = _sent(url, call)
    except ConnectionError:
        return "\n".join([*told, "no answer: the connection was reset"]) + "\n"
    shown = ("Content-Type", "Allow", "Retry-After", "X-Mockpos-Error", "X-Mockpos-Scenario", "X-Mockpos-Rule")
    told += [f"{status}", *(f"{name}: {headers[name]}" for name in shown if name in headers)]
    return _steady("\n".join([*told, _readable(text)]) + "\n")


def _readable(text: str) -> str:
    try:
        return laid_out(json.loads(text))
    except ValueError:
        return text


def _sent(url: str, call: Call) -> tuple[int, Mapping[str, str], str]:
    data = call.body.encode() if isinstance(call.body, str) else None
    headers = dict(call.headers)
    if call.body is not None and data is None:
        data = json.dumps(call.body).encode()
        headers["Content-Type"] = "application/json"
    request = urllib.request.Request(url + call.path, data, headers, method=call.method)
    try:
        answer = urllib.request.urlopen(request, timeout=20)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        is_stream = answer.headers.get("Content-Type", "").startswith("text/event-stream")
        return answer.status, answer.headers, (answer.readline() if is_stream else answer.read()).decode()


def _text(url: str, path: str) -> str:
    with urllib.request.urlopen(url + path, timeout=20) as answer:
        return str(answer.read().decode())


def _every_control_call_was_made(document: Mapping[str, Any]) -> None:
    made = {(call.method, call.path.split("?")[0]) for call in CALLS}
    missing = [
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method in methods
        if method in {"get", "put", "post", "patch", "delete"}
        if not any(each == method.upper() and re.fullmatch(_pattern(path), own) for each, own in made)
    ]
    assert not missing, f"tests/golden/control_calls.py lacks {', '.join(missing)}"


def _pattern(path: str) -> str:
    return r"(/s/\w+)?" + re.sub(r"\\{[^/]+?\\}", "[^/]+", re.escape(path))


def _series(metrics: str) -> str:
    """Return the kinds of the metrics, and of each series the name and its labels without the values."""
    lines = []
    for line in metrics.splitlines():
        if line.startswith("#"):
            lines.append(line)
        elif line:
            name, labels = re.match(r"([\w:]+)(?:\{(.*)\})?", line).groups()  # type: ignore[union-attr]
            lines.append(" ".join([name, *sorted(re.findall(r'(\w+)="', labels or ""))]))
    return "\n".join(dict.fromkeys(lines)) + "\n"


def _pretty(content: Any) -> str:
    return _steady(laid_out(content) + "\n")


def _steady(text: str) -> str:
    for pattern, instead in _CHANGING:
        text = pattern.sub(instead, text)
    return text


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
