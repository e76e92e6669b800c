"""How fast the engine is beside what else scores pairs, as ``scripts/benchmark.py`` shows it."""
