"""The durable workflow: a loop so small that an upgrade of unfelt finds every running rollout as it left it."""

from collections.abc import Callable
from typing import Any

from dbos import DBOS, DBOSConfig, SetWorkflowID

from unfelt.conf.language import Message
from unfelt.rollout.decide import Order, State
from unfelt.rollout.worker import Worker

VERSION = "rollout-1"
"""Pinned: a workflow begun under another version would wait for ever. It changes only with the body below."""

ENDED = ["ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
"""How a workflow can end without its rollout."""

_workers: dict[str, Worker] = {}


@DBOS.workflow(name="rollout", max_recovery_attempts=10_000)
def roll_out(rollout_id: str) -> str:
    """One step to see what is due, one to do it, until the rollout has ended."""
    while True:
        order = next_due(rollout_id)
        if do(rollout_id, order):
            return str(order["state"])


@DBOS.step(name="next_due")
def next_due(rollout_id: str) -> dict[str, Any]:
    """Ticks, for as long as nothing is due; run again after a crash, it goes on from the saved guard."""
    return _plain(_workers[rollout_id].watch())


@DBOS.step(name="do")
def do(rollout_id: str, order: dict[str, Any]) -> bool:
    """Whether the rollout has ended: the order is carried out, or dropped; done twice is done once."""
    return _workers[rollout_id].carry_out(_order(order))


def run(rollout_id: str, worker: Worker, *, database: str, began: Callable[[], None] = lambda: None) -> str:
    """The state in which the rollout ended; raises what stopped it."""
    _workers[rollout_id] = worker
    DBOS(config=_config(rollout_id, database))
    DBOS.launch()
    try:
        with SetWorkflowID(_workflow_id(rollout_id)):
            handle = DBOS.start_workflow(roll_out, rollout_id)
        began()
        return str(handle.get_result())
    finally:
        DBOS.destroy()
        del _workers[rollout_id]


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
        "log_level": "ERROR",
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
