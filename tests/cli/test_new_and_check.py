"""unfelt new and unfelt check, as a person uses them."""

import json
import re

import pytest
from click.testing import CliRunner, Result

from unfelt.cli import COMMANDS, main
from unfelt.conf.language import in_language


@pytest.fixture
def unfelt(tmp_path, monkeypatch):
    """The command in an empty directory, in English."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UNFELT_LANG", "en")

    def call(*arguments: str) -> Result:
        with in_language("en"):
            return CliRunner().invoke(main, arguments)

    return call


def said(result: Result) -> tuple[int, str, str]:
    return result.exit_code, result.stdout, result.stderr


def test_a_new_plan_holds(unfelt, tmp_path):
    """What `new` writes passes `check`, with advice on what is left to say."""
    assert said(unfelt("new", "checkout-split")) == (
        0,
        "change.yaml is written. Edit it, then: unfelt check change.yaml\n",
        "",
    )
    result = unfelt("check")
    assert (result.exit_code, result.stdout.splitlines()[0][:32]) == (0, "Checkout split: the plan holds. ")
    assert [line.split(": ")[2] for line in result.stderr.splitlines()] == ["touches", "rollout.writes"]


def test_a_new_plan_has_the_addresses_given(unfelt):
    """The addresses of both versions go into the plan."""
    unfelt("new", "--old", "http://10.0.0.1:80", "--new", "http://10.0.0.2:80")
    plan = json.loads(unfelt("check", "--expand").stdout)["rollout"]
    assert (plan["old"], plan["new"]) == ("http://10.0.0.1:80", "http://10.0.0.2:80")


def test_nothing_is_written_over(unfelt, tmp_path):
    """A file that is there stays as it is, unless told otherwise."""
    (tmp_path / "change.yaml").write_text("mine", encoding="utf-8")
    assert said(unfelt("new")) == (
        2,
        "",
        "change.yaml is there already and stays as it is. Write over it with --force, or name another --file.\n",
    )
    assert (tmp_path / "change.yaml").read_text(encoding="utf-8") == "mine"
    assert unfelt("new", "--force").exit_code == 0


def test_a_wrong_name_writes_nothing(unfelt, tmp_path):
    """A plan that would not hold is not begun."""
    result = unfelt("new", "Checkout Split", "--old", "nowhere")
    assert (result.exit_code, [line.split(": ")[1] for line in result.stderr.splitlines()[:-1]]) == (
        1,
        ['change.id = "Checkout Split"', 'rollout.old = "nowhere"'],
    )
    assert list(tmp_path.iterdir()) == []


def test_all_errors_come_at_once(unfelt, tmp_path):
    """A wrong plan exits with 1 and every error on stderr."""
    unfelt("new")
    path = tmp_path / "change.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("150 customers", "150").replace("60s", "60"))
    assert said(unfelt("check")) == (
        1,
        "",
        "change.yaml:14:3: experience.observe = 60: a length of time is due. Allowed units: ms, s, m or min, h, "
        "d, largest first, in whole milliseconds, at most 3660d. Write for example 60s.\n"
        "change.yaml:35:3: guard.impact_budget = 150: a number of customers is due. "
        "Write it with its unit: 150 customers.\n2 errors\n",
    )


def test_machines_read_json(unfelt, tmp_path):
    """With --json the answer is one object, right or wrong."""
    unfelt("new")
    good = json.loads(unfelt("check", "--json").stdout)
    assert (good["ok"], len(good["digest"]), len(good["warnings"])) == (True, 64, 2)
    (tmp_path / "change.yaml").write_text("unfelt: 1\n", encoding="utf-8")
    bad = unfelt("check", "--json")
    assert (bad.exit_code, [one["field"] for one in json.loads(bad.stdout)["errors"]]) == (
        1,
        ["change", "experience", "guard"],
    )


def test_a_wrong_catalog_is_a_wrong_plan(unfelt, tmp_path):
    """A catalog beside the plan must hold too."""
    unfelt("new")
    (tmp_path / "catalog.yaml").write_text("unfelt: 1\n", encoding="utf-8")
    assert said(unfelt("check"))[0::2] == (
        1,
        "catalog.yaml:1:1: touchpoints: this field is missing. Add `touchpoints:` here; docs/reference says what "
        "it means.\n1 error\n",
    )


@pytest.mark.parametrize("kind", ["change", "catalog"])
def test_the_schema_is_printed(unfelt, kind):
    """Editors get the schema of either document, with no plan at hand."""
    result = unfelt("check", "--schema", kind)
    assert (result.exit_code, "unfelt" in json.loads(result.stdout)["required"]) == (0, True)


def test_a_missing_file_is_one_line(unfelt):
    """A plan that is not there is wrong use, in one line."""
    assert said(unfelt("check", "nowhere.yaml")) == (
        2,
        "",
        "nowhere.yaml: there is no such file or directory. See `unfelt new`.\n",
    )


def test_a_directory_is_no_plan(unfelt, tmp_path):
    """A directory in the place of a plan is wrong use."""
    assert said(unfelt("check", str(tmp_path))) == (2, "", f"{tmp_path} is a directory; name a file.\n")


def test_an_unknown_command_is_refused(unfelt):
    """A near command is offered and never taken."""
    assert said(unfelt("chek")) == (2, "", "There is no command chek. Did you mean check?\n")


def test_the_language_can_be_chosen(unfelt, tmp_path):
    """The comments of a new plan follow the language, and the plan holds in either."""
    for language in ("zh", "en"):
        assert unfelt("--lang", language, "new", "--file", f"{language}.yaml").exit_code == 0
    chinese, english = ((tmp_path / f"{name}.yaml").read_text(encoding="utf-8") for name in ("zh", "en"))
    assert [re.sub(r" *#.*", "", text) for text in (chinese, english)] == [re.sub(r" *#.*", "", english)] * 2
    assert [unfelt("check", f"{name}.yaml").exit_code for name in ("zh", "en")] == [0, 0]


def test_every_command_has_help(unfelt):
    """No command is without a sentence, and the list names them all."""
    listed = unfelt("--help").stdout.partition("Commands:")[2]
    assert [name for name in COMMANDS if not re.search(rf"^  {name}\s+\S", listed, re.MULTILINE)] == []


@pytest.mark.parametrize(("language", "title"), [("en", "Split checkout"), ("zh", "拆分结账")])
def test_a_title_in_both_languages_is_said_in_the_readers(unfelt, tmp_path, language, title):
    """And stays both in the expanded plan."""
    unfelt("new", "checkout-split")
    file = tmp_path / "change.yaml"
    pair = "{en: Split checkout, zh: 拆分结账}"
    text = re.sub(r'(?m)^  title: "Checkout split"', f"  title: {pair}", file.read_text(encoding="utf-8"))
    file.write_text(text, encoding="utf-8")
    assert unfelt("--lang", language, "check").stdout.startswith(title)
    expanded = json.loads(unfelt("check", "--expand").stdout)
    assert expanded["change"]["title"] == {"en": "Split checkout", "zh": "拆分结账"}
