"""The API as a whole: its parts, and every error as JSON that says what and what to do."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, Error
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from unfelt import __version__
from unfelt.conf import plugins
from unfelt.conf.language import _
from unfelt.conf.refusal import NotDoneError
from unfelt.documents.problems import DocumentErrors
from unfelt.documents.refusal import RefusalError
from unfelt.engines.people.access import NoRightError, NothingHereError
from unfelt.engines.planning.api.changes import wrong
from unfelt.engines.planning.writing import EditedError, TakenError
from unfelt.engines.rights import token_scopes
from unfelt.queries.rollouts import board_of
from unfelt.records.models import Rollout
from unfelt.web.access.reader import reader
from unfelt.web.access.tokens import Bearer
from unfelt.web.frame.failing import AWAY, note_failure
from unfelt.web.site import api_search

api = NinjaAPI(
    title="unfelt",
    version=__version__,
    description=(
        "What the pages and commands do, for scripts. Tokens are made in the console: Settings, Me. "
        f"Scopes of a token: {', '.join(token_scopes())}."
    ),
    docs_url=None,
    urls_namespace="api",
    auth=Bearer(),
)
api.add_router("/", api_search.router, tags=["overviews"])
for _mount in plugins.registered("api", "MOUNTS").values():
    api.add_router(_mount.at, _mount.router, tags=[_mount.tag])

Handler = Callable[[HttpRequest, Any], HttpResponse]


def refused(status: int, *kinds: type[Exception]) -> Callable[[Callable[[Any], dict[str, Any]]], Handler]:
    """These errors become that status, with what the function says of them."""

    def decorate(say: Callable[[Any], dict[str, Any]]) -> Handler:
        def handler(request: HttpRequest, error: Any) -> HttpResponse:  # noqa: ANN401  (any of the kinds)
            return api.create_response(request, {"problems": [], "known": [], **say(error)}, status=status)

        for kind in kinds:
            api.add_exception_handler(kind, handler)
        return handler

    return decorate


@refused(400, RequestDataTooBig)
def _too_large(_error: object) -> dict[str, Any]:
    return {"error": _("What was sent is larger than 5 MB.")}


@refused(400, MultiPartParserError, SuspiciousOperation, BadRequest, UnreadablePostError)
def _unreadable(_error: object) -> dict[str, Any]:
    return {"error": _("What was sent cannot be read: it is no JSON and no form, or has too many fields.")}


@refused(401, AuthenticationError)
def _unknown(_error: object) -> dict[str, Any]:
    said = _("Send a token: Authorization: Bearer (of Settings, Me; or of the installation: keys/api.token)")
    return {"error": said}


@refused(403, NoRightError)
def _no_right(error: NoRightError) -> dict[str, Any]:
    said = _("This token or its member may not do that. It takes one of the roles: {roles}")
    return {"error": said.format(roles=", ".join(error.roles)), "known": list(error.roles)}


@refused(404, NothingHereError, Http404)
def _nothing(_error: object) -> dict[str, Any]:
    return {"error": _("There is nothing at this address, or it is not yours to see.")}


@refused(409, NotDoneError)
def _cannot(error: NotDoneError) -> dict[str, Any]:
    return {"error": str(error.message)}


@refused(409, EditedError)
def _edited(error: EditedError) -> dict[str, Any]:
    said = _("{name} saved text {n} meanwhile. Read it, join both, and send yours with based_on {n}.")
    return {"error": said.format(name=error.theirs.by or "CLI", n=error.theirs.number)}


@refused(409, TakenError)
def _taken(_error: object) -> dict[str, Any]:
    return {"error": _("there is a change of that name")}


@refused(422, RefusalError)
def _not_allowed(error: RefusalError) -> dict[str, Any]:
    return {"error": str(error)}


@refused(422, DocumentErrors)
def _wrong_document(error: DocumentErrors) -> dict[str, Any]:
    return {"error": _("The plan does not hold."), "problems": wrong(error.problems)}


@refused(422, ValidationError)
def _wrong_input(error: ValidationError) -> dict[str, Any]:
    problems = [
        {"field": ".".join(map(str, one["loc"])), "what": one["msg"], "line": None} for one in error.errors
    ]
    return {"error": _("What was sent is not what is due."), "problems": problems}


@refused(503, *AWAY)
def _silent(error: Error) -> dict[str, Any]:
    problem = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return {"error": _("The records do not answer: {problem}").format(problem=problem)}


@refused(422, DataError)
def _unfit(_error: object) -> dict[str, Any]:
    return {"error": _("A value that was sent is too long or too large to be kept.")}


@refused(500, Exception)
def _failed(error: Exception) -> dict[str, Any]:
    note_failure(error)
    said = _("unfelt itself failed ({kind}). Nobody was moved by this. Please report it, with what was sent.")
    return {"error": said.format(kind=type(error).__name__)}


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    plain = {"error": str(error), "problems": [], "known": []}
    return api.create_response(request, plain, status=error.status_code)


@api.exception_handler(Rollout.DoesNotExist)
def _no_rollout(request: HttpRequest, _error: object) -> HttpResponse:
    known = [card["id"] for card in board_of("", reader(request))["cards"]][::-1]
    said = _("There is no such rollout, or it is not yours to see.")
    return api.create_response(request, {"error": said, "problems": [], "known": known}, status=404)
