"""The registry: what is ours resolves; what others install is there too, or is said to be unusable."""

from importlib.metadata import entry_points
from pathlib import Path

import pytest
from foreign_package import installed, run, said

from unfelt.conf import plugins
from unfelt.testing.contracts import faults

MAPLE = {
    "maple/__init__.py": """\
        ENGINES = ("maple.orchard",)
        PARTS = {"router": {"maple": "maple.router:MapleRouter"}}
        """,
    "maple/router.py": "class MapleRouter: ...\n",
    "maple/orchard/__init__.py": 'NAME = "orchard"\nPARTS = {"entries": "maple.orchard.entries"}\n',
    "maple/orchard/entries.py": """\
        from unfelt.conf.language import Message
        from unfelt.engines.ledger.entry_kinds import EntryKind
        KINDS = (EntryKind("apple picked", Message("apple picked"), people=("picker",), holds=("tree",)),)
        """,
}
ASK = """\
import json
from unfelt.conf import plugins
print(json.dumps({
    "routers": plugins.names("router"),
    "engines": [name for name, _module in plugins.modules("entries")],
    "problems": [str(one.said) for one in plugins.problems()],
}))
"""


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, some in plugins.PARTS.items() for name in some])
def test_every_part_of_ours_resolves(kind, name):
    """No line of the registry names what is not there."""
    assert callable(plugins.part(kind, name))


def test_a_part_that_nobody_registered_is_refused():
    """With those that are known."""
    with pytest.raises(plugins.UnknownPartError, match=r"no router nginx\. Known: envoy"):
        plugins.part("router", "nginx")


def test_nothing_of_others_is_installed_here():
    """The other tests begin from that."""
    assert (tuple(entry_points(group=plugins.GROUP)), plugins.problems()) == ((), ())


def test_a_package_of_somebody_else_adds_a_router_and_an_engine(tmp_path: Path):
    """A plan may name the router, and entries of the engine hide whom they name."""
    place = installed(tmp_path, MAPLE)
    told = said(place, "-c", ASK)
    assert ('"maple"' in told, '"orchard"' in told, '"problems": []' in told) == (True, True, True)
    code = """\
from pydantic import TypeAdapter
from unfelt.documents.registered import RouterName
print(TypeAdapter(RouterName).validate_python("maple"), TypeAdapter(RouterName).json_schema()["enum"])
"""
    assert said(place, "-c", code) == "maple ['envoy', 'maple']\n"


PROBE = """\
from unfelt.adapters.probes.form import Seen
from unfelt.conf.language import Message
def directory(asked):
    return Seen(True, Message("open"))
"""
ASK_PROBE = """\
from unfelt.adapters.probes.looking import look_at
from unfelt.adapters.http import Policy
from unfelt.documents.sections import Probe
said = {"control": "a.b", "expect": None}
print(look_at([Probe.model_validate({**said, "target": "ldap://x:1"})], policy=Policy())[0].seen.good)
try:
    Probe.model_validate({**said, "target": "ftp://x"})
except ValueError as error:
    print("And: ldap://…" in str(error))
"""


def test_a_package_of_somebody_else_adds_a_probe(tmp_path: Path):
    """A plan may look at targets that begin so, and is told of it."""
    files = {"maple/__init__.py": "PARTS = {'probe': {'ldap': 'maple.ldap:directory'}}\n", "maple/ldap.py": PROBE}
    assert said(installed(tmp_path, files), "-c", ASK_PROBE) == "True\nTrue\n"


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        ("maple/__init__.py", "raise RuntimeError('no sun')", "no sun"),
        ("maple/__init__.py", "PARTS = {'router': {'maple': 'maple.gone:Router'}}", "maple.gone"),
        (
            "maple/__init__.py",
            "PARTS = {'router': {'envoy': 'maple.router:MapleRouter'}}",
            "router envoy already",
        ),
        ("maple/__init__.py", "ENGINES = ('maple.gone',)", "maple.gone"),
        ("maple/orchard/__init__.py", "PARTS = {'entries': 'maple.orchard.gone'}", "maple.orchard.gone"),
        ("maple/orchard/entries.py", "import nothing_of_that_name", "nothing_of_that_name"),
    ],
)
def test_a_plug_in_that_cannot_be_used_is_named_and_the_rest_works(tmp_path: Path, path, text, why):
    """It is left out as a whole."""
    told = said(installed(tmp_path, MAPLE | {path: text}), "-c", ASK)
    assert ('"routers": ["envoy"]' in told, why in told, "plug-in maple cannot be used" in told) == (
        True,
        True,
        True,
    )


