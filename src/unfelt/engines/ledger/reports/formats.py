"""The files that are read: what they are called, which tools write them, and the numbers that they give."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    """A form of file. numbers: those that it may give; empty where they are its own."""

    name: str
    tools: str
    numbers: frozenset[str]


LOAD = frozenset(
    (
        *("requests", "failures", "failed_part", "rate", "p50", "p95", "p99", "highest_p95"),
        *("slower_p50", "slower_p95", "slower_p99", "more_failed", "load"),
    )
)
SCAN = frozenset(("high", "unrated", "new_high", "new_unrated"))
FORMATS = (
    Format(
        "JUnit XML",
        "pytest, Maven, Gradle, Jest, gotestsum, Playwright, GoogleTest",
        frozenset(("tests", "failures", "skipped", "seconds", "flaky", "newly_failing")),
    ),
    Format("SARIF 2.1.0", "CodeQL, Semgrep, Trivy, SpotBugs", SCAN | {"results"}),
    Format(
        "CycloneDX (JSON, XML)",
        "cdxgen, Grype, Dependency-Track, Trivy",
        SCAN | {"components", "without_licence", "vulnerabilities"},
    ),
    Format("Trivy JSON", "trivy --format json", SCAN | {"vulnerabilities", "misconfigurations", "secrets"}),
    Format("Locust CSV, JSON", "locust --csv, locust --json", LOAD),
    Format("k6", "k6 run --summary-export", LOAD | {"thresholds_failed"}),
)
"""Those of named tools, whose numbers count as read."""
PLAIN = Format("JSON, CSV", "", frozenset())
"""Numbers that no named tool wrote: they count as stated."""


def that_give(names: Iterable[str]) -> tuple[Format, ...]:
    """The forms of named tools that give any of these numbers."""
    wanted = set(names)
    return tuple(one for one in FORMATS if not wanted.isdisjoint(one.numbers))
