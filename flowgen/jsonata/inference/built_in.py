"""The functions of JSONata 2.0.6 without `$eval`, and those that Step Functions adds: signatures and what they give.

Signatures are the evaluator's own. `arity` is how many arguments a function gets when `$map` and its like call it. What
a function gives is the name of a kind ("text", "number", …), nothing where its first argument is nothing; or a function
of the types of its arguments, in `results`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flowgen.jsonata.inference import results
from flowgen.jsonata.inference.problems import Kind, Severity
from flowgen.jsonata.inference.results import Use
from flowgen.types import Type
from flowgen.types.algebra import BOOLEAN, INTEGER, NUMBER, TEXT

__all__ = ["FUNCTIONS", "Entry", "Use", "result"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A function: `gives` as in the module's text; `fails` says when it fails though its arguments are of the kinds."""

    signature: str
    arity: int
    gives: str | Callable[[Use], Type]
    fails: str | None = None
    help: str | None = None


_KINDS = {"text": TEXT, "number": NUMBER, "integer": INTEGER, "boolean": BOOLEAN}

FUNCTIONS: dict[str, Entry] = {
    # numbers of an array
    "sum": Entry("<a<n>:n>", 1, results.total),
    "count": Entry("<a:n>", 1, results.count),
    "max": Entry("<a<n>:n>", 1, results.extreme),
    "min": Entry("<a<n>:n>", 1, results.extreme),
    "average": Entry("<a<n>:n>", 1, results.average),
    # text
    "string": Entry("<x-b?:s>", 1, "text"),
    "substring": Entry("<s-nn?:s>", 3, "text"),
    "substringBefore": Entry("<s-s:s>", 2, "text"),
    "substringAfter": Entry("<s-s:s>", 2, results.needs_second("text")),
    "lowercase": Entry("<s-:s>", 1, "text"),
    "uppercase": Entry("<s-:s>", 1, "text"),
    "length": Entry("<s-:n>", 1, "integer"),
    "trim": Entry("<s-:s>", 1, "text"),
    "pad": Entry("<s-ns?:s>", 3, results.pad),
    "match": Entry("<s-f<s:o>n?:a<o>>", 3, results.matches),
    "contains": Entry("<s-(sf):b>", 2, results.needs_second("boolean")),
    "replace": Entry("<s-(sf)(sf)n?:s>", 4, results.replaced),
    "split": Entry("<s-(sf)n?:a<s>>", 3, results.split),
    "join": Entry("<a<s>s?:s>", 2, "text"),
    "formatNumber": Entry("<n-so?:s>", 3, results.pictured("text")),
    "formatBase": Entry("<n-n?:s>", 2, results.based),
    "formatInteger": Entry("<n-s:s>", 2, results.pictured("text")),
    "parseInteger": Entry(
        "<s-s:n>",
        2,
        results.needs_second("number"),
        "the text is not a number in that form",
    ),
    "base64encode": Entry("<s-:s>", 1, "text"),
    "base64decode": Entry("<s-:s>", 1, "text", "the text is not in base64"),
    "encodeUrlComponent": Entry("<s-:s>", 1, "text"),
    "encodeUrl": Entry("<s-:s>", 1, "text"),
    "decodeUrlComponent": Entry("<s-:s>", 1, "text", "the text is not percent-encoded as it should be"),
    "decodeUrl": Entry("<s-:s>", 1, "text", "the text is not percent-encoded as it should be"),
    # numbers
    "number": Entry("<(nsb)-:n>", 1, results.number),
    "floor": Entry("<n-:n>", 1, "integer"),
    "ceil": Entry("<n-:n>", 1, "integer"),
    "round": Entry("<n-n?:n>", 2, results.rounded),
    "abs": Entry("<n-:n>", 1, results.same_number),
    "sqrt": Entry("<n-:n>", 1, "number", "the number is negative", "guard it: `x >= 0 ? $sqrt(x) : …`"),
    "power": Entry("<n-n:n>", 2, results.power),
    "random": Entry("<:n>", 0, "number"),
    # truth
    "boolean": Entry("<x-:b>", 1, results.boolean),
    "not": Entry("<x-:b>", 1, results.negated),
    "exists": Entry("<x:b>", 1, results.exists),
    # functions of functions
    "map": Entry("<af>", 2, results.mapped),
    "filter": Entry("<af>", 2, results.kept),
    "single": Entry("<af?>", 2, results.single),
    "reduce": Entry("<afj?:j>", 3, results.reduced),
    "sift": Entry("<o-f?:o>", 2, results.sifted),
    "each": Entry("<o-f:a>", 2, results.each),
    "sort": Entry("<af?:a>", 2, results.ordered),
    # arrays and objects
    "zip": Entry("<a+>", 0, results.zipped),
    "keys": Entry("<x-:a<s>>", 1, results.keys),
    "lookup": Entry("<x-s:x>", 2, results.looked_up),
    "append": Entry("<xx:a>", 2, results.appended),
    "spread": Entry("<x-:a<o>>", 1, results.spread),
    "merge": Entry("<a<o>:o>", 1, results.merged),
    "reverse": Entry("<a:a>", 1, results.reordered),
    "shuffle": Entry("<a:a>", 1, results.reordered),
    "distinct": Entry("<x:x>", 1, results.distinct),
    "type": Entry("<x:s>", 1, results.type_name),
    "clone": Entry("<(oa)-:o>", 1, results.cloned),
    "error": Entry("<s?:x>", 1, results.raised),
    "assert": Entry("<bs?:x>", 2, results.asserted),
    # time
    "now": Entry("<s?s?:s>", 2, results.now),
    "millis": Entry("<:n>", 0, "integer"),
    "toMillis": Entry("<s-s?:n>", 2, results.to_millis, "the text is not a time in that form"),
    "fromMillis": Entry("<n-s?s?:s>", 3, results.pictured("text")),
    # Step Functions' own ("Transforming data with JSONata in Step Functions")
    "partition": Entry("<an>", 2, results.partitioned),
    "range": Entry("<nnn>", 3, results.ranged),
    "hash": Entry("<ss>", 2, results.hashed),
    "uuid": Entry("<:s>", 0, results.uuid),
    "parse": Entry("<s>", 1, results.parsed, "the text is not JSON"),
}


def result(entry: Entry, use: Use) -> Type:
    """What a function gives for arguments that it takes."""
    if entry.fails is not None:
        use.run.tell(
            Kind.MAY_FAIL,
            Severity.WARNING,
            use.node,
            f"`${use.name}` fails where {entry.fails}",
            entry.help,
            may_fail=True,
        )
    if isinstance(entry.gives, str):
        return use.unless_nothing(Type(_KINDS[entry.gives]))
    return entry.gives(use)
