"""The papers' printed numbers beside what came out: cells, verdicts, claims, tables."""
