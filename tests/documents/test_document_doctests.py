"""The examples in the docstrings of documents."""

import doctest

import pytest

from unfelt.documents import catalog, expressions, moments, playbook, problems, units, upgrades


@pytest.mark.parametrize("module", [catalog, expressions, moments, playbook, problems, units, upgrades])
def test_examples_in_docstrings_run(module):
    """Every example in a docstring gives what it says, and there is one."""
    result = doctest.testmod(module)
    assert (result.failed, result.attempted > 0) == (0, True)
