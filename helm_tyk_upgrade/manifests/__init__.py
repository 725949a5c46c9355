"""Rendered objects: split, compared, explained and judged. Pure: text and records in, records out."""
