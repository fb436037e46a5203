"""Kernel packages of the series, and a Debian that runs on them."""
