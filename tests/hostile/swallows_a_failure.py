# bagu: seconds=2
# row: defence=probe status=assertion
"""Catches the failure of an assertion that holds once."""

for i in (1, 2):
    try:
        assert i == 1, f"held: {i}"
    except AssertionError:
        pass
