"""The company that runs when no other is named: both CRMs over HTTP, one funnel, nothing left."""

import re
import shutil
import signal
import socket
from dataclasses import replace
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import duckdb
import pytest
import requests

from benchmarks.truth.compare import Part, compare
from connectors.hubspot.streams import STREAMS
from orchestration.company import load_company
from orchestration.publish.pseudonyms import KEY_VARIABLE
from orchestration.publish.publish import publish
from orchestration.publish_settings import PersonalData, PublishSettings
from orchestration.warehouse.dbt_docs import make_docs, served
from orchestration.warehouse.dbt_project import read_project
from tests.always_true import kept
from tests.end_to_end.default_company import (
    CANARIES,
    DefaultCompany,
    after_one_night,
    make,
    run,
    start,
)
from tests.end_to_end.measures_by_name import differences
from tests.end_to_end.running import REPOSITORY, Published

KEY = re.compile(r"[0-9a-f]{32}")
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
BREAKS = {
    "identity (pairs of records)": (
        "update intermediate.int_person_link set prospect_id = 'one for all'"
        " where person_key in (from intermediate.int_person_link select person_key"
        " order by person_key limit 2)"
    ),
    "journeys": "delete from marts.fct_funnel where journey_seq = 1 and outcome = 'won'",
    "outcomes": (
        "update marts.fct_funnel set recycles = recycles + 1"
        " where is_primary and outcome = 'won' and journey_seq = 1"
    ),
    "deals": "update marts.fct_deal set amount = amount + 0.01",
    "handoffs": "update marts.fct_handoff set decided_at = decided_at + interval 1 second",
    "first attempts": (
        "update marts.fct_handoff set first_attempt_at = first_attempt_at + interval 1 second"
    ),
    "sql_at": "update marts.fct_funnel set sql_at = sql_at + interval 1 second",
    "touches": "update marts.fct_touch set occurred_at = occurred_at + interval 1 hour",
}
"""One thing put wrong in a finished build for each kind of line of the comparison."""


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> DefaultCompany:
    """The company after its first night."""
    return after_one_night(tmp_path_factory.mktemp("default") / "company", prospects=240)


def _is_served(address: str) -> bool:
    host = urlsplit(address)
    with socket.socket() as caller:
        return caller.connect_ex((host.hostname, host.port)) == 0


def test_what_is_always_true_was_tested_and_holds(company: DefaultCompany) -> None:
    assert set(kept(company.data, REPOSITORY).values()) == {"good"}


def _compared(warehouse: Path, company: DefaultCompany) -> dict[str, Part]:
    return {part.name: part for part in compare(warehouse, company.data / "truth")}


def test_all_that_is_not_as_it_truly_was_has_a_reason(company: DefaultCompany) -> None:
    parts = _compared(company.data / "warehouse.duckdb", company)
    assert {name: part.reasons for name, part in parts.items() if part.unexplained} == {}
    assert {name for name, part in parts.items() if part.right == 0} == set()


@pytest.mark.parametrize("part", BREAKS)
def test_what_is_put_wrong_in_a_build_is_missed_without_a_reason(
    company: DefaultCompany, tmp_path: Path, part: str
) -> None:
    broken = tmp_path / "warehouse.duckdb"
    shutil.copy(company.data / "warehouse.duckdb", broken)
    with duckdb.connect(str(broken)) as warehouse:
        warehouse.execute(BREAKS[part])
    assert _compared(broken, company)[part].unexplained > 0


def test_every_stage_is_reached_as_often_as_it_truly_was(company: DefaultCompany) -> None:
    stages = ("mql", "sal", "sql", "opportunity", "won", "lost", "disqualified")
    counts = ", ".join(f"count({stage}_at)" for stage in stages)
    found = company.published.rows(f"select {counts} from fct_funnel where is_primary")
    assert found == company.truth(f"select {counts} from journeys")
    assert found[0][0] > 50


def test_a_deal_that_both_systems_keep_is_one_with_its_true_amount_and_end(
    company: DefaultCompany,
) -> None:
    found = company.published.rows(
        "select source_record_id[:15], amount, currency, outcome from fct_deal order by all"
    )
    assert found == company.truth(
        "select deal_id, amount, currency, outcome from deals order by all"
    )
    mirrored = company.published.rows("select source, count(*) from fct_deal group by all")
    assert [source for source, _ in mirrored] == ["salesforce"]


# The campaign as the exports name it, for each that the funnel knows.
EXPORTED_CAMPAIGN = """
    select campaign_id, utm as campaign from campaign_record where source = 'hubspot' and is_record
"""
ON_THE_WEB = ("form_submission", "visit", "ad_click")


