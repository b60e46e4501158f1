"""Brokers' inventory files: TEvo's import format (CSV and TXT) and JSON, read and written as listings.

Knows the domain and its documents; never a store, a request or a command line.
"""
