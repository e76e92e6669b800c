"""What ``check`` and ``pair`` print: the articles' own words, with their place."""

from rich.console import Console
from rich.text import Text

from claimnli.config import CompareConfig
from claimnli.pipeline import ClaimCheck
from claimnli.records import Article, LabelledPair, PairLabel, Relation
from claimnli.report import wording

_STYLES = {
    Relation.AGREEMENT: "green",
    Relation.CONTRADICTION: "red",
    Relation.UNRELATED: "dim",
}


def print_label(label: PairLabel) -> None:
    """The relation, and the probability of all three."""
    console = Console(highlight=False)
    console.print(Text(label.relation, style=f"bold {_STYLES[label.relation]}"))
    for relation, probability in sorted(label.probabilities.items(), key=lambda item: -item[1]):
        console.print(f"  {relation:<14}{probability:.3f}")


def print_check(result: ClaimCheck, config: CompareConfig) -> None:
    """The sentences that contradict the claim, those that agree, and how many do neither."""
    console = Console(highlight=False)
    articles = {article.article_id: article for article in result.articles}
    shown = {
        "Contradict it": _at_least(
            config.min_contradiction_probability, Relation.CONTRADICTION, result
        ),
        "Agree with it": _at_least(config.min_agreement_probability, Relation.AGREEMENT, result),
    }
    console.print(Text(f"Claim: {wording.shorten(wording.one_line(result.claim.text), 300)}"))
    for heading, pairs in shown.items():
        console.print(Text(f"\n{heading}: {len(pairs)}", style="bold"))
        for pair in pairs:
            _print_sentence(console, pair, articles[pair.b.article_id])
    n_shown = sum(map(len, shown.values()))
    console.print(
        f"\nCompared with the {len(result.pairs):,} most similar of {result.n_claims:,} sentences "
        f"in {wording.count(len(result.articles), 'article')}; {len(result.pairs) - n_shown:,} of "
        "them neither agree nor contradict.",
        style="dim",
    )
    if n_similar := result.dropped["beyond_top_k"]:
        console.print(f"{n_similar:,} more are similar enough: a larger --k takes them in.")
    if n_truncated := result.dropped.get("truncated"):
        console.print(
            f"In {wording.count(n_truncated, 'comparison')} the claim and the sentence are longer "
            "than the model reads together, and the end of the longer one was cut."
        )


def _at_least(probability: float, relation: Relation, result: ClaimCheck) -> list[LabelledPair]:
    return [p for p in result.pairs if p.relation is relation and p.probability >= probability]


def _print_sentence(console: Console, pair: LabelledPair, article: Article) -> None:
    style = _STYLES[pair.relation]
    claim = pair.b
    console.print(
        Text.assemble(
            (f"  {wording.percent(pair.probability)} ", style), f"“{wording.one_line(claim.text)}”"
        )
    )
    place = f"{wording.one_line(article.path)}, characters {claim.start:,} to {claim.end:,}"
    console.print(Text(f"       {wording.who(claim)}, in {place}", style="dim"))
