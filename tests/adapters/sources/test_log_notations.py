"""Notations of servers are taken apart into fields, and formats are found by their lines."""

import log_days
import pytest

from unfelt.adapters.sources import SourceError
from unfelt.adapters.sources.logs.detecting import candidates, detect
from unfelt.adapters.sources.logs.form import Sample, Wants, Written
from unfelt.adapters.sources.logs.notation import apache, envoy, haproxy, nginx
from unfelt.adapters.sources.logs.pattern import Pattern
from unfelt.adapters.sources.logs.pieces import Field


def fields(pieces):
    """What each field is called, and its kind."""
    return [(piece.name, piece.kind) for piece in pieces if isinstance(piece, Field)]


def test_a_log_format_of_nginx_is_taken_apart():
    """As a directive over several strings or as the string alone; cookies and headers by their origin."""
    one, two = "$remote_addr [$time_iso8601] ${status} ", '$request_time "$cookie_uid" $http_x_region $arg_page'
    text, directive = one + two, f"log_format  main escape=json '{one}'\n '{two}';"
    assert nginx(text) == nginx(directive)
    assert fields(nginx(text)) == [
        ("remote_addr", "host"),
        ("time_iso8601", "iso"),
        ("status", "status"),
        ("request_time", "s"),
        ("cookie:uid", "text"),
        ("header:x-region", "text"),
        ("query:page", "text"),
    ]


def test_a_log_format_of_apache_is_taken_apart():
    """Times bring their brackets, modifiers and units are known."""
    found = apache(r'LogFormat "%h %{uid}C %t %>s %{ms}T %D %{end:msec}t \"%{User-Agent}i\" %%" mine')
    assert fields(found) == [
        ("h", "host"),
        ("cookie:uid", "text"),
        ("time", "clf"),
        ("s", "status"),
        ("duration", "ms"),
        ("D", "us"),
        ("time", "epoch_ms"),
        ("header:user-agent", "agent"),
    ]
    assert found[-1] == '" %'


def test_a_log_format_of_haproxy_is_taken_apart():
    """Flags, fetches and escapes."""
    found = haproxy(r'log-format "%ci:%cp [%trl] %ST %Ta %[req.cook(uid)] %{+Q}r"')
    assert fields(found) == [
        ("ci", "address"),
        ("trl", "clf"),
        ("ST", "status"),
        ("Ta", "ms"),
        ("cookie:uid", "text"),
        ("r", "request"),
    ]


def test_a_format_of_envoy_is_taken_apart():
    """Headers by their names."""
    found = envoy("[%START_TIME%] %RESPONSE_CODE% %DURATION% %REQ(X-USER)% %RESP(X-ORDER):20%\n")
    assert fields(found)[3:] == [("header:x-user", "text"), ("response:x-order", "text")]


@pytest.mark.parametrize(
    ("take", "text", "said"),
    [
        (nginx, "$remote_addr $status", "writes no time"),
        (apache, "%h %t", "writes no status"),
        (nginx, "$time_iso8601$status", "nothing between them"),
        (haproxy, "plain", "writes no time"),
    ],
)
def test_a_notation_that_cannot_be_read_is_refused(take, text, said):
    """With what it lacks."""
    with pytest.raises(SourceError, match=said):
        take(text)


@pytest.mark.parametrize("name", [name for name, style in log_days.STYLES.items() if not style.notation])
def test_the_format_is_found_by_the_lines(name):
    """Each of a day's lines is of the format that it was written in."""
    style = log_days.STYLES[name]
    lines = [style.write(one) for one in log_days.day(40, seed=5)]
    heads = style.head.splitlines()
    assert detect(Sample([*heads, *lines], heads), Written(), name="x").name == style.format


def test_lines_of_no_format_are_shown_masked():
    """With what may be said of them."""
    with pytest.raises(SourceError, match=r"x.log has no format that is known.*xxxxx 00") as caught:
        detect(Sample(["hello 42"] * 3), Written(), name="x.log")
    assert "notation" in str(caught.value)


def test_every_format_says_what_to_configure():
    """Or nothing, where nothing can be said; none raises."""
    for form in candidates(Written()):
        advice = form.advice({"who": "cookie:uid", "duration_ms": ""})
        assert advice is None or "uid" in str(advice) or "customer" in str(advice) or "cs(Cookie)" in str(advice)


def test_no_more_than_what_is_asked_is_taken_out_of_a_line():
    """Four groups at a time, each pattern over the whole line."""
    pattern = Pattern(apache('%h %t "%r" %>s %b'))
    assert (
        pattern.strict((0, 3)).count("(")
        - pattern.strict((0, 3)).count("(?:")
        - pattern.strict((0, 3)).count(r"\(")
        == 2
    )
    assert pattern.matches('::1 [23/Nov/2026:04:00:00 +0000] "GET / HTTP/1.1" 200 5')
    assert not pattern.matches("::1 nothing else")


def test_keys_of_the_plan_come_before_usual_ones():
    """A duration with its unit."""
    form = next(
        one
        for one in candidates(Written(keys={"status": "result.code", "duration_ms": "took:us"}))
        if one.name == "json"
    )
    line = '{"time": 1795406400, "status": 200, "result": {"code": 503}, "took": 5000}'
    columns = form.columns(Sample([line]), Wants(frozenset({"time", "status", "duration_ms"}), {}))
    assert "/result/code" in columns.stages[0]
    assert "/ 1000" in columns.values["duration_ms"]
