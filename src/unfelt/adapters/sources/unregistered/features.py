"""From the requests of a window to what its customer met, in SQL."""

from unfelt.adapters.sources.unregistered import ANYWHERE
from unfelt.kernel.differs import FINE

MOST_VALUES = 80
"""So many values of one kind on one route are told apart; the rest is OTHER."""
OTHER = "{other}"
_PLACE = "window_, arm, propensity"


def step(amount: str) -> str:
    """SQL: the step in which an amount lies, FINE to a factor of two; 0 for none."""
    return f"round({FINE} * log2(1 + greatest(0, coalesce({amount}, 0))))::INTEGER"


FEATURES = f"""
    SELECT {_PLACE}, 'visit' AS kind, route, '' AS value FROM u_met
    UNION ALL SELECT {_PLACE}, 'status', route, coalesce(status::VARCHAR, 'none') FROM u_met WHERE NOT bad
    UNION ALL SELECT {_PLACE}, 'status', '{ANYWHERE}', coalesce(status::VARCHAR, 'none') FROM u_met WHERE NOT bad
    UNION ALL SELECT {_PLACE}, 'redirect', route, target FROM u_met WHERE target IS NOT NULL
    UNION ALL SELECT {_PLACE}, 'type', route, type FROM u_met WHERE type IS NOT NULL AND NOT bad
    UNION ALL SELECT {_PLACE}, 'flag', route, flags FROM u_met WHERE flags IS NOT NULL AND NOT bad
    UNION ALL SELECT {_PLACE}, 'header', place, header FROM (
        SELECT {_PLACE}, unnest(['{ANYWHERE}', route]) AS place, headers FROM u_met
        WHERE headers IS NOT NULL AND NOT bad), unnest(string_split(headers, '|')) AS one(header)
    UNION ALL SELECT {_PLACE}, 'shape', route, unnest(string_split(shape, '|')) FROM u_met
        WHERE shape IS NOT NULL AND NOT bad
"""
"""SQL: a row for each thing that a customer met or not: in `u_met` a row is a request in a window."""

SERIES = f"""
    SELECT {_PLACE}, unnest(['ms', 'bytes', 'times']) AS kind, route,
        unnest([{step("max(ms)")}, {step("max(bytes)")}, {step("count(*)")}])::VARCHAR AS value
    FROM u_met GROUP BY {_PLACE}, route
    UNION ALL SELECT {_PLACE}, unnest(['ms', 'bytes', 'times']), '{ANYWHERE}',
        unnest([{step("avg(ms)")}, {step("avg(bytes)")}, {step("count(*)")}])::VARCHAR FROM u_met GROUP BY {_PLACE}
"""
"""SQL: a row for each amount, by the most of it that a customer met on a route, and its mean anywhere."""
