import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import claimnli
from claimnli.config import Config, NliConfig, PairingConfig
from claimnli.records import Relation
from claimnli.verifier import Verifier
from tests.fakes import FakeEncoder, FakeModel

RETAKEN = "Russia has fully retaken the Kursk region."
NOT_RETAKEN = "Russia has not fully retaken the Kursk region."
OTHER = "The mayor opened a new bridge on Monday."


@pytest.fixture
def verifier() -> Verifier:
    return Verifier(encoder=FakeEncoder(), model=FakeModel())


def python(code: str) -> str:
    root = Path(__file__).parent.parent
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    )
    return result.stdout


def test_all_is_what_can_be_imported() -> None:
    assert claimnli.__all__ == sorted(claimnli.__all__)
    assert dir(claimnli) == claimnli.__all__
    for name in claimnli.__all__:
        assert getattr(claimnli, name) is not None
    assert claimnli.Verifier is Verifier


def test_the_version_is_that_of_the_package() -> None:
    pyproject = Path(__file__).parent.parent / "pyproject.toml"
    table = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    assert claimnli.__version__ == table["project"]["version"]


def test_every_public_name_has_a_docstring() -> None:
    for name in claimnli.__all__:
        if name != "__version__":
            assert getattr(claimnli, name).__doc__, name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'claimnli' has no attribute 'laod'"):
        claimnli.laod  # noqa: B018


def test_importing_claimnli_loads_next_to_nothing() -> None:
    loaded = python(
        "import sys, claimnli; claimnli.ClaimnliError; "
        "print(sorted(m for m in sys.modules if m.split('.')[0] in ('claimnli', 'numpy')))"
    )
    assert loaded == "['claimnli', 'claimnli.errors']\n"


def test_label_keeps_the_order_and_repeats(verifier: Verifier) -> None:
    pairs = [(RETAKEN, NOT_RETAKEN), (RETAKEN, OTHER), (RETAKEN, RETAKEN), (RETAKEN, NOT_RETAKEN)]
    labels = verifier.label(pairs)
    assert [label.relation for label in labels] == [
        Relation.CONTRADICTION,
        Relation.UNRELATED,
        Relation.AGREEMENT,
        Relation.CONTRADICTION,
    ]
    assert labels[0] == labels[3]
    for label in labels:
        assert list(label.probabilities) == list(Relation)
        assert label.probability == label.probabilities[label.relation]
        assert sum(label.probabilities.values()) == pytest.approx(1.0)


def test_label_of_nothing_is_nothing(verifier: Verifier) -> None:
    assert verifier.label([]) == []


def test_label_warns_of_texts_that_are_cut(
    verifier: Verifier, caplog: pytest.LogCaptureFixture
) -> None:
    verifier.label([(RETAKEN, OTHER)])
    assert not caplog.records
    verifier.label([(RETAKEN, OTHER * 500), (RETAKEN, OTHER)])
    assert "1 of 2 pairs are longer than the model reads" in caplog.text


def test_compare_and_check_take_a_path_or_articles(verifier: Verifier, tmp_path: Path) -> None:
    for name, text in (("a", RETAKEN), ("b", NOT_RETAKEN)):
        (tmp_path / f"{name}.txt").write_text(f"{text} {OTHER}", encoding="utf-8")
    comparison = verifier.compare(tmp_path)
    assert len(comparison.disputes) == 1
    for source in (str(tmp_path), [tmp_path / "a.txt", tmp_path / "b.txt"], comparison.articles):
        assert verifier.compare(source).pairs == comparison.pairs

    pairs = verifier.check(RETAKEN, tmp_path)
    assert verifier.check(RETAKEN, comparison.articles) == pairs
    assert [(pair.a.text, pair.b.text, pair.relation) for pair in pairs[:2]] == [
        (RETAKEN, RETAKEN, Relation.AGREEMENT),
        (RETAKEN, NOT_RETAKEN, Relation.CONTRADICTION),
    ]


def test_the_config_is_obeyed(tmp_path: Path) -> None:
    for name, text in (("a", RETAKEN), ("b", NOT_RETAKEN)):
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    strict = Verifier(
        encoder=FakeEncoder(),
        model=FakeModel(),
        config=Config(pairing=PairingConfig(min_similarity=0.999)),
    )
    assert strict.compare(tmp_path).pairs == ()
    assert strict.check(NOT_RETAKEN, tmp_path)[0].b.text == NOT_RETAKEN


def test_info_is_the_models(verifier: Verifier) -> None:
    assert verifier.info == FakeModel().info


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        ({"model": "./no/such/folder"}, "./no/such/folder"),
        ({"config": Config(nli=NliConfig(model="./in/the/config"))}, "./in/the/config"),
        (
            {"model": "./wins", "config": Config(nli=NliConfig(model="./in/the/config"))},
            "./wins",
        ),
    ],
)
def test_load_names_a_model_that_is_not_there(arguments: dict[str, object], missing: str) -> None:
    with pytest.raises(claimnli.ClaimnliError, match="there is no such folder") as caught:
        claimnli.load(**arguments)  # type: ignore[arg-type]
    assert str(caught.value).startswith(missing)


def test_load_refuses_a_device_that_is_not_there() -> None:
    with pytest.raises(claimnli.ClaimnliError, match="cuda:99"):
        claimnli.load("mini", device="cuda:99")
