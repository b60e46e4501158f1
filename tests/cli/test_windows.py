"""On Windows mockpos says where it does run, instead of a missing module."""

import sys

import pytest

from mockpos.cli import main


def test_windows_is_told_of_wsl_and_containers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(SystemExit) as stopped:
        main(["serve"])
    assert stopped.value.code == 2
    told = capsys.readouterr().err
    assert "WSL" in told
    assert "container" in told
