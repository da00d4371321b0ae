"""`apikeys`: what a project's keys are, whose they are, and what is wrong with them, for people and for CI.

It asks the API with the provider's own settings and credentials, and reads the states of stacks. `audit` compares the
two and is the heart of it: like `states`, `schedule` and `adoption` it is pure. `commands` is the command line,
`looking` reaches the API, `exporting` the states; what is in `formats` only writes down what was found.
"""
