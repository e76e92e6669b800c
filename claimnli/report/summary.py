"""The comparison in figures and headlines, as plain data for JSON."""

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from claimnli.comparison import Comparison, Fact
from claimnli.records import Relation
from claimnli.report.files import replacing
from claimnli.report.grid import related_pairs


def summary(comparison: Comparison) -> dict[str, Any]:
    """Counts, facts, disputes, matrix, what was left out, model and timings.

    Only dicts, lists, str, int, float, bool and None. Claims are named by claim_id, articles by
    article_id; the matrix lists the pairs of articles that have any agreement or contradiction.
    """
    relations = Counter(pair.relation for pair in comparison.pairs)
    return {
        "is_complete": comparison.is_complete,
        "n_articles": len(comparison.articles),
        "n_origins": n_origins(comparison),
        "n_claims": len(comparison.claims),
        "n_pairs": len(comparison.pairs),
        "n_pairs_by_relation": {relation.value: relations[relation] for relation in Relation},
        "n_facts": len(comparison.facts),
        "n_disputes": len(comparison.disputes),
        "model": asdict(comparison.model),
        "articles": [
            {
                "article_id": article.article_id,
                "title": article.title,
                "source": article.source,
                "published": article.published,
                "url": article.url,
                "path": article.path,
                "n_characters": len(article.text),
                "reprint_of": _reprint_of(comparison, article.article_id),
            }
            for article in comparison.articles
        ],
        "disputes": [
            {
                "dispute_id": dispute.dispute_id,
                "probability": dispute.probability,
                "may_be_update": dispute.may_be_update,
                "side_a": _fact(dispute.side_a),
                "side_b": _fact(dispute.side_b),
                "both_sides": [claim.claim_id for claim in dispute.both_sides],
                "pair_ids": [pair.pair_id for pair in dispute.pairs],
            }
            for dispute in comparison.disputes
        ],
        "facts": [_fact(fact) for fact in comparison.facts],
        "matrix": [
            {
                "article_id_a": comparison.matrix.article_ids[pair.row],
                "article_id_b": comparison.matrix.article_ids[pair.column],
                "n_agreements": pair.n_agreements,
                "n_contradictions": pair.n_contradictions,
            }
            for pair in related_pairs(comparison.matrix)
        ],
        "dropped": [asdict(drop) for drop in comparison.dropped],
        "duplicate_of": dict(comparison.duplicate_of),
        "failures": [asdict(failure) for failure in comparison.failures],
        "timings": [asdict(timing) for timing in comparison.timings],
    }


def write_summary(comparison: Comparison, path: Path) -> None:
    """Write the summary to *path* as JSON, UTF-8."""
    text = json.dumps(summary(comparison), ensure_ascii=False, indent=2) + "\n"
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")


def n_origins(comparison: Comparison) -> int:
    """Articles, with those that reprint each other counted once."""
    return len({comparison.origin_of.get(a.article_id, a.article_id) for a in comparison.articles})


def _reprint_of(comparison: Comparison, article_id: str) -> str | None:
    origin = comparison.origin_of.get(article_id, article_id)
    return None if origin == article_id else origin


def _fact(fact: Fact) -> dict[str, Any]:
    return {
        "fact_id": fact.fact_id,
        "headline": fact.headline,
        "probability": fact.probability,
        "n_articles": len(fact.article_ids),
        "n_origins": fact.n_origins,
        "article_ids": list(fact.article_ids),
        "speakers": list(fact.speakers),
        "claim_ids": [claim.claim_id for claim in fact.claims],
    }
