"""The pictures of the documentation are those that the code draws."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

IMAGES = Path(__file__).parents[2] / "docs" / "images"
PICTURES = {"rollout.svg": "en", "rollout.zh.svg": "zh"}


@pytest.fixture(scope="module")
def draw() -> ModuleType:
    """docs/images/draw.py as a module."""
    spec = importlib.util.spec_from_file_location("draw", IMAGES / "draw.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_current(name: str, draw: ModuleType) -> None:
    """The kept picture is what the terminal shows of the recorded status today."""
    assert (IMAGES / name).read_text("utf-8") == draw.picture(PICTURES[name])


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_asks_no_host_for_anything(name: str) -> None:
    """No font, style or image comes from elsewhere."""
    text = (IMAGES / name).read_text("utf-8")
    assert re.findall(r"""url\(["']?https?:|@import|href=["']https?:|src=["']https?:""", text) == []
