"""Envoy as the router of a rollout."""

from unfelt.adapters.routers.envoy.router import EnvoyRouter
from unfelt.adapters.routers.envoy.safety import clear_latch, is_latched, take_back

__all__ = ["EnvoyRouter", "clear_latch", "is_latched", "take_back"]
