"""Reads YAML into a tree of plain frozen nodes with positions, or diagnostics.

In: the text of a file. Out: `Mapping`, `Sequence`, `Scalar` and `Tagged` nodes, and the findings FG001 to FG006.
Never: the meaning of keys, other files, or construction of objects from YAML tags.
"""

from flowgen.source.nodes import JSON, Entry, Mapping, Node, Scalar, Sequence, Style, Tagged, Text, kind_of, plain
from flowgen.source.reading import LIMITS, Limits, read

__all__ = [
    "JSON",
    "LIMITS",
    "Entry",
    "Limits",
    "Mapping",
    "Node",
    "Scalar",
    "Sequence",
    "Style",
    "Tagged",
    "Text",
    "kind_of",
    "plain",
    "read",
]
