"""Items that a `for_each` reads from a CSV file: every column is a string."""

from __future__ import annotations

from flowgen.check.dataflow.values import Teller
from flowgen.diagnostics import Label
from flowgen.model import Reader
from flowgen.types import Type, expand, present, show
from flowgen.types.algebra import ANY, BOOLEAN, NULL, NUMBER, TEXT


def check_csv(reader: Reader, item: Type, teller: Teller) -> None:
    """FG302 for each field of the items that can't be a string (developer guide, "ItemReader": values are strings).

    With `convert`, a field can also be a number, a boolean or null.
    """
    if reader.reader != "csv" and not reader.convert:
        return
    whole = expand(item)
    kinds = TEXT | ANY | (NUMBER | BOOLEAN | NULL if reader.convert else 0)
    for record in whole.objects:
        for name, field in record.fields.items():
            found = expand(present(field))
            texts = any(isinstance(one, str) or reader.convert for one in found.literals)
            if not (found.atoms & kinds or found.formats or texts):
                declared = teller.contracts.declared(record.declaration)
                message = f"`{name}` is declared as `{show(found)}`, but CSV columns are strings"
                scalar = found.atoms & (NUMBER | BOOLEAN) or found.literals
                _tell(reader, teller, message, declared, _CONVERT if scalar else _BY_HAND)
    if not whole.objects and not whole.atoms & ANY:
        _tell(reader, teller, f"an item of a CSV file is an object of strings, not `{show(item)}`", (), _BY_HAND)


_BY_HAND = "declare it as `string`, and convert it on use: `$number($item.count)`"
_CONVERT = "add `convert: true` to the reader, or declare it as `string`"


def _tell(reader: Reader, teller: Teller, message: str, declared: tuple[Label, ...], help_: str) -> None:
    teller.tell("FG302", message, reader.span_of("item"), secondary=declared, help_=help_)
