"""Single customers who are pinned to old while the router runs."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from router_site import Site

from unfelt.adapters.routers import RouterError
from unfelt.adapters.routers.envoy.pins import name_for, pin, pinned, unpin
from unfelt.adapters.routers.envoy.safety import take_back

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def put(site: Site, *users: str) -> None:
    """These are pinned."""
    pin(site.directory, [name_for(site.directory, user) for user in users], by="ann", at=NOW)


def arms(site: Site, users: str) -> list[str]:
    """The arm of each."""
    return [site.arm(user) for user in users]


def test_a_pinned_customer_is_on_old_from_the_next_request_on_and_nobody_else_moves(site: Site) -> None:
    """In the same epoch; the log says of that request that it belongs to no arm."""
    site.move(1.0)
    assert arms(site, "ab") == ["new", "new"]
    put(site, "a")
    assert arms(site, "ab") == ["old", "new"]
    lines = site.lines(at_least=4, where=lambda line: line["customer"])
    assert [(line["arm"], line["epoch"]) for line in lines] == [("new", 1), ("new", 1), ("pinned", 1), ("new", 1)]


def test_pins_hold_through_moves_and_a_new_start(site: Site) -> None:
    """In every table that is written later, also by a router that is begun anew."""
    site.move(0.5)
    put(site, "a")
    site.move(1.0)
    assert arms(site, "ab") == ["old", "new"]
    site.router.stop()
    site.router.start()
    site.move(1.0, phase="promoted")
    assert arms(site, "ab") == ["old", "new"]


def test_who_is_unpinned_is_drawn_like_everybody_else(site: Site) -> None:
    """Twice is once, and who was never pinned may be unpinned."""
    site.move(1.0)
    put(site, "a", "b")
    put(site, "a")
    unpin(site.directory, [name_for(site.directory, user) for user in "ac"])
    assert arms(site, "abc") == ["new", "old", "new"]
    assert pinned(site.directory) == {name_for(site.directory, "b"): {"at": NOW.isoformat(), "by": "ann"}}


def test_no_id_is_written_anywhere(site: Site) -> None:
    """Only pseudonyms are kept."""
    site.move(1.0)
    put(site, "somebody@library.example")
    kept = [path.read_bytes() for path in site.directory.rglob("*") if path.is_file()]
    assert not any(b"somebody" in text for text in kept)


def test_pinning_after_everybody_was_taken_back_moves_nobody_to_new(site: Site) -> None:
    """The latch has the last word."""
    site.move(1.0, lease=site.open())
    take_back(site.directory)
    put(site, "a")
    assert arms(site, "ab") == ["old", "old"]


def test_many_pins_cost_no_request(site: Site) -> None:
    """A thousand at once are looked up, not walked through; one more is refused and changes nothing."""
    site.move(1.0)
    put(site, *(f"user-{n}" for n in range(1000)))
    assert [site.arm(user) for user in ("user-0", "user-999", "other")] == ["old", "old", "new"]
    with pytest.raises(RouterError, match="1001 customers would be pinned; at most 1000"):
        put(site, "other")
    assert (len(pinned(site.directory)), site.arm("other")) == (1000, "new")


def test_where_there_is_no_router_nobody_is_pinned(tmp_path: Path) -> None:
    """It is said, and nothing is made."""
    with pytest.raises(RouterError, match="There is no router"):
        name_for(tmp_path / "router", "a")
    assert not (tmp_path / "router").exists()
