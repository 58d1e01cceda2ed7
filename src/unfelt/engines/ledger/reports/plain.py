"""Plain numbers: JSON and CSV that no tool's name is on; and what a foreign file looks like."""

from collections.abc import Mapping
from typing import Any

from unfelt.conf.language import Message
from unfelt.engines.ledger.reports.form import Report, ReportError, mapping, numbers, shown, written

MOST_NUMBERS = 1_000
OF_XML = {
    "test-run": "NUnit",
    "test-results": "NUnit",
    "assemblies": "xUnit.net",
    "assembly": "xUnit.net",
    "TestRun": "TRX",
    "coverage": "Cobertura",
    "report": "JaCoCo",
    "checkstyle": "Checkstyle",
    "pmd": "PMD",
    "BugCollection": "SpotBugs",
    "html": "HTML",
    "analysis": "Dependency-Check",
    "OWASPZAPReport": "ZAP",
    "nmaprun": "Nmap",
    "robot": "Robot Framework",
    "testng-results": "TestNG",
    "testExecutions": "SonarQube",
    "testResults": "JMeter",
}
"""By the first element."""
OF_JSON: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset(("numTotalTests", "testResults")), "Jest"),
    (frozenset(("config", "suites", "stats")), "Playwright"),
    (frozenset(("stats", "tests", "passes")), "Mocha"),
    (frozenset(("exitcode", "tests", "summary")), "pytest-json-report"),
    (frozenset(("results", "errors", "metrics", "generated_at")), "Bandit"),
    (frozenset(("results", "errors")), "Semgrep"),
    (frozenset(("matches", "source", "descriptor")), "Grype"),
    (frozenset(("spdxVersion",)), "SPDX"),
    (frozenset(("auditReportVersion",)), "npm audit"),
    (frozenset(("document", "product_tree")), "CSAF"),
    (frozenset(("@context", "statements")), "OpenVEX"),
    (frozenset(("scan", "vulnerabilities", "version")), "GitLab"),
    (frozenset(("vulnerabilities", "packageManager")), "Snyk"),
    (frozenset(("log", "stats", "version", "results")), "OSV"),
)
"""By the names that it has at the top."""


def unknown(looks: str = "") -> ReportError:
    """Of no form that is read: which are, and what this looks like."""
    return ReportError(
        Message(
            "its form is not known, it looks like {looks}. Read are: JUnit XML, SARIF 2.1.0, CycloneDX (JSON, "
            "XML), Trivy's JSON, Locust (CSV, JSON), k6's summary, and numbers as plain JSON or CSV",
            looks=shown(looks) or "–",
        )
    )


def plain_json(data: Mapping[str, Any]) -> Report:
    """Its own numbers, under `numbers` or as they stand; there may be none. ReportError where it is a tool's."""
    tool = next((name for keys, name in OF_JSON if keys <= data.keys()), "")
    if tool:
        raise unknown(f"{tool} (JSON)")
    own = numbers(mapping(data.get("numbers")) or data)
    return _plain("JSON", own)


def plain_csv(header: list[str], rows: list[Mapping[str, str]]) -> Report:
    """One row of numbers under their names, or a name and its number on each row; else ReportError."""
    if len(header) == 2 and written(header[1]) is None and rows:
        first, second = header
        pairs = [(row.get(first, ""), written(row.get(second))) for row in rows]
        named = dict(pairs)
        is_whole = None not in named.values() and len(named) == len(pairs)
        if is_whole and all(written(name) is None for name in named):
            return _plain("CSV", numbers(named))
    own = numbers({name: written(rows[0].get(name)) for name in header}) if len(rows) == 1 else {}
    if own:
        return _plain("CSV", own)
    raise unknown("CSV: {}".format(", ".join(header)[:100]))


def _plain(format_: str, own: dict[str, float]) -> Report:
    if len(own) > MOST_NUMBERS:
        raise ReportError(Message("it has more than {n} numbers", n=MOST_NUMBERS))
    return Report(format_, own)
