"""unfelt forget"""

import click

from unfelt.cli.failures import NO, Failure
from unfelt.cli.session import Session, answering, session_options
from unfelt.conf.language import _, ngettext


@click.command(
    help=_(
        "Erase a person's name from the records. Entries keep a digest that nobody can turn back into the name; "
        "`unfelt verify` still holds. Plans that name them stay as they are. Exit code: 0 erased, 1 nobody of "
        "that name is known."
    )
)
@click.argument("name")
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@session_options
def command(session: Session, *, name: str, yes: bool) -> None:
    """The name is gone from every entry, and that it was erased is on record."""
    session.connect()
    from unfelt.engines.ledger.actions import forget  # Models want the records open.
    from unfelt.records.business_time import business_now

    if not yes:
        click.confirm(_("Erase {name} for ever?").format(name=name), abort=True)
    with answering(session):
        gone = forget(name, at=business_now())
    if not gone:
        raise Failure(_("Nobody called {name} is on record.").format(name=name), code=NO)
    click.echo(ngettext("{n} name is erased.", "{n} names are erased.", len(gone)).format(n=len(gone)))
