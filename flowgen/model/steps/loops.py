"""The steps that run a body more than once."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar

from flowgen.model.accepts import TEXT, Schema, array, either, exclusive, ref
from flowgen.model.element import Element, Field, Read, Reading, Unread
from flowgen.model.leaves import FlagField, Fraction, NameField, OneOf, TextField, Whole, read_text
from flowgen.model.quantities import OrExpression, SecondsField
from flowgen.model.steps.base import CatchField, RetryField, StepsField
from flowgen.model.steps.tasks import CompensationField, PivotField
from flowgen.model.steps.traits import Body, Bound, Catching, Retryable, Runs, Undoable
from flowgen.model.types import ANY, TypeUseField
from flowgen.model.values import Expression, ExpressionField, ListValue, ValueField, read_expression, read_value
from flowgen.source import Mapping, Node, Scalar, Sequence, kind_of

MAX_ITEMS = 100_000_000
MAX_BATCH_BYTES = 262_144
MAX_CONCURRENCY = 10_000
CountField = Annotated[int | Expression, Read(OrExpression(Whole(1, MAX_ITEMS)))]

READERS = ("csv", "json", "jsonl", "manifest", "objects", "parquet")

POINTER = r"(/([^~/]|~[01])*)+"
"""A JSON pointer (RFC 6901) to a part of a document."""


def _texts(node: Node, reading: Reading) -> tuple[str, ...]:
    if not isinstance(node, Sequence):
        raise reading.refuse("FG102", f"expected a list of strings, found {kind_of(node)}", node)
    return tuple(read_text(item, reading) for item in node.items)


def _read_pointer(node: Node, reading: Reading) -> str:
    pointer = read_text(node, reading)
    if not re.fullmatch(POINTER, pointer):
        raise reading.refuse(
            "FG102",
            f"expected a JSON pointer, found `{pointer}`",
            node,
            help="start with `/`: the pointer to `items` in `order` is `/order/items`; write `~1` for `/` in a name",
        )
    return pointer


class Reader(Element):
    """Items from S3 (developer guide, "ItemReader"): the lines of a file, or the objects of a bucket."""

    what: ClassVar[str] = "a reader"

    reader: Annotated[str, Read(OneOf(READERS))] = Field(
        description="The source: a file in this format, an inventory `manifest`, or a listing of `objects`."
    )
    bucket: ValueField = Field(description="The bucket's name.")
    key: ValueField | None = Field(None, description="The key of the file.")
    prefix: ValueField | None = Field(None, description="The prefix of the keys of the listed objects.")
    item: TypeUseField = Field(ANY, description="The type of an item.")
    convert: FlagField = Field(
        False, description="Converts the strings of a `csv` or `manifest` file to the types of the item's fields."
    )
    validation: FlagField | None = Field(
        None, alias="validate", description="Whether each item is checked against its type at run time."
    )
    max_items: CountField | None = Field(None, description="The maximum number of items to read.")
    pointer: Annotated[str | None, Read(_read_pointer, accepts={"type": "string", "pattern": f"^{POINTER}$"})] = Field(
        None,
        description="JSON pointer to the items of a `json` file.",
        examples=["/inventory/products"],
    )
    headers: Annotated[tuple[str, ...] | None, Read(_texts, accepts=array(TEXT))] = Field(
        None, description="The columns of a `csv` file without a header line."
    )
    delimiter: Annotated[str | None, Read(OneOf(("COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB")))] = Field(
        None, description="The delimiter between the columns of a `csv` file."
    )


class Batch(Element):
    """How many items one child execution gets, and its additional input."""

    what: ClassVar[str] = "a batch"

    items: CountField | None = Field(None, description="The maximum number of items.")
    bytes: Annotated[int | Expression, Read(OrExpression(Whole(1, MAX_BATCH_BYTES)))] | None = Field(
        None, description="The maximum size in bytes."
    )
    shared: ValueField | None = Field(
        None, alias="with", description="Additional input for each batch: `$batch` in the body."
    )


class Writer(Element):
    """Where in S3 the results of the child executions are written."""

    what: ClassVar[str] = "a writer"

    bucket: ValueField = Field(description="The bucket's name.")
    prefix: ValueField | None = Field(None, description="The prefix of the keys of the results.")


_TOLERATED = OrExpression(Whole(0, MAX_ITEMS))


class Tolerance(Element):
    """How many items may fail before the loop fails."""

    what: ClassVar[str] = "`tolerate`"

    count: Annotated[int | Expression, Read(_TOLERATED)] | None = Field(
        None, description="The number of items that may fail."
    )
    percent: Annotated[float | Expression, Read(OrExpression(Fraction(0, 100)))] | None = Field(
        None, description="The share of items that may fail, in percent."
    )


def _read_tolerance(node: Node, reading: Reading) -> Tolerance:
    if isinstance(node, Scalar) and isinstance(node.value, int | str) and not isinstance(node.value, bool):
        empty = Mapping(node.origin, node.start, node.end, ())
        return Tolerance.made(empty, count=_TOLERATED(node, reading))
    tolerance = Tolerance.read(node, reading)
    if tolerance is None:
        raise Unread
    return tolerance


ToleranceField = Annotated[Tolerance, Read(_read_tolerance, accepts=either(_TOLERATED.accepts, inside=ref(Tolerance)))]


def _read_items(node: Node, reading: Reading) -> Expression | ListValue | Reader:
    if isinstance(node, Mapping):
        reader = Reader.read(node, reading)
        if reader is None:
            raise Unread
        return reader
    if isinstance(node, Sequence):
        value = read_value(node, reading)
        if isinstance(value, ListValue):
            return value
    return read_expression(node, reading)


ItemsField = Annotated[
    Expression | ListValue | Reader, Read(_read_items, accepts=either(TEXT, array({}), inside=ref(Reader)))
]

ConcurrencyField = Annotated[int | Expression, Read(OrExpression(Whole(0, MAX_CONCURRENCY)))]


class ForEach(Retryable, Catching, Undoable):
    """Runs its body for each item; its value is the array of the bodies' values."""

    kind: ClassVar[str] = "for_each"

    items: ItemsField = Field(
        alias="for_each",
        description="The items: an expression that returns an array, a list, or a reader of files in S3.",
        examples=["$input.lines"],
    )
    as_: NameField | None = Field(
        None,
        alias="as",
        description="The item's name in expressions: `as: line` defines `$line`. `$index` is the item's index.",
    )
    steps: StepsField = Field(description="The steps to run for each item.")
    max_concurrency: ConcurrencyField | None = Field(
        None, description="The maximum number of items to process at once; 0 means as many as AWS allows."
    )
    mode: Annotated[str, Read(OneOf(("inline", "distributed")))] = Field(
        "inline", description="`distributed` runs each item, or batch of items, as a separate execution."
    )
    child_type: Annotated[str, Read(OneOf(("standard", "express")))] = Field(
        "standard", description="The type of the child executions of a distributed loop."
    )
    batch: Batch | None = Field(None, description="Passes several items to each child execution of a distributed loop.")
    writer: Writer | None = Field(None, description="Where in S3 the results of a distributed loop are written.")
    tolerate: ToleranceField | None = Field(
        None, description="How many items of a distributed loop may fail before the loop fails: a number, or a mapping."
    )
    label: TextField | None = Field(
        None, description="Label of the child executions of a distributed loop, in their ARNs."
    )
    retry: RetryField | None = None
    catch: CatchField = ()
    compensate: CompensationField | None = None
    pivot: PivotField = False

    def bodies(self) -> tuple[Body, ...]:
        binds: tuple[Bound, ...] = () if self.as_ is None else (Bound(self.as_, self.span_of("as")),)
        # A batch has many items, so there is no single index.
        given = "index" if self.batch is None else None if self.batch.shared is None else "batch"
        binds += () if given is None else (Bound(given),)
        own_execution = self.mode == "distributed"
        return (Body(self.steps, Runs.MANY, apart=True, own_execution=own_execution, binds=binds),)


