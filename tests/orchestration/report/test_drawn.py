"""What the report has drawn is what Vega-Lite's schema allows: the report itself does not look."""

from pathlib import Path
from typing import Any

import altair
import pytest
import vl_convert
from jsonschema import ValidationError

from tests.orchestration.report.filled import full, page

_draw = vl_convert.vegalite_to_svg


def test_every_chart_of_a_full_report_keeps_to_the_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []

    def drawn(spec: dict[str, Any], **options: Any) -> str:
        asked.append(spec)
        return _draw(spec, **options)

    monkeypatch.setattr(vl_convert, "vegalite_to_svg", drawn)
    page(tmp_path, full())
    assert len(asked) > 4
    for spec in asked:
        altair.Chart.from_dict(spec)


def test_a_chart_that_breaks_the_schema_is_found() -> None:
    with pytest.raises(ValidationError):
        altair.Chart.from_dict({"data": {"values": []}, "mark": "no mark"})
