"""The page of broker files: every column with its other names, and a mapping file that can be used."""

import html

from mockpos.broker.columns import COLUMNS, MAPPING_EXAMPLE, column_map


def test_every_column_is_there_with_its_other_names_and_its_example(bed):
    page = bed.client.get("/docs/broker-files").text
    for column in COLUMNS:
        row = page.partition(f'<tr id="{column.name}">')[2].partition("</tr>")[0]
        assert f"<td>{', '.join(column.aliases)}</td>" in row, column.name
        assert html.escape(column.example) in row
        assert ("required" in row) is column.required


def test_the_mapping_file_on_the_page_can_be_used(bed, tmp_path):
    assert html.escape(MAPPING_EXAMPLE) in bed.client.get("/docs/broker-files").text
    path = tmp_path / "sheet.yaml"
    path.write_text(MAPPING_EXAMPLE)
    found = column_map([str(path)], [])
    assert dict(found.headers) == {"Event": "production", "Cost": "what we paid"}
    assert dict(found.defaults) == {"Venue": "Larch Hall"}


def test_columns_are_found_by_any_of_their_names_and_told_to_programs_that_read(bed):
    assert '<a href="/docs/broker-files#TicketID">' in bed.client.get("/docs/search?q=TicketGroupID").text
    text = bed.client.get("/llms-full.txt").text
    for column in COLUMNS:
        assert f"\n| {column.name} | {', '.join(column.aliases)} | " in text
    assert "/docs/broker-files" in bed.client.get("/llms.txt").text
    assert '<a href="/docs/broker-files" aria-current="page">' in bed.client.get("/docs/broker-files").text
