"""Names of people in the ledger: the chain holds a salted digest, the name lies beside it and can be erased.

What is erased leaves a tombstone: the entry still verifies, and nobody can tell any more whose name it was.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from unfelt.conf.language import Message
from unfelt.records.models import Person

NOBODY = ("", "guard")
"""What stands there where nobody acted."""
TOKEN = re.compile(r"person:[0-9a-f]{64}")


def digest_of(salt: str, name: str) -> str:
    """The token of a name under a salt."""
    return "person:" + hashlib.sha256(f"{salt}\0{name}".encode()).hexdigest()


def veiled(body: Mapping[str, Any], people: Iterable[str], *, at: datetime) -> dict[str, Any]:
    """The body with tokens in the place of names; the names are kept beside the ledger.

    people: the members of the body that name a person.
    """
    found = dict(body)
    for member in people:
        name = found.get(member)
        if isinstance(name, str) and name not in NOBODY and not TOKEN.fullmatch(name):
            found[member] = token_of(name[:400], at=at)
    return found


def token_of(name: str, *, at: datetime) -> str:
    """The token of that person, the same for all of their entries until they are erased."""
    known = Person.objects.filter(name=name).first()
    if known is None:
        salt = secrets.token_hex(16)
        known = Person.objects.create(token=digest_of(salt, name), salt=salt, name=name, kept_at=at)
    return str(known.token)


def names() -> dict[str, str]:
    """Every name by its token; an erased one as such, in the language in force."""
    gone = str(Message("an erased name"))
    return {token: name or gone for token, name in Person.objects.values_list("token", "name")}


def revealed(body: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    """The body with names in the place of tokens."""
    return {
        member: known.get(said, said) if isinstance(said, str) and said.startswith("person:") else said
        for member, said in body.items()
    }


def erase(name: str, *, at: datetime) -> list[str]:
    """The tokens whose name is gone now; empty where nobody of that name was known."""
    rows = list(Person.objects.filter(name=name))
    for row in rows:
        Person.objects.filter(token=row.token).update(name=None, salt="", erased_at=at)
    return [str(row.token) for row in rows]
