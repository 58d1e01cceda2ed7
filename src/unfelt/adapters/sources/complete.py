"""Measures for experience that is complete."""

from dataclasses import replace
from datetime import timedelta

from unfelt.adapters.sources import SourceError
from unfelt.adapters.sources.measures import Measures, measures_of
from unfelt.conf.language import Message
from unfelt.documents.change import Change

SETTINGS = "SET TimeZone = 'UTC'; SET error_on_division_by_zero = false"
"""SQL: how a connection answers what plans ask; what is divided by nothing has no value."""


def recorded_measures(plan: Change) -> Measures:
    """The measures of the plan for experience that is complete: nothing comes late, and no store can be asked."""
    measures = measures_of(plan)
    for member in measures.members:
        if member.reconciliation:
            raise SourceError(
                Message(
                    "Metric {metric} is a reconciliation, which asks stores while the rollout runs; recorded "
                    "experience cannot answer it. Write the result as a column and say what is bad: "
                    "bad: {promise}_kept = false",
                    metric=member.name,
                    promise=member.reconciliation.promise,
                )
            )
    return replace(measures, grace=timedelta(0))
