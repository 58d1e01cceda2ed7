"""What became of promises and of journeys, in sentences. Pure."""

from collections.abc import Iterator, Mapping

from unfelt.conf.language import Message

Counts = Mapping[str, Mapping[str, Mapping[str, int]]]
"""By metric and store, as the source counted them."""


def promises_said(stores: Counts, *, state: str) -> Iterator[Message]:
    """What the stores held of what customers were promised."""
    for metric, arms in stores.items():
        for arm, counts in arms.items():
            yield from _kept(metric, arm, counts)
        yield from promises_alone(metric, arms.get("new", {}), state=state)


def _kept(metric: str, arm: str, counts: Mapping[str, int]) -> Iterator[Message]:
    yield Message(
        "{metric}, store of {arm}: {kept} promises kept, {lost} lost, {doubled} doubled, {wrong} of another value",
        metric=metric,
        arm=arm,
        **{name: counts.get(name, 0) for name in ("kept", "lost", "doubled", "wrong")},
    )
    if counts.get("unpromised"):
        yield Message(
            "{metric}, store of {arm}: {n} rows that nobody was promised",
            metric=metric,
            arm=arm,
            n=counts["unpromised"],
        )


def promises_alone(metric: str, new: Mapping[str, int], *, state: str) -> Iterator[Message]:
    """How many promises old's store knows nothing of, and what that means for their customers."""
    if not new.get("alone"):
        return
    said = {"metric": metric, "n": new["alone"], "customers": new.get("alone_of", 0)}
    if state == "back":
        yield Message(
            "{metric}: {n} promises of {customers} customers were kept in new's store alone, and these customers "
            "are on old: they do not see them there until somebody carries them back",
            **said,
        )
    else:
        yield Message(
            "{metric}: {n} promises of {customers} customers are in new's store alone: put back on old they would "
            "not see them",
            **said,
        )


def journeys_said(mid_journey: int, cut_by_back: int) -> Iterator[Message]:
    """Who was under way when their version changed."""
    if mid_journey:
        yield Message(
            "{n} customers met the other version while their window was open: in the middle of what they did",
            n=mid_journey,
        )
    if cut_by_back:
        yield Message(
            "{n} customers on new had an open window when everybody was put on old; all of it counts",
            n=cut_by_back,
        )
