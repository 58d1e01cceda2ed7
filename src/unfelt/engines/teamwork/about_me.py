"""The changes under way that concern somebody: whose plans name them, and that touch what is theirs."""

import json
from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from unfelt.documents.catalog import Catalog
from unfelt.documents.change import Change
from unfelt.engines.people.access import visible
from unfelt.engines.people.persons import is_same
from unfelt.engines.people.rights import Reader
from unfelt.engines.teamwork.given import answers_for
from unfelt.engines.teamwork.parts import named_in
from unfelt.records.models import ChangeRow, Rollout

MOST = 200
"""Changes that are looked through: those planned last."""


def under_way(known: Reader) -> QuerySet[ChangeRow]:
    """The changes that they may open and that no rollout has done, the newest plan first."""
    done = Rollout.objects.filter(state="done").values("change")
    return visible(known).exclude(name__in=done).select_related("revision").order_by("-saved_at")


def naming(rows: QuerySet[ChangeRow], name: str) -> QuerySet[ChangeRow]:
    """Those whose plans hold the first part of the name; who is meant by it is seen by `is_in`."""
    return rows.filter(_holds([name.strip().split("@")[0]]))


def is_in(change: Change, name: str) -> bool:
    """The plan names that person."""
    return any(is_same(one.name, name) for one in named_in(change))


def touching(rows: QuerySet[ChangeRow], known: Reader, catalog: Catalog | None) -> QuerySet[ChangeRow]:
    """Those whose plans hold the name of a touchpoint of theirs."""
    mine = (
        [one.name for one in catalog.touchpoints if answers_for(one.owner, known)] if catalog is not None else []
    )
    return rows.filter(_holds(mine)) if mine else rows.none()


def _holds(words: Iterable[str]) -> Q:
    """The plan as it is kept holds one of the words, whatever the case of its Latin letters."""
    spelled = (json.dumps(word, ensure_ascii=False)[1:-1] for word in words)
    return reduce(or_, (Q(revision__canonical__icontains=one) for one in spelled))
