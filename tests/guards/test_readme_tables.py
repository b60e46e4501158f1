import importlib.util
from pathlib import Path

_PATH = Path(__file__).with_name("readme_tables.py")


def test_the_readme_has_every_setting_and_every_code_as_the_code_has_them() -> None:
    spec = importlib.util.spec_from_file_location("readme_tables", _PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = module.README.read_text()
    assert text == module.with_tables(text), "run `make format` to bring the README's tables up to date"
