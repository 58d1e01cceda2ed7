"""What workers do and did: seen by everybody, cancelled and begun by an admin."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from unfelt.conf.language import Message
from unfelt.engines.jobs import jobs
from unfelt.engines.people.access import NothingHereError
from unfelt.rollout.work import queue
from unfelt.rollout.work.listing import ended_runs, open_runs, run_of
from unfelt.rollout.work.workers import alive
from unfelt.web.access.acting import by_now
from unfelt.web.access.clock import machine_now_of
from unfelt.web.frame.page import Tab, action, page
from unfelt.web.frame.shown import with_reader


@page("settings/jobs/", Message("Jobs"), right="read", name="jobs", tabs=(Tab("settings", 5),))
def listed(request: HttpRequest) -> HttpResponse:
    """Workers that run, timers with their next tick, what was asked for, and what ended."""
    running = open_runs()
    shown = {
        "workers": alive(machine_now_of(request)),
        "timers": [one for one in running if one.run.is_tick],
        "asked": [one for one in running if not one.run.is_tick],
        "ended": ended_runs(),
    }
    return render(request, "jobs.html", with_reader(request, shown))


@action("settings/jobs/<int:number>/cancel/", right="admin", name="job_cancel")
def cancel(request: HttpRequest, number: int) -> HttpResponse:
    """The run ends, if it has not yet."""
    found = run_of(number)
    if found is None:
        raise NothingHereError
    queue.cancel(number, job=jobs().get(found.run.job), now=machine_now_of(request))
    return redirect("jobs")


@action("settings/jobs/<int:number>/run/", right="admin", name="job_run")
def run(request: HttpRequest, number: int) -> HttpResponse:
    """The tick that waits is due now."""
    found = run_of(number)
    job = jobs().get(found.run.job) if found else None
    if job is None:
        raise NothingHereError
    acting = by_now(request)
    queue.run_now(job, by=acting["by"], now=acting["at"])
    return redirect("jobs")
