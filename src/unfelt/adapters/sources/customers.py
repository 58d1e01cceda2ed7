"""Whether those who are to be customers are any: many, and no servers or paths."""

from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import sql

FEW_HOSTS = 20
"""Names of hosts may be those of customers where there are more of them."""
_KINDS = (
    ("path", r"^/|^[a-z]+://"),
    ("server", r"^\S+:\d{2,5}$"),
    ("host", r"^(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}$"),
)
"""What customers do not look like, in RE2. An address of IPv6 is no server with a port."""
_ADDRESS = r"^\[?[0-9a-fA-F:.]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*\]?$"


def count_customers(connection: DuckDBPyConnection, table: str, who: str) -> tuple[int, str]:
    """How many there are, and which kind most of them look to be: `path`, `server`, `host`, or none."""
    sums = sql.each(_KINDS, lambda one: f"count(*) FILTER (WHERE regexp_matches(w, {sql.text(one[1])}))")
    found = connection.execute(f"""
        SELECT count(*), count(*) FILTER (WHERE regexp_matches(w, {sql.text(_ADDRESS)})), {sums}
        FROM (SELECT DISTINCT CAST({who} AS VARCHAR) AS w FROM {table}
            WHERE coalesce(CAST({who} AS VARCHAR), '') <> '')
    """).fetchone()
    many, addresses, *kinds = found or (0, 0, 0, 0, 0)
    for (name, _pattern), n in zip(_KINDS, kinds, strict=True):
        less = addresses if name == "server" else 0
        if 2 * (n - less) > many and (name != "host" or many <= FEW_HOSTS):
            return many, name
    return many, ""
