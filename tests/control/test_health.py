import asyncio
from pathlib import Path
from typing import Any

import pytest

from mockpos import background
from mockpos.domain.errors import StoreUnavailable
from mockpos.store.json_file_store import JsonFileStore
from tests.conftest import BedMaker, ManualClock, TestBed, a_world


def test_it_is_alive_and_ready(bed: TestBed) -> None:
    assert bed.client.get("/healthz").get_json() == {"status": "alive"}
    assert bed.client.get("/readyz").get_json() == {"status": "ready"}


def test_both_are_open_to_whoever_asks_under_whatever_name(make_bed: BedMaker) -> None:
    bed = make_bed(host="0.0.0.0", control_token="t" * 20)
    for path in ("/healthz", "/readyz"):
        assert bed.client.get(path, headers={"Host": "somewhere.example"}).status_code == 200


def test_it_is_not_ready_while_the_store_cannot_be_written(bed: TestBed, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise StoreUnavailable("inventory.json: cannot be written (No space left on device)")

    monkeypatch.setattr(bed.mock.inventory, "check_writable", refuse)
    answer = bed.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["code"] == "mock_not_ready"
    assert "No space left" in answer.get_json()["detail"]
    assert bed.client.get("/healthz").status_code == 200


def test_a_file_store_tries_its_disk_and_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = JsonFileStore(tmp_path / "inventory.json", ManualClock(), make_world=a_world)
    before = sorted(tmp_path.iterdir())
    store.check_writable()
    assert sorted(tmp_path.iterdir()) == before

    def refuse(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(StoreUnavailable, match="No space left"):
        store.check_writable()
    store.close()


def test_an_idle_sandbox_is_dropped_and_told(bed: TestBed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "_LOOK_FOR_IDLE_EVERY_S", 0)
    idle = bed.mock.sandboxes.create(name="idle", ttl_s=10)
    kept = bed.mock.sandboxes.create(name="kept", ttl_s=10_000)
    idle.last_used -= 11
    told: list[str] = []

    async def look() -> None:
        mock = bed.mock
        background.Background(mock.inventory, mock.sandboxes, warn=told.append, tell=told.append).start()
        while not told:
            await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(look(), 5))
    assert told == ["sandbox idle was idle for its TTL and is gone"]
    assert [each.name for each in bed.mock.sandboxes] == ["default", kept.name]
