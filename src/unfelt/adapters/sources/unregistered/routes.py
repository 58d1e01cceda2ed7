"""Routes: paths with the parts that name one thing left out, learnt as they come, however many there are."""

import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

CHILDREN = 40
"""So many different parts may follow the same beginning; with more they are one."""
ROUTES = 2_000
"""So many routes are told apart."""
DEEP = 8
"""Parts of a path that are looked at."""
ANY, REST, OTHER = "{any}", "{rest}", "{other}"
_PIECES = re.compile(r"([.\-_~+:@,;=])")
_JOINED = re.compile(r"[-_~+=]")
_WHOLE = (
    (re.compile(r"[0-9]+"), "{n}"),
    (re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"), "{uuid}"),
    (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "{date}"),
    (re.compile(r"[^@]+@[^@]+\.[^@]+"), "{email}"),
)
_PARTS = (
    (re.compile(r"[0-9]+"), "{n}"),
    (re.compile(r"(?=.*[0-9])[0-9a-fA-F]{6,}"), "{hex}"),
    (re.compile(r"v[0-9]{1,3}"), None),
    (re.compile(r"[a-z]{1,12}|[A-Z]{1,8}|[A-Z][a-z]{1,11}"), None),
    (re.compile(r"[a-z]{2,12}[0-9]{1,3}"), "{word}"),
)


@lru_cache(20_000)
def masked(segment: str) -> str:
    """A part of a path without what may name one thing, a person or a secret.

    >>> [masked(one) for one in ("orders", "17", "app.3f2a91bc.js", "%E4%BD%A0", "Zm9vYmFyc2VjcmV0", "v2")]
    ['orders', '{n}', 'app.{hex}.js', '{text}', '{id}', 'v2']
    """
    plain = unquote(unquote(segment))
    if plain != segment or not plain.isascii():
        return "{text}"
    for form, name in _WHOLE:
        if form.fullmatch(segment):
            return name
    pieces = _PIECES.split(segment)
    is_mixed = any(not piece.islower() for piece in pieces[::2] if piece)
    if len(segment) > 64 or len(pieces) > 7 or (len(segment) >= 12 and is_mixed and _JOINED.search(segment)):
        return "{id}"
    return "".join(piece if place % 2 else _part(piece) for place, piece in enumerate(pieces))


def _part(piece: str) -> str:
    for form, name in _PARTS:
        if form.fullmatch(piece):
            return piece if name is None else re.sub(r"[0-9]+$", "{n}", piece) if name == "{word}" else name
    return piece and "{id}"


def masked_path(path: str) -> str:
    """A whole path so, at most DEEP parts of it."""
    parts = path.split("/")
    kept = [masked(part) if part else "" for part in parts[: DEEP + 1]]
    return "/".join(kept) + (f"/{REST}" if len(parts) > DEEP + 1 else "")


@dataclass(slots=True)
class Routes:
    """The routes so far, as a tree of parts; its size is bounded however many paths come."""

    tree: dict[str, Any] = field(default_factory=dict)
    many: int = 0

    @classmethod
    def read(cls, text: str) -> "Routes":
        """What `written` gave."""
        return cls(**json.loads(text))

    def written(self) -> str:
        """As JSON."""
        return json.dumps({"tree": self.tree, "many": self.many})

    def name(self, method: str, path: str, query: str = "") -> str:
        """The route of a request, and it is learnt: method, masked path, and the names that its query has.

        >>> Routes().name("GET", "/orders/17/items", "page")
        'GET /orders/{n}/items?page'
        """
        parts = [method if method.isascii() and method.isalpha() and len(method) <= 10 else "{method}"]
        parts += masked_path(path or "/").split("/")[1:]
        parts += [f"?{query}"] if query else []
        taken = self._walk(parts)
        if taken is None:
            return f"{parts[0]} /{OTHER}"
        asked = taken.pop() if query else ""
        return f"{taken[0]} /{'/'.join(taken[1:])}{asked}"

    def _walk(self, parts: list[str]) -> list[str] | None:
        """The way through the tree; None where there is no room for another route."""
        node, taken = self.tree, list[str]()
        for part in parts:
            if part not in node:
                full = ANY in node or len(node) >= CHILDREN
                if not full and self.many >= ROUTES:
                    return None
                taken.append(("?" + ANY if part.startswith("?") else ANY) if full else part)
            else:
                taken.append(part)
            node = node.setdefault(taken[-1], {})
        self.many += "" not in node
        node.setdefault("", {})
        return taken
