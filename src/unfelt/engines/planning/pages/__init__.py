"""The pages of this engine."""

from unfelt.engines.planning.pages import calendar, catalog, change, changes, plans, reach, risks
from unfelt.web.frame.page import pages_in

PAGES = pages_in(calendar, catalog, change, changes, plans, reach, risks)
