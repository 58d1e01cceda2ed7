"""How bad a finding is, by the word or the score that a tool gives it."""

from typing import Literal

from unfelt.engines.ledger.reports.form import written

HIGH = 7.0
"""From this score on (CVSS, `security-severity` in SARIF) a finding is high."""
HIGH_RISK = 6.0
"""The same in OWASP's rating of risks, which goes from 0 to 9."""
Rated = Literal["high", "lower", "unrated"]
_WORDS: dict[str, Rated] = {
    **dict.fromkeys(("critical", "high"), "high"),
    **dict.fromkeys(("medium", "moderate", "low", "info", "informational", "negligible", "none"), "lower"),
}


def by_word(word: object) -> Rated:
    """High, lower, or unrated where the word is missing, `unknown`, or none that is known."""
    return _WORDS.get(word.strip().lower(), "unrated") if isinstance(word, str) else "unrated"


def by_score(score: object, *, high: float = HIGH) -> Rated:
    """High from `high` on; unrated where it is no number of at least 0."""
    found = written(score)
    if found is None or found < 0:
        return "unrated"
    return "high" if found >= high else "lower"


def worst(rated: list[Rated]) -> Rated:
    """High where one of them is; unrated where none says anything."""
    return "high" if "high" in rated else "lower" if "lower" in rated else "unrated"
