"""The functions of JSONata 2.0.6 without `$eval`, and those that Step Functions adds: signatures and result types.

The signatures are those of the evaluator. `arity` is the number of arguments that `$map` and similar functions pass.
The result is either the name of a kind ("text", "number", …), undefined if the first argument is undefined; or a
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

__all__ = ["FUNCTIONS", "Entry", "Invocation", "result"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A function. `gives` is its result (see the module); `fails` says when it fails despite valid argument types."""

    signature: str
    arity: int
    gives: str | Callable[[Invocation], Type]
    fails: str | None = None
    help: str | None = None


_KINDS = {"text": TEXT, "number": NUMBER, "integer": INTEGER, "boolean": BOOLEAN}

FUNCTIONS: dict[str, Entry] = {
    # numbers of an array
    "sum": Entry("<a<n>:n>", 1, scalars.total),
    "count": Entry("<a:n>", 1, scalars.count),
    "max": Entry("<a<n>:n>", 1, scalars.extreme),
    "min": Entry("<a<n>:n>", 1, scalars.extreme),
    "average": Entry("<a<n>:n>", 1, scalars.average),
    # strings
    "string": Entry("<x-b?:s>", 1, "text"),
    "substring": Entry("<s-nn?:s>", 3, "text"),
    "substringBefore": Entry("<s-s:s>", 2, "text"),
    "substringAfter": Entry("<s-s:s>", 2, scalars.needs_second("text")),
    "lowercase": Entry("<s-:s>", 1, "text"),
    "uppercase": Entry("<s-:s>", 1, "text"),
    "length": Entry("<s-:n>", 1, "integer"),
    "trim": Entry("<s-:s>", 1, "text"),
    "pad": Entry("<s-ns?:s>", 3, scalars.pad),
    "match": Entry("<s-f<s:o>n?:a<o>>", 3, scalars.matches),
    "contains": Entry("<s-(sf):b>", 2, scalars.needs_second("boolean")),
    "replace": Entry("<s-(sf)(sf)n?:s>", 4, scalars.replaced),
    "split": Entry("<s-(sf)n?:a<s>>", 3, scalars.split),
    "join": Entry("<a<s>s?:s>", 2, "text"),
    "formatNumber": Entry("<n-so?:s>", 3, scalars.pictured("text")),
    "formatBase": Entry("<n-n?:s>", 2, scalars.based),
    "formatInteger": Entry("<n-s:s>", 2, scalars.pictured("text")),
    "parseInteger": Entry("<s-s:n>", 2, scalars.parsed_integer),
    "base64encode": Entry("<s-:s>", 1, "text"),
    "base64decode": Entry("<s-:s>", 1, "text", "the string is not valid Base64"),
    "encodeUrlComponent": Entry("<s-:s>", 1, "text"),
    "encodeUrl": Entry("<s-:s>", 1, "text"),
    "decodeUrlComponent": Entry("<s-:s>", 1, "text", "the string has invalid percent-encoding"),
    "decodeUrl": Entry("<s-:s>", 1, "text", "the string has invalid percent-encoding"),
    # numbers
    "number": Entry("<(nsb)-:n>", 1, scalars.number),
    "floor": Entry("<n-:n>", 1, "integer"),
    "ceil": Entry("<n-:n>", 1, "integer"),
    "round": Entry("<n-n?:n>", 2, scalars.rounded),
    "abs": Entry("<n-:n>", 1, scalars.same_number),
    "sqrt": Entry("<n-:n>", 1, "number", "the number is negative", "guard it: `x >= 0 ? $sqrt(x) : …`"),
    "power": Entry("<n-n:n>", 2, scalars.power),
    "random": Entry("<n?:n>", 1, scalars.drawn),
    # booleans
    "boolean": Entry("<x-:b>", 1, scalars.boolean),
    "not": Entry("<x-:b>", 1, scalars.negated),
    "exists": Entry("<x:b>", 1, scalars.exists),
    # higher-order functions
    "map": Entry("<af>", 2, higher_order.mapped),
    "filter": Entry("<af>", 2, higher_order.kept),
    "single": Entry("<af?>", 2, higher_order.single),
    "reduce": Entry("<afj?:j>", 3, higher_order.reduced),
    "sift": Entry("<o-f?:o>", 2, higher_order.sifted),
    "each": Entry("<o-f:a>", 2, higher_order.each),
    "sort": Entry("<af?:a>", 2, higher_order.ordered),
    # arrays and objects
    "zip": Entry("<a+>", 0, lists.zipped),
    "keys": Entry("<x-:a<s>>", 1, lists.keys),
    "lookup": Entry("<x-s:x>", 2, lists.looked_up),
    "append": Entry("<xx:a>", 2, lists.appended),
    "spread": Entry("<x-:a<o>>", 1, lists.spread),
    "merge": Entry("<a<o>:o>", 1, lists.merged),
    "reverse": Entry("<a:a>", 1, lists.reordered),
    "shuffle": Entry("<a:a>", 1, lists.reordered),
    "distinct": Entry("<x:x>", 1, lists.distinct),
    "type": Entry("<x:s>", 1, scalars.type_name),
    "clone": Entry("<(oa)-:o>", 1, lists.cloned),
    "error": Entry("<s?:x>", 1, scalars.raised),
    "assert": Entry("<bs?:x>", 2, scalars.asserted),
    # time
    "now": Entry("<s?s?:s>", 2, scalars.now),
    "millis": Entry("<:n>", 0, "integer"),
    "toMillis": Entry("<s-s?:n>", 2, scalars.to_millis),
    "fromMillis": Entry("<n-s?s?:s>", 3, scalars.from_millis),
    # functions that Step Functions adds ("Transforming data with JSONata in Step Functions")
    "partition": Entry("<an?>", 2, lists.partitioned),
    "range": Entry("<nnn?>", 3, lists.ranged),
    "hash": Entry("<ss?>", 2, scalars.hashed),
    "uuid": Entry("<:s>", 0, scalars.uuid),
    "parse": Entry(
        "<s?>",
        1,
        scalars.parsed,
        "the string is not valid JSON",
        "in the arguments of a task, a `catch` can handle the error",
    ),
}


def result(entry: Entry, use: Invocation) -> Type:
    """The result type of a function for valid arguments."""
    if entry.fails is not None:
        use.run.tell(
            Kind.MAY_FAIL,
            Severity.WARNING,
            use.node,
            f"`${use.name}` fails if {entry.fails}",
            entry.help,
            may_fail=True,
        )
    if isinstance(entry.gives, str):
        return use.unless_nothing(Type(_KINDS[entry.gives]))
    return entry.gives(use)
