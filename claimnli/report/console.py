"""The comparison on a terminal: the disputes, the most shared facts, and what was left out."""

from collections.abc import Iterable, Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from claimnli.comparison import Comparison, Dispute, DropCount, Fact
from claimnli.records import Claim
from claimnli.report import wording
from claimnli.report.summary import n_origins

MIN_WIDTH_SIDE_BY_SIDE = 90
MAX_MATRIX_ARTICLES = 12
MAX_LISTED = 20
"""Files that could not be read, and copies."""
MAX_BOTH_SIDES = 3
"""Statements that agree with both sides of a dispute."""
MAX_BRIEF_CHARACTERS = 200


def print_comparison(
    comparison: Comparison,
    console: Console | None = None,
    *,
    max_disputes: int = 10,
    max_facts: int = 10,
    with_failures: bool = True,
) -> None:
    """Print *comparison* as wide as the terminal is; colours only where it is one.

    What is beyond *max_disputes* and *max_facts* is counted in a line. The command line passes
    *with_failures* False, since it lists what could not be read on stderr.
    """
    console = console or Console(highlight=False)
    show = _Show(comparison, console)
    console.print(show.header())
    disputes = enumerate(comparison.disputes[:max_disputes], 1)
    _section(console, "Disputes", (show.dispute(number, dispute) for number, dispute in disputes))
    _rest(console, len(comparison.disputes) - max_disputes, "dispute")
    if not comparison.disputes:
        console.print("  No two statements were found that contradict each other.", style="dim")
    if comparison.facts:
        _section(console, "What the articles agree on", [show.facts(comparison.facts[:max_facts])])
        _rest(console, len(comparison.facts) - max_facts, "shared statement")
    if 2 <= len(comparison.articles) <= MAX_MATRIX_ARTICLES:
        _section(console, "Article by article (agree / contradict)", [show.matrix()])
    left_out = show.left_out(with_failures=with_failures)
    if left_out:
        _section(console, "Left out", (Padding(line, (0, 0, 0, 2)) for line in left_out))
    console.print()


