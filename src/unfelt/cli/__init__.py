"""The command line: one file per command, loaded when it is asked for."""

from importlib import import_module
from typing import Any

import click

COMMANDS = {
    "demo": "unfelt.cli.demo.command",
    "new": "unfelt.cli.new",
    "check": "unfelt.cli.check",
    "plan": "unfelt.cli.plan",
    "assess": "unfelt.cli.assess",
    "probe": "unfelt.cli.probe",
    "gates": "unfelt.cli.gates",
    "evidence": "unfelt.cli.evidence",
    "run-control": "unfelt.cli.run_control",
    "sign": "unfelt.cli.sign",
    "waive": "unfelt.cli.waive",
    "lower": "unfelt.cli.lower",
    "programme": "unfelt.cli.programme",
    "model": "unfelt.cli.model",
    "compliance": "unfelt.cli.compliance",
    "send-report": "unfelt.cli.send_report",
    "run": "unfelt.cli.run",
    "watch": "unfelt.cli.watch",
    "confirm": "unfelt.cli.confirm",
    "differences": "unfelt.cli.differences",
    "back": "unfelt.cli.back",
    "pin": "unfelt.cli.pin",
    "unpin": "unfelt.cli.unpin",
    "judge": "unfelt.cli.judge",
    "calibrate": "unfelt.cli.calibrate",
    "serve": "unfelt.cli.serve",
    "worker": "unfelt.cli.worker",
    "link": "unfelt.cli.link",
    "token": "unfelt.cli.token",
    "router": "unfelt.cli.router",
    "health": "unfelt.cli.health",
    "report": "unfelt.cli.report",
    "verify": "unfelt.cli.verify",
    "keys": "unfelt.cli.keys",
    "forget": "unfelt.cli.forget",
    "mission": "unfelt.cli.mission",
    "erase": "unfelt.cli.erase",
    "backup": "unfelt.cli.backup",
    "restore": "unfelt.cli.restore",
}
"""Each command by the module that holds it as `command`; engines of others add theirs."""


def commands() -> dict[str, str]:
    """Ours, in the order of their use, and after them those that engines register."""
    from unfelt.conf import plugins

    return {**COMMANDS, **{name: module for name, module in plugins.commands().items() if name not in COMMANDS}}


class Commands(click.Group):
    """Commands that are imported on first use, in the language chosen by then."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of their use."""
        return list(commands())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, if there is one."""
        module = COMMANDS.get(cmd_name) or commands().get(cmd_name)
        if module is None:
            return None
        command: click.Command = import_module(module).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """An unknown command is refused, with the near ones named."""
        from unfelt.cli.failures import no_such_command

        if args and not ctx.resilient_parsing and args[0] not in COMMANDS and args[0] not in (known := commands()):
            raise no_such_command(args[0], tuple(known))
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """In the language chosen: click named its own option before that was known."""
        from unfelt.conf.language import _

        if option := self.get_help_option(ctx):
            option.help = _("Show this message and exit.")
        super().format_help(ctx, formatter)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  (what the command gives)
        """What the command gives; errors that a person can mend become one clear message."""
        from unfelt.cli.failures import readable

        with readable():
            return super().invoke(ctx)


def _speak(ctx: click.Context, _option: click.Parameter, value: str | None) -> None:
    from unfelt.conf.language import language, set_language
    from unfelt.conf.settings import settings

    set_language(value or settings().language)
    if language() != "en":
        from unfelt.cli.words import teach_click

        teach_click()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    is_eager=True,
    expose_value=False,
    callback=_speak,
    help="语言 / language",
)
@click.version_option(package_name="unfelt", message="%(version)s", help="版本 / version")
def main() -> None:
    """unfelt: changes that your customers never feel (无感变更)."""
