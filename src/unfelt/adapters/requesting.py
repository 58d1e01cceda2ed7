"""The one client in the shape of `requests`, for libraries that bring their own calls."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import requests
from requests.adapters import BaseAdapter

from unfelt.adapters.http import OutgoingError, Policy, fetch

WITHIN = 10.0
"""Seconds for one call."""


def checking_session(policy: Policy) -> requests.Session:
    """A session whose calls go to addresses that the policy allows, follow no redirect and know no proxy."""
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 0
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Checking(policy))
    return session


class _Checking(BaseAdapter):
    def __init__(self, policy: Policy) -> None:
        super().__init__()
        self._policy = policy

    def send(
        self,
        request: requests.PreparedRequest,
        *_given: Any,  # noqa: ANN401  (requests' own: nothing of it is heeded)
        **_more: Any,  # noqa: ANN401
    ) -> requests.Response:
        """The answer; RequestException where there is none, or more of it than is read."""
        body = request.body.encode() if isinstance(request.body, str) else request.body
        try:
            answer = fetch(
                request.method or "GET",
                request.url or "",
                policy=self._policy,
                body=body if isinstance(body, bytes) else None,
                headers=_headers(request.headers),
                within=WITHIN,
            )
        except (OutgoingError, ValueError) as error:
            raise requests.ConnectionError(str(error), request=request) from None
        if not answer.is_whole:
            raise requests.ConnectionError("the answer is too large", request=request)
        response = requests.Response()
        response.status_code, response.url, response.request = answer.status, request.url or "", request
        response.headers.update(answer.headers)
        response.raw = BytesIO(answer.body)
        return response

    def close(self) -> None:
        """Nothing is kept open."""


def _headers(given: Mapping[str, str | bytes]) -> dict[str, str]:
    """Without those that the client writes itself."""
    plain = {name: value.decode("latin-1") if isinstance(value, bytes) else value for name, value in given.items()}
    own = ("content-length", "connection", "accept-encoding", "host")
    return {name: value for name, value in plain.items() if name.lower() not in own}
