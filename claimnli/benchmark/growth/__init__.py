"""How time and memory grow with the work, as ``scripts/measure_growth.py`` shows it."""
