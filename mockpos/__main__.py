"""``python -m mockpos``."""

from mockpos.cli import main

if __name__ == "__main__":
    main()
