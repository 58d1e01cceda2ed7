"""A small shop: one process and one store (old), or a gateway and a checkout of its own (new)."""
