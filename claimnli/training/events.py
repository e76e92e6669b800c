"""Sentences of articles, event by event, as data/README.md describes them for ECB+."""

import re
from dataclasses import dataclass

from claimnli.config import ClaimsConfig
from claimnli.errors import ClaimnliError
from claimnli.training.config import DataConfig
from claimnli.training.mixture import read_columns


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSentences:
    """The sentences of all articles on one event."""

    event: str
    texts: list[str]
    articles: list[str]
    """The article of each sentence."""


def load_events(path: str) -> dict[str, EventSentences]:
    """Read a table with the columns ``event``, ``article`` and ``sentences`` (a tokenised sentence
    a line), found as ``DataConfig.path`` is.

    As in a comparison, sentences of fewer than four words are left out; so are repetitions within
    an article. Raises ClaimnliError for a missing file or column.
    """
    table = read_columns(DataConfig(path=path))
    missing = {"event", "article", "sentences"} - table.keys()
    if missing:
        raise ClaimnliError(
            f"{path}: no column {', '.join(sorted(missing))}",
            mend="data/README.md describes the table of articles.",
        )
    events: dict[str, EventSentences] = {}
    rows = zip(table["event"], table["article"], table["sentences"], strict=True)
    for event, article, lines in rows:
        entry = events.setdefault(event, EventSentences(event=event, texts=[], articles=[]))
        for text in dict.fromkeys(detokenise(line) for line in lines.split("\n")):
            if len(text.split()) >= ClaimsConfig().min_words:
                entry.texts.append(text)
                entry.articles.append(article)
    return events


def text_key(text: str) -> str:
    """Letters and digits alone: the same for a sentence however its tokens were put together."""
    return re.sub(r"\W+", "", text).lower()


def detokenise(line: str) -> str:
    """A line of Penn Treebank tokens, as ECB+ has them, as it was printed; quotes are “ and ”."""
    text = line.replace("`` ", "“").replace(" ''", "”").replace("``", "“").replace("''", "”")
    text = re.sub(r" ([.,;:!?%)\]”’])", r"\1", text)
    text = re.sub(r"([(\[$“]) ", r"\1", text)
    return re.sub(r" (n't|'s|'re|'ve|'ll|'d|'m|')(?= |$|[.,;”])", r"\1", text).strip()
