"""The worker: durable jobs and timers, each run claimed by one process at a time, whoever dies in the middle."""
