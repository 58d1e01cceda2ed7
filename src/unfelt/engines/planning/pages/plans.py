"""Writing plans: from a model in ten fields, as a form or as YAML; looked over before it is saved."""

import hashlib
import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import escape

from unfelt.conf.language import Message, _
from unfelt.documents.change import Change
from unfelt.documents.model import Model
from unfelt.engines.ledger.people import names
from unfelt.engines.ledger.standards import standards
from unfelt.engines.people.access import NothingHereError
from unfelt.engines.planning.asked import EditedAsked, FromModelAsked
from unfelt.engines.planning.writing import (
    EditedError,
    TakenError,
    Written,
    draft_of,
    drop_draft,
    keep_draft,
    save,
    texts,
    written,
)
from unfelt.engines.teamwork.requests import planned_as
from unfelt.queries.plans import (
    Looked,
    blank_text,
    elsewhere,
    fields_of,
    looked_over,
    model_called,
    models,
    plain_fields,
    taken,
    text_from,
    with_form,
)
from unfelt.records.models import Draft, Request, Team
from unfelt.web.access.changes import me_at, opened
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.frame.forms import asked_in, fields_in, pressed, typed_in
from unfelt.web.frame.page import Tab, action, form, page, problem_of
from unfelt.web.frame.shown import with_reader


@page("new/", Message("Plan a change"), right="write", section="changes")
def new(request: HttpRequest) -> HttpResponse:
    """What is to be changed: the models there are, and a blank plan."""
    shown = {"models": models(), "asked": _asked(request), "query": request.GET.urlencode()}
    return render(request, "new.html", with_reader(request, shown))


def _asked(request: HttpRequest) -> Request | None:
    """The request that is being planned, if the address names one."""
    number = _number(request.GET.get("request"), 0)
    return Request.objects.filter(pk=number, answered_at=None).first() if number else None


def _given(request: HttpRequest) -> dict[str, str]:
    """What a new plan begins with: the words of a request, the change that it is a part of."""
    asked, part_of = _asked(request), request.GET.get("part_of", "")[:64]
    words = {"/change/title": asked.title, "/needs": " ".join(asked.why.split())} if asked else {}
    return words | ({"/change/part_of": part_of} if part_of else {})


@form("new/from/<str:model>/", Message("Plan a change"), right="write", section="changes")
def new_from(request: HttpRequest, model: str) -> HttpResponse:
    """The fields that the model asks for, with the plan that they make beside them."""
    found = model_called(model)
    if found is None:
        raise NothingHereError
    member, asked, fields = me_at(request), asked_in(request, FromModelAsked), fields_of(found.asks, {})
    typed = typed_in(request, *(one.name for one in fields))
    answers = {one.pointer: typed[one.name].strip() for one in fields}
    if request.method == "GET":
        answers["/change/owner"] = member.email or member.name
        answers |= {field: said for field, said in _given(request).items() if field in answers}
    chosen = asked.model_dump()
    text = text_from(found, answers, **chosen, part_of=request.GET.get("part_of", "")[:64])
    if "HX-Request" in request.headers:
        return HttpResponse(escape(text))
    looked = None
    if request.method == "POST":
        looked = looked_over(text, reader(request), name=None, base=None, now=now_of(request))
    if looked is not None and looked.change is not None:
        saved = _saved(request, looked.change, text, based_on=None)
        if isinstance(saved, HttpResponse):
            return saved
        looked = saved
    shown = _form(request, found, answers, text, looked) | chosen
    return render(request, "new_from.html", with_reader(request, shown), status=409 if looked else 200)


def _form(
    request: HttpRequest, found: Model, answers: dict[str, str], text: str, looked: Looked | None
) -> dict[str, Any]:
    problems = looked.problems if looked else ()
    known = reader(request)
    return {
        "model": found.model,
        "fields": fields_of(found.asks, answers, problems),
        "elsewhere": elsewhere(found.asks, problems),
        "teams": [team for team in Team.objects.all() if known.may("write", team.id)],
        "text": text,
        "query": request.GET.urlencode(),
    }


def _saved(request: HttpRequest, change: Change, text: str, *, based_on: int | None) -> HttpResponse | Looked:
    """To the change's page; or, for a name that is taken, what to do."""
    try:
        save(
            change,
            text,
            based_on=based_on,
            by=me_at(request),
            at=now_of(request),
            playbook=standards().playbook,
        )
    except TakenError:
        return taken(change.change.id)
    asked = _asked(request) if based_on is None else None
    if asked is not None:
        planned_as(asked, change.change.id, by=me_at(request), at=now_of(request))
    return redirect("change", name=change.change.id)


