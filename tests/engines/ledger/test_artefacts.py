"""Files kept with evidence: those that would burst, lead elsewhere or are too large are refused."""

import io
import os
import zipfile

import pytest

from unfelt.engines.ledger.artefacts import LARGEST, must_not_burst, must_stay_inside, read_small
from unfelt.engines.ledger.gates.facts import GateError


def archive(name: str, content: bytes) -> bytes:
    """A zip of one file."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, content)
    return whole.getvalue()


def test_a_file_is_read_as_it_is(tmp_path):
    """Also an archive that holds what it says."""
    file = tmp_path / "a.zip"
    file.write_bytes(archive("docs/a.txt", b"hello"))
    assert read_small(file) == file.read_bytes()


def test_a_zip_bomb_is_refused_before_anything_is_unpacked():
    """By what it says of itself."""
    with pytest.raises(GateError, match="times its size"):
        must_not_burst(archive("a", b"0" * 3_000_000), name="a.zip")


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/passwd", "C:\\x", "a\\..\\..\\x", "a\nb", "a\x00b"])
def test_names_that_lead_elsewhere_are_refused(name):
    """In an archive, and as a file's own name."""
    with pytest.raises(GateError, match="leads elsewhere"):
        must_stay_inside(name, within="a.zip")
    if "\x00" not in name:
        with pytest.raises(GateError, match="leads elsewhere"):
            must_not_burst(archive(name, b"x"), name="a.zip")


def test_a_broken_archive_and_a_file_that_is_too_large_are_refused(tmp_path):
    """With the reason."""
    with pytest.raises(GateError, match="cannot be read"):
        must_not_burst(b"PK\x03\x04 and nothing more", name="a.zip")
    large = tmp_path / "large"
    with large.open("wb") as file:
        os.truncate(file.fileno(), LARGEST + 1)
    with pytest.raises(GateError, match="too large"):
        read_small(large)
    with pytest.raises(GateError, match="No such file"):
        read_small(tmp_path / "none")