class _Show:
    """Renderables of one comparison. Texts of articles are never read as rich markup."""

    def __init__(self, comparison: Comparison, console: Console) -> None:
        self.comparison = comparison
        self.width = console.width
        self.encoding = console.encoding
        self.articles = {article.article_id: article for article in comparison.articles}
        self.numbers = {a.article_id: n for n, a in enumerate(comparison.articles, 1)}

    def header(self) -> Text:
        comparison = self.comparison
        model = comparison.model
        text = Text("\n")
        text.append(f"{wording.count(len(comparison.articles), 'article')} compared", "bold")
        text.append(
            f" ({wording.count(n_origins(comparison), 'independent origin')}): "
            f"{wording.count(len(comparison.claims), 'statement')}, "
            f"{wording.count(len(comparison.pairs), 'pair')} of statements\n"
        )
        calibrated = "calibrated" if model.is_calibrated else "not calibrated: scores, not chances"
        model_line = f"Model {model.name} on {model.device} ({model.dtype}), {calibrated}."
        text.append(self.plain(model_line) + "\n", "dim")
        if not comparison.is_complete:
            text.append(
                "Not complete: the run was interrupted. This is what was done.\n", "bold red"
            )
        text.append("What the articles say, no verdict on truth.", "dim")
        return text

    def dispute(self, number: int, dispute: Dispute) -> RenderableType:
        title = Text(f"{number}. ", "bold")
        title.append(f"contradiction, {self.sure(dispute.probability)}", "not bold")
        if dispute.may_be_update:
            title.append("; may be an update: ", "bold")
            title.append(
                f"A {self.dates(dispute.side_a)}, B {self.dates(dispute.side_b)}", "not bold"
            )
        pair = dispute.pairs[0] if dispute.pairs else None
        sides = [
            self.side("A", "cyan", dispute.side_a, pair.a if pair else dispute.side_a.claims[0]),
            self.side("B", "yellow", dispute.side_b, pair.b if pair else dispute.side_b.claims[0]),
        ]
        parts: list[RenderableType] = list(sides)
        if self.width >= MIN_WIDTH_SIDE_BY_SIDE:
            grid = Table.grid(padding=(0, 3), expand=True)
            grid.add_column(ratio=1)
            grid.add_column(ratio=1)
            grid.add_row(*sides)
            parts = [grid]
        if dispute.both_sides:
            parts.append(self.both_sides(dispute.both_sides))
        return Group(title, *(Padding(part, (0, 0, 1, 2)) for part in parts))

    def side(self, letter: str, colour: str, side: Fact, lead: Claim) -> Text:
        text = Text(f"{letter} ", f"bold {colour}")
        text.append(wording.spread(side), f"not bold {colour}")
        text.append(f" {self.article_names(side.article_ids)}\n", "not bold default")
        text.append(self.plain(lead.text), "not bold default")
        text.append(f"\n{self.place(lead)}", "not bold dim default")
        others = [speaker for speaker in side.speakers if speaker != lead.speaker]
        if others:
            also = "also said by" if lead.speaker else "said by"
            text.append(
                "\n" + self.plain(f"{also} {wording.listed(others)}"), "not bold dim default"
            )
        return text

    def both_sides(self, claims: Sequence[Claim]) -> Text:
        noun = "statement that agrees with both sides", "statements that agree with both sides"
        text = Text(f"{wording.count(len(claims), *noun)}:", "bold")
        for claim in claims[:MAX_BOTH_SIDES]:
            words = wording.shorten(wording.one_line(claim.text), MAX_BRIEF_CHARACTERS)
            text.append(f"\n{self.plain(words)}", "not bold")
            text.append(f"\n{self.place(claim)}", "not bold dim")
        if len(claims) > MAX_BOTH_SIDES:
            text.append(f"\nand {len(claims) - MAX_BOTH_SIDES:,} more", "not bold dim")
        return text

    def place(self, claim: Claim) -> str:
        number = self.numbers[claim.article_id]
        title = wording.title(self.articles[claim.article_id], 50)
        characters = f"characters {claim.start:,} to {claim.end:,}"
        return self.plain(f"– {wording.who(claim)}, in [{number}] {title}, {characters}")

    def facts(self, facts: Iterable[Fact]) -> Table:
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True)
        table.add_column(ratio=1)
        for fact in facts:
            share = Text(f"{len(fact.article_ids)} of {len(self.articles)}", "bold")
            share.append("\narticles", "not bold")
            if fact.n_origins != len(fact.article_ids):
                share.append(f"\n{wording.count(fact.n_origins, 'origin')}", "not bold dim")
            text = Text(self.plain(fact.headline))
            speakers = wording.listed(fact.speakers) or "the articles themselves"
            articles = self.article_names(fact.article_ids)
            by_whom = self.plain(f"– {speakers} {articles}, {self.sure(fact.probability)}")
            text.append("\n" + by_whom, "dim")
            table.add_row(share, text)
        return table

    def matrix(self) -> Table:
        matrix = self.comparison.matrix
        numbers = [str(self.numbers[article_id]) for article_id in matrix.article_ids]
        max_title = max(self.width - 6 * len(numbers) - 6, 0)
        table = Table(box=None, padding=(0, 1), pad_edge=False)
        table.add_column("")
        table.add_column("", no_wrap=True)
        for number in numbers:
            table.add_column(number, justify="right", no_wrap=True)
        for i, article_id in enumerate(matrix.article_ids):
            cells = [
                "-" if i == j else f"{matrix.n_agreements[i, j]}/{matrix.n_contradictions[i, j]}"
                for j in range(len(numbers))
            ]
            name = Text(self.plain(wording.title(self.articles[article_id], max_title)), "dim")
            table.add_row(numbers[i], name, *cells)
        return table

    def left_out(self, *, with_failures: bool) -> list[Text]:
        comparison = self.comparison
        failures = [f"{f.path}: {f.reason} {f.mend}" for f in comparison.failures if with_failures]
        copies = [f"{path}: has the text of {of}" for path, of in comparison.duplicate_of.items()]
        lines = []
        for entries in (failures, copies):
            lines += [Text(self.plain(entry)) for entry in entries[:MAX_LISTED]]
            if len(entries) > MAX_LISTED:
                lines.append(Text(f"and {len(entries) - MAX_LISTED:,} more such files"))
        stages: dict[str, list[DropCount]] = {}
        for drop in comparison.dropped:
            stages.setdefault(drop.stage, []).append(drop)
        for stage, drops in stages.items():
            reasons = "; ".join(
                f"{drop.n_items:,} {wording.reason_in_words(drop.reason)}" for drop in drops
            )
            n_items = sum(drop.n_items for drop in drops)
            lines.append(Text(f"{wording.items(stage, n_items)}: {reasons}", "dim"))
        return lines

    def sure(self, probability: float) -> str:
        if self.comparison.model.is_calibrated:
            return f"{wording.percent(probability)} sure"
        return f"model score {probability:.2f}"

    def dates(self, fact: Fact) -> str:
        return wording.days(self.articles[article_id] for article_id in fact.article_ids)

    def article_names(self, article_ids: Iterable[str]) -> str:
        """Numbers where the matrix below them tells whose they are, else the sources."""
        if len(self.articles) <= MAX_MATRIX_ARTICLES:
            numbers = sorted(self.numbers[article_id] for article_id in article_ids)
            return f"[{', '.join(map(str, numbers))}]"
        sources = dict.fromkeys(self.articles[article_id].source for article_id in article_ids)
        return self.plain(f"({wording.listed(list(sources))})")

    def plain(self, text: str) -> str:
        """One line without control characters, in what the terminal's encoding has."""
        return wording.one_line(text).encode(self.encoding, "replace").decode(self.encoding)


def _section(console: Console, title: str, parts: Iterable[RenderableType]) -> None:
    console.print()
    console.print(Text(title, "bold underline"))
    for part in parts:
        console.print(part)


def _rest(console: Console, n_more: int, noun: str) -> None:
    if n_more > 0:
        console.print(f"  and {wording.count(n_more, 'further ' + noun)}", style="dim")
