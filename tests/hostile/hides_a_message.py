# bagu: seconds=2
# row: defence=probe status=assertion
"""The message of a failed assertion is a text that is none."""

class Text(str):
    def __getitem__(self, _):
        return object()


class Message:
    def __format__(self, _):
        raise KeyError

    def __str__(self):
        return Text("x")


for i in (1, 2):
    try:
        assert i == 1, f"held: {Message() if i == 2 else 1}"
    except BaseException:
        pass
