"""Suggests the name that the user probably meant."""

from __future__ import annotations

import re
from collections import Counter
from heapq import nsmallest
from itertools import islice, takewhile
from operator import itemgetter
from typing import TYPE_CHECKING

from flowgen.diagnostics.model import Fix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowgen.diagnostics.model import Span

_LONGEST = 80
"""Names have at most 60 characters; comparing longer strings is not worth the quadratic cost."""

_MOST = 1000
_COMPARED = 20
"""Of the first `_MOST` candidates, only the `_COMPARED` with the most letters in common are compared in full."""


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate most similar to `word`, or None if no candidate is similar enough.

    One edit is allowed for every three letters; shorter words must have the same letters. Case, `-` and `_` are
    ignored. Of several equally similar candidates, the one with the longer common prefix wins, then the first.

    >>> did_you_mean("totl", ["id", "total"]), did_you_mean("maxConcurrency", ["max_concurrency"])
    ('total', 'max_concurrency')
    """
    if len(word) > _LONGEST:
        return None
    likely = ((_letters_apart(word, candidate), index, candidate) for index, candidate in enumerate(candidates))
    compared = nsmallest(_COMPARED, (one for one in islice(likely, _MOST) if one[0] is not None))
    near = ((rank, candidate) for _, _, candidate in compared if (rank := _rank(word, candidate)) is not None)
    return min(near, key=itemgetter(0), default=(None, None))[1]


def replacing(span: Span, name: str | None) -> Fix | None:
    """The fix that replaces what is at `span` with a suggested name, if there is one.

    Names that need quotes in YAML are not replaced: how to quote them depends on what is around them.
    """
    return None if name is None or not _PLAIN.fullmatch(name) else Fix.replace(span, name)


_PLAIN = re.compile(r"\$?[A-Za-z_](?:[\w./+:-]*\w)?", re.ASCII)


def _letters_apart(word: str, candidate: str) -> int | None:
    """A lower bound of the edit distance, computed from the letter counts; None if it is too large."""
    if word == candidate or len(candidate) > _LONGEST:
        return None
    left, right = Counter(_singular(_plain(word))), Counter(_singular(_plain(candidate)))
    apart = max((left - right).total(), (right - left).total())
    return apart if apart <= max(left.total(), right.total()) // 3 else None


def _rank(word: str, candidate: str) -> tuple[int, int] | None:
    """A sort key for similarity, smaller for more similar candidates; None if the words are too different."""
    left, right = _plain(word), _plain(candidate)
    if _singular(left) == _singular(right):
        return 0, -len(right)
    distance = _distance(left, right)
    if distance > max(len(left), len(right)) // 3 and sorted(left) != sorted(right):
        return None
    return distance, -_alike(left, right)


def _plain(word: str) -> str:
    return word.casefold().replace("-", "").replace("_", "").replace(" ", "")


def _singular(word: str) -> str:
    """The singular, so that `retries` matches `retry`."""
    return f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s")


def _without_common_ends(left: str, right: str) -> tuple[str, str]:
    """Strips the common prefix and suffix, which do not affect the distance but the time to compute it."""
    start = _alike(left, right)
    left, right = left[start:], right[start:]
    end = _alike(left[::-1], right[::-1])
    return left[: len(left) - end], right[: len(right) - end]


def _alike(left: str, right: str) -> int:
    """The length of the common prefix."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False)))


def _distance(left: str, right: str) -> int:
    """The optimal string alignment distance: edits, where swapping two neighbors counts as one."""
    left, right = _without_common_ends(left, right)
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        current = [i]
        for j, b in enumerate(right, 1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        before, previous = previous, current
    return previous[-1]
