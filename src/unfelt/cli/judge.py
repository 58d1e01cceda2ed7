"""unfelt judge"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unfelt.cli.failures import UNDETERMINED
from unfelt.conf.language import _

if TYPE_CHECKING:
    from unfelt.documents.change import Change

EXIT = {"promote": 0, "back": 1, "spent": 1}
"""Exit code by the guard's last word; anything else could not be determined."""


@click.command(
    help=_(
        "Judge recorded experience of both versions: what the guard would have decided, and when.\n\nFILES is"
        " one Parquet or CSV file with the columns time, customer and arm (old or new), perhaps share, and "
        "whatever the plan's segments and metrics use; or nothing, where the plan names an access log per "
        "arm.\n\nExit code: 0 promote, 1 back or budget spent, 2 wrong use, 3 could not be determined."
    )
)
@click.argument("plan", type=click.Path(path_type=Path))
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--share",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help=_("Probability of new, where the data has no `share` column."),
)
@click.option("--json", "as_json", is_flag=True, help=_("The judgement as JSON."))
def command(plan: Path, files: tuple[Path, ...], *, share: float | None, as_json: bool) -> None:
    """The guard's decisions over the recording."""
    from unfelt.documents.load import load_change

    judged = _judged(load_change(plan), files, share=share)
    if as_json:
        click.echo(json.dumps(judged, ensure_ascii=False))
    else:
        from rich.console import Console

        from unfelt.cli.views.judgement import judgement_view

        Console().print(judgement_view(judged))
    sys.exit(EXIT.get(judged["final"], UNDETERMINED))


def _judged(change: "Change", files: tuple[Path, ...], *, share: float | None) -> dict[str, Any]:
    """The judgement, with progress on stderr."""
    import secrets

    from unfelt.adapters.sources.replay import Replay
    from unfelt.cli.progressing import progressing
    from unfelt.engines.guard.judging import judge

    with (
        progressing(_("Reading the recording")) as tell,
        Replay(change, files, share=share, secret=secrets.token_bytes(32)) as replay,
    ):
        batches = replay.batches(lambda done, of: tell(_("Judging"), done, of))
        found = judge(change, batches, segments=replay.segments, account=replay.account, census=replay.census)
        return found.plain()
