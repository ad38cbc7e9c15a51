"""Mistakes a hurried person could make in billing's rules, each of which some test must notice.

python -m tests.mutants            applies them one at a time and says which were noticed
"""
