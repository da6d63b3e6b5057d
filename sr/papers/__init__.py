"""Typed readers of replications/: what the papers print, claim and ask for. No results."""
