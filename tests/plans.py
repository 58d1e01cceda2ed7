"""Plans that several tests begin from."""

from unfelt.documents.change import Change


def plan(**guard: str) -> Change:
    """A plan with a baseline of 5 s, a step of 2 s and a soak of 10 s."""
    return Change.model_validate(
        {
            "unfelt": 1,
            "change": {"id": "split", "title": "Split", "owner": "lin@shop.example"},
            "experience": {
                "customer": "cookie:uid",
                "metrics": [{"id": "failed", "bad": "status >= 500", "margin": "1%"}],
            },
            "guard": {"impact_budget": "40 customers", **guard},
            "rollout": {
                "old": "http://127.0.0.1:9001",
                "new": "http://127.0.0.1:9002",
                "baseline": "5s",
                "step": "2s",
                "soak": "10s",
                "promoting": ["75%", "95%"],
            },
        }
    )
