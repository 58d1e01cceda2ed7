"""The acceptance run of the whole product: one change from need to close, by people who are simulated."""
