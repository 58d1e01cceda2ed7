"""The pages of this engine."""

from unfelt.engines.people.pages import me, members, organisation
from unfelt.web.frame.page import pages_in

PAGES = pages_in(me, members, organisation)
