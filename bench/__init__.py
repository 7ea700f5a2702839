"""Measurements: rates and ratios against references named in the same run. Nothing here fails on time."""
