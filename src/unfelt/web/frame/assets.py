"""Styles, scripts and the icon, each under a name that changes with its content."""

import gzip
import hashlib
from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse

HERE = Path(__file__).resolve().parent / "static"
TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
YEAR = 365 * 86400


@cache
def _files() -> dict[str, tuple[bytes, str]]:
    """By the name in its address: content and type."""
    found = {}
    for path in sorted(HERE.iterdir()):
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()[:10]
        found[f"{path.stem}.{digest}{path.suffix}"] = (content, TYPES[path.suffix[1:]])
    return found


@cache
def address(name: str) -> str:
    """Where the file of that name is now."""
    stem, _dot, kind = name.partition(".")
    return next(f"/static/{one}" for one in _files() if one.startswith(f"{stem}.") and one.endswith(f".{kind}"))


@cache
def _packed(name: str) -> bytes:
    return gzip.compress(_files()[name][0], mtime=0)


def worker(_request: HttpRequest) -> HttpResponse:
    """The script that keeps pages for when there is no network: it has to stand where the pages do."""
    content = (HERE / "worker.js").read_bytes()
    return HttpResponse(
        content, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"}
    )


def asset(request: HttpRequest, name: str) -> HttpResponse:
    """The file, to be kept for a year: another content has another name."""
    if name not in _files():
        return HttpResponse(status=404)
    content, kind = _files()[name]
    headers = {"Cache-Control": f"public, max-age={YEAR}, immutable", "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        content, headers["Content-Encoding"] = _packed(name), "gzip"
    return HttpResponse(content, content_type=f"{kind}; charset=utf-8", headers=headers)
