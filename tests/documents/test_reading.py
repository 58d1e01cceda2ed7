"""Text to data, with places; nothing that could harm the reader."""

import pytest

from unfelt.documents.problems import DocumentErrors, Place
from unfelt.documents.reading import read_bytes


def data_of(text: str, *, file: str = "a.yaml"):
    return read_bytes(text.encode(), file=file).data


def refused(text: str | bytes, *, file: str = "a.yaml") -> list[tuple[int, int, str]]:
    with pytest.raises(DocumentErrors) as caught:
        read_bytes(text if isinstance(text, bytes) else text.encode(), file=file)
    return [(one.place.line, one.place.column, one.what.text) for one in caught.value.problems]


def test_yaml_12_is_read():
    """Words are texts, as in YAML 1.2: no, on and 18:00 are neither false nor a number."""
    assert data_of("a: no\nb: on\nc: 18:00\nd: 2026-01-01\ne: 1\nf: 1.5\ng: true\nh: ~\n") == {
        "a": "no",
        "b": "on",
        "c": "18:00",
        "d": "2026-01-01",
        "e": 1,
        "f": 1.5,
        "g": True,
        "h": None,
    }


def test_every_value_has_its_place():
    """Line and column of a value count from 1, in blocks and in braces."""
    raw = read_bytes(b"a:\n  b: [1, {c: 2}]\n", file="a.yaml")
    assert (raw.values["a", "b", 1, "c"], raw.keys["a", "b"]) == (Place(2, 14), Place(2, 3))


def test_json_is_read_as_json():
    """JSON with tabs and escapes gives what JSON says."""
    assert data_of('{\n\t"a": "\\ud83d\\ude00\\/",\n\t"b": [1, 2.5, null, true, 1E2]}', file="a.json") == {
        "a": "😀/",
        "b": [1, 2.5, None, True, 100.0],
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", [(3, 1, "the key is there twice")]),
        ("a: {b: 1, b: 2}\nc: 1\nc: 2", [(1, 11, "the key is there twice"), (3, 1, "the key is there twice")]),
        ("a: !!python/object:os.system x", [(1, 4, "the tag {tag} is not allowed")]),
        ("a: !secret x", [(1, 4, "the tag {tag} is not allowed")]),
        ("<<: {a: 1}", [(1, 1, "a key here is not a text")]),
        ("? [a]\n: 1", [(1, 3, "a key here is not a text")]),
        ("- 1", [(1, 1, "a mapping is due")]),
        ("", [(1, 1, "the file holds {n} documents")]),
        ("a: 1\n---\nb: 2", [(1, 1, "the file holds {n} documents")]),
        ("a: [1", [(1, 6, "this is not YAML: {problem}")]),
        ("a: b: c", [(1, 5, "this is not YAML: {problem}")]),
        ("a: *nowhere", [(1, 4, "this is not YAML: {problem}")]),
        ("a: \x07", [(1, 1, "this is not YAML: {problem}")]),
    ],
)
def test_what_is_not_a_document_is_refused(text, expected):
    """Duplicate keys, tags, merges, several documents and bad syntax are refused with their place."""
    assert refused(text) == expected


def test_wrong_json_is_refused_with_its_place():
    """A syntax error in JSON is placed as JSON's reader places it."""
    assert refused('{"a": 1,\n "b" 2}', file="a.json") == [(2, 6, "this is not JSON: {problem}")]


def test_text_that_is_not_utf8_is_refused():
    """Other encodings are named as such, with the line."""
    assert refused("a: 1\nb: ä".encode("latin-1")) == [(2, 1, "the text is not UTF-8")]


@pytest.mark.parametrize("depth", [60, 20_000])
@pytest.mark.parametrize("file", ["a.yaml", "a.json"])
def test_deep_documents_are_refused(depth, file):
    """Nesting beyond the limit is refused, however deep."""
    text = '{"a": ' * depth + "1" + "}" * depth
    assert [what for _, _, what in refused(text, file=file)] == ["the document is nested too deeply"]


def test_a_bomb_of_aliases_is_refused():
    """Aliases that would grow into millions of values are refused."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert [what for _, _, what in refused("\n".join(lines))] == ["the document holds too many values"]


def test_an_alias_of_itself_is_refused():
    """A value that holds itself never ends and is refused."""
    assert [what for _, _, what in refused("a: &a [*a]")] == ["the document is nested too deeply"]


def test_a_large_file_is_refused():
    """More than a million bytes are no plan."""
    assert [what for _, _, what in refused("#" * 1_000_001)] == ["the file is too large"]
