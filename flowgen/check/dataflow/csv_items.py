"""Items that a `for_each` reads from a CSV file: every column is a string."""

from __future__ import annotations

from flowgen.check.dataflow.values import Teller
from flowgen.diagnostics import Label
from flowgen.model import Reader
from flowgen.types import Type, expand, present, show
from flowgen.types.algebra import ANY, TEXT


def check_csv(reader: Reader, item: Type, teller: Teller) -> None:
    """FG302 for each field of the items that can't be a string (developer guide, "ItemReader": values are strings)."""
    if reader.reader != "csv":
        return
    whole = expand(item)
    for record in whole.objects:
        for name, field in record.fields.items():
            found = expand(present(field))
            texts = found.atoms & (TEXT | ANY) or found.formats or any(isinstance(one, str) for one in found.literals)
            if not texts:
                declared = teller.contracts.declared(record.declaration)
                _tell(
                    reader,
                    teller,
                    f"`{name}` is declared as `{show(found)}`, but CSV columns are strings",
                    declared,
                )
    if not whole.objects and not whole.atoms & ANY:
        _tell(reader, teller, f"an item of a CSV file is an object of strings, not `{show(item)}`", ())


def _tell(reader: Reader, teller: Teller, message: str, declared: tuple[Label, ...]) -> None:
    help_ = "declare it as `string`, and convert it on use: `$number($item.count)`"
    teller.tell("FG302", message, reader.span_of("item"), secondary=declared, help_=help_)
