"""A tokenizer that reads a bounded part of a message, so that a long one cannot take the Rasa server down.

DIET's memory grows with the square of the words: Rasa's own tokenizer and 40 kB of words ask for more than 14 GB. This
module runs inside the Rasa server (Rasa 3.6, Python 3.8 to 3.10) and imports nothing but Rasa and typing.
"""

from typing import Any, Dict, List, Text

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.nlu.tokenizers.whitespace_tokenizer import WhitespaceTokenizer
from rasa.shared.nlu.training_data.message import Message


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class BoundedTokenizer(WhitespaceTokenizer):
    """Rasa's WhitespaceTokenizer over the first `max_tokens` words, of at most `max_token_length` characters each.

    Only what the NLU reads is bounded: the message itself goes into the tracker, and to the agent, whole.

    In ``config.yml``, in place of ``WhitespaceTokenizer``::

        pipeline:
        - name: rasa_handoff.tokenizer.BoundedTokenizer
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """WhitespaceTokenizer's settings and our two limits."""
        return {**WhitespaceTokenizer.get_default_config(), "max_tokens": 300, "max_token_length": 200}

    def tokenize(self, message: Message, attribute: Text) -> List[Token]:
        """The first words of the text of `attribute`; a longer word is cut."""
        longest = self._config["max_token_length"]
        tokens = super().tokenize(message, attribute)[: self._config["max_tokens"]]
        return [token if len(token.text) <= longest else Token(token.text[:longest], token.start) for token in tokens]