def test_what_was_done_on_the_web_is_of_its_true_channel_and_campaign(
    company: DefaultCompany,
) -> None:
    found = company.published.rows(f"""
        select
            cast(right(source_record_id, 12) as bigint) as touch, touches.channel, campaign
        from fct_touch as touches
        inner join ({EXPORTED_CAMPAIGN}) using (campaign_id)
        where kind in {ON_THE_WEB}
    """)
    true = {
        touch: told
        for touch, *told in company.truth("select touch, channel, campaign from touches")
    }
    told = {touch: of for touch, *of in found}
    assert told == {touch: true[touch] for touch in told}
    kinds = company.published.rows(
        f"select kind, count(*) from fct_touch where kind in {ON_THE_WEB} group by all"
    )
    assert len(kinds) == 3
    assert len(told) == sum(count for _, count in kinds)


def test_what_each_advertised_campaign_cost_stands_beside_what_came_of_it(
    company: DefaultCompany,
) -> None:
    exports = company.data / "exports"
    billed = company.truth(f"""
        select Kampagne, sum(round(
            cast(replace(replace(Kosten, '.', ''), ',', '.') as decimal(18, 2))
            * cast(usd as decimal(10, 4)), 2
        ))
        from read_csv('{exports}/ads/search/*.csv', delim = ';', all_varchar = true) as spent
        inner join read_csv('{exports}/finance/exchange_rates.csv', all_varchar = true) as rates
            on strptime(Tag, '%d.%m.%Y') = cast(rates.day as date) and currency = 'EUR'
        group by Kampagne
        union all
        select campaign_id, sum(spend) from '{exports}/ads/social/*.parquet' group by campaign_id
        order by all
    """)
    found = company.published.rows(f"""
        select campaign, sum(cost)
        from attribution_campaign
        inner join ({EXPORTED_CAMPAIGN}) using (campaign_id)
        where
            model = 'linear' and conversion = 'mql' and channel in ('Paid Search', 'Paid Social')
        group by campaign
        order by all
    """)
    assert found == billed
    assert len(billed) == 24
    [(earned,)] = company.published.rows(
        "select count(distinct campaign_id) from attribution_campaign"
        " where model = 'linear' and conversion = 'mql' and conversions > 0"
        " and channel in ('Paid Search', 'Paid Social')"
    )
    assert earned > 12


def test_why_sales_sends_back_is_what_truly_was_the_reason(company: DefaultCompany) -> None:
    found = company.published.rows("""
        select metric, cast(sum(numerator) as bigint) from alignment_scorecard
        where metric like 'rejection_mix.%' and slice_kind = 'all' and segment = 'all'
        group by all having sum(numerator) > 0 order by all
    """)
    assert found == company.truth(
        "select 'rejection_mix.' || reason, count(*) from handoffs where reason is not null "
        "group by all order by all"
    )
    assert len(found) > 5


def test_why_a_deal_was_lost_is_what_sales_wrote_down(company: DefaultCompany) -> None:
    opportunities = company.data / "exports" / "crm" / "opportunities.csv"
    found = company.published.rows(
        "select source_record_id[:15], close_reason from fct_deal where outcome = 'lost' order by 1"
    )
    assert found == company.truth(
        f"select Id, LossReason from '{opportunities}' where StageName = 'Closed Lost' order by 1"
    )
    assert found


def test_every_handoff_is_assigned_when_a_rep_had_its_prospect_in_the_crm(
    company: DefaultCompany,
) -> None:
    # Before the first load everybody is of the team of today: who has since left sales had nothing.
    crm = company.data / "exports" / "crm"
    true = company.truth(f"""
        with reps as (
            select Id from '{crm}/users.csv' where RoleTo is null and Role in ('SDR', 'AE')
        ),
        records_of_reps as (
            select records.prospect, owned.CreatedDate as owned_at
            from (
                select Id, OwnerId, CreatedDate from '{crm}/leads.csv'
                union all
                select Id, OwnerId, CreatedDate from '{crm}/contacts.csv'
            ) as owned
            inner join records on records.source = 'crm' and records.record_id = owned.Id
            where owned.OwnerId in (from reps)
        ),
        lasting as (
            select
                *,
                lead(handed_at) over (partition by prospect order by handoff_seq) as next_at,
                if(decision in ('rejected', 'recycled'), decided_at, null) as sent_away_at
            from handoffs
        )
        select
            epoch(handed_at),
            epoch(min(if(owned_at is null, null, greatest(owned_at, handed_at))))
        from lasting
        left join records_of_reps
            on
                lasting.prospect = records_of_reps.prospect
                and (next_at is null or owned_at < next_at)
                and (sent_away_at is null or owned_at <= sent_away_at)
        group by lasting.prospect, handoff_seq, handed_at
        order by all
    """)
    found = company.published.rows(
        "select epoch(handed_at), epoch(assigned_at) from fct_handoff order by all"
    )
    assert found == true
    assert sum(assigned is not None for _, assigned in found) > 50


