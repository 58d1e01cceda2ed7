"""From the end of the soak to the close: proof, what was learned, and all of it on record."""

import json
from pathlib import Path

from mission.company import Company, must
from mission.stage import CHANGE


def play(company: Company) -> Path:
    """The close is sealed, the ledger verified and exported."""
    reported(company)
    for gate in ("proof", "close"):
        ran = company.stage.unfelt("gates", "split.yaml", "--gate", gate, due=(0, 1))
        must(ran.code == 0, f"gate {gate} is shut:\n{ran.out}")
    company.stage.unfelt("gates", "split.yaml", "--gate", "close", "--seal")
    company.check_states("close")
    company.stage.unfelt("keys", "seal")
    verified = company.stage.unfelt("verify")
    company.say(verified.out.strip().splitlines()[-1])
    return exported(company)


def reported(company: Company) -> None:
    """The report is sent to those whom the plan names and to the auditor, and each says that they have it."""
    at = f"/changes/{CHANGE}/report/sent/"
    names = ("wang", "zhao", "chen", "guo")
    to = {"to": [company.people[name].name for name in names]}
    sent = company.people["lin"].ask("POST", f"changes/{CHANGE}/reports/", to)["reports"][0]["report"]
    for name in names:
        company.people[name].press(f"{at}{sent}/", f"{at}{sent}/received/")


def exported(company: Company) -> Path:
    """The chain as JSON lines, oldest first, as the API gives it to an auditor's token."""
    guo, before, entries = company.people["guo"], "", []
    while True:
        page = guo.ask("GET", f"ledger/{before}")
        entries += page["entries"]
        if page["more"] is None:
            break
        before = f"?before={page['more']}"
    file = company.stage.place / "ledger.jsonl"
    file.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in reversed(entries)))
    return file
