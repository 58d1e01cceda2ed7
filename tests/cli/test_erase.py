"""unfelt erase: bytes of evidence go, a tombstone stays, verify names it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from databases import postgresql

from unfelt.engines.ledger.gates.reading import evidence_of
from unfelt.records.models import Artefact

PAPER = "# Passport\nC0123\n"
ADD = "evidence add compliance.assessment --kind document --number open_duties=0"


def brought(desk, tmp_path):
    """A paper on record; the number of its entry."""
    paper = tmp_path / "paper.md"
    paper.write_text(PAPER + desk.plan.name + str(tmp_path))
    add = desk(ADD, str(desk.plan), "--file", str(paper), "--json")
    assert add.exit_code == 0, add.output
    return json.loads(add.stdout)["entry"]


def test_a_file_is_erased_and_verify_says_so(desk, tmp_path):
    """By the first digits of its digest, for a reason; a second time there is nothing to erase."""
    entry = brought(desk, tmp_path)
    digest = Artefact.objects.order_by("-saved_at").first().digest
    erased = desk("erase", digest[:12], "--because", "Nobody may keep it", "--yes", "--json")
    number = json.loads(erased.stdout)["entry"]
    assert (erased.exit_code, number) == (0, entry + 1)
    told = json.loads(desk("verify", "--json").stdout)
    assert ({"digest": digest, "entry": number} in told["erased"], told["faults"]) == (True, [])
    assert f"as entries say: #{number}." in desk("verify").stdout
    again = desk("erase", digest, "--because", "x", "--yes")
    assert (again.exit_code, "is erased already" in again.output) == (2, True)


def test_nothing_is_erased_by_who_does_not_say_yes(desk, tmp_path):
    """Asked first; whoever says no has done nothing."""
    brought(desk, tmp_path)
    digest = Artefact.objects.order_by("-saved_at").first().digest
    assert desk("erase", digest, "--because", "x").exit_code != 0
    assert Artefact.objects.filter(digest=digest).exists()


def test_what_was_erased_is_not_brought_again(desk, tmp_path):
    """The very same bytes are refused; their verdict of before stands."""
    brought(desk, tmp_path)
    digest = Artefact.objects.order_by("-saved_at").first().digest
    desk("erase", digest, "--because", "x", "--yes")
    again = desk(ADD, str(desk.plan), "--file", str(tmp_path / "paper.md"))
    assert (again.exit_code, "was erased" in again.output) == (2, True)
    assert not Artefact.objects.filter(digest=digest).exists()
    change = next(one for one in desk.plan.read_text().split("id: ")[1:]).split(",")[0]
    assert [one.verdict for one in evidence_of(change)] == ["pass"]


@pytest.mark.slow
def test_postgresql_lets_go_what_has_a_tombstone_and_nothing_else(tmp_path: Path):
    """The same trigger there: a row without a tombstone stays, whoever asks."""
    plan, paper = tmp_path / "change.yaml", tmp_path / "paper.md"
    plan.write_text(PLAN)
    paper.write_text(PAPER)
    with postgresql(tmp_path / "server") as server:
        url = server.get_uri()

        def unfelt(*words: str) -> subprocess.CompletedProcess[str]:
            environment = {**os.environ, "UNFELT_LANG": "en", "UNFELT_DATABASE": url}
            command = [sys.executable, "-m", "unfelt", *words, "--home", str(tmp_path / "home")]
            return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

        bring = (*ADD.split(), str(plan), "--file", str(paper))
        assert unfelt(*bring).returncode == 0
        paper.write_text(PAPER * 2)
        assert unfelt(*bring).returncode == 0
        with psycopg.connect(url, autocommit=True) as connection:
            rows = connection.execute("SELECT digest FROM records_artefact ORDER BY saved_at").fetchall()
            first, second = (row[0] for row in rows)
            assert unfelt("erase", first, "--because", "x", "--yes").returncode == 0
            for statement in (
                "DELETE FROM records_artefact",
                "TRUNCATE records_artefact",
                "DELETE FROM records_erasure",
                f"UPDATE records_artefact SET kind = 'x' WHERE digest = '{second}'",
            ):
                with pytest.raises(psycopg.errors.RaiseException, match="is append-only"):
                    connection.execute(statement)
            assert connection.execute("SELECT digest FROM records_artefact").fetchall() == [(second,)]
        told = json.loads(unfelt("verify", "--json").stdout)
        assert ([one["digest"] for one in told["erased"]], told["faults"]) == ([first], [])


PLAN = """\
unfelt: 1
change: {id: erased, title: Split, owner: lin, tier: normal}
experience: {customer: cookie:uid, metrics: [{id: failed, bad: "status >= 500", margin: 1%}]}
guard: {impact_budget: 150 customers}
"""
