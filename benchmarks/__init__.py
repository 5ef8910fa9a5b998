"""Measured claims: one module a claim, each beside its best peer in the same run.

``make bench`` runs them all and prints the tables of docs/measured.md.
"""
