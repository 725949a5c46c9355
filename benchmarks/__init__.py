"""Benchmarks: each measures a bar of the design and ends with a line of JSON. Run: scripts/bench."""
