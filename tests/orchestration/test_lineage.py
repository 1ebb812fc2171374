"""What the web UI makes anew when somebody asks for a raw table and what is downstream of it."""

from pathlib import Path

import dagster as dg

from orchestration.company import load_company
from orchestration.definitions import definitions_of
from orchestration.defs.naming import raw_key
from orchestration.warehouse.dbt_project import DbtProject
from tests.end_to_end.small_company import small_company


def test_downstream_of_a_raw_table_is_all_that_goes_together_again(
    tmp_path: Path, dbt_project: DbtProject
) -> None:
    folder, data = str(small_company(tmp_path).folder), str(tmp_path / "data")
    company = load_company({"TANDEM_COMPANY": folder, "TANDEM_DATA": data})
    assets = definitions_of(company, dbt_project).resolve_asset_graph()
    chosen = dg.AssetSelection.assets(raw_key("crm", "deals")).downstream().resolve(assets)
    left = {
        key.to_user_string()
        for key in assets.materializable_asset_keys - chosen
        if not key.path[0].startswith(("raw", "bound", "rebuilt"))
    }
    assert left == set()
