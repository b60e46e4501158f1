"""The body of an import: a broker's file as it is, or in a form's field ``data``, as TEvo's own upload takes it."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import PurePath
from typing import Any

from flask import request
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from mockpos.broker.broker_file import BrokerFile
from mockpos.broker.column_map import ColumnMap, column_map
from mockpos.broker.json_listings import read_json_bytes
from mockpos.broker.reader import read_broker_bytes
from mockpos.domain.clock import Millis, to_datetime
from mockpos.domain.errors import BadInput, MockMisuse
from mockpos.server.greenlets import offload
from mockpos.web.contract.bodies import is_json_type
from mockpos.web.control.bodies import body_bytes

IMPORT_BODY_LIMIT = 64 * 1024 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FILES = {"text/csv": "body.csv", "text/tab-separated-values": "body.txt", XLSX: "body.xlsx"}
_FORM, _CURL_DATA = "multipart/form-data", "application/x-www-form-urlencoded"
_FIELD = "data"
_BETWEEN = ";"
_LONGEST_FAULT = 2000


def read_body(query: Mapping[str, Any], now: Millis) -> BrokerFile:
    """Read the request's body. Raises BadInput for a fault of the whole of it, and MockMisuse for another kind."""
    raw, name, maps, defaults = _file(body_bytes(IMPORT_BODY_LIMIT), request.environ.get("CONTENT_TYPE", ""))
    maps += [one for one in query.get("map", "").split(_BETWEEN) if one]
    defaults += [one for one in query.get("default", "").split(_BETWEEN) if one]
    try:
        columns = _column_map(maps, defaults)
        return offload(lambda: _read(raw, name, columns, now))
    except BadInput as error:
        raise BadInput(str(error)[:_LONGEST_FAULT]) from None


def _file(raw: bytes, content_type: str) -> tuple[bytes, str, list[str], list[str]]:
    """Return the file, a name that tells its kind, and what a form says of its columns."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == _FORM:
        return _from_form(raw, content_type)
    if is_json_type(content_type):
        return raw, "body.json", [], []
    if media_type in _FILES:
        return raw, _FILES[media_type], [], []
    hint = (
        "curl: --data-binary @FILE -H 'Content-Type: text/csv', or -F data=@FILE. " if media_type == _CURL_DATA else ""
    )
    raise MockMisuse(
        "mock_unsupported_media_type",
        415,
        f"{hint}Send the body as {', '.join(_FILES)}, application/json, or {_FORM} with the file in {_FIELD}.",
    )


def _from_form(raw: bytes, content_type: str) -> tuple[bytes, str, list[str], list[str]]:
    _, options = parse_options_header(content_type)
    parser = FormDataParser(_in_memory, max_form_memory_size=None, max_form_parts=100, silent=False)
    try:
        _, fields, files = parser.parse(BytesIO(raw), _FORM, len(raw), options)
    except ValueError as error:
        raise BadInput(f"body: no form: {error}") from None
    upload, text = files.get(_FIELD), fields.get(_FIELD)
    if upload is None and text is None:
        raise BadInput(f"body: the form has no field {_FIELD!r} with the file; curl: -F data=@FILE")
    maps, defaults = fields.getlist("map"), fields.getlist("default")
    if upload is None:
        return str(text).encode("utf-8", "surrogateescape"), "body", maps, defaults
    suffix = PurePath(upload.filename or "").suffix.lower()
    return upload.stream.read(), f"body{suffix}", maps, defaults


def _in_memory(*_: object, **__: object) -> BytesIO:
    """Return where a file of a form goes: the whole form is in memory already."""
    return BytesIO()


def _column_map(maps: list[str], defaults: list[str]) -> ColumnMap:
    """Read what was said of the columns; here a map is no name of a file."""
    wrong = next((one for one in maps if "=" not in one), None)
    if wrong is not None:
        raise BadInput(f"map: {wrong[:80]!r} must be COLUMN=HEADER, as Event=event_name")
    return column_map(maps, defaults)


def _read(raw: bytes, name: str, columns: ColumnMap, now: Millis) -> BrokerFile:
    is_json = name == "body.json" or (name == "body" and raw.lstrip()[:1] in (b"{", b"["))
    if is_json:
        return read_json_bytes(raw, "body")
    return read_broker_bytes(raw, name, today=to_datetime(now).date(), columns=columns)