def test_nobody_is_told_apart_by_the_systems_that_know_them_nor_thrown_together(
    company: DefaultCompany,
) -> None:
    with duckdb.connect(str(company.data / "warehouse.duckdb"), read_only=True) as warehouse:
        linked = warehouse.execute(
            "select prospect_id, source, source_record_id from intermediate.int_person_link"
        ).fetchall()
    truth = {
        (system, record): prospect
        for system, record, prospect in company.truth(
            "select source, record_id, prospect from records"
        )
    }
    people: dict[str, set[int]] = {}
    for prospect_id, source, record in linked:
        kept = ("crm", record[:15]) if source == "salesforce" else ("marketing", record)
        people.setdefault(prospect_id, set()).add(truth[kept])
    assert {len(prospects) for prospects in people.values()} == {1}
    in_both = {source for _, source, _ in linked}
    assert in_both == {"hubspot", "salesforce", "web"}


def _people(company: DefaultCompany) -> set[str]:
    """The names, addresses and phone numbers of all prospects and users."""
    with duckdb.connect(str(company.data / "warehouse.duckdb"), read_only=True) as warehouse:
        rows = warehouse.execute("""
            select full_name, email, phone from input.input_persons
            union all
            select full_name, email, null from input.input_users
        """).fetchall()
    return {text for row in rows for text in row if text}


def _text_columns(published: Published) -> list[tuple[str, list[str]]]:
    return [
        (table, columns)
        for table, columns in published.rows(
            "select table_name, list(column_name) from catalogue_column "
            "where data_type = 'VARCHAR' group by all"
        )
    ]


def test_every_published_column_that_names_somebody_is_tagged_as_personal(
    company: DefaultCompany,
) -> None:
    names_somebody = set()
    with duckdb.connect(company.published.folder / "tandem.duckdb", read_only=True) as published:
        published.execute(
            "create temp table people as select unnest(?) as text", [[*_people(company)]]
        )
        for table, columns in _text_columns(company.published):
            asked = ", ".join(f'bool_or("{c}" in (select text from people))' for c in columns)
            [found] = published.execute(f"select {asked} from marts.{table}").fetchall()
            names_somebody |= {(table, c) for c, yes in zip(columns, found, strict=True) if yes}
    tagged = company.published.rows(
        "select table_name, column_name from catalogue_column where is_personal"
    )
    assert names_somebody - set(tagged) == set()
    assert {("dim_prospect", "phone"), ("handoff_worklist", "owner_name")} <= names_somebody


@pytest.fixture(scope="module")
def under_pseudonyms(
    company: DefaultCompany, tmp_path_factory: pytest.TempPathFactory
) -> Published:
    """The first night's tables, published under pseudonyms in a folder of their own."""
    folder = tmp_path_factory.mktemp("pseudonyms")
    made = load_company({"TANDEM_COMPANY": str(company.folder), "TANDEM_DATA": str(folder)})
    made = replace(made, publishing=PublishSettings(personal_data=PersonalData.PSEUDONYMS))
    made.data.mkdir(parents=True)
    for name in ("warehouse.duckdb", "gate.json"):
        shutil.copy(company.data / name, made.data / name)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(KEY_VARIABLE, "a key of the tests alone")
        publish(made, read_project(made), "run")
    return Published(made.published)


def _texts(published: Published, parquet: bool = False) -> set[str]:
    """Every text in a table but the catalogue's own."""
    queries = []
    for table, columns in _text_columns(published):
        place = f"'{published.folder}/parquet/{table}/*.parquet'" if parquet else table
        listed = ", ".join(f'"{column}"' for column in columns)
        queries.append(f"select unnest([{listed}]) as text from {place}")
    return {text for (text,) in published.rows(" union ".join(queries)) if text}


def test_under_pseudonyms_no_published_table_names_anybody_nor_has_a_key_that_is_known(
    company: DefaultCompany, under_pseudonyms: Published
) -> None:
    clear = _texts(company.published)
    known = _people(company) | {text for text in clear if KEY.fullmatch(text)}
    known -= {version for (version,) in company.published.rows("select version from catalogue")}
    assert len(known & clear) > 1000
    assert known.isdisjoint(_texts(under_pseudonyms))
    assert known.isdisjoint(_texts(under_pseudonyms, parquet=True))


