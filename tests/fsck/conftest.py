"""The inventory of the store's tests, looked at from outside."""

from tests.store.conftest import open_store, path

__all__ = ["open_store", "path"]
