"""Differences as people read them, and which of them hold."""

import pytest

from unfelt.adapters.sources.unregistered import Feature
from unfelt.conf.language import Message, in_language
from unfelt.engines.differences.judge import Shown
from unfelt.engines.differences.lines import MOST, Part, groups_of, line_of
from unfelt.engines.differences.sentences import sentence
from unfelt.engines.differences.standing import Differences
from unfelt.engines.differences.weighing import can_be_met


def shown(kind, route, value, *, old=0, new=20, middle=None):
    return Shown(Feature(0, kind, route, value), old, new, 20, 20, middle)


def parts(*several):
    return [Part(one, can_be_met(one, is_timed=True)) for one in several]


def said(group):
    return str(Message.of(line_of(group, None)["what"]))


def test_all_of_one_route_is_one_line_that_says_the_refusal():
    """Status, type, size and the same status anywhere belong together."""
    groups = groups_of(
        parts(
            shown("type", "POST /upload", "text/html"),
            shown("bytes", "POST /upload", "95", middle=(60.0, 280.0)),
            shown("status", "POST /upload", "200", old=20, new=0),
            shown("status", "POST /upload", "413"),
            shown("status", "*", "413"),
        )
    )
    assert [said(one) for one in groups] == ["POST /upload answers 413: old 0/20, new 20/20"]
    assert [one["text"] for one in line_of(groups[0], None)["also"]] == ["content type", "status", "size"]


def test_headers_that_nobody_meets_are_one_line_that_waits_for_nobody():
    """Server, date and the like, on whatever routes."""
    groups = groups_of(parts(shown("header", "*", "etag"), shown("header", "GET /", "vary=Accept")))
    assert said(groups[0]) == "headers of answers that no customer meets: etag, vary"
    assert (len(groups), line_of(groups[0], None)["waits"]) == (1, False)


def test_what_waits_comes_first_and_refusals_before_all():
    """Then what most customers met."""
    groups = groups_of(
        parts(
            shown("bytes", "GET /a", "95", middle=(60.0, 280.0)),
            shown("type", "GET /b", "text/html"),
            shown("status", "GET /c", "403", new=3),
        )
    )
    assert [one[0].shown.feature.route for one in groups] == ["GET /c", "GET /b", "GET /a"]


@pytest.mark.parametrize(
    ("one", "holds"),
    [
        (shown("status", "GET /", "404"), True),
        (shown("status", "GET /", "304"), False),
        (shown("redirect", "GET /", "http://elsewhere"), True),
        (shown("header", "GET /", "server"), False),
        (shown("header", "GET /", "set-cookie:sid;path"), True),
        (shown("bytes", "GET /", "9", middle=(1.0, 2.0)), False),
        (shown("ms", "GET /", "9", middle=(1.0, 2.0)), False),
        (shown("visit", "GET /new-page", ""), False),
        (shown("visit", "GET /", "", old=20, new=0), True),
        (shown("times", "*", "9", middle=(1.0, 2.0)), True),
    ],
)
def test_what_no_customer_can_meet_holds_nothing(one, holds):
    """Sizes alone, headers of the server, what only new has; durations where a metric reads them."""
    assert can_be_met(one, is_timed=True) is holds


def test_slower_answers_hold_where_no_metric_reads_how_long_they_take():
    """Faster ones never."""
    assert can_be_met(shown("ms", "GET /", "9", middle=(1.0, 2.0)), is_timed=False)
    assert not can_be_met(shown("ms", "GET /", "9", middle=(2.0, 1.0)), is_timed=False)


def test_every_kind_has_its_sentence_in_both_languages():
    """No kind is shown as a raw word."""
    kinds = [
        ("status", "413"),
        ("shape", ". object"),
        ("redirect", "/x"),
        ("type", "t"),
        ("flag", "UC"),
        ("header", "h"),
        ("visit", ""),
    ]
    for language in ("en", "zh-hans"):
        with in_language(language):
            texts = {str(sentence(shown(kind, "GET /", value))) for kind, value in kinds}
            texts |= {
                str(sentence(shown(kind, "GET /", "9", middle=(1.0, 2.0)))) for kind in ("ms", "bytes", "times")
            }
            assert len(texts) == 10
            assert all("GET /" in text for text in texts)


FOUND = {
    "feature": {"kind": "status", "route": "*", "value": "413"},
    "held": True,
    "because": {"text": "so", "values": {}},
}


def test_a_difference_waits_until_somebody_accepts_it():
    """From the record, in its order."""
    standing = Differences.of([("difference", FOUND), ("difference", FOUND)])
    assert standing.because() == (Message("so"),)
    standing.feed("difference accepted", {"features": [FOUND["feature"]], "reason": "known", "by": "lin"})
    assert standing.because() == ()


def test_what_does_not_hold_waits_for_nobody():
    """It is on record all the same."""
    standing = Differences.of([("difference", FOUND | {"held": False})])
    assert (len(standing.found), standing.because()) == (1, ())


def test_the_list_is_short():
    """Twelve lines, whatever differs."""
    assert MOST == 12