@form("new/yaml/", Message("Plan a change"), right="write", section="changes")
def new_yaml(request: HttpRequest) -> HttpResponse:
    """A new plan as YAML."""
    member = me_at(request)
    draft = draft_of(member, "")
    blank = blank_text(member.email or member.name)
    text = draft.text if draft else with_form(blank, _given(request)) or blank
    return _written(request, None, Written(0, text if request.method == "GET" else ""))


@form("changes/<str:name>/plan/", Message("Plan"), right="write", tabs=(Tab("change", 2),))
def plan(request: HttpRequest, name: str) -> HttpResponse:
    """The plan of a change: read, edited, looked over, saved."""
    opened(request, name, "write")
    base = written(name)
    if base is None:
        raise NothingHereError
    return _written(request, name, base)


def _edited(request: HttpRequest, begins: Draft | Written, based_on: int) -> EditedAsked:
    """What was sent; before that, and where it was refused, what is shown to be edited."""
    if request.method == "POST":
        return asked_in(request, EditedAsked)
    shown = typed_in(request, text=begins.text)
    return EditedAsked.model_construct(text=shown["text"], based_on=based_on)


def _written(request: HttpRequest, name: str | None, base: Written) -> HttpResponse:
    member, do = me_at(request), pressed(request)
    if do == "discard":
        drop_draft(member, name or "")
        return redirect(request.path)
    draft = draft_of(member, name or "")
    asked = _edited(request, draft or base, draft.based_on if draft else base.number)
    text, based_on = asked.lines, asked.based_on
    shown: dict[str, Any] = {"looked": None, "edited": None, "wrong_form": False}
    if request.method == "POST":
        if do == "form":
            made = with_form(text, fields_in(request, "/"))
            shown["wrong_form"], text = made is None, made or text
        looked = looked_over(text, reader(request), name=name, base=base if name else None, now=now_of(request))
        if looked.change is not None and do == "save" and asked.seen == seen(text):
            try:
                saved = _saved(request, looked.change, text, based_on=based_on if name else None)
            except EditedError as error:
                shown["edited"], based_on = error, error.theirs.number
            else:
                if isinstance(saved, HttpResponse):
                    return saved
                looked = saved
        shown["looked"] = looked
    status = 409 if shown["edited"] or (shown["looked"] and shown["looked"].problems) else 200
    more = {
        "name": name,
        "base": base,
        "text": text,
        "based_on": based_on,
        "seen": seen(text),
        "draft": draft,
        "problem": problem_of(request),
        "fields": plain_fields(text) if request.method == "GET" and name else (),
        "as_form": request.GET.get("as") == "form",
    }
    return render(request, "plan.html", with_reader(request, {**shown, **more}), status=status)


@action("drafts/", right="write")
def draft(request: HttpRequest) -> HttpResponse:
    """What is being typed is kept, so that a closed window loses nothing."""
    name = request.GET.get("change", "")
    if name:
        opened(request, name, "write")
    asked = asked_in(request, EditedAsked)
    keep_draft(me_at(request), name, asked.text, based_on=asked.based_on, at=now_of(request))
    return HttpResponse(_("kept as a draft"))


@page("changes/<str:name>/plan/versions/", Message("Earlier texts and the expanded plan"), right="read")
def plan_versions(request: HttpRequest, name: str) -> HttpResponse:
    """Every saved text of the plan, and the expanded plan as it is judged."""
    shown = opened(request, name)
    known = names()
    rows = [
        {"number": one.number, "by": known.get(one.by, ""), "at": one.saved_at, "text": one.text}
        for one in texts(name)
    ]
    whole = json.dumps(shown.case.plan, ensure_ascii=False, indent=1)
    more = {"shown": shown, "rows": rows[::-1], "whole": whole}
    return render(request, "versions.html", with_reader(request, more))


@action("changes/<str:name>/clone/", right="write")
def clone(request: HttpRequest, name: str) -> HttpResponse:
    """A new plan that begins as this one; it has to be given a name of its own."""
    opened(request, name)
    base = written(name)
    if base is None:
        raise NothingHereError
    text = with_form(base.text, {"/change/id": f"{name}-2"}) or base.text
    keep_draft(me_at(request), "", text, based_on=0, at=now_of(request))
    return redirect("new_yaml")


def seen(text: str) -> str:
    """Stands for a text that was looked over: another one is looked over first."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else otherwise
