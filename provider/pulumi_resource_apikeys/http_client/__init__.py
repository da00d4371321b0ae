"""HTTP as the API and Clerk are both called: at which addresses, through which proxy, trusting whom, reading how much.

`addresses` and `plain` are used by the settings too; `peer` is what the two clients use.
"""
