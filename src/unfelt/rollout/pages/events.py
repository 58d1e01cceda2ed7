"""Server-sent events for the board and for a live rollout."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.template.loader import render_to_string

from unfelt.conf.language import in_language
from unfelt.engines.people.access import NoRightError, NothingHereError, open_rollout
from unfelt.engines.people.rights import Reader
from unfelt.queries.rollouts import board_of, live_of
from unfelt.records.models import Rollout
from unfelt.web.access.guarding import language_of
from unfelt.web.access.reader import reader
from unfelt.web.access.sessions import is_live
from unfelt.web.frame.feed import Feed

_feeds: dict[str, Feed] = {}


async def live(request: HttpRequest, rollout: str) -> HttpResponseBase:
    """Each new picture of the rollout."""
    if not await sync_to_async(_may_see)(request, rollout):
        return HttpResponse(status=404)
    return _stream(request, f"live {rollout}", partial(_live, rollout))


async def board(request: HttpRequest) -> StreamingHttpResponse:
    """Each new picture of the board; those who may see the same share one reader of the records."""
    wanted, known = request.GET.get("q", "")[:200], await sync_to_async(reader)(request)
    sees = "*" if known.sees_all else " ".join(sorted(known.teams))
    return _stream(request, f"board {sees} {wanted}", partial(_board, wanted, known))


def _may_see(request: HttpRequest, rollout: str) -> bool:
    try:
        open_rollout(reader(request), rollout)
    except (NoRightError, NothingHereError, Rollout.DoesNotExist):
        return False
    return True


def _stream(request: HttpRequest, name: str, render: Callable[[str], str]) -> StreamingHttpResponse:
    if name not in _feeds:
        _forget()
        _feeds[name] = Feed(render)
    feed = _feeds[name]
    watching = _while_live(request.session.session_key, feed.watch(language_of(request)))
    return StreamingHttpResponse(watching, content_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _while_live(session: str | None, pictures: AsyncGenerator[str, None]) -> AsyncIterator[str]:
    """Those pictures, until the session of who watches has ended."""
    async with aclosing(pictures):
        async for one in pictures:
            if not is_live(session):
                return
            yield one


def _forget() -> None:
    """Subjects that nobody has watched for a while are gone; who has just asked for one is on their way."""
    for name in [name for name, feed in _feeds.items() if feed.is_idle]:
        del _feeds[name]


def _live(rollout: str, language: str) -> str:
    with in_language(language):
        return _picture("picture.html", live_of(rollout))


def _board(wanted: str, known: Reader, language: str) -> str:
    with in_language(language):
        return _picture("cards.html", board_of(wanted, known))


def _picture(template: str, context: dict[str, Any]) -> str:
    return str(render_to_string(template, context))
