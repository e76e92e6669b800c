"""Candidate pairs without labels, as a comparison of articles on one event finds them.

A teacher says what it makes of them, and the student sees what it will be asked about, mostly pairs
that are unrelated, as they come and not as somebody chose them.
"""

import csv
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from claimnli.claims.extraction import extract_claims
from claimnli.config import Config
from claimnli.embedding import embed_claims
from claimnli.pairing import select_pairs
from claimnli.records import RELATIONS, Article, Relation
from claimnli.training.events import detokenise, text_key
from claimnli.training.label_tables import article_id

if TYPE_CHECKING:
    from claimnli.embedding import Encoder
    from claimnli.nli.model import NliModel


def unlabelled_pairs(
    events: Iterable[Sequence[str]],
    encoder: "Encoder",
    config: Config,
    *,
    n_pairs: int,
    seed: int,
    held_out: Collection[str] = (),
) -> list[tuple[str, str]]:
    """Draw at most *n_pairs* of the candidate pairs of all *events*, in a random order of the two.

    *events*: the texts of the articles of each. Sentences in *held_out* (by letters and digits
    alone) are left out, since a dev set may hold them, and so are pairs of the same words.
    """
    rng = np.random.default_rng(seed)
    dropped = {text_key(text) for text in held_out}
    pairs: dict[tuple[str, str], tuple[str, str]] = {}
    for texts in events:
        articles = [
            Article(article_id=article_id(text), text=text, title="", source="", path="")
            for text in dict.fromkeys(texts)
        ]
        claims = extract_claims(articles, config.claims).claims
        if len(claims) < 2:
            continue
        for pair in select_pairs(claims, embed_claims(claims, encoder), config.pairing):
            a, b = claims[pair.index_a].text, claims[pair.index_b].text
            key_a, key_b = sorted((text_key(a), text_key(b)))
            if key_a != key_b and not dropped & {key_a, key_b}:
                pairs.setdefault((key_a, key_b), (a, b))
    found = list(pairs.values())
    drawn = rng.choice(len(found), min(n_pairs, len(found)), replace=False)
    turn = rng.random(len(drawn)) < 0.5
    return [found[i][::-1] if turned else found[i] for i, turned in zip(drawn, turn, strict=True)]


def half_related(
    pairs: Sequence[tuple[str, str]], model: "NliModel", *, n_pairs: int, seed: int
) -> list[tuple[str, str]]:
    """At most *n_pairs* of *pairs*, in their order: half of them, or as many as there are, such as
    *model* calls an agreement or a contradiction, and as many others, drawn at random.

    Most candidates are plainly unrelated, and a teacher has little to say of them.
    """
    rng = np.random.default_rng(seed)
    position: dict[str, int] = {}
    index = np.array(
        [[position.setdefault(text, len(position)) for text in pair] for pair in pairs],
        dtype=np.int32,
    ).reshape(-1, 2)
    probabilities = model.relation_probabilities(list(position), index[:, 0], index[:, 1])
    is_related = probabilities.argmax(axis=1) != RELATIONS.index(Relation.UNRELATED)
    related, others = np.flatnonzero(is_related), np.flatnonzero(~is_related)
    n_each = min(n_pairs // 2, len(related), len(others))
    drawn = [rng.choice(rows, n_each, replace=False) for rows in (related, others)]
    return [pairs[i] for i in np.sort(np.concatenate(drawn))]


def texts_by_event(
    articles: Iterable[Mapping[str, Any]], *, held_out: Collection[str] = ()
) -> list[list[str]]:
    """The texts of the articles of each event, without the events *held_out*.

    *articles*: rows with ``event`` and ``sentences`` (a tokenised sentence a line).
    """
    events: defaultdict[str, list[str]] = defaultdict(list)
    for row in articles:
        if row["event"] not in held_out:
            # A line of its own each: the sentences stay as the corpus has them.
            events[row["event"]].append(
                "\n\n".join(detokenise(line) for line in row["sentences"].split("\n"))
            )
    return list(events.values())


def texts_by_rumour(labels: Path, texts: Iterable[str]) -> list[list[str]]:
    """The texts of the articles of each rumour of the .csv file *labels* (data/rumour_labels)."""
    known = {article_id(text): text for text in texts}
    rumours: defaultdict[str, dict[str, str]] = defaultdict(dict)
    with labels.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for side in ("article_a", "article_b"):
                if row[side] in known:
                    rumours[row["rumour"]][row[side]] = known[row[side]]
    return [list(found.values()) for found in rumours.values()]
