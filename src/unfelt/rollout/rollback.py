"""Taking customers back by hand: files and the router alone, so that nothing heavy is loaded before it is done."""

from collections.abc import Mapping
from pathlib import Path

from unfelt.adapters.routers.handles import handle
from unfelt.rollout.places import Places


def targets(home: Path, *, name: str | None, listen: str | None) -> list[Mapping[str, str]]:
    """What `name` or `listen` means among the rollouts under way: `router` is the directory to act on."""
    places = Places(home)
    if listen is not None:
        return [{"rollout": "", "change": "", "router": str(places.router(listen))}]
    return places.under_way(name)


def is_settled(directory: Path) -> bool:
    """Whether the customers of that router are on new for good: then going back is asked for twice."""
    return handle(directory).is_settled(directory)


def all_routers(home: Path) -> list[Mapping[str, str]]:
    """Every router of the installation, for when nothing tells which one is meant."""
    found = sorted(path for path in (home / "routers").glob("*") if path.is_dir())
    return [{"rollout": "", "change": "", "router": str(path)} for path in found]
