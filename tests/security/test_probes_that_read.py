"""A plan's probe is no reader of the house's pages, ports or names."""

from datetime import UTC, datetime
from ipaddress import ip_network

import pytest
from django.test import Client
from planned import a_change
from servers import answering, saying
from spellings import trap

from unfelt.adapters.addresses import RefusedError
from unfelt.adapters.http import Policy
from unfelt.adapters.probes.form import Asked
from unfelt.adapters.probes.looking import look_for
from unfelt.conf.settings import Network
from unfelt.documents.sections import Probe
from unfelt.engines.ledger.probing import probed
from unfelt.engines.people.actions import add_member
from unfelt.engines.rights import ROLES
from unfelt.web.accounts.logins import BACKEND

SECRET = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nkey=s3cret42"
HERE = Policy((Network("local", ip_network("127.0.0.1/32")),))
REFUSED = RefusedError().said


def test_what_is_expected_makes_no_difference_inside():
    """Neither the right letter nor the wrong one, nor a port that is open or closed."""
    with answering(saying(SECRET)) as (port, asked), trap() as (open_port, caught):
        pages = [(f"http://127.0.0.1:{port}/", expect) for expect in ("", "k", "x", "key=s3cret42", "200", "404")]
        ports = [(f"tcp://127.0.0.1:{at}", expect) for at in (open_port, 1) for expect in ("", "open", "closed")]
        seen = [
            look_for(target[:4].strip(":"))(Asked(target, Policy(), expect)) for target, expect in pages + ports
        ]
        assert {(one.good, one.saw) for one in seen} == {(None, REFUSED)}
        assert (asked, caught.came()) == ([], 0)


def test_what_goes_on_record_is_the_verdict():
    """Of a page that may be looked at: no letter of it."""
    with answering(saying(SECRET)) as (port, _asked):
        probes = [
            Probe.model_validate({"control": "a.b", "target": f"http://127.0.0.1:{port}/", "expect": expect})
            for expect in ("key", "nothing")
        ]
        recorded = probed(probes, policy=HERE)["a.b"].model_dump_json()
    assert "s3cret" not in recorded
    assert [look.good for look in probed([], policy=HERE).values()] == []


@pytest.mark.parametrize(
    "target",
    [
        *("dns://db.internal/A", "dns://printer.local/A", "dns://localhost/A", "dns://wiki.corp/TXT"),
        *(
            "dns://1.0.0.10.in-addr.arpa/PTR",
            "dns://1.1.168.192.in-addr.arpa/PTR",
            "dns://1.1.16.172.in-addr.arpa/PTR",
        ),
        *("dns://1.0.0.127.in-addr.arpa/PTR", "dns://254.169.254.169.in-addr.arpa/PTR", "mail://mail.internal"),
    ],
)
def test_names_that_only_the_house_knows_are_not_asked_for(target):
    """The name server of the machine would answer."""
    seen = look_for(target.partition(":")[0])(Asked(target, Policy(), within=0.5))
    assert (seen.good, seen.saw) == (None, REFUSED)


def test_a_control_is_looked_at_so_often():
    """Who could look without end could read letter by letter: the second look has to wait."""
    probe = {"control": "security.measures", "target": "http://127.0.0.1:1/"}
    a_change("looked-at-twice", sections={"probes": [probe]})
    member = add_member("looks-twice", by="root", at=datetime.now(UTC), roles=ROLES)
    client = Client(headers={"Host": "localhost"})
    client.force_login(member, backend=BACKEND)
    where = "/changes/looked-at-twice/controls/security.measures/probe/"
    first, second = client.post(where), client.post(where)
    assert (first.status_code, second.status_code) == (302, 409)
    assert "looked at a moment ago" in second.content.decode()
