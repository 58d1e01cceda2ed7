"""The example organisation: everything that the documentation says about it, and its records verified."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import DESKTOP, PHONE, chromium
from seeding import organisation
from tampering import bodies, rewrite, tampered

from unfelt.documents.load import load_playbook

CHANGES = ("release", "split", "hotfix", "orders")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The organisation, seeded."""
    return organisation(tmp_path_factory)


def asked(place: Path, *words: str, lang: str = "en") -> subprocess.CompletedProcess[str]:
    """A command there."""
    command = [sys.executable, "-m", "unfelt", "--lang", lang, *words]
    return subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)


def gates(place: Path, change: str) -> dict:
    """The gates of a change."""
    return json.loads(asked(place, "gates", f"{change}.yaml", "--json").stdout)


@pytest.mark.parametrize(
    ("change", "tier", "is_open"),
    [
        ("release", "standard", {"plan", "ready", "go", "programme"}),
        ("split", "normal", {"plan", "ready", "go", "programme"}),
        ("hotfix", "emergency", {"plan", "ready", "go", "proof", "programme"}),
        ("orders", "major", {"plan", "ready"}),
    ],
)
def test_each_change_stands_where_it_is_said_to(place, change, tier, is_open):
    """A standard one ready to go, one that moves, an emergency in debt, a major one half-way."""
    found = gates(place, change)
    assert found["tier"] == tier
    assert {one["gate"] for one in found["gates"] if one["open"]} == is_open
    assert bool(found["owed_until"]) == (change == "hotfix")


def test_what_a_rollout_ended_with_is_evidence_without_anybodys_help(place):
    """The emergency's rollout is done: monitoring is proved by it, and by nothing typed."""
    controls = {one["control"]: one for one in gates(place, "hotfix")["controls"]}
    monitoring = controls["testing.monitoring"]
    assert (monitoring["state"], monitoring["kind"]) == ("pass", "rollout")
    again = gates(place, "hotfix")
    assert {one["control"]: one for one in again["controls"]}["testing.monitoring"] == monitoring


def test_at_least_20_of_the_eighty_controls_are_measured(place):
    """In all changes together, by evidence that is nobody's word."""
    measured = {
        one["control"]
        for change in CHANGES
        for one in gates(place, change)["controls"]
        if one["state"] == "pass" and one["origin"] in ("observed", "derived", "read")
    }
    assert len(measured) >= 20
    assert measured <= {control.id for control in load_playbook().controls}


def test_part_of_the_programme_is_stale(place):
    """What was never done, what is long ago, and what failed."""
    found = asked(place, "programme", "--json")
    states = {one["control"]: one["state"] for one in json.loads(found.stdout)}
    assert found.returncode == 1
    overdue = {control for control, state in states.items() if state == "overdue"}
    assert overdue == {"satisfaction.track", "social.report", "quality.audit", "brand.feedback"}


def test_every_row_is_what_was_written_and_a_verdict_that_was_turned_is_named(place, tmp_path):
    """Also where every digest was fitted to it afterwards; an artefact that is gone is named too."""
    copy = Path(shutil.copytree(place, tmp_path / "copy"))
    key = next((copy / ".unfelt" / "keys").glob("*.pub.pem"))
    assert json.loads(asked(copy, "verify", "--key", str(key), "--json").stdout)["faults"] == []

    def turn(connection):
        sequence, body = next(one for one in bodies(connection, "evidence") if one[1]["verdict"] == "fail")
        rewrite(connection, sequence, {**body, "verdict": "pass"})
        turned.append(sequence)

    turned: list[int] = []
    tampered(copy / ".unfelt" / "records.db", turn, is_fitted=True)
    faults = json.loads(asked(copy, "verify", "--key", str(key), "--json").stdout)["faults"]
    assert [one["sequence"] for one in faults if "verdict does not follow" in one["why"]] == turned
    tampered(
        copy / ".unfelt" / "records.db",
        lambda c: c.execute("DELETE FROM records_artefact WHERE kind = 'evidence'"),
    )
    faults = json.loads(asked(copy, "verify", "--key", str(key), "--json").stdout)["faults"]
    assert sum("is missing" in one["why"] for one in faults) >= 10


