import importlib.util
from pathlib import Path

_PATH = Path(__file__).with_name("docs_tables.py")


def test_docs_have_every_setting_and_every_code_as_the_code_has_them() -> None:
    spec = importlib.util.spec_from_file_location("docs_tables", _PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, page in module.PAGES.items():
        text = (module.DOCS / name).read_text("utf-8")
        assert text == page(), f"run `make format` to bring docs/{name} up to date"
