"""The fields of the config as flags: a setting has one name in TOML, Python and the shell."""

import ast
import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from claimnli import config as config_module
from claimnli.config import Config, load_config


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One field of the config."""

    section: str
    name: str
    kind: Any
    default: Any
    help: str


def settings() -> list[Setting]:
    """All fields of Config, section by section. Their names are unique over the sections."""
    section_types = get_type_hints(Config)
    docs = _field_docs()
    return [
        Setting(
            section=section.name,
            name=field.name,
            kind=get_type_hints(section_types[section.name])[field.name],
            default=field.default,
            help=docs.get((section_types[section.name].__name__, field.name), ""),
        )
        for section in fields(Config)
        for field in fields(section_types[section.name])
    ]


def with_settings(*sections: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command a flag for every field of *sections*, and ``--config``.

    The command's parameter ``config`` then gets the Config: the defaults, changed by the file,
    changed by the flags.
    """
    by_section = {section: [s for s in settings() if s.section == section] for section in sections}
    shown = [setting for section in sections for setting in by_section[section]]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def run(*, config: Path | None, **arguments: Any) -> None:
            flags = {(s.section, s.name): arguments.pop(s.name) for s in shown}
            command(config=_merge(config, flags), **arguments)

        own = [
            parameter
            for parameter in inspect.signature(command).parameters.values()
            if parameter.name != "config"
        ]
        parameters = [*own, _config_parameter(), *(_parameter(setting) for setting in shown)]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.annotation for p in parameters}
        return run

    return decorate


def _merge(path: Path | None, flags: dict[tuple[str, str], Any]) -> Config:
    config = Config() if path is None else load_config(path)
    for (section, name), value in flags.items():
        if value is not None:
            changed = replace(getattr(config, section), **{name: value})
            config = replace(config, **{section: changed})
    return config


def _config_parameter() -> inspect.Parameter:
    return inspect.Parameter(
        "config",
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[
            Path | None, typer.Option("--config", help="TOML file of settings; flags override it.")
        ],
    )


def _parameter(setting: Setting) -> inspect.Parameter:
    flag = setting.name.replace("_", "-")
    option = typer.Option(
        f"--{flag}/--no-{flag}" if setting.kind is bool else f"--{flag}",
        help=f"{setting.help} Default: {setting.default}.".lstrip(),
        show_default=False,
    )
    # None means "not given": only then does the value of the file stand.
    return inspect.Parameter(
        setting.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[setting.kind | None, option],
    )


def _field_docs() -> dict[tuple[str, str], str]:
    """(class, field) -> the docstring that stands under the field in config.py."""
    docs: dict[tuple[str, str], str] = {}
    for node in ast.parse(inspect.getsource(config_module)).body:
        if not isinstance(node, ast.ClassDef):
            continue
        for statement, following in zip(node.body, node.body[1:], strict=False):
            match statement, following:
                case (
                    ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(text))),
                ):
                    docs[node.name, name] = " ".join(text.replace("``", "").split())
    return docs
