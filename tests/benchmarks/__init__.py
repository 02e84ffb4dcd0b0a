"""The benchmarks' arithmetic, and that their servers start."""
