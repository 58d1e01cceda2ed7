"""Operations of the API as an engine lists them: `MOUNTS` of the module that it names as `api`."""

from dataclasses import dataclass

from ninja import Router


@dataclass(frozen=True, slots=True)
class Mount:
    """Where the operations of a router lie, and under which heading the reference has them."""

    name: str
    at: str
    router: Router
    tag: str
