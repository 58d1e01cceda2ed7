"""Planning: what follows from a plan by itself, before anything is done."""

NAME = "planning"
