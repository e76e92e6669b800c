import json
import subprocess
import sys
from pathlib import Path

import pytest

import claimnli as package
from claimnli.cli.settings import settings
from claimnli.config import Config
from tests.cli.driver import NOT_RETAKEN, RETAKEN, RETAKEN_TOO, Fakes, assert_refused, claimnli

# --- what the commands do -------------------------------------------------------------------------


def test_compare_prints_the_dispute_and_says_how_to_get_the_report(folder: Path) -> None:
    result = claimnli("compare", folder)
    assert result.exit_code == 0
    assert RETAKEN in result.stdout
    assert NOT_RETAKEN in result.stdout
    assert f"claimnli compare {folder} -o report" in result.stderr


def test_compare_writes_all_files(folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "new" / "report"
    result = claimnli("compare", folder, "-o", output)
    assert result.exit_code == 0
    assert {path.name for path in output.iterdir()} == {
        "index.html",
        "pairs.jsonl",
        "pairs.csv",
        "pairs.parquet",
        "claims.parquet",
        "summary.json",
    }
    summary = json.loads((output / "summary.json").read_text(encoding="utf-8"))
    assert summary["n_articles"] == 3
    assert summary["n_disputes"] == 1
    assert str(output / "index.html") in result.stderr


def test_progress_is_plain_lines_where_there_is_no_terminal(folder: Path) -> None:
    result = claimnli("compare", folder)
    for stage in ("read articles: 3 in ", "load models", "label pairs: "):
        assert stage in result.stderr
    assert "\x1b" not in result.output


def test_check_shows_both_sides_with_their_place(folder: Path) -> None:
    result = claimnli("check", RETAKEN, folder)
    assert result.exit_code == 0
    output = " ".join(result.stdout.split())
    assert "Contradict it: 1" in output
    assert NOT_RETAKEN in output
    assert "Agree with it: 2" in output
    assert "b.txt, characters 0 to 46" in output
    assert output.index(NOT_RETAKEN) < output.index(RETAKEN_TOO)


def test_check_hides_what_is_below_the_threshold(folder: Path) -> None:
    result = claimnli("check", RETAKEN, folder, "--min-contradiction-probability", "0.99")
    assert "Contradict it: 0" in result.stdout
    assert NOT_RETAKEN not in result.stdout


def test_check_takes_one_article(folder: Path) -> None:
    result = claimnli("check", RETAKEN, folder / "a.txt")
    assert result.exit_code == 0
    assert "Agree with it: 1" in result.stdout


@pytest.mark.parametrize(
    ("b", "relation"),
    [
        (NOT_RETAKEN, "contradiction"),
        (RETAKEN_TOO, "agreement"),
        ("Cats sleep a lot.", "unrelated"),
    ],
)
def test_pair_names_the_relation(b: str, relation: str) -> None:
    result = claimnli("pair", RETAKEN, b)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == relation


def test_evaluate_wants_something_to_evaluate_on(tmp_path: Path) -> None:
    assert_refused(claimnli("evaluate", "mini"), "Give DATA, --suite or --checks")
    missing = tmp_path / "missing.jsonl"
    assert_refused(claimnli("evaluate", "mini", missing), missing, "there are no such data")


def test_version() -> None:
    result = claimnli("--version")
    assert result.stdout == f"claimnli {package.__version__}\n"


# --- settings -----------------------------------------------------------------------------------


def test_a_flag_overrides_the_file_and_the_file_the_default(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("[pairing]\nk = 5\nmin_similarity = 0.1\n", encoding="utf-8")
    fakes = Fakes()
    claimnli("compare", folder, "--config", file, "--k", "7", "--model", "mini", fakes=fakes)
    assert fakes.config is not None
    assert fakes.config.pairing.k == 7
    assert fakes.config.pairing.min_similarity == 0.1
    assert fakes.config.pairing.block_rows == Config().pairing.block_rows
    assert fakes.config.nli.model == "mini"


def test_every_setting_is_a_flag_of_its_own_name_with_help() -> None:
    names = [setting.name for setting in settings()]
    assert len(set(names)) == len(names)
    shown = " ".join(claimnli("compare", "--help").stdout.split())
    for setting in settings():
        assert f"--{setting.name.replace('_', '-')} " in shown
        assert setting.help


@pytest.mark.parametrize(
    ("flags", "part"),
    [
        (["--k", "0"], "pairing.k must be at least 1"),
        (["--min-similarity", "7"], "from -1 to 1"),
        (["--config", "nowhere.toml"], "nowhere.toml: cannot be read"),
    ],
)
def test_wrong_settings_are_refused(folder: Path, flags: list[str], part: str) -> None:
    assert_refused(claimnli("compare", folder, *flags), part)


@pytest.mark.parametrize("flags", [["--k", "many"], ["--dtype", "float64"], ["--kk", "1"]])
def test_wrong_flags_are_refused(folder: Path, flags: list[str]) -> None:
    result = claimnli("compare", folder, *flags)
    assert result.exit_code == 2
    assert flags[0] in result.stderr


# --- what is loaded, and what the libraries say --------------------------------------------------


def test_the_command_line_loads_no_model_library() -> None:
    code = (
        "import sys, claimnli.cli; "
        "print([m for m in ('torch', 'transformers', 'pandas', 'pyarrow', 'numpy') "
        "if m in sys.modules])"
    )
    root = Path(__file__).parents[2]
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    )
    assert result.stdout == "[]\n"


def test_debug_shows_the_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAIMNLI_DEBUG", "1")
    result = claimnli("compare", tmp_path)
    assert result.exit_code == 2
    assert "Traceback" in result.stderr
    assert "error: " in result.stderr
