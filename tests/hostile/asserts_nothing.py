# bagu: seconds=2
# row: defence=static status=no-assertion
"""A program that would pass whatever it computed."""

print(6)