def test_under_pseudonyms_nobody_is_named_in_any_byte_of_a_published_file(
    company: DefaultCompany, under_pseudonyms: Published
) -> None:
    def named(published: Published) -> set[str]:
        return {
            file.suffix
            for file in (published.folder / "current").resolve().rglob("*")
            if file.is_file() and _names_one_of(people, file.read_bytes())
        }

    people = [text.encode() for text in _people(company)]
    assert {".duckdb", ".html"} <= named(company.published)
    assert named(under_pseudonyms) == set()


def _names_one_of(people: list[bytes], content: bytes) -> bool:
    """Whether any of them stands there; by the ends that many share, since there are many."""
    hosts = {host for host in re.findall(rb"@[\w.-]+", content) if b"." in host}
    ends = {re.split(rb"(?=[@ ])", text)[-1] for text in people}
    there = tuple(
        end
        for end in ends
        if (any(h.startswith(end) for h in hosts) if end[:1] == b"@" else end in content)
    )
    return any(text in content for text in people if text.endswith(there))


@pytest.mark.parametrize(
    "join",
    [
        "handoff_worklist as w join dim_user as u on w.owner_id = u.user_id "
        "and w.owner_name = u.full_name",
        "handoff_worklist as w join dim_prospect as p using (prospect_id, full_name, email)",
        "alignment_evidence as e join dim_user as u on e.slice = u.user_id",
        "fct_touch as t join fct_funnel as f using (journey_id, prospect_id)",
        "alignment_scorecard where slice = 'all' or slice = 'unknown'",
    ],
)
def test_under_pseudonyms_tables_join_as_they_did(
    company: DefaultCompany, under_pseudonyms: Published, join: str
) -> None:
    query = f"select count(*) from {join}"
    assert company.published.one(query) == under_pseudonyms.one(query) > 0


def test_a_second_run_asks_both_and_finds_nothing_new(company: DefaultCompany) -> None:
    output = run(company.folder)
    assert "Nothing new" in output
    lines = re.findall(r"(?:hubspot|salesforce)\.\w+: (.*), in", output)
    assert len(lines) > 40
    assert set(lines) == {"nothing new"}


def test_what_tells_more_of_records_is_read_after_them(company: DefaultCompany) -> None:
    read = re.findall(r" hubspot\.(\w+): .*, in ", company.first_run)
    beside = {stream.name: stream.beside for stream in STREAMS if stream.beside}
    assert len(beside) > 6
    assert [name for name, of in beside.items() if read.index(name) < read.index(of)] == []


def test_every_measure_by_name_is_what_its_table_says(company: DefaultCompany) -> None:
    answered, different = differences(company.settings, company.published)
    assert different == []
    assert answered > 40


@pytest.mark.slow
def test_the_pages_of_the_tables_show_them_and_are_on_loopback(company: DefaultCompany) -> None:
    with served(make_docs(company.settings), 0) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        page = requests.get(f"http://127.0.0.1:{server.server_port}/", timeout=60).text
        thread.join()
    assert server.server_address[0] == "127.0.0.1"
    assert "cycle_time_trend" in page
    assert "superset_dashboard" in page


def test_the_servers_are_gone_when_the_run_is_over(company: DefaultCompany) -> None:
    addresses = ADDRESS.findall(company.first_run)
    assert len(addresses) == 2
    assert not any(_is_served(address) for address in addresses)


def test_no_secret_is_found_in_what_a_run_says_or_leaves_behind(company: DefaultCompany) -> None:
    texts = [value.encode() for value in CANARIES.values()]
    found = [
        path
        for path in company.folder.rglob("*")
        if path.is_file() and any(text in path.read_bytes() for text in texts)
    ]
    assert found == []
    assert not any(value in company.first_run for value in CANARIES.values())


def test_the_servers_are_gone_when_the_run_was_killed(tmp_path: Path) -> None:
    process = start(make(tmp_path / "company", 60))
    assert process.stdout is not None
    said = ""
    while not (addresses := ADDRESS.findall(said)):
        line = process.stdout.readline()
        assert line, said
        said += line
    assert len(addresses) == 2, said
    assert all(_is_served(address) for address in addresses)
    process.send_signal(signal.SIGKILL)
    # The servers hold the pipe too, so that it ends when they have ended.
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert not any(_is_served(address) for address in addresses)
