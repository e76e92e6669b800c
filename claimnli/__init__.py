"""claimnli: which claims do several articles make, which agree, and which contradict each other?

    import claimnli

    verifier = claimnli.load()
    comparison = verifier.compare("seeds/")
    comparison.to_html("report.html")

The names below are imported when first used, so that ``import claimnli`` loads no model library.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from claimnli.articles import read_articles
    from claimnli.comparison import Comparison, Dispute, Fact
    from claimnli.config import Config, load_config
    from claimnli.errors import ClaimnliError
    from claimnli.records import (
        Article,
        ArticleCollection,
        Claim,
        LabelledPair,
        NliLabel,
        PairLabel,
        Relation,
    )
    from claimnli.verifier import Verifier, load

__version__ = "0.1.0"

__all__ = [
    "Article",
    "ArticleCollection",
    "Claim",
    "ClaimnliError",
    "Comparison",
    "Config",
    "Dispute",
    "Fact",
    "LabelledPair",
    "NliLabel",
    "PairLabel",
    "Relation",
    "Verifier",
    "__version__",
    "load",
    "load_config",
    "read_articles",
]

_HOMES = {
    "claimnli.articles": ["read_articles"],
    "claimnli.comparison": ["Comparison", "Dispute", "Fact"],
    "claimnli.config": ["Config", "load_config"],
    "claimnli.errors": ["ClaimnliError"],
    "claimnli.records": [
        "Article",
        "ArticleCollection",
        "Claim",
        "LabelledPair",
        "NliLabel",
        "PairLabel",
        "Relation",
    ],
    "claimnli.verifier": ["Verifier", "load"],
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for (PEP 562)."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'claimnli' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
