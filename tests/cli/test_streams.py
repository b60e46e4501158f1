"""What reaches a terminal, whatever a command prints: checked through a real pseudo-terminal."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from mockpos.cli.terminal import harmless

EVIL = "\x1b]0;owned\x07"


@pytest.mark.parametrize("allowed", ["\x1b[31mred\x1b[0m", "\x1b[?25l", "\x1b[2K\r", "a\tb\n", "ü €", "\x1b[1A"])
def test_colours_and_a_progress_bar_s_movements_pass(allowed: str) -> None:
    assert harmless(allowed) == allowed


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (EVIL, "\\x1b]0;owned\\x07"),
        ("\x9b2J", "\\x9b2J"),
        ("\x1bP1$q", "\\x1bP1$q"),
        ("\u202e", "\\u202e"),
        ("\0", "\\x00"),
    ],
)
def test_all_other_control_characters_are_shown_as_they_are_written(text: str, shown: str) -> None:
    assert harmless(text) == shown


def on_a_terminal(*words: str, cwd: Path) -> str:
    """Run ``mockpos`` on a pseudo-terminal; return all that it prints."""
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "mockpos", *words],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        cwd=cwd,
        close_fds=True,
    ) as process:
        os.close(follower)
        printed = b""
        try:
            while piece := os.read(leader, 65536):
                printed += piece
        except OSError:
            pass  # Linux tells the end so
        process.wait(30)
    os.close(leader)
    return printed.decode()


@pytest.mark.parametrize(
    "command", [("import",), ("contract", "check"), ("scenarios", "check"), ("fsck",), ("seed", "--out")]
)
def test_hostile_files_and_names_do_nothing_to_a_terminal(command: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / f"a{EVIL.replace('/', '')}.csv"
    file.write_text(f"{EVIL},Venue,{EVIL}\n1,2,3\n")
    printed = on_a_terminal(*command, str(file), cwd=tmp_path)
    assert printed
    assert "\x1b]" not in printed
    assert "\x07" not in printed


def test_a_narrow_encoding_ends_no_command(tmp_path: Path) -> None:
    good = tmp_path / "good.yaml"
    good.write_text("name: good\nsummary: S.\nrules:\n  - {id: a, on: hold, respond: pos_unavailable}\n")
    for words in (("scenarios", "check", str(good)), ("codes",), ("scenarios", "list"), ("contract", "show")):
        done = subprocess.run(
            [sys.executable, "-m", "mockpos", *words],
            env={**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"},
            capture_output=True,
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stderr
        assert b"Traceback" not in done.stderr


def test_json_is_utf_8_whatever_the_encoding_of_the_pipe(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("name: Café\n", "utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "mockpos", "contract", "show", "--contract", "mine.yaml", "--json"],
        capture_output=True, cwd=tmp_path, check=True, env={**os.environ, "PYTHONIOENCODING": "latin-1"},
    )  # fmt: skip
    assert json.loads(ended.stdout.decode("utf-8"))["name"] == "Café"
