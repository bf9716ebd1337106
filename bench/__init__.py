"""Benchmarks of the running product, beside the raw SQL floor of the same machine in the same minute."""
