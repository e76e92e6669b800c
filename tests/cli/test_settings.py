from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from claimnli.cli.settings import with_settings
from claimnli.config import Config


@pytest.mark.parametrize(
    ("flags", "is_compiled"), [((), True), (("--no-compile",), False), (("--compile",), True)]
)
def test_a_flag_overrides_the_file_in_both_directions(
    flags: tuple[str, ...], is_compiled: bool, tmp_path: Path
) -> None:
    file = tmp_path / "claimnli.toml"
    file.write_text("[nli]\ncompile = true\n", encoding="utf-8")
    seen: list[Config] = []
    app = typer.Typer()

    @app.command()
    @with_settings("nli")
    def command(*, config: Config) -> None:
        seen.append(config)

    result = CliRunner().invoke(app, ["--config", str(file), *flags])
    assert result.exit_code == 0, result.output
    assert [config.nli.compile for config in seen] == [is_compiled]
