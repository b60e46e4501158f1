"""``python -m tests.oracle``: compare a new server with the oracle, step by step."""

import argparse
import secrets
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.conftest import running_server
from tests.oracle.compare import compare

_A_RUN = 500
POLICIES = ("strict", "reacquire")


def main() -> int:
    """Run as many steps as asked for, in sandboxes of 500 each; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    asked = parser.parse_args()
    seen: Counter[tuple[str, str]] = Counter()
    for policy in POLICIES:
        with (
            tempfile.TemporaryDirectory() as folder,
            running_server(Path(folder), "--lapsed-hold", policy, "--quiet") as server,
        ):
            port = int(server.url.rpartition(":")[2])
            for number in range(max(1, asked.steps // _A_RUN // len(POLICIES))):
                seen += compare(port, seed=asked.seed + number, steps=_A_RUN, policy=policy)
    for (operation, code), count in sorted(seen.items()):
        print(f"{operation:8} {code:24} {count:6}")
    print(f"{seen.total():,} answers as the contract says; seed {asked.seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
