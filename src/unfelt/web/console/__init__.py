"""The console: the team watches its rollouts in a browser, stops them and agrees to what the guard proposes."""

NAME = "console"
PARTS = {"jobs": "unfelt.web.console.jobs"}
