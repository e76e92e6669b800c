import ast
import importlib
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import claimnli

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "claimnli"
DISTRIBUTION_OF = {"markdown_it": "markdown-it-py", "lxml": "trafilatura"}
NEEDED_UNIMPORTED = {"accelerate"}  # transformers' Trainer asks for it


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return dict(table["project"])


def distribution(requirement: str) -> str:
    """``jinja2`` of ``Jinja2>=3.1``."""
    return re.split(r"[\[<>=! ]", requirement)[0].lower().replace("_", "-")


def imported_packages() -> set[str]:
    """What claimnli imports, at the top of modules or inside functions, as names on PyPI."""
    modules = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module.split(".")[0])
    modules -= {"claimnli", *sys.stdlib_module_names}
    return {DISTRIBUTION_OF.get(name, name.replace("_", "-")) for name in modules}


def test_what_is_imported_is_declared(project: dict[str, Any]) -> None:
    extras = project["optional-dependencies"].values()
    requirements = [*project["dependencies"], *(one for extra in extras for one in extra)]
    missing = imported_packages() - {distribution(one) for one in requirements}
    # What others bring: jinja2 and numba.
    assert missing <= {"markupsafe", "llvmlite"}


def test_what_is_required_is_imported(project: dict[str, Any]) -> None:
    required = {distribution(one) for one in project["dependencies"]}
    assert required - imported_packages() <= NEEDED_UNIMPORTED


def test_constraints_pin_what_is_required(project: dict[str, Any]) -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert pins[0].startswith("torch==")
    pinned = {distribution(line) for line in pins}
    assert {distribution(one) for one in project["dependencies"]} <= pinned


def test_there_is_one_version(project: dict[str, Any]) -> None:
    assert project["version"] == claimnli.__version__


def test_the_command_exists(project: dict[str, Any]) -> None:
    module, _, function = project["scripts"]["claimnli"].partition(":")
    assert callable(getattr(importlib.import_module(module), function))


def test_models_are_safetensors_and_text() -> None:
    files = [path for path in (PACKAGE / "models").rglob("*") if path.is_file()]
    suffixes = {path.suffix for path in files if "__pycache__" not in path.parts}
    assert ".safetensors" in suffixes
    assert suffixes <= {".safetensors", ".json", ".txt", ".md"}


def test_the_make_targets_of_the_readme_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"^make (\w+)", readme, re.MULTILINE))
    assert named
    assert named <= set(re.findall(r"^(\w+):", makefile, re.MULTILINE))


def test_what_the_file_tree_of_the_readme_names_exists() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    tree = readme.split("## What is where\n\n```\n")[1].split("```")[0]
    folders: list[str] = []
    paths = []
    for line in tree.splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        folders[depth:] = [line.split()[0]]
        paths.append("".join(folders))
    assert len(paths) > 20
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_links_of_the_documents_lead_to_files() -> None:
    documents = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), ROOT / "data" / "README.md"]
    links = [
        (document, link)
        for document in documents
        for link in re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8"))
        if not link.startswith("http")
    ]
    assert links
    assert [link for document, link in links if not (document.parent / link).exists()] == []


def test_the_documented_columns_are_those_that_are_written() -> None:
    from claimnli.report.tables import CLAIM_COLUMNS, PAIR_COLUMNS

    assert documented("Pairs") == set(PAIR_COLUMNS)
    assert documented("Claims") == set(CLAIM_COLUMNS)


def test_the_documented_keys_are_those_of_the_summary() -> None:
    from claimnli.report import summary

    module = ast.parse(Path(summary.__file__).read_text(encoding="utf-8")).body
    returned = next(
        node.value
        for part in module
        if isinstance(part, ast.FunctionDef) and part.name == "summary"
        for node in part.body
        if isinstance(node, ast.Return)
    )
    assert isinstance(returned, ast.Dict)
    assert documented("Summary") == {ast.literal_eval(key) for key in returned.keys if key}


def documented(section: str) -> set[str]:
    """What stands in the first column of the table of a section of docs/output.md."""
    text = (ROOT / "docs" / "output.md").read_text(encoding="utf-8").split(f"## {section}\n")[1]
    lines = text.split("\n## ")[0].splitlines()
    cells = [line.split("|")[1] for line in lines if line.startswith("| ")][2:]
    return {name.strip() for cell in cells for name in cell.split(",")}


@pytest.mark.parametrize(
    ("name", "labels", "n_rows"),
    [
        ("relations", {"agreement", "contradiction", "unrelated"}, 42),
        ("nli", {"entailment", "neutral", "contradiction"}, 30),
    ],
)
def test_the_samples_can_be_trained_on(name: str, labels: set[str], n_rows: int) -> None:
    from claimnli.training.config import DataConfig
    from claimnli.training.mixture import load_mixture

    path = ROOT / "data" / "samples" / f"{name}.jsonl"
    examples = load_mixture((DataConfig(path=str(path)),), seed=0)
    assert len(examples) == n_rows
    # A third of each label.
    assert examples.targets.sum(axis=0).tolist() == [n_rows / 3] * len(labels)
