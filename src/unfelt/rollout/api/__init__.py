"""What scripts may ask of this engine."""

from unfelt.rollout.api import beginning, jobs, rollouts
from unfelt.web.frame.mounts import Mount

MOUNTS = (
    Mount("rollouts", "/rollouts/", rollouts.router, "rollouts"),
    Mount("beginning", "/changes/", beginning.router, "changes"),
    Mount("jobs", "/", jobs.router, "jobs"),
)
