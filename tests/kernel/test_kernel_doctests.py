"""Every public function of the kernel shows a running example."""

import doctest
import inspect
import pkgutil
from importlib import import_module

import pytest

import unfelt.kernel

MODULES = [import_module(f"unfelt.kernel.{found.name}") for found in pkgutil.iter_modules(unfelt.kernel.__path__)]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_examples_run(module):
    """The examples print what they say."""
    assert doctest.testmod(module).failed == 0


def test_every_public_function_has_one():
    """No public function of the mathematics without an example."""
    bare = [
        f"{module.__name__}.{name}"
        for module in MODULES
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and name[0] != "_" and ">>>" not in (function.__doc__ or "")
    ]
    assert bare == []
