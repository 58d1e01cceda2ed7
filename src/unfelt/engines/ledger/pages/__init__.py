"""The pages of this engine."""

from unfelt.engines.ledger.pages import (
    assurance,
    board,
    controls,
    entries,
    evidence,
    playbook,
    programme,
    readiness,
    records,
)
from unfelt.web.frame.page import pages_in

PAGES = pages_in(assurance, board, controls, entries, evidence, playbook, programme, readiness, records)