_ROUNDS = Whole(1, 100_000_000)


def _read_max(node: Node, reading: Reading) -> int | None:
    if isinstance(node, Scalar) and node.value == "unlimited":
        return None
    return _ROUNDS(node, reading)


MaxField = Annotated[int | None, Read(_read_max, accepts={"anyOf": [_ROUNDS.accepts, {"const": "unlimited"}]})]


class Rounds(Element):
    """When a loop continues and ends. `most` is None if it is unlimited."""

    what: ClassVar[str] = "a `repeat`"
    constraints: ClassVar[Schema] = {**exclusive("until", "while"), "dependencies": {"first": ["every"]}}

    start: ValueField | None = Field(None, alias="with", description="The initial value of the first round.")
    as_: NameField | None = Field(
        None, alias="as", description="The name of a round's initial value: `with`, then the previous round's value."
    )
    until: ExpressionField | None = Field(None, description="The loop ends after a round when this is true.")
    while_: ExpressionField | None = Field(
        None, alias="while", description="The loop ends before a round when this is false."
    )
    every: SecondsField | None = Field(
        None,
        description="The wait between two rounds.",
        examples=["30s", "${ $poll.retry_after }"],
    )
    most: MaxField = Field(
        alias="max",
        description="The maximum number of rounds; then the loop fails with `RepeatLimitExceeded`. Or `unlimited`.",
        examples=[40],
    )
    first: Annotated[str | None, Read(OneOf(("wait",)))] = Field(
        None, description="`wait`: waits for `every` before the first round, too."
    )


def _read_rounds(node: Node, reading: Reading) -> Rounds:
    rounds = Rounds.read(node, reading)
    if rounds is None:
        raise Unread
    if rounds.until is not None and rounds.while_ is not None:
        entry = rounds.node.entry("while")
        raise reading.refuse(
            "FG102", "a loop must have either `until` or `while`, not both", entry.key if entry else node
        )
    if rounds.first is not None and rounds.every is None:
        raise reading.refuse("FG103", "`first: wait` requires `every`, the time to wait", node)
    return rounds


class Repeat(Catching):
    """Repeats its body; its value is the value of the last round."""

    kind: ClassVar[str] = "repeat"

    rounds: Annotated[Rounds, Read(_read_rounds, accepts=ref(Rounds))] = Field(
        alias="repeat", description="When the loop continues and ends."
    )
    steps: StepsField = Field(description="The steps to run in each round.")
    catch: CatchField = ()

    def bodies(self) -> tuple[Body, ...]:
        name = self.rounds.as_
        binds = () if name is None else (Bound(name, self.rounds.span_of("as")),)
        return (Body(self.steps, Runs.MANY, leavable=True, binds=binds),)
