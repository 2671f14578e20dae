"""Turns ledger records into static pages. Needs no numerical library."""
