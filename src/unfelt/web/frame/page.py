"""A page: where it lies, who may open it, what it is called, and what becomes of it where it cannot be shown.

`@page` is read, `@action` is sent, `@form` is both. An engine lists its pages as `PAGES` of the module that it
names as `pages`; addresses, navigation and tabs follow from them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from types import ModuleType
from typing import Any

from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from unfelt.conf import plugins
from unfelt.conf.language import Message
from unfelt.conf.refusal import NotDoneError, RefusalError
from unfelt.engines.people.access import NoRightError, NothingHereError
from unfelt.engines.rights import Right, registered_right
from unfelt.records.models import Rollout
from unfelt.web.access.reader import View, may
from unfelt.web.frame.failing import AWAY
from unfelt.web.frame.said import away, no_right, not_done, not_found, unfit

Refused = NotDoneError | RefusalError


@dataclass(frozen=True, slots=True)
class Tab:
    """A place in a row of tabs: `main` is the top of every page, `change` has those of one change.

    label: where the page's title is not it. query: what the address says besides.
    """

    row: str
    order: int
    label: Message | None = None
    query: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """What lies at an address. right: who opens it has it for some team at least; None: the page itself looks."""

    name: str
    at: str
    view: View
    """With everything that stands before it."""
    itself: View
    right: Right | None
    title: Message | None
    tabs: tuple[Tab, ...] = ()
    section: str = ""
    """The tab of the top that it belongs to, where neither its own tabs nor its address say so."""

    @property
    def takes(self) -> str:
        """No other page lies there, whatever its parts are called."""
        return "/" + re.sub(r"<[^>]*>", "…", self.at)

    def check(self) -> None:
        """UnknownRightError where nobody registers its right."""
        if self.right is not None:
            registered_right(self.right)

    @property
    def url(self) -> URLPattern:
        """As Django wants it."""
        return path(self.at, self.view, name=self.name)


def page(
    at: str, title: Message, *, right: Right, name: str = "", tabs: tuple[Tab, ...] = (), section: str = ""
) -> Callable[[View], Page]:
    """It is read."""
    return _made(at, right, ["GET"], name=name, title=title, tabs=tabs, section=section)


def form(
    at: str, title: Message, *, right: Right, name: str = "", tabs: tuple[Tab, ...] = (), section: str = ""
) -> Callable[[View], Page]:
    """It is read, and sent."""
    return _made(at, right, ["GET", "POST"], name=name, title=title, tabs=tabs, section=section)


def action(at: str, *, right: Right, name: str = "", shows: str = "") -> Callable[[View], Page]:
    """It is sent. shows: the page that says so, with what was typed, where it refuses; see `refused`."""
    return _made(at, right, ["POST"], name=name, title=None, shows=shows)


def _made(
    at: str,
    right: Right,
    methods: list[str],
    *,
    name: str,
    title: Message | None,
    shows: str = "",
    **said: Any,  # noqa: ANN401
) -> Callable[[View], Page]:
    def decorate(view: View) -> Page:
        called = name or view.__name__

        @wraps(view)
        def known(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401
            request.unfelt_page = _called(shows or called)
            try:
                return view(request, *args, **kwargs)
            except (NotDoneError, RefusalError) as error:
                if not shows and title is None:
                    return not_done(request, error)
                return refused(request, shows or called, error, **kwargs)

        whole = require_http_methods(methods)(answering(may(right)(known)))
        return Page(called, at, whole, view, right, title, **said)

    return decorate


def _called(name: str) -> Page:
    page: Page = plugins.registered("pages", "PAGES")[name]
    return page


def refused(request: HttpRequest, shows: str, problem: Refused, **at: Any) -> HttpResponse:  # noqa: ANN401
    """The page of that name, with what is wrong, to a form that was refused: status 409.

    It is read, and nothing is done again. It takes `problem_of(request)`, and what was typed from the form itself,
    so that nothing of it is lost.
    """
    page, _typed = _called(shows), request.POST  # Read while it is still a form: Django reads it no more later.
    request.method = "GET"
    request.unfelt_page, request.unfelt_problem = page, problem
    answer = page.itself(request, **{name: value for name, value in at.items() if f":{name}>" in page.at})
    answer.status_code = 409
    return answer


def problem_of(request: HttpRequest) -> Refused | None:
    """Why what the request asks for was refused, and at which field; None where nothing was."""
    return getattr(request, "unfelt_problem", None)


def answering(view: View) -> View:
    """No right, nothing there, and records that do not answer become pages that say so."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401
        try:
            return view(request, *args, **kwargs)
        except (Rollout.DoesNotExist, NothingHereError):
            return not_found(request)
        except NoRightError as error:
            return no_right(request, error)
        except AWAY as error:
            return away(request, problem=str(error))
        except DataError:
            return unfit(request)

    return wrapped


def pages_in(*modules: ModuleType) -> tuple[Page, ...]:
    """Every page that these modules hold, in their order."""
    return tuple(one for module in modules for one in vars(module).values() if isinstance(one, Page))
