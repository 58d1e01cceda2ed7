"""Whether two names are of one person: the one rule, for signing, waiving and what is whose."""


def is_same(name: str, other: str) -> bool:
    """Two names of one person: `lin` and `lin@shop.example`."""
    one, two = name.strip().lower(), other.strip().lower()
    return one == two or (("@" in one) != ("@" in two) and one.split("@")[0] == two.split("@")[0])
