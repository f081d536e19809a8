"""The types that the built-in functions return.

A result is either the name of a kind ("text", "number", …), undefined if the first argument is undefined; or a
function of the argument types, in `scalars`, `lists` or `higher_order`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flowgen.jsonata.inference import higher_order, lists, scalars
from flowgen.jsonata.inference.invocation import Invocation
from flowgen.jsonata.inference.problems import Kind, Severity
from flowgen.types import Type
from flowgen.types.algebra import BOOLEAN, INTEGER, NUMBER, TEXT


@dataclass(frozen=True, slots=True)
class Result:
    """What a function returns (see the module); `fails` says when it fails despite valid argument types."""

    gives: str | Callable[[Invocation], Type]
    fails: str | None = None
    help: str | None = None


_KINDS = {"text": TEXT, "number": NUMBER, "integer": INTEGER, "boolean": BOOLEAN}

RESULTS: dict[str, Result] = {
    # numbers of an array
    "sum": Result(scalars.total),
    "count": Result(scalars.count),
    "max": Result(scalars.extreme),
    "min": Result(scalars.extreme),
    "average": Result(scalars.average),
    # strings
    "string": Result("text"),
    "substring": Result("text"),
    "substringBefore": Result("text"),
    "substringAfter": Result(scalars.needs_second("text")),
    "lowercase": Result("text"),
    "uppercase": Result("text"),
    "length": Result("integer"),
    "trim": Result("text"),
    "pad": Result(scalars.pad),
    "match": Result(scalars.matches),
    "contains": Result(scalars.needs_second("boolean")),
    "replace": Result(scalars.replaced),
    "split": Result(scalars.split),
    "join": Result("text"),
    "formatNumber": Result(scalars.pictured("text")),
    "formatBase": Result(scalars.based),
    "formatInteger": Result(scalars.pictured("text")),
    "parseInteger": Result(scalars.parsed_integer),
    "base64encode": Result("text"),
    "base64decode": Result("text", "the string is not valid Base64"),
    "encodeUrlComponent": Result("text"),
    "encodeUrl": Result("text"),
    "decodeUrlComponent": Result("text", "the string has invalid percent-encoding"),
    "decodeUrl": Result("text", "the string has invalid percent-encoding"),
    # numbers
    "number": Result(scalars.number),
    "floor": Result("integer"),
    "ceil": Result("integer"),
    "round": Result(scalars.rounded),
    "abs": Result(scalars.same_number),
    "sqrt": Result("number", "the number is negative", "guard it: `x >= 0 ? $sqrt(x) : …`"),
    "power": Result(scalars.power),
    "random": Result(scalars.drawn),
    # booleans
    "boolean": Result(scalars.boolean),
    "not": Result(scalars.negated),
    "exists": Result(scalars.exists),
    # higher-order functions
    "map": Result(higher_order.mapped),
    "filter": Result(higher_order.kept),
    "single": Result(higher_order.single),
    "reduce": Result(higher_order.reduced),
    "sift": Result(higher_order.sifted),
    "each": Result(higher_order.each),
    "sort": Result(higher_order.ordered),
    # arrays and objects
    "zip": Result(lists.zipped),
    "keys": Result(lists.keys),
    "lookup": Result(lists.looked_up),
    "append": Result(lists.appended),
    "spread": Result(lists.spread),
    "merge": Result(lists.merged),
    "reverse": Result(lists.reordered),
    "shuffle": Result(lists.reordered),
    "distinct": Result(lists.distinct),
    "type": Result(scalars.type_name),
    "clone": Result(lists.cloned),
    "error": Result(scalars.raised),
    "assert": Result(scalars.asserted),
    # time
    "now": Result(scalars.now),
    "millis": Result("integer"),
    "toMillis": Result(scalars.to_millis),
    "fromMillis": Result(scalars.from_millis),
    # functions that Step Functions adds ("Transforming data with JSONata in Step Functions")
    "partition": Result(lists.partitioned),
    "range": Result(lists.ranged),
    "hash": Result(scalars.hashed),
    "uuid": Result(scalars.uuid),
    "parse": Result(
        scalars.parsed, "the string is not valid JSON", "in the arguments of a task, a `catch` can handle the error"
    ),
}


def result(use: Invocation) -> Type:
    """The result type of a function for valid arguments."""
    found = RESULTS[use.name]
    if found.fails is not None:
        use.run.tell(
            Kind.MAY_FAIL,
            Severity.WARNING,
            use.node,
            f"`${use.name}` fails if {found.fails}",
            found.help,
            may_fail=True,
        )
    if isinstance(found.gives, str):
        return use.unless_nothing(Type(_KINDS[found.gives]))
    return found.gives(use)