def test_a_command_says_which_plug_in_is_left_out(tmp_path: Path):
    """In a line of its own, and does its work."""
    place = installed(tmp_path / "site", {"maple/__init__.py": "raise RuntimeError('no sun')"})
    done = run(place, "-m", "unfelt", "--lang", "en", "verify", "--home", str(tmp_path / "home"))
    assert "warning: the plug-in maple cannot be used and is left out: RuntimeError: no sun" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_contracts_hold_for_everything_that_is_registered():
    """Ours, and whatever else is installed where the tests run."""
    assert faults() == []


JOBS = """\
from unfelt.conf.language import Message
from unfelt.engines.jobs import Job
from unfelt.records.models import Entry
JOBS = (Job("press", Message("Press"), lambda call: Entry.objects.count() and None),)
"""
ASK_JOBS = """\
from unfelt.conf import plugins
from unfelt.conf.database import connect
assert plugins.problems() == (), plugins.problems()
connect("sqlite:///:memory:", migrate=False)
from unfelt.engines.jobs import jobs
print("press" in jobs())
"""


def test_a_package_of_somebody_else_adds_a_job_that_reads_records(tmp_path: Path):
    """It is imported once they are open."""
    orchard = 'NAME = "orchard"\nPARTS = {"jobs": "maple.orchard.jobs"}\n'
    files = {"maple/__init__.py": 'ENGINES = ("maple.orchard",)\n', "maple/orchard/__init__.py": orchard}
    assert said(installed(tmp_path, {**files, "maple/orchard/jobs.py": JOBS}), "-c", ASK_JOBS).strip() == "True"


TAKEN = """\
from unfelt.conf.language import Message
from unfelt.engines.ledger.entry_kinds import EntryKind
KINDS = (EntryKind("pear picked", Message("pear picked")), EntryKind("evidence", Message("evidence")))
"""
ASK_LATE = """\
from unfelt.conf import plugins
from unfelt.engines.ledger.entry_kinds import entry_kinds
kinds = entry_kinds()
print(kinds["evidence"].people, "pear picked" in kinds, [str(one.said) for one in plugins.problems()])
"""


def test_a_kind_of_entry_whose_name_is_taken_is_left_out_with_its_engine(tmp_path: Path):
    """Ours stays what it is, and it is said."""
    told = said(installed(tmp_path, MAPLE | {"maple/orchard/entries.py": TAKEN}), "-c", ASK_LATE)
    assert told.startswith("('by',) False ")
    assert "plug-in orchard cannot be used and is left out: the name evidence is taken" in told


@pytest.mark.slow
def test_a_worker_goes_on_without_the_jobs_that_cannot_be_used(tmp_path: Path):
    """Their module is imported with the records open, and raises then."""
    broken = {
        "maple/orchard/__init__.py": 'NAME = "orchard"\nPARTS = {"jobs": "maple.orchard.jobs"}\n',
        "maple/orchard/jobs.py": "raise RuntimeError('no ladder')\n",
    }
    place = installed(tmp_path / "site", MAPLE | broken)
    done = run(place, "-m", "unfelt", "--lang", "en", "worker", "--once", "--home", str(tmp_path / "home"))
    assert (done.returncode, "runs: " in done.stdout) == (0, True), done.stderr
    assert "warning: the plug-in orchard cannot be used and is left out: RuntimeError: no ladder" in done.stderr
