"""The tokenizer that a long message cannot take down the server with. Runs in Rasa's environment, with unittest."""

import unittest

try:
    from rasa.shared.nlu.training_data.message import Message

    from rasa_handoff.tokenizer import BoundedTokenizer
except ImportError:  # pytest collects this file in the other environment, which has no Rasa
    raise unittest.SkipTest("Rasa is not in this environment") from None


def words(text, **config):
    tokenizer = BoundedTokenizer({**BoundedTokenizer.get_default_config(), **config})
    return tokenizer.tokenize(Message.build(text=text), "text")


class TestBoundedTokenizer(unittest.TestCase):
    def test_an_ordinary_message_is_read_as_rasa_reads_it(self):
        tokens = words("Where's my order #10391, please?")
        self.assertEqual([token.text for token in tokens], ["Where", "s", "my", "order", "#10391", "please"])

    def test_a_message_of_100_kb_is_read_up_to_the_limit(self):
        self.assertEqual(len(words("where is it " * 8334)), 300)

    def test_a_word_of_100_kb_is_cut_and_keeps_its_place(self):
        (token,) = words("x" * 100_000)
        self.assertEqual((token.start, token.end, len(token.text)), (0, 200, 200))

    def test_the_limits_are_settings(self):
        tokens = words("one two three", max_tokens=2, max_token_length=2)
        self.assertEqual([token.text for token in tokens], ["on", "tw"])


if __name__ == "__main__":
    unittest.main()
