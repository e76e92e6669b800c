from pathlib import Path

import pytest

from claimnli.config import (
    Config,
    ConfigError,
    NliConfig,
    PairingConfig,
    from_table,
    load_config,
)

SHIPPED = Path(__file__).parent.parent / "configs" / "compare.toml"


def write(folder: Path, text: str) -> Path:
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_file_holds_the_defaults() -> None:
    assert load_config(SHIPPED) == Config()


def test_the_shipped_file_holds_every_setting() -> None:
    import tomllib
    from dataclasses import asdict

    table = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    assert {s: list(keys) for s, keys in table.items()} == {
        s: list(keys) for s, keys in asdict(Config()).items()
    }


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, "")) == Config()


def test_a_file_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, '[pairing]\nk = 5\n[nli]\ndtype = "float32"\n'))
    assert config == Config(pairing=PairingConfig(k=5), nli=NliConfig(dtype="float32"))


def test_a_whole_number_will_do_for_a_float(tmp_path: Path) -> None:
    value = load_config(write(tmp_path, "[pairing]\nmin_similarity = 1\n")).pairing.min_similarity
    assert value == 1.0
    assert isinstance(value, float)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[pairing]\nkk = 5", ["'pairing.kk'", "min_similarity"]),
        ("[pairs]\nk = 5", ["'pairs'", "pairing"]),
        ("pairing = 5", ["'pairing'", "section"]),
        ("[pairing]\nk = '5'", ["'pairing.k'", "int"]),
        ("[pairing]\nk = true", ["'pairing.k'", "int"]),
        ("[pairing]\nk = 5.0", ["'pairing.k'", "int"]),
        ("[nli]\ndtype = 'float64'", ["'nli.dtype'", "'bfloat16'", "'float64'"]),
        ("[pairing]\nk = 0", ["pairing.k", "at least 1"]),
        ("[pairing]\nmin_similarity = 2", ["pairing.min_similarity", "-1 to 1"]),
        ("[pairing]\nblock_rows = 0", ["pairing.block_rows", "at least 1"]),
        ("[compare]\nmin_mean_agreement = 50", ["compare.min_mean_agreement", "0 to 1"]),
        ("[pairing\nk = 5", ["not valid TOML"]),
    ],
)
def test_mistakes_are_refused_by_file_and_name(
    tmp_path: Path, text: str, expected: list[str]
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    for part in [str(path), *expected]:
        assert part in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml: cannot be read"):
        load_config(tmp_path / "nowhere.toml")


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes('[claims]\nlanguage = "caf\xe9"'.encode("latin-1"))
    with pytest.raises(ConfigError, match=r"latin\.toml: not valid TOML"):
        load_config(path)


def test_tables_build_nested_sections() -> None:
    assert from_table(Config, {"pairing": {"k": 3}}).pairing.k == 3
