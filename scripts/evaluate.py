"""Evaluate a model: ``python scripts/evaluate.py base news/written_pairs/dev.parquet --json X``.

The same as ``claimnli evaluate``. All sets: ``--suite configs/suite.toml --baselines`` with
CLAIMNLI_DATA set to the folder of the data.
"""

from claimnli.cli.evaluation import evaluate
from claimnli.cli.messages import run_script

if __name__ == "__main__":
    run_script(evaluate)
