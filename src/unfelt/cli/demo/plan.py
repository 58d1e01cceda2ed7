"""The plan of the demo: the same for each act, with values that let an act end within a minute."""

from pathlib import Path

from unfelt.conf.language import _

PLAN = """\
unfelt: 1
change:
  id: {id}
  title: {title}
  kind: software
  owner: lin@shop.example
needs:
  - {{id: peak, because: "Checkout times out on sale days", expect: {{metric: slow_checkout, by: "-30%"}}}}
experience:
  customer: cookie:uid
  observe: 3s            # demo; a real shop: 60s or more
  grace: 1s              # demo; a real shop: 2s
  columns: {{region: "header:x-region", order: "response:x-order"}}
  segments: [{{by: device, margin: 5%}}, {{by: region}}]   # demo; a real shop: 1-2 %
  metrics:
    - {{id: failed, bad: "status >= 500", margin: 2%}}     # demo; a real shop: 0.5 %
    - {{id: slow_checkout, bad: "path = '/checkout' and duration_ms > {slow_ms}", margin: 2%}}
    - {{id: lost_order, source: orders, margin: 2%}}
  sources:
    orders:
      kind: reconciliation
      promise: order     # the order number that the customer was given must be in the store of that version
      within: 300ms
      old: {{database: "sqlite:///{data}/old.db", query: "SELECT number FROM orders"}}
      new: {{database: "sqlite:///{data}/checkout.db", query: "SELECT number FROM orders"}}
guard:
  false_alarm: 1%
  missed_harm: 1%
  impact_budget: 40 customers
  tolerated: 0.5%        # a busy machine delays a customer now and then; a real shop leaves it out: no harm
  tick: 500ms            # demo; a real shop: 1s
rollout:
  router: envoy
  listen: {listen}
  old: {old}
  new: {new}
  baseline: 4s           # demo; a real shop: 5m or more
  first_share: 4%        # demo; a real shop: 1%
  largest_share: 60%
  promoting: [75%, 95%]
  step: 1s               # demo; a real shop: 30s or more
  soak: 10s              # demo; a real shop: 10m or more, a whole day for what has a daily cycle
  writes: Orders written on new stay in its store; shop.move --back brings them to old.
"""
SLOW_MS = 250
"""A checkout that takes longer is slow: a question to the tax office takes 60 ms, and a cart asks it once."""


def write_plan(path: Path, *, id: str, listen: str, old: str, new: str, data: Path) -> Path:
    """The plan of one act; nothing in it tells what is wrong with the build."""
    title = _("Split checkout out of the shop")
    path.write_text(
        PLAN.format(id=id, title=title, listen=listen, old=old, new=new, data=data, slow_ms=SLOW_MS),
        encoding="utf-8",
    )
    return path
