"""Real backends and routers, for the attacks on them."""

from router_fixtures import new, old, resting, site, sites

__all__ = ["new", "old", "resting", "site", "sites"]
