"""CycloneDX as JSON and XML: which weaknesses are high, which nobody rated, and whether any were looked for."""

import json

import pytest

from unfelt.engines.ledger.reports.compare import beside
from unfelt.engines.ledger.reports.form import ReportError
from unfelt.engines.ledger.reports.read import read_report

LIB = {"type": "library", "name": "lib", "group": "org", "version": "1.0", "bom-ref": "r1"}


def bom(*weak: dict, parts: tuple = (LIB,), **more: object):
    """The report of a list of components with these weaknesses."""
    data = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "components": list(parts),
        "vulnerabilities": list(weak),
    }
    return read_report(json.dumps(data | more).encode())


def rated(*ratings: dict, **more: object) -> dict:
    """A weakness with these ratings."""
    return {"id": "CVE-0", "ratings": list(ratings), "affects": [{"ref": "r1"}], **more}


def found(*ratings: dict) -> tuple[float, float]:
    """High and unrated."""
    numbers = bom(rated(*ratings)).numbers
    return numbers["high"], numbers["unrated"]


@pytest.mark.parametrize(
    ("ratings", "expected"),
    [
        ([{"severity": "critical"}], (1, 0)),
        ([{"score": 10.0, "method": "CVSSv31"}], (1, 0)),
        ([{"score": 7.0}], (1, 0)),
        ([{"score": 6.9}], (0, 0)),
        ([{"severity": "unknown", "score": 9.8, "method": "CVSSv4"}], (1, 0)),
        ([{"severity": "low", "score": 9.8}], (1, 0)),
        ([{"severity": "medium", "method": "CVSSv2"}, {"severity": "high", "method": "CVSSv31"}], (1, 0)),
        ([{"severity": "none"}], (0, 0)),
        ([{"severity": "info"}], (0, 0)),
        ([{"severity": "unknown"}], (0, 1)),
        ([], (0, 1)),
        ([{"vector": "AV:N/AC:L"}], (0, 1)),
        ([{"score": 6.5, "method": "OWASP"}], (1, 0)),
        ([{"score": 5.0, "method": "OWASP"}], (0, 0)),
        ([{"score": 0.9, "method": "other"}], (0, 1)),
        ([{"score": 0.9, "method": "other"}, {"severity": "low"}], (0, 0)),
        ([{"score": "9.1"}], (1, 0)),
        ([{"score": -1}], (0, 1)),
    ],
)
def test_a_weakness_is_as_bad_as_its_worst_rating(ratings, expected):
    """By word or score of any method; without either it is unrated, and neither high nor passed."""
    assert found(*ratings) == expected
    assert ("new_high" in bom(rated(*ratings)).numbers) == (expected == (0, 0))


@pytest.mark.parametrize("state", ["resolved", "resolved_with_pedigree", "not_affected", "false_positive"])
def test_what_is_settled_is_none(state):
    """It is listed, and neither high nor unrated."""
    high, silent = ({"severity": "high"},), ()
    for ratings in (high, silent):
        numbers = bom(rated(*ratings, analysis={"state": state})).numbers
        assert (numbers["vulnerabilities"], numbers["high"], numbers["unrated"], numbers["new_high"]) == (
            1,
            0,
            0,
            0,
        )


@pytest.mark.parametrize("state", ["exploitable", "in_triage", None])
def test_what_is_not_settled_counts(state):
    """Also while somebody looks at it."""
    assert bom(rated({"severity": "high"}, analysis={"state": state})).numbers["high"] == 1


