"""Contract rule 8 across kill -9: a burst in which the server dies, and what is there when it starts again.

Calls whose answer the dying server took with it happened or did not; all others did as they were answered.
``MOCKPOS_KILLS`` sets how often the server dies for each durability (4), ``MOCKPOS_SEED`` when.
"""

import os
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from random import Random
from subprocess import Popen

import pytest

from tests.conftest import running_server
from tests.linearizability.bursts import TTL, Burst, model_at, scripts
from tests.linearizability.checker import NotLinearizable, check
from tests.linearizability.http_client import HttpClient
from tests.linearizability.served import disorder, frozen_at, write_inventory

KILLS = int(os.environ.get("MOCKPOS_KILLS", "4"))
SEED = int(os.environ.get("MOCKPOS_SEED", "20261123"))
MOST_CLIENTS = 6


@pytest.mark.parametrize("durability", ["os", "disk"])
def test_a_burst_cut_short_by_kill_9_is_explained_by_some_order(real_disk: Path, durability: str) -> None:
    options = "--quiet", "--hold-ttl", f"{TTL}ms", "--durability", durability
    met: Counter[str] = Counter()
    for seed in range(SEED, SEED + KILLS):
        folder = real_disk / str(seed)
        folder.mkdir()
        write_inventory(folder / "inventory.json")
        with running_server(folder, *options) as server:
            keeper, *clients = [HttpClient(server.url) for _ in range(1 + MOST_CLIENTS)]
            now = frozen_at(keeper)
            scenario = disorder(seed)
            scenario["rules"] = [rule for rule in scenario["rules"] if "late" in rule["id"]]
            keeper.control("PUT", "/scenario", {"scenario": scenario})
            burst = Burst(keeper, clients)
            with ThreadPoolExecutor(MOST_CLIENTS + 1) as pool:
                log = folder / "inventory.json.log"
                seconds = Random(seed).uniform(0.001, 0.012)
                death = pool.submit(kill_after, server.process, seconds, log, log.stat().st_size)
                burst.run(pool, scripts(seed), until_lost=True)
                death.result()
            for client in (keeper, *clients):
                client.close()
        with running_server(folder, *options) as server, closing(HttpClient(server.url)) as client:
            burst.look(client)
        try:
            check(model_at(now), burst.history)
        except NotLinearizable as error:
            pytest.fail(f"seed {seed}: {error}")
        met["lost"] += sum(record.is_unknown for record in burst.history)
        met["answered"] += sum(not record.is_unknown for record in burst.history if record.client.startswith("c"))
    assert KILLS < 4 or (met["lost"] and met["answered"]), met


def kill_after(process: Popen[str], seconds: float, log: Path, size: int) -> None:
    """Kill the server some time after its log grew: before that a busy machine may not have answered anything."""
    deadline = time.monotonic() + 10
    while log.stat().st_size == size and time.monotonic() < deadline:
        time.sleep(0.0005)
    time.sleep(seconds)  # the moment of death is the point
    process.send_signal(signal.SIGKILL)
    process.wait()