def test_a_name_can_be_erased_and_the_ledger_still_verifies(place, tmp_path):
    """Entries, waivers and approvals name nobody any more; a name that was put in its place is found."""
    copy = Path(shutil.copytree(place, tmp_path / "copy"))
    key = next((copy / ".unfelt" / "keys").glob("*.pub.pem"))
    assert "zhao@shop.example" in asked(copy, "gates", "release.yaml").stdout.replace("\n", " ")
    assert asked(copy, "forget", "zhao@shop.example", "--yes").returncode == 0
    assert asked(copy, "forget", "zhao@shop.example", "--yes").returncode == 1
    said = " ".join(asked(copy, "gates", "release.yaml").stdout.split())
    assert "is approved by wang@shop.example and an erased name" in said
    with closing(sqlite3.connect(copy / ".unfelt" / "records.db")) as records:
        for table in ("records_entry", "records_person"):
            assert "zhao" not in str(records.execute(f"SELECT * FROM {table}").fetchall())
    assert json.loads(asked(copy, "verify", "--key", str(key), "--json").stdout)["faults"] == []
    other = "UPDATE records_person SET name = 'somebody else' WHERE name = 'wang@shop.example'"
    tampered(copy / ".unfelt" / "records.db", lambda connection: connection.execute(other))
    faults = json.loads(asked(copy, "verify", "--key", str(key), "--json").stdout)["faults"]
    assert sum("another one than was recorded" in one["why"] for one in faults) == 1


def test_nobody_opens_a_gate_by_editing_a_row(place, tmp_path):
    """The database refuses it; and what is refused nowhere is found by verify (above)."""
    copy = Path(shutil.copytree(place, tmp_path / "copy"))
    with closing(sqlite3.connect(copy / ".unfelt" / "records.db")) as records:
        for statement in (
            "UPDATE records_entry SET body = replace(body, '\"fail\"', '\"pass\"') WHERE kind = 'evidence'",
            "DELETE FROM records_entry WHERE kind = 'evidence'",
        ):
            with pytest.raises(sqlite3.DatabaseError, match="append-only"):
                records.execute(statement)


def test_evidence_is_found_by_its_change_through_an_index(place):
    """A million entries of other changes are not read for it."""
    with closing(sqlite3.connect(place / ".unfelt" / "records.db")) as records:
        plan = records.execute(
            "EXPLAIN QUERY PLAN SELECT body FROM records_entry WHERE json_extract(body, '$.change') IN "
            "('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')"
        ).fetchall()
    assert "records_entry_by_change" in str(plan)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_of_a_changes_gates_is_whole_accessible_and_fits_a_phone(place, tmp_path, lang):
    """Axe finds nothing serious, no scrolling sideways, no English in the Chinese one but names of practices."""
    file = tmp_path / "gates.html"
    assert asked(place, "compliance", "orders.yaml", "--report", str(file), lang=lang).returncode == 1
    with chromium() as browser:
        page = browser.new_page(viewport=DESKTOP)
        page.goto(file.as_uri())
        assert page.locator("article").count() == 80
        assert page.locator(".areas > div").count() == 20
        serious = [
            (one["id"], [node["html"] for node in one["nodes"]][:3])
            for one in Axe().run(page).response["violations"]
            if one["impact"] in ("serious", "critical")
        ]
        assert serious == []
        page.set_viewport_size(PHONE)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
        if lang == "zh":
            page.locator("section", has=page.locator("#clauses")).evaluate("one => one.remove()")
            text = page.locator("main").inner_text().replace("The charts begin with the first copy", "")
            assert re.findall(r"(?:[a-z]{2,} ){3}[a-z]{2,}", text) == []
