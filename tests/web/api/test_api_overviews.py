"""Over many changes by scripts: search, risks, areas, models, calendar, webhooks."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from scripting import scripted
from seeding import organisation
from serving import Served, served

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A console over the seeded organisation."""
    place = organisation(tmp_path_factory)
    with served(place / ".unfelt", cwd=place) as running:
        yield running


@pytest.fixture(scope="module")
def script(console: Served):
    """A script that may read."""
    return scripted(console, "ann", "read")


def test_everything_is_searched(script):
    """Changes, controls and the rest; without words there is nothing to search."""
    found = script.get("/api/search/?q=PostgreSQL").json()
    assert [one["name"] for one in found["changes"]] == ["orders-to-postgres"]
    assert "backup.drill" in script.get("/api/search/?q=drill").json()["controls"]
    assert script.get("/api/search/?q=").status_code == 422


def test_risks_and_areas_are_those_of_the_pages(script):
    """Nine risks, the gravest first; eighty controls over three changes."""
    risks = script.get("/api/risks/").json()
    expected = [one["expected"] for one in risks["risks"]]
    assert (len(expected), expected, risks["looked_through"]) == (9, sorted(expected, reverse=True), 3)
    areas = script.get("/api/areas/").json()["controls"]
    assert len(areas) == 80
    assert {sum(one["counts"].values()) for one in areas} == {3}


def test_models_say_whether_they_are_approved(script):
    """One is."""
    models = {one["model"].partition("@")[0]: one for one in script.get("/api/models/").json()["models"]}
    assert models["service-release"]["is_approved"]
    assert not models["database-switch"]["is_approved"]


def day_of(script, day):
    """That day of its month."""
    days = script.get(f"/api/calendar/?year={day.year}&month={day.month}").json()["days"]
    return next(one for one in days if one["day"] == day.isoformat())


def test_a_month_has_its_windows_and_freezes(script):
    """By day: the example's are counted from the day on which it was made."""
    today = datetime.now(UTC).date()
    window, freeze = today + timedelta(days=8), today + timedelta(days=45)
    assert "orders-to-postgres" in day_of(script, window)["changes"]
    assert day_of(script, freeze)["freezes"] == ["Year-end sale"]
    assert script.get("/api/calendar/?month=13").status_code == 422


def test_webhooks_are_made_and_ended_by_an_admin(console, script):
    """The secret is told once; another member's token may not."""
    client = scripted(console, "root", "admin")
    made = client.post("/api/webhooks/", json={"url": "https://hooks.example/a", "kinds": ["evidence"]}).json()
    assert len(made["secret"]) > 20
    (shown,) = client.get("/api/webhooks/").json()["webhooks"]
    assert (shown["secret"], shown["kinds"]) == ("", ["evidence"])
    assert client.delete(f"/api/webhooks/{made['number']}/").status_code == 204
    assert client.get("/api/webhooks/").json()["webhooks"] == []
    assert client.post("/api/webhooks/", json={"url": "ftp://hooks.example"}).status_code == 409
    assert script.get("/api/webhooks/").status_code == 403
