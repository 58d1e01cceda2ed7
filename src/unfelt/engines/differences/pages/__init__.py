"""The pages of this engine."""

from unfelt.engines.differences.pages import differences
from unfelt.web.frame.page import pages_in

PAGES = pages_in(differences)
