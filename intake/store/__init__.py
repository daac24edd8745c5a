"""All SQL of the citizen's slice: the register, the citizen's view, published answers, used nonces, silent calls.

Each bulk function is a fixed number of statements, whatever the number of cases.
"""
