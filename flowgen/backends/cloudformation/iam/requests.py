"""The IAM actions of a call to a service, each with the arguments that name its resources."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from flowgen.aws.iam_calls import CALLS, JOBS
from flowgen.aws.iam_resources import ANY, GIVEN
from flowgen.backends.cloudformation.static_values import ANYTHING, UNKNOWN, Known, Tree, expanded, find, known_text


@dataclass(frozen=True, slots=True)
class Request:
    """An IAM action (`s3:GetObject`) on what the arguments name."""

    action: str
    arguments: Tree


def requests(prefix: str, api: str, arguments: Tree, *, job: bool) -> list[Request]:
    """The requests of a call: `prefix` is the service's in IAM; `job` says whether the state machine waits (`.sync`).

    An action that the data does not list has the API's own name.
    """
    key = f"{prefix}:{api.lower()}"
    special = _SPECIAL.get(key)
    found = list(special(arguments)) if special is not None else [Request(a, arguments) for a in _actions(key, api)]
    if job and key in JOBS:
        found += [Request(action, arguments) for action in JOBS[key].actions]
    return found


def _actions(key: str, api: str) -> tuple[str, ...]:
    return CALLS.get(key, (f"{key.partition(':')[0]}:{api[:1].upper()}{api[1:]}",))


def given(key: str, arguments: Tree) -> Tree:
    """The arguments, with the defaults of those that are left out."""
    if key not in GIVEN or not isinstance(arguments, dict):
        return arguments
    rows = dict(row.split("=") for row in GIVEN[key].split())
    left_out = {name: text for name, text in rows.items() if find(arguments, name) is None}
    return {**arguments, **{name: ANYTHING if text == ANY else Known((text,)) for name, text in left_out.items()}}


_Special: TypeAlias = Callable[[Tree], Iterator[Request]]


def _get_object(arguments: Tree) -> Iterator[Request]:
    yield Request("s3:GetObject" if find(arguments, "VersionId") is None else "s3:GetObjectVersion", arguments)


def _put_object(arguments: Tree) -> Iterator[Request]:
    yield Request("s3:PutObject", arguments)
    if find(arguments, "Tagging") is not None:
        yield Request("s3:PutObjectTagging", arguments)
    if find(arguments, "ACL") is not None:
        yield Request("s3:PutObjectAcl", arguments)


_SOURCE = re.compile(r"/?([^/]+)/(.*)", re.DOTALL)


def _copy_object(arguments: Tree) -> Iterator[Request]:
    """`CopySource` is a bucket, a slash and a key."""
    yield from _put_object(arguments)
    yield Request("s3:GetObject", _source(find(arguments, "CopySource")))


def _source(source: Tree | None) -> Tree:
    match Known(tuple(expanded(source.parts)), source.whole) if isinstance(source, Known) else source:
        case Known(parts=[str() as text, *rest], whole=whole) if found := _SOURCE.fullmatch(text):
            return {"Bucket": Known((found[1],)), "Key": Known((found[2], *rest), whole)}
        case Known(parts=[dict() as bucket, str() as text, *rest], whole=whole) if text.startswith("/"):
            return {"Bucket": Known((bucket,)), "Key": Known((text[1:], *rest), whole)}
        case _:
            return {"Bucket": UNKNOWN, "Key": UNKNOWN}


def _delete_objects(arguments: Tree) -> Iterator[Request]:
    objects = find(arguments, "Delete.Objects")
    keys = [find(item, "Key") for item in objects] if isinstance(objects, list) else [UNKNOWN]
    for key in keys:
        yield Request("s3:DeleteObject", {"Bucket": find(arguments, "Bucket") or UNKNOWN, "Key": key or UNKNOWN})


_TRANSACTIONS = {
    "ConditionCheck": "dynamodb:ConditionCheckItem",
    "Delete": "dynamodb:DeleteItem",
    "Get": "dynamodb:GetItem",
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
}


def _transaction(*kinds: str) -> _Special:
    """A transaction needs the actions of its parts (DynamoDB developer guide, "Transactions")."""

    def requests_of(arguments: Tree) -> Iterator[Request]:
        items = find(arguments, "TransactItems")
        if not isinstance(items, list):
            yield from (Request(_TRANSACTIONS[kind], UNKNOWN) for kind in kinds)
            return
        for item in items:
            for kind in kinds:
                part = find(item, kind)
                if part is not None:
                    yield Request(_TRANSACTIONS[kind], part)

    return requests_of


def _batch(action: str) -> _Special:
    """The keys of `RequestItems` are the names of tables."""

    def requests_of(arguments: Tree) -> Iterator[Request]:
        tables = find(arguments, "RequestItems")
        if not isinstance(tables, dict):
            yield Request(action, UNKNOWN)
            return
        yield from (Request(action, {"TableName": known_text(name)}) for name in tables)

    return requests_of


def _partiql(arguments: Tree) -> Iterator[Request]:
    """Action and table depend on the statement's text, so the user's `policies` must grant them."""
    del arguments
    for verb in ("Select", "Insert", "Update", "Delete"):
        yield Request(f"dynamodb:PartiQL{verb}", UNKNOWN)


_TABLE = re.compile(r"""\b(?:FROM|INTO|UPDATE)\s+(?:"([\w.-]+)"|([\w-]+))(?!["\w.])""", re.IGNORECASE)


def _statement(arguments: Tree) -> Iterator[Request]:
    """A PartiQL statement that is fully known names its table (DynamoDB guide, "IAM policies with PartiQL")."""
    statement = find(arguments, "Statement")
    text = statement.text if isinstance(statement, Known) else None
    verb = re.match(r"\s*(select|insert|update|delete)\b", text or "", re.IGNORECASE)
    tables = _TABLE.findall(text or "")
    if verb is None or len(tables) != 1:
        yield from _partiql(arguments)
        return
    yield Request(f"dynamodb:PartiQL{verb[1].capitalize()}", {"TableName": known_text("".join(tables[0]))})


def _invoke(arguments: Tree) -> Iterator[Request]:
    """A version or an alias is part of the resource (Lambda developer guide, "Resources and conditions")."""
    name, qualifier = find(arguments, "FunctionName"), find(arguments, "Qualifier")
    if isinstance(name, Known) and name.whole and isinstance(qualifier, Known):
        name = Known((*name.parts, ":", *qualifier.parts), qualifier.whole)
    yield Request("lambda:InvokeFunction", {"FunctionName": UNKNOWN if name is None else name})


def _put_events(arguments: Tree) -> Iterator[Request]:
    """Each entry goes to its own bus, or to the default bus."""
    entries = find(arguments, "Entries")
    if not isinstance(entries, list):
        yield Request("events:PutEvents", UNKNOWN)
        return
    for entry in entries:
        bus = find(entry, "EventBusName")
        yield Request("events:PutEvents", {"EventBusName": Known(("default",)) if bus is None else bus})


_SPECIAL: Mapping[str, _Special] = {
    "dynamodb:batchexecutestatement": _partiql,
    "dynamodb:batchgetitem": _batch("dynamodb:BatchGetItem"),
    "dynamodb:batchwriteitem": _batch("dynamodb:BatchWriteItem"),
    "dynamodb:executestatement": _statement,
    "dynamodb:executetransaction": _partiql,
    "dynamodb:transactgetitems": _transaction("Get"),
    "dynamodb:transactwriteitems": _transaction("ConditionCheck", "Delete", "Put", "Update"),
    "events:putevents": _put_events,
    "lambda:invoke": _invoke,
    "s3:copyobject": _copy_object,
    "s3:deleteobjects": _delete_objects,
    "s3:getobject": _get_object,
    "s3:putobject": _put_object,
    "s3:uploadpartcopy": _copy_object,
}
"""Calls whose actions or resources depend on their arguments."""
