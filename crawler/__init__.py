"""Collects a clean, current, deduplicated news corpus from a few example articles."""
