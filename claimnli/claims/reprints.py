"""Articles that reprint each other, so that one wire story counts as one origin."""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from heapq import merge

from claimnli.config import ClaimsConfig
from claimnli.records import Article, Claim

_WORD = re.compile(r"\w+")


def find_reprints(
    articles: Iterable[Article], claims: Iterable[Claim], config: ClaimsConfig
) -> dict[str, str]:
    """article_id -> article_id of the article that it reprints; its own if it reprints none.

    An article is a reprint of the earliest article in which at least ``config.reprint_overlap`` of
    its claims stand word for word (case and punctuation aside). Earlier is by date of
    publication, undated articles after the dated ones; among equals by the order given. A reprint
    of a reprint leads to the origin. An article without claims reprints none.
    """
    ordered = sorted(articles, key=_publication)
    origin_of = {article.article_id: article.article_id for article in ordered}
    if config.reprint_overlap > 1:
        return origin_of
    keys_of: dict[str, set[str]] = defaultdict(set)
    for claim in claims:
        keys_of[claim.article_id].add(_normalise(claim.text))
    n_articles_with = Counter(key for keys in keys_of.values() for key in keys)

    # Only origins are entered, so a story reprinted ten thousand times has one posting a sentence.
    origins_with: dict[str, list[int]] = defaultdict(list)
    for i, article in enumerate(ordered):
        keys = keys_of.get(article.article_id, set())
        n_needed = max(1, math.ceil(config.reprint_overlap * len(keys) - 1e-9))
        # Who shares n_needed of n keys shares one of any n - n_needed + 1: look up the rarest ones.
        rarest = sorted(keys, key=lambda key: (n_articles_with[key], key))
        probes = rarest[: len(keys) - n_needed + 1]
        candidates = merge(*(origins_with[key] for key in probes))  # earliest first, lazily
        for other in (ordered[j].article_id for j in candidates):
            if len(keys & keys_of[other]) >= n_needed:
                origin_of[article.article_id] = other
                break
        else:
            for key in keys:
                origins_with[key].append(i)
    return origin_of


def _normalise(text: str) -> str:
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def _publication(article: Article) -> tuple[bool, float]:
    """A key that puts dated articles first, in order of time; a day is its midnight in UTC."""
    if article.published is None:
        return True, 0.0
    try:
        moment = datetime.fromisoformat(article.published)
    except ValueError:
        return True, 0.0
    return False, (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
