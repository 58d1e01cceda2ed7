"""The fixtures of this folder, which the tests of attacks use too."""

from router_fixtures import new, old, resting, site, sites

__all__ = ["new", "old", "resting", "site", "sites"]
