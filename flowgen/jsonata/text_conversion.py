"""JSONata that converts the strings of a CSV record to the types of its fields.

What cannot be converted stays a string, so that the check of the type names it. No conversion fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowgen.jsonata.literals import literal, quoted
from flowgen.jsonata.schema_kinds import kinds_of

_NUMBER = (
    "$toNumber := function($c) { ($t := $trim($c);"
    " $contains($t, /^-?[0-9]{1,200}(?:\\.[0-9]{1,200})?(?:[eE][-+]?[0-9]{1,2})?$/) ? $number($t) : $c) }"
)
_BOOLEAN = "$toBoolean := function($c) { ($t := $lowercase($trim($c)); $t in ['true', 'false'] ? $t = 'true' : $c) }"


def converted(schema: Mapping[str, Any], definitions: Mapping[str, Any], value: str) -> str:
    """The JSONata of a converted record; `value` (JSONata) is an object of strings.

    Numbers and booleans are converted if the field's type allows no string. An empty string is absent if the field is
    optional, null if it may be null, and otherwise unchanged.
    """
    for _ in range(len(definitions) + 1):
        if "$ref" in schema:
            schema = definitions.get(str(schema["$ref"]).rpartition("/")[2], {})
    properties: Mapping[str, Any] = schema.get("properties", {})
    required = schema.get("required", ())
    kinds = {name: kinds_of(inner, definitions) for name, inner in properties.items()}
    optional = [name for name in properties if name not in required]
    members = [
        f"{quoted(name)}: {found}"
        for name, kind in kinds.items()
        if (found := _cell(f"$lookup($r, {quoted(name)})", kind)) is not None
    ]
    helpers = [helper for helper in (_NUMBER, _BOOLEAN) if f"{helper.partition(' ')[0]}(" in " ".join(members)]
    record = "$r"
    steps = [f"$r := {value}", *helpers]
    if optional:
        steps.append(f"$r := $sift($r, function($c, $n) {{ $not($c = '' and $n in {literal(optional)}) }})")
    if members:
        record = f"$merge([$r, {{{', '.join(members)}}}])"
    elif optional:
        record = "$merge([$r])"  # `$sift` of only empty strings is undefined
    return f"({'; '.join([*steps, record])})"


def _cell(cell: str, kinds: frozenset[str]) -> str | None:
    found = cell
    if "string" not in kinds:
        found = f"$toNumber({found})" if "number" in kinds else found
        found = f"$toBoolean({found})" if "boolean" in kinds else found
    if "null" in kinds:
        found = f"{cell} = '' ? null : {found}"
    return None if found == cell else found
