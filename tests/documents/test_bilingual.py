"""Titles and needs in one language or in both: read, refused, written, edited as a form."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unfelt.conf.language import InBoth, in_language
from unfelt.documents.bilingual import Bilingual, in_both, paired
from unfelt.documents.change import Change
from unfelt.documents.load import CHANGE, load_text
from unfelt.documents.model import OTHER
from unfelt.documents.revision import expanded, restored, revise
from unfelt.documents.schema import json_schema
from unfelt.documents.writing import answers_in, text_of, with_answers

PAIR = {"en": "Split checkout", "zh": "拆分结账"}
NEED = "needs: [{id: peak, because: BECAUSE}]\nguard"
TITLE = "/change/title"

lines = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40)
pairs = st.dictionaries(st.sampled_from(["en", "zh"]), lines, min_size=1, max_size=2)
texts = lines | pairs
trimmed = lines.filter(lambda text: text == text.strip())


def plan(least: str, title: object, because: object = "Buyers wait") -> str:
    """The least plan, with that title and one need."""
    text = least.replace("title: Split checkout,", f"title: {json.dumps(title, ensure_ascii=False)},")
    return text.replace("guard", NEED.replace("BECAUSE", json.dumps(because, ensure_ascii=False)), 1)


def loaded(text: str, *, file: str = "change.yaml") -> Change:
    """The change in the text."""
    return load_text(text, CHANGE, file=file).document


def shown(change: Change, language: str) -> tuple[str, str]:
    """Title and reason as a reader of that language sees them."""
    with in_language(language):
        return str(change.change.title), str(change.needs[0].because)


@pytest.mark.parametrize(
    ("said", "en", "zh"),
    [
        ("Split", "Split", "Split"),
        (PAIR, "Split checkout", "拆分结账"),
        ({"zh": "拆分"}, "拆分", "拆分"),
        ({"en": "Split"}, "Split", "Split"),
    ],
)
def test_a_reader_sees_their_own_language_where_it_is_given_else_the_other(least, said, en, zh):
    """One line is shown to everybody as it stands."""
    change = loaded(plan(least, said, said))
    assert (shown(change, "en"), shown(change, "zh")) == ((en, en), (zh, zh))
    assert in_both(said) == in_both(change.change.title) == InBoth(en, zh)


EITHER = 'Allowed: a line of text ("…"), or one for each language: {en: "…", zh: "…"}.'


@pytest.mark.parametrize(
    ("said", "field", "problem"),
    [
        ({}, "", f"it says nothing in any language. {EITHER}"),
        (5, "", f"a text is due. {EITHER}"),
        (["a"], "", f"a text is due. {EITHER}"),
        (None, "", f"a text is due. {EITHER}"),
        ("", "", "the text is empty. Write something."),
        ("x" * 401, "", "the value is out of range. Allowed: at most 400 characters."),
        ({"en": ""}, ".en", "the text is empty. Write something."),
        ({"en": "a", "zh": 5}, ".zh", 'a text is due. Put it in quotes: "…".'),
        ({"en": "a", "fr": "b"}, ".fr", "there is no such field. Allowed here: en, zh."),
        ({"en": "a", "zh": "b" * 401}, ".zh", "the value is out of range. Allowed: at most 400 characters."),
    ],
)
def test_what_is_wrong_is_said_once_at_its_place_with_what_is_allowed(least, wrong, said, field, problem):
    """At the title and at the reason of a need alike."""
    problems = wrong(plan(least, said, said)).problems
    found = [(one.field, str(one.sentence)) for one in problems]
    assert found == [(f"change.title{field}", problem), (f"needs[0].because{field}", problem)]


def test_a_line_of_text_is_hashed_as_ever(least):
    """A plan from before there were pairs keeps its digest; the same with a pair is another plan."""
    before = "73f799c3188daabcb321f1cee542075199bb9e819cdc77e72a8084e8ca928b22"
    assert revise(loaded(plan(least, "Split checkout"))).digest == before
    assert revise(loaded(plan(least, PAIR))).digest != before


@settings(max_examples=150)
@given(title=texts, because=texts)
def test_any_text_in_one_language_or_both_survives_being_written_out(least, title, because):
    """As canonical JSON, as JSON, and as the YAML that people edit: the same plan, the same digest."""
    change = loaded(plan(least, title, because))
    revision = revise(change)
    assert expanded(change)["change"]["title"] == title
    assert expanded(change)["needs"][0]["because"] == because
    again = [
        restored(json.loads(revision.canonical)),
        loaded(revision.canonical, file="change.json"),
        loaded(text_of(change)),
    ]
    assert [(one, revise(one).digest) for one in again] == [(change, revision.digest)] * 3


def test_a_pair_is_named_in_the_schema_beside_the_text():
    """Editors offer both."""
    schema = json_schema(Change)
    title = schema["$defs"]["Subject"]["properties"]["title"]
    assert [one.get("type") or one["$ref"] for one in title["anyOf"]] == ["string", "#/$defs/Bilingual"]
    assert set(schema["$defs"]["Bilingual"]["properties"]) == {"en", "zh"}


def test_code_may_hand_over_a_pair(change):
    """As it hands over every other value."""
    subject = change.change.model_copy(update={"title": Bilingual(**PAIR)})
    assert revise(change.model_copy(update={"change": subject})).canonical.count("拆分结账") == 1


# As a form


def edited(text: str, title: str, other: str, language: str) -> Mapping[str, object]:
    """The plan's title after a form was sent with these fields by a reader of that language."""
    with in_language(language):
        after = loaded(with_answers(text, {TITLE: title, TITLE + OTHER: other}))
    return expanded(after)["change"]["title"]


