import csv
from pathlib import Path

import pytest

from claimnli.errors import ClaimnliError
from claimnli.training.label_tables import article_id, join_event_labels, join_rumour_labels

ARTICLES = [
    {"event": "e1", "article": "x", "sentences": "The dam broke .\nNine died ."},
    {"event": "e1", "article": "y", "sentences": "The dam of Orlo broke ."},
]
HEAD = "event,article_a,line_a,article_b,line_b,label\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "train.csv"
    path.write_text(text)
    return path


def test_labels_meet_their_sentences(tmp_path: Path) -> None:
    labels = write(tmp_path, HEAD + "e1,x,1,y,0,unrelated\ne1,x,0,y,0,agreement\n")
    assert join_event_labels(labels, ARTICLES) == [
        ("Nine died.", "The dam of Orlo broke.", "unrelated"),
        ("The dam broke.", "The dam of Orlo broke.", "agreement"),
    ]


@pytest.mark.parametrize(
    "row", ["e1,x,2,y,0,unrelated", "e2,x,0,y,0,unrelated", "e1,x,-,y,0,a", "e1,x,0"]
)
def test_a_sentence_that_is_not_there_is_named(row: str, tmp_path: Path) -> None:
    labels = write(tmp_path, HEAD + "e1,x,0,y,0,agreement\n" + row + "\n")
    with pytest.raises(ClaimnliError, match="line 3"):
        join_event_labels(labels, ARTICLES)


def test_other_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ClaimnliError, match="columns"):
        join_event_labels(write(tmp_path, "a,b\n1,2\n"), ARTICLES)


def test_a_negative_line_is_no_sentence(tmp_path: Path) -> None:
    with pytest.raises(ClaimnliError, match="line 2"):
        join_event_labels(write(tmp_path, HEAD + "e1,x,-1,y,0,agreement\n"), ARTICLES)


RUMOUR_HEAD = "rumour,article_a,start_a,end_a,article_b,start_b,end_b,label\n"
TEXTS = ["A whale was seen.\n\nIt sang  all\nnight.", "No whale was seen, the port says."]
X, Y = map(article_id, TEXTS)


def test_rumour_labels_meet_their_sentences(tmp_path: Path) -> None:
    rows = f"0,{X},0,17,{Y},0,33,contradiction\n0,{Y},0,33,{X},19,38,unrelated\n"
    assert join_rumour_labels(write(tmp_path, RUMOUR_HEAD + rows), TEXTS) == [
        ("A whale was seen.", TEXTS[1], "contradiction"),
        (TEXTS[1], "It sang all night.", "unrelated"),
    ]


@pytest.mark.parametrize(
    "row",
    [f"0,{X},0,99,{Y},0,5,u", f"0,{X},-3,5,{Y},0,5,u", f"0,{X},4,4,{Y},0,5,u", "0,x,0,5,x,0,5,u"],
)
def test_a_place_outside_the_text_is_named(row: str, tmp_path: Path) -> None:
    with pytest.raises(ClaimnliError, match="line 2"):
        join_rumour_labels(write(tmp_path, RUMOUR_HEAD + row + "\n"), TEXTS)


def test_no_article_of_the_rumours_is_in_train_and_in_dev() -> None:
    folder = Path(__file__).parents[2] / "data" / "rumour_labels"
    names: dict[str, set[str]] = {}
    for split in ("train", "dev"):
        with (folder / f"{split}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        names[split] = {row[column] for row in rows for column in ("article_a", "article_b")}
        names[split] |= {f"rumour {row['rumour']}" for row in rows}
    assert all(len(found) > 100 for found in names.values())
    assert not names["train"] & names["dev"]
