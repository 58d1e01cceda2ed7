"""From a need to a plan that everybody knows: requests, the plan, who has read it, hand-overs, tasks, waivers."""

from datetime import datetime, timedelta

from mission.company import BEFORE, WAITING, Company, must
from mission.players import Player
from mission.stage import CHANGE

READERS = ("lin", "wang", "zhao", "chen")
"""Whom the plan names. An auditor changes nothing, and so acknowledges nothing."""
REASON = "The orders page is being rebuilt that week: who is called when it is slow?"


def play(company: Company) -> None:
    """The plan stands, and everybody has said what is theirs to say."""
    monday(company)
    asked_for(company)
    tokens_bring_nothing(company)
    for name in READERS:
        company.people[name].press(f"/changes/{CHANGE}/part/", f"/changes/{CHANGE}/part/read/")
    handed_over(company)
    given_and_answered(company)


def monday(company: Company) -> None:
    """The business clock shows nine o'clock on a Monday, and the window is two weeks away."""
    now = company.now
    start = (now + timedelta(days=7 - now.weekday())).replace(hour=9, minute=0, second=0, microsecond=0)
    company.until(start)
    company.window = (start + BEFORE - timedelta(hours=1), start + BEFORE + timedelta(days=3))
    company.say(
        f"business time begins on {start:%A, %Y-%m-%d %H:%M}; the window is on {company.window[0]:%Y-%m-%d}"
    )


def asked_for(company: Company) -> None:
    """An agent asks for a change on the page, and its owner plans it."""
    chen, lin = company.people["chen"], company.people["lin"]
    chen.press(
        "/requests/", "/requests/", title="Checkout apart from pages", why="A release of a page stops checkout"
    )
    number = lin.ask("GET", "requests/")["requests"][0]["number"]
    lin.ask("POST", "changes/", {"text": company.write_plan()})
    lin.ask("POST", f"requests/{number}/planned/", {"change": CHANGE})
    company.stage.unfelt("assess", "split.yaml")


def tokens_bring_nothing(company: Company) -> None:
    """The scripts of this mission can bring no evidence with numbers: the API refuses each of them."""
    for player in company.people.values():
        where = f"changes/{CHANGE}/controls/support.team/evidence/"
        status = player.send(where, {"kind": "rows", "number": "intervals_below_level=0"})
        must(status == 403, f"{player.name} could bring numbers: {status}")


def handed_over(company: Company) -> None:
    """Each owner accepts what is handed over to them; one refuses once, is answered, and accepts then."""
    page, lin = f"/changes/{CHANGE}/hand-overs/", company.people["lin"]
    for name, touchpoint in (("chen", "pages"), ("wang", "orders")):
        owner, action = company.people[name], f"{page}{touchpoint}/"
        if name == company.truth["refuses_once"]:
            owner.press(page, action, accepts="no", reason=REASON)
            lin.ask("POST", f"changes/{CHANGE}/comments/", {"text": "wang is called first, zhao after him."})
        owner.press(page, action, accepts="yes")


def given_and_answered(company: Company) -> None:
    """Tasks and waivers are asked for at once, and answered as late as the truth says."""
    lin, zhao, asked = company.people["lin"], company.people["zhao"], company.now
    tasks = {control: player_for(company, control) for control in company.truth["answers"]}
    for control, player in tasks.items():
        lin.ask("PUT", f"changes/{CHANGE}/controls/{control}/hand/", {"to": player.name})
    numbers = [waiver(zhao, lin, control) for control in WAITING]
    for minutes, control in sorted((minutes, name) for name, minutes in _answers(company).items()):
        company.until(asked + timedelta(minutes=minutes))
        if control == "waivers":
            for number in numbers:
                lin.ask("POST", f"waivers/{number}/", {"agrees": True})
        else:
            tasks[control].press("/", f"/changes/{CHANGE}/controls/{control}/answer/", accepts="yes")


def _answers(company: Company) -> dict[str, int]:
    return {**company.truth["answers"], "waivers": company.truth["waivers"]}


def true_p90(company: Company) -> float:
    """Nine of ten answers took no longer, in minutes: of the truth alone."""
    all_of = [*company.truth["answers"].values(), *[company.truth["waivers"]] * len(WAITING), 0]
    return float(sorted(all_of)[-(-9 * len(all_of) // 10) - 1])


def waiver(giver: Player, other: Player, control: str) -> int:
    """A second person is asked to let the control pass, because the engine that answers it is not there yet."""
    reason = f"unfelt does not measure this yet: it waits for {WAITING[control]}"
    body = {"reason": reason, "length": "60d", "agreed_by": other.name}
    return int(giver.ask("POST", f"changes/{CHANGE}/controls/{control}/waivers/", body)["number"])


def player_for(company: Company, control: str) -> Player:
    """Who takes it in hand."""
    return company.people["chen" if control.startswith(("brand", "support")) else "wang"]


def at_window(company: Company) -> None:
    """Nine o'clock on the day of the window."""
    start: datetime = company.window[0] if company.window else company.now
    company.until(start + timedelta(hours=1))
