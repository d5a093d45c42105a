"""Exact and near duplicates, and the index that remembers signatures across runs."""
