"""What is shown and written of a comparison: the terminal, an HTML page, and tables."""

from collections.abc import Callable
from pathlib import Path

from claimnli.comparison import Comparison
from claimnli.report.files import check_writable

__all__ = ["check_writable", "write_report"]


def write_report(comparison: Comparison, folder: Path) -> list[Path]:
    """Write all forms of the report into *folder*, which is made if need be; return their paths.

    Each file is written beside its place and then moved there, so that none is ever half written.
    Raises ClaimnliError, which names the file that cannot be written.
    """
    from claimnli.report import html, summary, tables

    writers: dict[str, Callable[[Comparison, Path], None]] = {
        "index.html": html.write_html,
        "pairs.jsonl": tables.write_jsonl,
        "pairs.parquet": tables.write_parquet,
        "pairs.csv": tables.write_csv,
        "claims.parquet": tables.write_claims_parquet,
        "summary.json": summary.write_summary,
    }
    for name, write in writers.items():
        write(comparison, folder / name)
    return [folder / name for name in writers]
