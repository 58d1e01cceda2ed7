"""The reference of the command line as Markdown, made from its own help.

UNFELT_LANG=en python -m unfelt.cli.reference docs/reference
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from unfelt.cli import COMMANDS, main

WIDTH = 96
_HEAD = (
    "<!-- Made from the code: UNFELT_LANG=en .venv/bin/python -m unfelt.cli.reference docs/reference -->\n"
    "# Commands\n\n"
    "`--lang zh` or `--lang en` before the command chooses the language; without it UNFELT_LANG, LC_ALL, "
    "LC_MESSAGES or LANG does. `UNFELT_HOME` stands for `--home`, `UNFELT_DATABASE` for `--database`, "
    "`UNFELT_PLAYBOOK` for `--playbook`.\n\n"
    "Exit codes, of every command: 0 done, 1 the answer is no, 2 wrong use, 3 could not be determined. What went "
    "wrong is said on standard error; what was asked for is on standard output.\n"
)


def page() -> str:
    """The whole page, in the language in force when the commands are first loaded."""
    return _HEAD + "".join(_sections())


def _sections() -> Iterator[str]:
    yield _section("unfelt", main, None)
    whole = click.Context(main, info_name="unfelt", max_content_width=WIDTH, terminal_width=WIDTH)
    for name in COMMANDS:
        command = main.get_command(whole, name)
        if command is None:
            raise LookupError(name)
        yield _section(name, command, whole)
        if isinstance(command, click.Group):
            group = click.Context(command, info_name=name, parent=whole)
            for inner, one in command.commands.items():
                yield _section(inner, one, group, heading=f"### {name} {inner}")


def _section(name: str, command: click.Command, parent: click.Context | None, *, heading: str = "") -> str:
    context = click.Context(
        command, info_name=name, parent=parent, terminal_width=WIDTH, help_option_names=["-h", "--help"]
    )
    return f"\n{heading or f'## {name}'}\n\n```\n{command.get_help(context)}\n```\n"


if __name__ == "__main__":
    (Path(sys.argv[1]) / "commands.md").write_text(page(), encoding="utf-8")
