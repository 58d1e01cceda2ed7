"""The pages of this engine."""

from unfelt.rollout.pages import beginning, jobs, live, reports, sources
from unfelt.web.frame.page import pages_in

PAGES = pages_in(beginning, jobs, live, reports, sources)
