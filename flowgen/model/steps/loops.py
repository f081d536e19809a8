"""The steps that run a body more than once."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from flowgen.model.element import NODE, Element, Read, Reading, told
from flowgen.model.leaves import DurationField, Fraction, NameField, OneOf, TextField, Whole, read_text
from flowgen.model.steps.base import CatchField, RetryField, StepBase, StepsField
from flowgen.model.steps.tasks import CompensationField
from flowgen.model.types import ANY, TypeUseField
from flowgen.model.values import Expression, ExpressionField, ListValue, ValueField, read_expression, read_value
from flowgen.source import Mapping, Node, Scalar, Sequence, kind_of

READERS = ("csv", "json", "jsonl", "manifest", "objects")


def _texts(node: Node, reading: Reading) -> tuple[str, ...]:
    if not isinstance(node, Sequence):
        raise reading.refuse("FG102", f"a list of texts is wanted here, not {kind_of(node)}", node)
    return tuple(read_text(item, reading) for item in node.items)


class Reader(Element):
    """Items that come from S3 (developer guide, "ItemReader"): a file's lines, or a bucket's objects."""

    what: ClassVar[str] = "a reader"

    reader: Annotated[str, Read(OneOf(READERS))]
    bucket: ValueField
    key: ValueField | None = None
    prefix: ValueField | None = None
    item: TypeUseField = ANY
    max_items: Annotated[int | None, Read(Whole(1, 100_000_000))] = None
    headers: Annotated[tuple[str, ...] | None, Read(_texts)] = None
    delimiter: Annotated[str | None, Read(OneOf(("COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB")))] = None


class Batch(Element):
    """How many items go to one child execution, and what each gets beside them."""

    what: ClassVar[str] = "a batch"

    items: Annotated[int | None, Read(Whole(1, 100_000_000))] = None
    bytes: Annotated[int | None, Read(Whole(1, 262_144))] = None
    shared: ValueField | None = Field(None, alias="with")


class Writer(Element):
    """Where the results of the child executions go, in S3."""

    what: ClassVar[str] = "a writer"

    bucket: ValueField
    prefix: ValueField | None = None


class Tolerance(Element):
    """How many items may fail before all does."""

    what: ClassVar[str] = "`tolerate`"

    count: Annotated[int | None, Read(Whole(0, 100_000_000))] = None
    percent: Annotated[float | None, Read(Fraction(0, 100))] = None


def _read_tolerance(node: Node, reading: Reading) -> Tolerance:
    if isinstance(node, Scalar) and isinstance(node.value, int) and not isinstance(node.value, bool):
        empty = Mapping(node.origin, node.start, node.end, ())
        return Tolerance.model_validate({"count": Whole(0, 100_000_000)(node, reading), NODE: empty})
    tolerance = Tolerance.read(node, reading)
    if tolerance is None:
        raise told()
    return tolerance


def _read_items(node: Node, reading: Reading) -> Expression | ListValue | Reader:
    if isinstance(node, Mapping):
        reader = Reader.read(node, reading)
        if reader is None:
            raise told()
        return reader
    if isinstance(node, Sequence):
        value = read_value(node, reading)
        if isinstance(value, ListValue):
            return value
    return read_expression(node, reading)


def _read_concurrency(node: Node, reading: Reading) -> int | Expression:
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return read_expression(node, reading)
    return Whole(0, 10_000)(node, reading)


class ForEach(StepBase):
    """Its body for each item; its value is the array of the bodies' values."""

    kind: ClassVar[str] = "for_each"

    items: Annotated[Expression | ListValue | Reader, Read(_read_items)] = Field(alias="for_each")
    as_: NameField | None = Field(None, alias="as")
    steps: StepsField
    max_concurrency: Annotated[int | Expression | None, Read(_read_concurrency)] = None
    mode: Annotated[str, Read(OneOf(("inline", "distributed")))] = "inline"
    child_type: Annotated[str, Read(OneOf(("standard", "express")))] = "standard"
    batch: Batch | None = None
    writer: Writer | None = None
    tolerate: Annotated[Tolerance | None, Read(_read_tolerance)] = None
    label: TextField | None = None
    retry: RetryField | None = None
    catch: CatchField = ()
    compensate: CompensationField | None = None


def _read_max(node: Node, reading: Reading) -> int | None:
    if isinstance(node, Scalar) and node.value == "unlimited":
        return None
    return Whole(1, 100_000_000)(node, reading)


class Rounds(Element):
    """How a loop goes on. `most` is None where it is unlimited."""

    what: ClassVar[str] = "a `repeat`"

    start: ValueField | None = Field(None, alias="with")
    as_: NameField | None = Field(None, alias="as")
    until: ExpressionField | None = None
    while_: ExpressionField | None = Field(None, alias="while")
    every: DurationField | None = None
    most: Annotated[int | None, Read(_read_max)] = Field(alias="max")
    first: Annotated[str | None, Read(OneOf(("wait",)))] = None


def _read_rounds(node: Node, reading: Reading) -> Rounds:
    rounds = Rounds.read(node, reading)
    if rounds is None:
        raise told()
    if rounds.until is not None and rounds.while_ is not None:
        entry = rounds.node.entry("while")
        raise reading.refuse("FG102", "a loop has `until` or `while`, not both", entry.key if entry else node)
    if rounds.first is not None and rounds.every is None:
        raise reading.refuse("FG103", "`first: wait` needs `every`, the time to wait", node)
    return rounds


class Repeat(StepBase):
    """A loop; its value is the last round's."""

    kind: ClassVar[str] = "repeat"

    rounds: Annotated[Rounds, Read(_read_rounds)] = Field(alias="repeat")
    steps: StepsField
    catch: CatchField = ()
