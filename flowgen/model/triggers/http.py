"""The trigger over HTTP."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, ClassVar

from flowgen.model.accepts import TEXT, array, either, mapping, one_or_more, ref
from flowgen.model.element import Element, Field, Read, Reading, Unread
from flowgen.model.leaves import DurationField, FlagField, Fraction, OneOf, Whole, read_text
from flowgen.model.triggers.base import NamingTrigger, ResourceField
from flowgen.model.types import TypeUseField
from flowgen.source import Mapping, Node, Scalar, Sequence, kind_of

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY")
_SEGMENT = re.compile(r"[A-Za-z0-9._~!$&'()*,;=:@%-]+|\{[A-Za-z0-9._:-]+\+?\}")


@dataclass(frozen=True, slots=True)
class Route:
    """A route of an HTTP API: `POST /orders/{id}`."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def read_route(node: Node, reading: Reading) -> Route:
    """API Gateway developer guide, "Create routes for HTTP APIs in API Gateway"."""
    text = read_text(node, reading)
    method, _, path = text.partition(" ")
    path = path.strip()
    if method not in METHODS or not path:
        raise reading.refuse(
            "FG102",
            f"`{text}` is not a valid route",
            node,
            help=f"write a method ({', '.join(METHODS)}) and a path: `POST /orders`",
        )
    segments = path.removeprefix("/").split("/") if path != "/" else []
    bad = next((segment for segment in segments if not _SEGMENT.fullmatch(segment)), None)
    greedy = next((segment for segment in segments[:-1] if segment.endswith("+}")), None)
    if not path.startswith("/") or bad is not None:
        raise reading.refuse(
            "FG102",
            f"`{path}` is not a valid path of a route",
            node,
            help="write a slash before each segment: `/orders/{id}`",
        )
    if greedy is not None:
        raise reading.refuse("FG102", f"`{greedy}` matches the rest of the path and must be the last segment", node)
    return Route(method, path)


RouteField = Annotated[
    Route,
    Read(
        read_route,
        accepts={
            "type": "string",
            "pattern": f"^({'|'.join(METHODS)}) +/",
            "patternErrorMessage": "write a method and a path: `POST /orders`",
        },
    ),
]


def _read_texts(node: Node, reading: Reading) -> tuple[str, ...]:
    items = node.items if isinstance(node, Sequence) else (node,)
    return tuple(read_text(item, reading) for item in items)


TextsField = Annotated[tuple[str, ...], Read(_read_texts, accepts=one_or_more(TEXT))]


class Jwt(Element):
    """Authorization by a token of this issuer for one of the audiences."""

    what: ClassVar[str] = "`jwt`"

    issuer: ResourceField = Field(description="The issuer's URL: the token's `iss`.")
    audience: TextsField = Field(
        description="The allowed values of the token's `aud` or `client_id`: one string, or a list."
    )
    scopes: TextsField = Field((), description="Scopes, of which the token needs one.")


class _Auth(Element):
    what: ClassVar[str] = "`auth`"

    jwt: Jwt


def read_auth(node: Node, reading: Reading) -> str | Jwt:
    """`iam`, `none`, or a mapping with `jwt`."""
    if isinstance(node, Mapping):
        auth = _Auth.read(node, reading)
        if auth is None:
            raise Unread
        return auth.jwt
    if isinstance(node, Scalar) and node.value == "jwt":
        help_ = "write `auth: {jwt: {issuer: 'https://…', audience: …}}`"
        raise reading.refuse("FG103", "`jwt` needs the keys `issuer` and `audience`", node, help=help_)
    return OneOf(("iam", "none"))(node, reading)


AuthField = Annotated[
    str | Jwt,
    Read(
        read_auth,
        accepts=either(
            {"enum": ["iam", "none"]},
            inside={
                "type": "object",
                "properties": {"jwt": {"description": "JSON Web Tokens (JWTs) from an issuer.", **ref(Jwt)}},
                "required": ["jwt"],
                "additionalProperties": False,
            },
        ),
    ),
]


class Cors(Element):
    """Which other origins may call the API from a browser."""

    what: ClassVar[str] = "`cors`"

    origins: TextsField = Field(description="The allowed origins: `https://shop.example.com`, one or a list.")
    headers: TextsField = Field(
        (), description="The request headers that a page may send.", examples=[["content-type"]]
    )
    credentials: FlagField = Field(False, description="Whether the browser may send cookies.")
    max_age: DurationField | None = Field(None, description="How long a browser may cache the answer, at most a day.")


def read_cors(node: Node, reading: Reading) -> Cors:
    """Only origins, or a mapping."""
    if isinstance(node, Mapping):
        cors = Cors.read(node, reading)
        if cors is None:
            raise Unread
        return cors
    if not isinstance(node, Scalar | Sequence):
        raise reading.refuse("FG102", f"`cors` must be a list of origins or a mapping, not {kind_of(node)}", node)
    empty = Mapping(node.origin, node.start, node.end, ())
    return Cors.made(empty, origins=_read_texts(node, reading))


class Throttle(Element):
    """The rate limit of the API."""

    what: ClassVar[str] = "`throttle`"

    rate: Annotated[float, Read(Fraction(1, 10_000))] = Field(100, description="Average requests per second.")
    burst: Annotated[int, Read(Whole(1, 5_000))] = Field(200, description="Concurrent requests.")


def _read_headers(node: Node, reading: Reading) -> dict[str, str]:
    if not isinstance(node, Mapping):
        raise reading.refuse("FG102", f"`headers` must be a mapping of strings, not {kind_of(node)}", node)
    return {entry.key.text: read_text(entry.value, reading) for entry in node.entries}


class Response(Element):
    """Changes to the response of Step Functions, which the caller gets after the workflow started."""

    what: ClassVar[str] = "`response`"

    status: Annotated[int | None, Read(Whole(200, 599))] = Field(None, description="The status code instead of 200.")
    headers: Annotated[dict[str, str], Read(_read_headers, accepts=mapping(TEXT))] = Field(
        default_factory=dict, description="Headers: a mapping of strings."
    )


class Http(NamingTrigger):
    """On requests to an HTTP API: a method and a path, `POST /orders`."""

    kind: ClassVar[str] = "http"
    service: ClassVar[str] = "API Gateway"
    what: ClassVar[str] = "an `http` trigger"

    http: RouteField = Field(examples=["POST /orders"])
    body: TypeUseField | None = Field(None, description="The type of the request body, which is JSON.")
    api: ResourceField | None = Field(
        None, description="The id of your existing HTTP API, which gets the route. By default the stack creates an API."
    )
    auth: AuthField = Field(
        "iam", description="Who may call: `iam` (signed requests), `none` (everybody), or `{jwt: …}`."
    )
    cors: Annotated[
        Cors | None,
        Read(
            read_cors,
            "Which other origins may call: origins, or a mapping.",
            accepts=either(TEXT, array(TEXT), inside=ref(Cors)),
        ),
    ] = None
    throttle: Throttle | None = None
    response: Response | None = None
