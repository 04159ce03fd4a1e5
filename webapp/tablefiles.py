"""One table of a page as a file to save: XLSX or CSV, every row of it, numbers as numbers."""

from __future__ import annotations

from flask import Response
from flask_babel import gettext as _

from tenants import sheets
from tenants.errors import Invalid
from webapp.sight_tables import Table

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def table_file(table: Table, name: str, kind: str) -> Response:
    """The table as a download called `name`.

    Raises:
        Invalid: another kind than ``xlsx`` or ``csv``.
    """
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"', "Cache-Control": "no-store"}
    header = [column.label for column in table.columns]
    if kind == "csv":
        text = "".join(sheets.as_csv(header, table.plain()))
        return Response(text, content_type="text/csv; charset=utf-8", headers=headers)
    if kind == "xlsx":
        widths = [36 if column.kind == "text" else 18 for column in table.columns]
        data = sheets.as_xlsx(table.title[:31], header, table.plain(), widths)
        return Response(data, content_type=XLSX, headers=headers)
    raise Invalid(_("Pilih ekspor XLSX atau CSV."))
