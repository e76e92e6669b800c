from pathlib import Path

import pytest

from claimnli.errors import ClaimnliError
from claimnli.training.events import detokenise, load_events, text_key
from tests.training.conftest import write_pairs


def test_sentences_stand_with_their_article(tmp_path: Path) -> None:
    rows = [
        {
            "event": "e",
            "article": "a",
            "sentences": "He did n't go home .\nBy me\nA b c d\nA b c d",
        },
        {"event": "f", "article": "c", "sentences": "It rained all day ."},
        {"event": "e", "article": "b", "sentences": "A b c d"},
    ]
    events = load_events(str(write_pairs(tmp_path / "articles.jsonl", rows)))
    assert list(events) == ["e", "f"]
    assert events["e"].texts == ["He didn't go home.", "A b c d", "A b c d"]
    assert events["e"].articles == ["a", "a", "b"]


def test_a_table_without_articles_is_named(tmp_path: Path) -> None:
    path = write_pairs(tmp_path / "pairs.jsonl", [{"premise": "a", "event": "e"}])
    with pytest.raises(ClaimnliError, match=r"pairs\.jsonl: no column article, sentences"):
        load_events(str(path))


def test_a_key_does_not_see_spaces_and_quotes() -> None:
    assert text_key("“Did n't , ” he said .") == text_key('"Didn\'t," he said.')
    assert text_key("He did.") != text_key("He didn't.")


def test_treebank_tokens_are_put_together() -> None:
    line = "`` We did n't win , '' he said ( in New York ) , `` it 's over . ''"
    assert detokenise(line) == "“We didn't win,” he said (in New York), “it's over.”"
