"""A small company whose exports a test can break and mend; its CRM is required, its ads are not."""

from dataclasses import dataclass
from pathlib import Path

from tests.end_to_end.running import Outcome, Published, run_tandem

_SOURCES = """\
company: acme
sources:
  - name: crm
    kind: files
    complete_until: 2026-06-30
    streams:
      - name: leads
        files: leads.csv
        key: id
        columns: {id: text, email: text, mql_at: timestamp}
        fills:
          - {entity: persons, values: {record_id: id, email: email, created_at: mql_at}}
          - entity: stage_changes
            values:
              subject_kind: {constant: person}
              subject: id
              stage: {constant: mql}
              changed_at: mql_at
      - name: deals
        files: deals.csv
        key: id
        columns: {id: text, lead: text, stage: text, amount: decimal, closed_at: timestamp}
        fills:
          - entity: deals
            values:
              {record_id: id, person: lead, stage: stage, amount: amount, closed_at: closed_at}
          - entity: stage_changes
            values:
              {subject_kind: {constant: deal}, subject: id, stage: stage, changed_at: closed_at}
            where: {closed_at: present}
  - name: ads
    kind: files
    required: false
    streams:
      - name: spend
        files: spend.csv
        key: [day, channel]
        columns: {day: date, channel: text, amount: decimal}
        fills:
          - {entity: spend, values: {day: day, channel: channel, amount: amount}}
"""
_AGREEMENT = """\
version: acme-1
time_zone: UTC
reporting_currency: EUR
stages:
  - {key: mql, owner: marketing}
  - {key: opportunity, owner: sales, means: {crm.deals.stage: [open]}}
  - {key: won, owner: sales, means: {crm.deals.stage: [won]}}
exits:
  - {key: lost, means: {crm.deals.stage: [lost]}}
"""
EXPORTS = {
    "leads.csv": "id,email,mql_at\n"
    + "".join(f"{n},{n}@acme.example,2026-01-{n:02} 09:00:00\n" for n in range(1, 31)),
    "deals.csv": "id,lead,stage,amount,closed_at\n"
    + "".join(f"d{n},{n},won,{n}00,2026-03-{n:02} 12:00:00\n" for n in range(1, 11))
    + "".join(f"d{n},{n},lost,{n}00,2026-04-{n:02} 12:00:00\n" for n in range(11, 16)),
    "spend.csv": "day,channel,amount\n2026-01-01,search,100.50\n",
}


@dataclass(frozen=True)
class SmallCompany:
    """The company's two files, its exports, and the data that its runs make."""

    folder: Path

    @property
    def published(self) -> Published:
        """What its readers get."""
        return Published(self.folder / "data" / "acme" / "published")

    def export(self, name: str, content: str) -> None:
        """Write one export anew."""
        path = self.folder / "exports" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)

    def run(self, *options: str) -> Outcome:
        """Run it as its nightly does."""
        exports, data = self.folder / "exports", self.folder / "data"
        return run_tandem(self.folder, data, exports, *options)

    def forget(self, *addresses: str) -> Outcome:
        """Forget people by their addresses, unasked."""
        exports, data = self.folder / "exports", self.folder / "data"
        given = "".join(f"{address}\n" for address in addresses)
        return run_tandem(self.folder, data, exports, "--yes", command="forget", given=given)


def small_company(folder: Path) -> SmallCompany:
    """The company with its exports whole."""
    company = SmallCompany(folder)
    (folder / "sources.yml").write_text(_SOURCES)
    (folder / "agreement.yml").write_text(_AGREEMENT)
    for name, content in EXPORTS.items():
        company.export(name, content)
    return company
