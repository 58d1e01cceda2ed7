"""Pinning single customers to `old` from outside the worker, which may be dead or frozen."""

from unfelt.adapters.routers.envoy.pins import name_for, pin, pinned, unpin

__all__ = ["name_for", "pin", "pinned", "unpin"]
