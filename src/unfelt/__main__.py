"""`python -m unfelt` is `unfelt`."""

from unfelt.cli import main

main()