def test_a_list_of_components_says_nothing_about_weaknesses():
    """Nobody looked for any; Trivy writes an empty list then too; other tools write one where they found none."""
    data = {"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [LIB]}
    report = read_report(json.dumps(data).encode())
    assert (dict(report.numbers), report.ran.state) == ({"components": 1, "without_licence": 1}, "ran")
    assert bom().numbers["new_high"] == 0
    for tools in ([{"vendor": "aquasecurity", "name": "trivy"}], {"components": [{"name": "Trivy"}]}):
        assert "high" not in bom(metadata={"tools": tools}).numbers
        assert bom(rated({"severity": "high"}), metadata={"tools": tools}).numbers["high"] == 1


def test_nothing_listed_is_nothing_scanned():
    """Neither component nor weakness."""
    assert bom(parts=()).ran.state == "nothing"
    assert bom(rated({"severity": "low"}), parts=()).ran.state == "ran"


def test_components_inside_of_components_count():
    """With their licences."""
    inner = {**LIB, "licenses": [{"license": {"id": "MIT"}}]}
    numbers = bom(parts=({**LIB, "components": [inner, LIB]},)).numbers
    assert (numbers["components"], numbers["without_licence"]) == (3, 2)


def test_a_weakness_is_told_by_its_id_and_where_it_is():
    """Of the component its name without version; in one more component it is new."""

    def of(version: str, *refs: str):
        one = {"bom-ref": f"x-{version}", "purl": f"pkg:maven/org/lib@{version}?type=jar", "name": "lib"}
        other = {"bom-ref": "y", "name": "other"}
        affects = [{"ref": f"x-{version}" if ref == "lib" else "y"} for ref in refs]
        return bom(rated({"severity": "high"}) | {"affects": affects}, parts=(one, other))

    old = of("1.0", "lib")
    assert beside(of("1.1", "lib"), old).numbers["new_high"] == 0
    assert beside(of("1.1", "lib", "other"), old).numbers["new_high"] == 1
    assert beside(old, of("1.1", "lib", "other")).numbers["new_high"] == 0


def test_a_new_weakness_that_nobody_rated_leaves_it_unsaid():
    """Unless it was there before; one that was high and is unrated now is not new."""
    silent, high = rated(), rated({"severity": "high"})
    new = beside(bom(silent), bom())
    assert ("new_high" in new.numbers, new.numbers["new_unrated"]) == (False, 1)
    assert beside(bom(silent), bom(silent)).numbers["new_high"] == 0
    assert beside(bom(silent), bom(high)).numbers["new_high"] == 0
    assert beside(bom(silent, high | {"id": "CVE-1"}), bom()).numbers["new_high"] == 1


def test_without_an_id_it_is_always_new():
    """Nobody can say that it was there before."""
    nameless = bom(rated({"severity": "high"}) | {"id": ""})
    assert beside(nameless, nameless).numbers["new_high"] == 1


XML = """<?xml version="1.0"?>
<b:bom xmlns:b="http://cyclonedx.org/schema/bom/1.4" version="1">
 <b:metadata><b:tools><b:tool><b:name>scan</b:name></b:tool></b:tools><b:component><b:name>app</b:name></b:component>
 </b:metadata>
 <b:components>
  <b:component bom-ref="r1"><b:group>org</b:group><b:name>lib</b:name>
   <b:licenses><b:license><b:id>MIT</b:id></b:license></b:licenses>
   <b:components><b:component bom-ref="r2"><b:name>inner</b:name><b:licenses/></b:component></b:components>
  </b:component>
 </b:components>
 <b:vulnerabilities>
  <b:vulnerability><b:id>CVE-1</b:id><b:ratings><b:rating><b:score>9.8</b:score><b:method>CVSSv31</b:method></b:rating>
   <b:rating><b:severity>low</b:severity></b:rating></b:ratings>
   <b:affects><b:target><b:ref>r1</b:ref></b:target></b:affects></b:vulnerability>
  <b:vulnerability><b:id>CVE-2</b:id><b:ratings><b:rating><b:severity>high</b:severity></b:rating></b:ratings>
   <b:analysis><b:state>false_positive</b:state></b:analysis></b:vulnerability>
  <b:vulnerability><b:id>CVE-3</b:id><b:description>severity high</b:description></b:vulnerability>
 </b:vulnerabilities>
</b:bom>"""


def test_xml_says_the_same_as_json():
    """With name spaces by prefix; the application itself and tools are no components of it."""
    report = read_report(XML.encode())
    assert dict(report.numbers) == {
        "components": 2,
        "without_licence": 1,
        "vulnerabilities": 3,
        "high": 1,
        "unrated": 1,
    }
    assert (dict(report.bad), report.format, report.tool) == ({"CVE-1": {"org/lib"}}, "CycloneDX", "1.4")


def test_the_extension_of_1_2_is_read():
    """Weaknesses inside a component, each with the base of its score."""
    weak = (
        '<v:vulnerability ref="r1"><v:id>CVE-1</v:id><v:ratings><v:rating><v:score><v:base>9.8</v:base>'
        "<v:impact>5.9</v:impact></v:score><v:method>CVSSv3</v:method></v:rating></v:ratings></v:vulnerability>"
    )
    text = (
        '<bom xmlns="http://cyclonedx.org/schema/bom/1.2" xmlns:v="http://cyclonedx.org/schema/ext/vulnerability/1.0">'
        f'<components><component bom-ref="r1"><name>lib</name><v:vulnerabilities>{weak}</v:vulnerabilities>'
        "</component></components></bom>"
    )
    report = read_report(text.encode())
    assert (report.numbers["vulnerabilities"], report.numbers["high"], dict(report.bad)) == (
        1,
        1,
        {"CVE-1": {"lib"}},
    )
    assert (
        "high"
        not in read_report(text.replace(f"<v:vulnerabilities>{weak}</v:vulnerabilities>", "").encode()).numbers
    )


def test_a_weakness_in_an_odd_place_counts():
    """Rather than be passed over."""
    weak = b"<vulnerabilities><vulnerability><id>C</id></vulnerability></vulnerabilities>"
    text = b'<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><other>' + weak + b"</other></bom>"
    assert read_report(text).numbers["unrated"] == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"bomFormat": "CycloneDX", "specVersion": "3.0"}', "it is CycloneDX 3.0: 1.x is read"),
        (b'{"bomFormat": "CycloneDX", "specVersion": "1.4", "components": {}}', "components in it is no list"),
        (b'<bom xmlns="urn:other"/>', "its form is not known"),
    ],
)
def test_what_is_none_is_refused(content, said):
    """With the reason."""
    with pytest.raises(ReportError, match=said):
        read_report(content)