def in_form(text: str, language: str) -> tuple[str, ...]:
    """What a reader of that language finds in the form: title, the other language, reason, the other language."""
    fields = (TITLE, TITLE + OTHER, "/needs", "/needs" + OTHER)
    with in_language(language):
        return tuple(answers_in(text, iter(fields)).values())


def test_the_form_shows_the_readers_language_first(least):
    """And nothing in the second field where one line is everybody's."""
    text = plan(least, PAIR)
    assert in_form(text, "en") == ("Split checkout", "拆分结账", "Buyers wait", "")
    assert in_form(text, "zh") == ("拆分结账", "Split checkout", "Buyers wait", "")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_which_of_two_texts_is_chinese_is_seen_by_its_characters(least, language):
    """Whoever adds the second one, and in whatever order."""
    text = plan(least, "Split checkout")
    assert edited(text, "Split checkout", "拆分结账", language) == PAIR
    assert edited(text, "拆分结账", "Split checkout", language) == PAIR
    assert edited(text, "", "拆分结账", language) == "拆分结账"
    assert edited(text, "Same", "Same", language) == "Same"


def test_where_characters_do_not_tell_the_first_is_the_readers(least):
    """A product's name is spelled alike in both."""
    with in_language("zh"):
        assert paired("Envoy 2", "Envoy two") == {"en": "Envoy two", "zh": "Envoy 2"}
    assert edited(plan(least, "x"), "Envoy 2", "Envoy two", "en") == {"en": "Envoy 2", "zh": "Envoy two"}


def test_one_language_is_edited_and_the_other_stays(least):
    """Also by a form that knows of one field only; emptied, the pair is one line again."""
    text = plan(least, PAIR)
    assert edited(text, "Split it", "拆分结账", "en") == {"en": "Split it", "zh": "拆分结账"}
    one = with_answers(text, {TITLE: "Split it"})
    assert loaded(one).change.title == Bilingual(en="Split it", zh="拆分结账")
    assert edited(text, "Split checkout", "", "en") == "Split checkout"


def test_a_need_keeps_its_name_and_what_shows_it(least):
    """Only the reason of the first one is edited."""
    text = plan(least, "x").replace("{id: peak,", "{id: peak, shown_by: A test,")
    (need,) = loaded(with_answers(text, {"/needs": "Buyers wait long", "/needs" + OTHER: "顾客久等"})).needs
    assert (need.id, need.shown_by) == ("peak", "A test")
    assert in_both(need.because) == InBoth("Buyers wait long", "顾客久等")


def test_comments_stay_when_the_other_language_is_added():
    """The pair stands where the line stood."""
    text = "change:  # a word\n  title: Split checkout\n  owner: lin\n"
    after = with_answers(text, {TITLE: "Split checkout", TITLE + OTHER: "拆分结账"})
    assert after == "change:  # a word\n  title: {en: Split checkout, zh: 拆分结账}\n  owner: lin\n"


@settings(max_examples=100)
@given(
    title=trimmed | st.dictionaries(st.sampled_from(["en", "zh"]), trimmed, min_size=1),
    because=trimmed | st.dictionaries(st.sampled_from(["en", "zh"]), trimmed, min_size=1),
    language=st.sampled_from(["en", "zh"]),
)
def test_a_form_that_is_sent_as_it_was_shown_changes_nothing(least, title, because, language):
    """Whatever the plan says, and in whatever language it is read."""
    text = plan(least, title, because)
    with in_language(language):
        fields = (TITLE, TITLE + OTHER, "/needs", "/needs" + OTHER)
        after = with_answers(text, answers_in(text, iter(fields)))
    assert loaded(after) == loaded(text)
