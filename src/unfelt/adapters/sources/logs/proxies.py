"""The formats of Envoy, Istio and the application load balancers of AWS."""

from unfelt.adapters.sources.logs.form import RecordedForm, Written
from unfelt.adapters.sources.logs.notation import envoy
from unfelt.adapters.sources.logs.pattern import Pattern
from unfelt.adapters.sources.logs.pieces import Field, Piece
from unfelt.adapters.sources.logs.text import TextForm

_ENVOY = (
    '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% '
    "%RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "
    '"%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%"'
)
_ISTIO = (
    '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% '
    "%RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "
    '"%UPSTREAM_TRANSPORT_FAILURE_REASON%" %BYTES_RECEIVED% %BYTES_SENT% %DURATION% '
    '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" '
    '"%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" %UPSTREAM_CLUSTER% %UPSTREAM_LOCAL_ADDRESS% '
    "%DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME%"
)
_ALB = (
    ("type", "text"),
    ("time", "iso"),
    ("elb", "text"),
    ("client", "address"),
    ("target", "text"),
    ("request_processing_time", "text"),
    ("target_processing_time", "text"),
    ("response_processing_time", "text"),
    ("elb_status_code", "status"),
    ("target_status_code", "text"),
    ("received_bytes", "text"),
    ("sent_bytes", "bytes"),
    ("request", "absolute"),
    ("user_agent", "agent"),
)
_QUOTED = frozenset({"request", "user_agent"})
_REST = Field("rest", "rest")


def envoy_text(written: Written) -> RecordedForm:
    """As Envoy writes by itself, or as the plan's notation says."""
    pattern = Pattern(envoy(written.notation) if written.notation else (*envoy(_ENVOY), _REST))
    return TextForm("envoy_text", pattern)


def istio(_written: Written) -> RecordedForm:
    """As the sidecars of Istio write by themselves."""
    return TextForm("istio", Pattern((*envoy(_ISTIO), _REST)))


def alb(_written: Written) -> RecordedForm:
    """As application load balancers of AWS write; the answer is dated, three times together are its duration."""
    found: list[Piece] = []
    for name, kind in _ALB:
        mark = '"' if name in _QUOTED else ""
        found += [f" {mark}" if found else mark, Field(name, kind), mark]
    return TextForm(
        "alb",
        Pattern((*_joined(found), _REST)),
        ends=True,
        sums=tuple(name for name, _kind in _ALB if name.endswith("_processing_time")),
    )


def _joined(given: list[Piece]) -> list[Piece]:
    """Neighbouring literals are one."""
    found: list[Piece] = []
    for piece in given:
        if isinstance(piece, str) and found and isinstance(found[-1], str):
            found[-1] += piece
        elif piece != "":
            found.append(piece)
    return found
