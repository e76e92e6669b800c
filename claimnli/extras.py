"""Optional dependencies, checked where they are used."""

from importlib import import_module

from claimnli.errors import ClaimnliError


def require_extra(extra: str, *modules: str) -> None:
    """Raise ClaimnliError with the install command if one of *modules* of *extra* does not load."""
    for module in modules:
        try:
            import_module(module)
        except ImportError as error:
            raise ClaimnliError(
                f"This needs {module}, which cannot be loaded ({error}).",
                mend=f"pip install 'claimnli[{extra}]'",
            ) from error
