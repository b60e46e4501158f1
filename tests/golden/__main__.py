"""Write the golden files anew: ``python -m tests.golden [FOLDER]``."""

import sys
from pathlib import Path

from tests.golden.making import FILES, golden_files


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FILES
    folder.mkdir(parents=True, exist_ok=True)
    made = golden_files()
    for name, text in made.items():
        path = folder / name
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            print(f"wrote {path}")
    for path in folder.iterdir():
        if path.name not in made:
            path.unlink()
            print(f"removed {path}")


main()
