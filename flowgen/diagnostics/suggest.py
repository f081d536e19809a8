"""The word that was probably meant."""

from __future__ import annotations

from collections import Counter
from heapq import nsmallest
from itertools import islice, takewhile
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST = 80
"""Names are at most 60 characters; the distance of longer texts is not worth its quadratic cost."""

_MOST = 1000
_COMPARED = 20
"""Of very many candidates the first ones are looked at, and of those the ones with the nearest letters compared."""


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate nearest to `word`, or None when none is near.

    One edit is forgiven for every three letters, so that a suggestion shares most of its letters with what was written;
    shorter words match only their own letters. Case, `-` and `_` do not count. Of several equally near
    ones the one that starts alike wins, then the first.

    >>> did_you_mean("totl", ["id", "total"]), did_you_mean("maxConcurrency", ["max_concurrency"])
    ('total', 'max_concurrency')
    """
    if len(word) > _LONGEST:
        return None
    likely = ((_letters_apart(word, candidate), index, candidate) for index, candidate in enumerate(candidates))
    compared = nsmallest(_COMPARED, (one for one in islice(likely, _MOST) if one[0] is not None))
    near = ((rank, candidate) for _, _, candidate in compared if (rank := _rank(word, candidate)) is not None)
    return min(near, key=itemgetter(0), default=(None, None))[1]


def _letters_apart(word: str, candidate: str) -> int | None:
    """The fewest edits that could make one of the other, by their letters alone; None for too far."""
    if word == candidate or len(candidate) > _LONGEST:
        return None
    left, right = Counter(_singular(_plain(word))), Counter(_singular(_plain(candidate)))
    apart = max((left - right).total(), (right - left).total())
    return apart if apart <= max(left.total(), right.total()) // 3 else None


def _rank(word: str, candidate: str) -> tuple[int, int] | None:
    """How far the two are apart, less being nearer, or None for too far."""
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
    """One of many, so that `retries` is near to `retry`."""
    return f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s")


def _without_common_ends(left: str, right: str) -> tuple[str, str]:
    """Names of one file are often alike at their ends, which cost time and no edits."""
    start = _alike(left, right)
    left, right = left[start:], right[start:]
    end = _alike(left[::-1], right[::-1])
    return left[: len(left) - end], right[: len(right) - end]


def _alike(left: str, right: str) -> int:
    """How many characters the two begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False)))


def _distance(left: str, right: str) -> int:
    """Edits that turn one into the other, a swap of neighbours counted as one (optimal string alignment)."""
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
