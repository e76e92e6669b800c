"""Each kind of bad input: a clear message that names the place and the mend, and nothing lost."""

import json
import signal
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from claimnli import report
from claimnli.cli import app
from tests.cli.driver import NOT_RETAKEN, RETAKEN, Fakes, assert_refused, claimnli

# --- bad input: refused before a model is loaded ----------------------------------------------


def refused_early(*arguments: object) -> Result:
    fakes = Fakes()
    result = claimnli(*arguments, fakes=fakes)
    assert not fakes.is_loaded
    return result


def test_an_empty_folder(tmp_path: Path) -> None:
    assert_refused(refused_early("compare", tmp_path), tmp_path, "no article", ".jsonl")
    assert_refused(refused_early("check", RETAKEN, tmp_path), tmp_path, "no article")


def test_a_missing_folder(tmp_path: Path) -> None:
    assert_refused(refused_early("compare", tmp_path / "nwes"), "nwes", "no such file or folder")


def test_one_article_only(folder: Path) -> None:
    assert_refused(refused_early("compare", folder / "a.txt"), "1 article", "a.txt", "Add")


def test_an_output_folder_that_cannot_be_written(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    result = refused_early("compare", folder, "-o", file / "report")
    assert_refused(result, file / "report", "cannot be written", "Choose another place")
    assert "read articles" not in result.stderr


@pytest.mark.parametrize("text", ["", "  \n "])
def test_an_empty_claim(folder: Path, text: str) -> None:
    assert_refused(refused_early("check", text, folder), "the claim is empty")
    assert_refused(refused_early("pair", text, RETAKEN), "the first text is empty")
    assert_refused(refused_early("pair", RETAKEN, text), "the second text is empty")


def test_a_missing_model_folder(folder: Path) -> None:
    result = CliRunner().invoke(app, ["compare", str(folder), "--model", str(folder / "nomodel")])
    assert_refused(result, folder / "nomodel", "there is no such folder", "--model")
    assert "read articles" not in result.stderr


def test_a_folder_without_a_model(folder: Path) -> None:
    result = CliRunner().invoke(app, ["pair", "A", "B", "--model", str(folder)])
    assert_refused(result, folder, "config.json is missing")


def test_a_checkpoint_with_nameless_labels(tmp_path: Path) -> None:
    config = {"model_type": "bert", "id2label": {str(i): f"LABEL_{i}" for i in range(3)}}
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    result = CliRunner().invoke(app, ["pair", "A", "B", "--model", str(tmp_path)])
    assert_refused(result, tmp_path, "LABEL_0", "id2label", "entailment")


# --- bad input: the rest goes on, and the bad is listed --------------------------------------


BAD_FILES: dict[str, tuple[bytes, str]] = {
    "empty.txt": (b"", "empty.txt"),
    "binary.txt": (bytes(range(256)) * 64, "binary.txt"),
    "broken.jsonl": (b'{"text": "A fine line."}\n{"text": "A broken li\n', "broken.jsonl#2"),
    "columns.csv": (b"headline,body\nA,B\n", "columns.csv"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_listed_and_the_others_are_compared(folder: Path, name: str) -> None:
    content, place = BAD_FILES[name]
    (folder / name).write_bytes(content)
    result = claimnli("compare", folder)
    assert result.exit_code == 0
    assert NOT_RETAKEN in result.stdout
    *_, heading, line = result.stderr.splitlines()
    assert heading == "could not read 1 of the files or records:"
    assert f"{folder / place}: " in line


def test_all_bad_files_are_listed_at_the_end(folder: Path) -> None:
    for name, (content, _) in BAD_FILES.items():
        (folder / name).write_bytes(content)
    lines = claimnli("compare", folder).stderr.splitlines()
    assert lines[-5] == "could not read 4 of the files or records:"


def test_strict_turns_a_bad_file_into_an_exit_code(folder: Path, tmp_path: Path) -> None:
    (folder / "empty.txt").touch()
    output = tmp_path / "report"
    result = claimnli("compare", folder, "--strict", "-o", output)
    assert result.exit_code == 1
    assert (output / "index.html").is_file()
    assert claimnli("check", RETAKEN, folder, "--strict").exit_code == 1
    assert claimnli("check", RETAKEN, folder).exit_code == 0


def test_strict_without_a_bad_file_is_no_error(folder: Path) -> None:
    assert claimnli("compare", folder, "--strict").exit_code == 0


def test_an_article_of_one_endless_line(folder: Path) -> None:
    n_bytes, unit = 20_000_000, "word after word "
    (folder / "line.txt").write_text(unit * (n_bytes // len(unit)), encoding="utf-8")
    started = time.process_time()
    result = claimnli("compare", folder, "-o", folder.parent / "report")
    assert result.exit_code == 0
    assert NOT_RETAKEN in result.stdout
    assert "1 too long for one statement" in " ".join(result.stdout.split())
    # 3 s at most; a step that is quadratic in the length would take hours.
    assert time.process_time() - started < 60


def test_a_claim_of_5000_words_is_cut_and_this_is_said(folder: Path) -> None:
    claim = f"{RETAKEN} " * 715
    result = claimnli("pair", claim, NOT_RETAKEN)
    assert result.exit_code == 0
    assert "warning: 1 of 1 pairs are longer than the model reads" in result.stderr
    result = claimnli("check", claim, folder)
    assert result.exit_code == 0
    assert "longer than the model reads" in " ".join(result.stdout.split())
    assert len(result.stdout) < 3000


# --- Ctrl-C -------------------------------------------------------------------------------------


def test_ctrl_c_keeps_what_was_finished(folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "report"
    result = claimnli("compare", folder, "-o", output, fakes=Fakes(interrupt_after=2))
    assert result.exit_code == 130
    assert "interrupted: the result holds the 2 of " in result.stderr.splitlines()[-1]
    assert len((output / "pairs.jsonl").read_text(encoding="utf-8").splitlines()) == 2
    summary = json.loads((output / "summary.json").read_text(encoding="utf-8"))
    assert summary["is_complete"] is False


def test_ctrl_c_before_a_pair_was_labelled(folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "report"
    result = claimnli("compare", folder, "-o", output, fakes=Fakes(interrupt_after=0))
    assert result.exit_code == 130
    assert "interrupted" in result.stderr.splitlines()[-1]
    assert not output.exists()


def test_a_second_ctrl_c_ends_at_once(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "write_report", lambda *_: signal.raise_signal(signal.SIGINT))
    fakes = Fakes(interrupt_after=2)
    result = claimnli("compare", folder, "-o", tmp_path / "report", fakes=fakes)
    assert result.exit_code == 130
    assert result.stderr.splitlines()[-1].startswith("interrupted")
    assert not (tmp_path / "report").exists()
