"""Who is at a request, and what they may do there."""

NAME = "access"
PARTS = {"jobs": "unfelt.web.access.jobs"}
"""Sessions and links that have run out are cleared away, as a job."""
