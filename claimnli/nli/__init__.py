"""The model that labels pairs, and its engine."""
