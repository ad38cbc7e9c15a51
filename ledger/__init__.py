"""The double-entry journal: balanced at commit, append-only."""
