"""Mutation testing: small changes to the code of a room, each of which its tests must notice.

`python -m tests.mutants` (`make mutants`) mutates every function of the rooms in `rooms.toml` with mutmut, runs the
tests that reach each mutant, and lists the mutants that survive. A surviving mutant either gets a test or, where it
cannot change what the code does, an entry in `equivalent.toml`. `test_sample.py` checks a fixed sample in every run of
the tests.

mutmut mutates the bodies of functions and methods. It leaves out module-level constants and decorated functions
(properties, `functools.cache`). Test modules are imported once, with the code as it is: what a test is to judge it has
to call itself, not in a module-level constant.
"""
