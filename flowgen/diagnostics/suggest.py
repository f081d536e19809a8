"""The word that was probably meant."""

from __future__ import annotations

from itertools import islice, takewhile
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST = 80
"""Names are at most 60 characters; the distance of longer texts is not worth its quadratic cost."""

_MOST = 300
"""Candidates that are looked at: more names than this are not told apart by what is near."""


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate nearest to `word`, or None when none is near.

    One edit is forgiven for every three letters, so that a suggestion shares most of its letters with what was written;
    shorter words match only their own letters. Case, `-` and `_` do not count. Of several equally near
    ones the one that starts alike wins, then the first.

    >>> did_you_mean("totl", ["id", "total"]), did_you_mean("maxConcurrency", ["max_concurrency"])
    ('total', 'max_concurrency')
    """
    near = (
        (rank, candidate) for candidate in islice(candidates, _MOST) if (rank := _rank(word, candidate)) is not None
    )
    return min(near, key=itemgetter(0), default=(None, None))[1]


def _rank(word: str, candidate: str) -> tuple[int, int] | None:
    """How far the two are apart, less being nearer, or None for too far."""
    if word == candidate or max(len(word), len(candidate)) > _LONGEST:
        return None
    left, right = _plain(word), _plain(candidate)
    if _singular(left) == _singular(right):
        return 0, -len(right)
    limit = max(len(left), len(right)) // 3
    alike = sorted(left) == sorted(right)
    # An edit brings or takes one letter at most: most pairs are too far for that alone.
    if not alike and max(abs(len(left) - len(right)), len({*left} - {*right}), len({*right} - {*left})) > limit:
        return None
    distance = _distance(left, right)
    if distance > limit and not alike:
        return None
    start = takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False))
    return distance, -sum(1 for _ in start)


def _plain(word: str) -> str:
    return word.casefold().replace("-", "").replace("_", "").replace(" ", "")


def _singular(word: str) -> str:
    """One of many, so that `retries` is near to `retry`."""
    return f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s")


def _distance(left: str, right: str) -> int:
    """Edits that turn one into the other, a swap of neighbours counted as one (optimal string alignment)."""
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
