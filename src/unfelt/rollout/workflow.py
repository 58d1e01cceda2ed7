"""The durable workflow: a loop so small that an upgrade of unfelt finds every running rollout as it left it."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Event
from typing import Any

from dbos import DBOS, DBOSConfig, SetWorkflowID
from sqlalchemy.exc import SQLAlchemyError

from unfelt.conf.language import Message
from unfelt.rollout.decide import Order, State
from unfelt.rollout.worker import Worker

VERSION = "rollout-1"
"""Pinned: a workflow begun under another version would wait for ever. It changes only with the body below."""

ENDED = ["ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
"""How a workflow can end without its rollout."""

BEGIN_WITHIN = 15.0
"""Seconds in which a workflow, new or as a crash left it, has begun to run; else it is tried anew."""
WRITE_WITHIN = 10
"""Seconds for the last word of a workflow to be written down."""


class Outcome:
    """What becomes of one run of the workflow in this process."""

    def __init__(self) -> None:
        self.end: Future[str] = Future()
        self._begun = Event()

    def begin(self) -> None:
        """It runs; a second one that comes late is refused."""
        if self._begun.is_set():
            raise RuntimeError("This rollout runs in this process already.")
        self._begun.set()

    def wait(self) -> str:
        """The state in which it ended; raises what stopped it."""
        if not self._begun.wait(BEGIN_WITHIN):
            raise SQLAlchemyError(f"the workflow did not begin within {BEGIN_WITHIN:g} s")
        return self.end.result()


_workers: dict[str, Worker] = {}
_outcomes: dict[str, Outcome] = {}


@DBOS.workflow(name="rollout", max_recovery_attempts=10_000)
def roll_out(rollout_id: str) -> str:
    """One step to see what is due, one to do it, until the rollout has ended."""
    outcome = _outcomes[rollout_id]
    outcome.begin()
    try:
        while True:
            order = next_due(rollout_id)
            if do(rollout_id, order):
                outcome.end.set_result(str(order["state"]))
                return str(order["state"])
    except BaseException as error:
        # The workflow engine may be unable to write it down, and then tells nobody.
        outcome.end.set_exception(error)
        raise


@DBOS.step(name="next_due")
def next_due(rollout_id: str) -> dict[str, Any]:
    """Ticks, for as long as nothing is due; run again after a crash, it goes on from the saved guard."""
    return _plain(_workers[rollout_id].watch())


@DBOS.step(name="do")
def do(rollout_id: str, order: dict[str, Any]) -> bool:
    """Whether the rollout has ended: the order is carried out, or dropped; done twice is done once."""
    return _workers[rollout_id].carry_out(_order(order))


def run(rollout_id: str, worker: Worker, *, database: str, began: Callable[[], None] = lambda: None) -> str:
    """The state in which the rollout ended; raises what stopped it.

    Where its own steps could not be written down (disk full, database gone) it goes on from the last one that was,
    as after a crash: meanwhile the lease runs out and customers are on `old`.
    """
    _workers[rollout_id] = worker
    try:
        while True:
            try:
                return _run(rollout_id, database, began)
            except SQLAlchemyError as error:
                began = _nothing
                worker.wait_for_records(_first_line(error))
    finally:
        del _workers[rollout_id]


def _run(rollout_id: str, database: str, began: Callable[[], None]) -> str:
    outcome = _outcomes[rollout_id] = Outcome()
    DBOS(config=_config(rollout_id, database))
    try:
        DBOS.launch()
        with SetWorkflowID(_workflow_id(rollout_id)):
            DBOS.start_workflow(roll_out, rollout_id)
        began()
        return outcome.wait()
    finally:
        DBOS.destroy(workflow_completion_timeout_sec=WRITE_WITHIN)


def _nothing() -> None:
    """It began before."""


def _first_line(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]


def _workflow_id(rollout_id: str) -> str:
    """A name of its own for each try: where an error ended a workflow, the records know how to go on."""
    prefix = f"{rollout_id}#"
    failed = DBOS.list_workflows(name="rollout", workflow_id_prefix=prefix, status=ENDED)
    return f"{prefix}{len(failed) + 1}"


def _config(rollout_id: str, database: str) -> DBOSConfig:
    return {
        "name": "unfelt",
        "system_database_url": database,
        "application_version": VERSION,
        "executor_id": rollout_id,
        "log_level": "CRITICAL",  # What went wrong is said in a sentence of ours.
    }


def _plain(order: Order) -> dict[str, Any]:
    return {
        "state": str(order.state),
        "share": order.share,
        "step": order.step,
        "because": order.because.plain(),
    }


def _order(plain: dict[str, Any]) -> Order:
    because = Message.of(plain["because"])
    return Order(State(plain["state"]), plain["share"], because, step=plain["step"])
