"""Entries about what people hand over, ask and say, and about telling them."""

from unfelt.conf.language import Message
from unfelt.engines.ledger.entry_kinds import EntryKind

ASSIGNED = EntryKind("assigned", Message("handed over"), ("by", "person"), ("change", "control", "due"))
COMMENTED = EntryKind("commented", Message("comment"), ("by",), ("change", "control", "text"))
WAIVER_ASKED = EntryKind("waiver asked", Message("waiver asked for"), ("by", "person"), ("change", "control"))
WAIVER_DECLINED = EntryKind("waiver declined", Message("waiver declined"), ("by",), ("change", "control"))
LESSON_DRAWN = EntryKind(
    "lesson drawn", Message("lesson"), ("by", "person"), ("change", "text", "lesson", "due", "action")
)
ACTION_DONE = EntryKind("action done", Message("action done"), ("by",), ("change", "lesson"))
CHANGE_ASKED = EntryKind("change asked", Message("request"), ("by",), ("request", "text"))
REQUEST_PLANNED = EntryKind("request planned", Message("request planned"), ("by",), ("request", "change"))
REQUEST_DECLINED = EntryKind("request declined", Message("request declined"), ("by",), ("request", "text"))
APPROVAL_ASKED = EntryKind("approval asked", Message("approval asked for"), ("by", "person"), ("model",))
APPROVAL_DECLINED = EntryKind("approval declined", Message("approval declined"), ("by",), ("model",))
TOLD = EntryKind("told", Message("told"), ("person",), ("items",))
WEBHOOK_ADDED = EntryKind("webhook added", Message("webhook added"), ("by",), ("webhook", "kinds"), at_once=True)
WEBHOOK_ENDED = EntryKind("webhook ended", Message("webhook ended"), ("by",), ("webhook",), at_once=True)
WEBHOOK_PASSED_OVER = EntryKind(
    "webhook passed over", Message("entry passed over by a webhook"), holds=("webhook", "entry")
)
ASKED = EntryKind("asked", Message("question"), ("by", "person"), ("change", "control", "comment"))
PUT_AWAY = EntryKind("question put away", Message("question put away"), ("by",), ("change", "control", "comment"))
ACKNOWLEDGED = EntryKind("acknowledged", Message("plan acknowledged"), ("by",), ("change", "revision", "parts"))
HAND_OVER_ACCEPTED = EntryKind(
    "hand_over accepted", Message("hand-over accepted"), ("by",), ("change", "touchpoint", "revision")
)
HAND_OVER_REFUSED = EntryKind(
    "hand_over refused", Message("hand-over refused"), ("by",), ("change", "touchpoint", "revision", "text")
)
TASK_ACCEPTED = EntryKind("task accepted", Message("task accepted"), ("by",), ("change", "control"))
TASK_RETURNED = EntryKind("task handed back", Message("task handed back"), ("by",), ("change", "control", "text"))
REPORT_SENT = EntryKind(
    "report sent",
    Message("report sent"),
    ("by", "person"),
    ("change", "revision", "report", "kind"),
    at_once=True,
    keeps=("report",),
)
REPORT_RECEIVED = EntryKind(
    "report received", Message("report received"), ("by",), ("change", "report"), at_once=True
)
KINDS = (
    *(ASSIGNED, COMMENTED, WAIVER_ASKED, WAIVER_DECLINED, LESSON_DRAWN, ACTION_DONE, CHANGE_ASKED),
    *(REQUEST_PLANNED, REQUEST_DECLINED, APPROVAL_ASKED, APPROVAL_DECLINED, TOLD, WEBHOOK_ADDED, WEBHOOK_ENDED),
    *(WEBHOOK_PASSED_OVER, ASKED, PUT_AWAY, ACKNOWLEDGED, HAND_OVER_ACCEPTED, HAND_OVER_REFUSED, TASK_ACCEPTED),
    *(TASK_RETURNED, REPORT_SENT, REPORT_RECEIVED),
)
