"""The detector looked at from outside: on labelled data, over past conversations, turn by turn."""
