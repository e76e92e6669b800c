"""Triplets for the claim embedder: two claims that must meet, and one that must not stand between.

Claims that agree and claims that contradict each other must meet; what stands between them in use
is other sentences on the same event, so that is where the negatives come from.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from claimnli.records import RELATIONS, Relation
from claimnli.training.events import EventSentences, text_key
from claimnli.training.mixture import Examples

if TYPE_CHECKING:
    from claimnli.embedding import Encoder

_N_NEAREST = 10
"""A negative without a label is drawn among so many of the nearest below the limit."""
_EVENT = "event:"  # no key of a text has a colon

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Triplet:
    """Two claims that agree or contradict each other, and one that does neither."""

    anchor: str
    positive: str
    negative: str
    story: int
    """Equal for texts of one event, or linked by labelled pairs: whether two of them meet is known
    only where a label says so."""


class Stories:
    """Which texts belong together: those of an event, and those that pairs link (union-find)."""

    def __init__(
        self, events: Mapping[str, EventSentences], pairs: Iterable[tuple[str, str]]
    ) -> None:
        self._parent: dict[str, str] = {}
        for event in events.values():
            for text in event.texts:
                # A line that several events print, such as a copyright notice, must not link them.
                self._parent.setdefault(text_key(text), _EVENT + event.event)
        for a, b in pairs:
            first, second = self.of(a), self.of(b)
            if first != second:
                # An event stays the root, and so keeps its name.
                if second.startswith(_EVENT):
                    first, second = second, first
                self._parent[second] = first

    def of(self, text: str) -> str:
        """The story of *text*; one of its own if it was never seen."""
        node = text_key(text)
        while (parent := self._parent.get(node, node)) != node:
            node = parent
        return node

    @staticmethod
    def is_event(story: str) -> bool:
        """Whether *story* is that of an event, with sentences to draw negatives from."""
        return story.startswith(_EVENT)


def make_triplets(
    examples: Examples,
    events: Mapping[str, EventSentences],
    encoder: "Encoder",
    *,
    max_similarity: float,
    seed: int,
    held_out: Collection[str] = (),
) -> list[Triplet]:
    """One triplet for each agreement and contradiction of *examples*, in their order.

    The negative is a text that is labelled unrelated to one of the two; else one of the texts
    nearest to either, among those whose cosine with both is below *max_similarity* (nearer ones may
    well agree; compare Moreira et al. 2024, arXiv:2407.15831): another sentence of the event, or,
    for a pair of no known event, a text of another pair. Texts in *held_out* (by letters and digits
    alone) are never drawn so. A pair for which nothing is left is left out; the log tells how many.
    *encoder* gives vectors of unit length.
    """
    rng = np.random.default_rng(seed)
    relations = [RELATIONS[i] if i >= 0 else None for i in examples.gold()]
    pairs = list(zip(examples.premises, examples.hypotheses, strict=True))
    meeting, parted = _Partners(), _Partners()
    for (a, b), relation in zip(pairs, relations, strict=True):
        if relation is not None:
            (parted if relation is Relation.UNRELATED else meeting).link(a, b)
    positives = [
        pair
        for pair, relation in zip(pairs, relations, strict=True)
        if relation in (Relation.AGREEMENT, Relation.CONTRADICTION)
    ]
    stories = Stories(events, pairs)
    pools = _Pools(stories, events, positives, pairs, encoder, held_out)

    numbers: dict[str, int] = {}
    triplets: list[Triplet] = []
    for a, b in positives:
        never = meeting.keys(a) | meeting.keys(b) | {text_key(a), text_key(b)}
        drawn = [text for text in parted.texts(a) + parted.texts(b) if text_key(text) not in never]
        drawn = drawn or pools.nearest(a, b, never, max_similarity)
        if drawn:
            story = numbers.setdefault(stories.of(a), len(numbers))
            negative = drawn[rng.integers(len(drawn))]
            triplets.append(Triplet(anchor=a, positive=b, negative=negative, story=story))
    log.info(
        "%d triplets; %d pairs without a negative", len(triplets), len(positives) - len(triplets)
    )
    return triplets


class _Partners:
    """What each text is paired with under one kind of label."""

    def __init__(self) -> None:
        self._texts: defaultdict[str, dict[str, str]] = defaultdict(dict)

    def link(self, a: str, b: str) -> None:
        self._texts[text_key(a)][text_key(b)] = b
        self._texts[text_key(b)][text_key(a)] = a

    def keys(self, text: str) -> set[str]:
        return set(self._texts.get(text_key(text), ()))

    def texts(self, text: str) -> list[str]:
        return list(self._texts.get(text_key(text), {}).values())


class _Pools:
    """Where negatives are drawn from: the sentences of an event, or the texts of no known event."""

    def __init__(
        self,
        stories: Stories,
        events: Mapping[str, EventSentences],
        positives: list[tuple[str, str]],
        pairs: list[tuple[str, str]],
        encoder: "Encoder",
        held_out: Collection[str],
    ) -> None:
        self._stories = stories
        wanted = {stories.of(a) for a, _ in positives}
        dropped = {text_key(text) for text in held_out}
        texts: defaultdict[str, dict[str, str]] = defaultdict(dict)
        sources = [text for event in events.values() for text in event.texts]
        sources += [text for pair in pairs for text in pair]
        for text in sources:
            story, key = stories.of(text), text_key(text)
            if key not in dropped and (story in wanted or not stories.is_event(story)):
                texts[self._name(story)].setdefault(key, text)
        self._texts = {name: list(pool.values()) for name, pool in texts.items()}
        self._keys = {name: np.array(list(pool)) for name, pool in texts.items()}
        self._story = {
            name: np.array([stories.of(text) for text in pool])
            for name, pool in self._texts.items()
        }
        listed = list(
            dict.fromkeys(
                [text for pool in self._texts.values() for text in pool]
                + [text for pair in positives for text in pair]
            )
        )
        self._vectors = encoder.encode(listed)
        self._row = {text: row for row, text in enumerate(listed)}
        self._rows = {
            name: np.array([self._row[text] for text in pool]) for name, pool in self._texts.items()
        }

    def nearest(self, a: str, b: str, never: set[str], max_similarity: float) -> list[str]:
        story = self._stories.of(a)
        name = self._name(story)
        if name not in self._texts:
            return []
        ends = self._vectors[[self._row[a], self._row[b]]]
        similarity = (self._vectors[self._rows[name]] @ ends.T).max(axis=1)
        is_allowed = (similarity < max_similarity) & ~np.isin(self._keys[name], list(never))
        if not self._stories.is_event(story):
            is_allowed &= self._story[name] != story
        order = np.argsort(np.where(is_allowed, -similarity, np.inf), kind="stable")
        return [self._texts[name][i] for i in order[: min(_N_NEAREST, int(is_allowed.sum()))]]

    def _name(self, story: str) -> str:
        return story if self._stories.is_event(story) else ""
