"""The functions of JSONata 2.0.6 without `$eval`, and those that Step Functions adds, with their signatures.

The signatures are those of the evaluator. `results` has the type that each function returns.
"""

from __future__ import annotations

from flowgen.jsonata.inference.signatures import Parameter, parse_signature

SIGNATURES: dict[str, str] = {
    # numbers of an array
    "sum": "<a<n>:n>",
    "count": "<a:n>",
    "max": "<a<n>:n>",
    "min": "<a<n>:n>",
    "average": "<a<n>:n>",
    # strings
    "string": "<x-b?:s>",
    "substring": "<s-nn?:s>",
    "substringBefore": "<s-s:s>",
    "substringAfter": "<s-s:s>",
    "lowercase": "<s-:s>",
    "uppercase": "<s-:s>",
    "length": "<s-:n>",
    "trim": "<s-:s>",
    "pad": "<s-ns?:s>",
    "match": "<s-f<s:o>n?:a<o>>",
    "contains": "<s-(sf):b>",
    "replace": "<s-(sf)(sf)n?:s>",
    "split": "<s-(sf)n?:a<s>>",
    "join": "<a<s>s?:s>",
    "formatNumber": "<n-so?:s>",
    "formatBase": "<n-n?:s>",
    "formatInteger": "<n-s:s>",
    "parseInteger": "<s-s:n>",
    "base64encode": "<s-:s>",
    "base64decode": "<s-:s>",
    "encodeUrlComponent": "<s-:s>",
    "encodeUrl": "<s-:s>",
    "decodeUrlComponent": "<s-:s>",
    "decodeUrl": "<s-:s>",
    # numbers
    "number": "<(nsb)-:n>",
    "floor": "<n-:n>",
    "ceil": "<n-:n>",
    "round": "<n-n?:n>",
    "abs": "<n-:n>",
    "sqrt": "<n-:n>",
    "power": "<n-n:n>",
    "random": "<n?:n>",
    # booleans
    "boolean": "<x-:b>",
    "not": "<x-:b>",
    "exists": "<x:b>",
    # higher-order functions
    "map": "<af>",
    "filter": "<af>",
    "single": "<af?>",
    "reduce": "<afj?:j>",
    "sift": "<o-f?:o>",
    "each": "<o-f:a>",
    "sort": "<af?:a>",
    # arrays and objects
    "zip": "<a+>",
    "keys": "<x-:a<s>>",
    "lookup": "<x-s:x>",
    "append": "<xx:a>",
    "spread": "<x-:a<o>>",
    "merge": "<a<o>:o>",
    "reverse": "<a:a>",
    "shuffle": "<a:a>",
    "distinct": "<x:x>",
    "type": "<x:s>",
    "clone": "<(oa)-:o>",
    "error": "<s?:x>",
    "assert": "<bs?:x>",
    # time
    "now": "<s?s?:s>",
    "millis": "<:n>",
    "toMillis": "<s-s?:n>",
    "fromMillis": "<n-s?s?:s>",
    # functions that Step Functions adds ("Transforming data with JSONata in Step Functions")
    "partition": "<an?>",
    "range": "<nnn?>",
    "hash": "<ss?>",
    "uuid": "<:s>",
    "parse": "<s?>",
}


def parameters_of(name: str) -> tuple[Parameter, ...]:
    """The parameters of a function of the table."""
    parameters = parse_signature(SIGNATURES[name])
    assert parameters is not None  # noqa: S101 - all signatures in the table are valid
    return parameters


_ARITIES = {"string": 1, "zip": 0}
"""JavaScript, whose evaluator decides, counts neither optional parameters with a default nor rest parameters."""


def arity_of(name: str) -> int:
    """The number of arguments that `$map` and similar functions pass."""
    return _ARITIES.get(name, len(parameters_of(name)))
