"""Taking customers back from outside the worker, which may be dead or frozen."""

from unfelt.adapters.routers.envoy.safety import clear_latch, is_latched, put_latch, take_back

__all__ = ["clear_latch", "is_latched", "put_latch", "take_back"]
