"""Whether two texts are the same text: copies of one another, however newsrooms changed them. Pure.

``signature`` makes a text small, so that what may be a copy of it is found among millions without a
look at them; ``compare`` then looks at the two texts and decides.
"""

from newsbot.similarity.comparing import Likeness, Text, compare
from newsbot.similarity.signature import CROWD, Signature, signature

__all__ = ["CROWD", "Likeness", "Signature", "Text", "compare", "signature"]
