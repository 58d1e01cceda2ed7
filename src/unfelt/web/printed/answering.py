"""A page that stands alone as an answer: it runs nothing, loads nothing and sends nothing, whatever is in it."""

from django.http import HttpResponse

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups"
)
"""Its styles are written in it; a sandbox without scripts and of no origin holds everything else."""


def printed(html: str | bytes) -> HttpResponse:
    """The page, in a sandbox."""
    return HttpResponse(html, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": POLICY})
