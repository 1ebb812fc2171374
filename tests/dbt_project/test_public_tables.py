"""The public tables keep their names and columns: people build dashboards on them."""

import pytest

from tests.dbt_project.compiled import CompiledProject

PUBLIC = {
    "fct_funnel": "journey_id prospect_id account_id journey_seq deal_id is_primary origin_team "
    "segment first_channel first_campaign_id aware_at lead_at mql_at sal_at sql_at opportunity_at "
    "won_at lost_at disqualified_at outcome amount marketing_touches sales_touches regressions "
    "recycles observed_from as_of_exact as_of known_at",
    "fct_funnel_event": "journey_id event stage occurred_at team evidence source source_record_id",
    "fct_touch": "touch_id journey_id prospect_id occurred_at team channel campaign_id kind "
    "direction is_two_way counts post_close source source_record_id",
    "fct_handoff": "handoff_id journey_id handed_at assigned_at first_attempt_at two_way_at "
    "decided_at decision reason attempts owner_id",
    "fct_deal": "deal_id account_id journey_id pipeline stage outcome amount currency "
    "amount_reporting created_at closed_at owner_id",
    "alignment_scorecard": "month segment slice_kind slice metric numerator denominator n value "
    "low high target status agreement_version as_of known_at",
    "alignment_evidence": "metric month segment slice_kind slice journey_id handoff_id "
    "in_numerator in_denominator",
    "joint_nurture_silence": "deal_id stage journey_id segment outcome owner_id weeks "
    "longest_silence_marketing longest_silence_sales last_silence_marketing last_silence_sales",
    "now_vs_road_ahead": "quarter_ahead segment fiscal_year fiscal_quarter starts_on ends_on "
    "target won_amount still_to_win expected_amount expected_deals coverage coverage_low "
    "coverage_high status overdue_amount undated_amount marketing_touches_now "
    "marketing_touches_ahead sales_touches_now sales_touches_ahead spend_now spend_ahead "
    "spend_on_nobody currency",
    "role_overlap": "segment done_by person_id person_name journeys won open_journeys n share_won "
    "share_won_low share_won_high median_days median_days_low median_days_high horizon_days status",
    "commitment_attainment": "month segment team metric per_month committed delivered n value low "
    "high status agreement_version as_of known_at",
    "commitment_delivery": "month segment team metric journey_id deal_id occurred_at quantity",
    "cycle_time_curve": "curve unit from_stage to_stage segment cohort day entered at_risk won "
    "lost disqualified exited censored survival survival_low survival_high cif_won cif_won_low "
    "cif_won_high cif_lost cif_disqualified",
    "cycle_time_summary": "curve unit segment cohort p25 p50 p75 p90 restricted_mean horizon_days "
    "n events",
    "cycle_time_slice": "curve unit segment slice_kind slice status p25 p50 p75 p90 "
    "restricted_mean horizon_days share_won n events",
    "cycle_time_slice_curve": "curve unit segment slice_kind slice day at_risk won lost "
    "disqualified censored survival cif_won cif_lost cif_disqualified",
    "stage_occupation": "unit segment stage status expected_days low high horizon_days "
    "starts_at_day n",
    "bottleneck": "unit segment stage status restricted_mean p_visit expected_days rank "
    "median_cycle_now median_cycle_if_p25 label n",
    "cycle_time_trend": "curve segment cohort n n_before share_won share_won_before p50 p50_before "
    "difference low high p_value adjusted_p_value status",
    "attribution_touch": "model conversion conversion_id touch_id channel campaign_id "
    "credit amount",
    "attribution_channel": "model conversion month channel conversions amount cost removal_effect",
    "attribution_campaign": "model conversion month campaign_id campaign_name conversions amount "
    "cost roas cost_per_conversion leads cost_per_lead",
    "attribution_content": "model conversion month segment channel campaign_id content "
    "conversions amount",
    "attribution_path": "conversion month segment path step from_channel to_channel paths "
    "conversions amount",
    "attribution_agreement": "conversion model other_model channels spearman kendall "
    "spearman_amount kendall_amount",
    "attribution_channel_range": "conversion channel least_share least_model most_share most_model "
    "share_range least_amount least_amount_model most_amount most_amount_model amount_range",
    "campaign_record": "campaign_record_id campaign_id campaign_name source source_record_id "
    "is_record name utm channel joined_by doubt touches spend_lines is_deleted",
    "quarantine": "source stream source_record_id reason detail run_id",
    "orphan_touch": "source stream source_record_id reason detail run_id",
}


@pytest.mark.parametrize("table", PUBLIC)
def test_a_public_table_has_its_columns(table: str, project: CompiledProject) -> None:
    [node] = [node for node in project.manifest["nodes"].values() if node["name"] == table]
    assert node["schema"] == "marts"
    assert set(PUBLIC[table].split()) <= set(node["columns"])


def test_every_table_in_marts_says_what_it_is_and_each_column_too(project: CompiledProject) -> None:
    models = [
        node
        for node in project.manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "marts"
    ]
    silent = [
        f"{model['name']}.{name}"
        for model in models
        for name, column in [("", model), *model["columns"].items()]
        if not column["description"].strip()
    ]
    assert silent == []


def test_what_a_table_is_dated_by_is_a_date_or_an_instant_of_it(project: CompiledProject) -> None:
    dated = {
        model["name"]: model["columns"][model["config"]["meta"]["dated_by"]]["data_type"]
        for model in project.manifest["nodes"].values()
        if model["resource_type"] == "model" and model["config"].get("meta", {}).get("dated_by")
    }
    assert {"fct_touch", "fct_funnel_event", "attribution_touch"} <= set(dated)
    assert set(dated.values()) <= {"date", "timestamp"}
